import { HttpRequest, InvocationContext } from '@azure/functions';
import { Table, vectorFromArray, type Schema } from 'apache-arrow';
import {
  AvroInt,
  AvroNVarchar,
  dataFlow,
  type DataFlow,
  type FlowServices,
  FunctionRunner,
  KafkaProducer,
  KafkaSecretSettings,
  readSettings,
  SourceAdapter,
  ValueSchema,
} from '../../src/lib';
import { Shutdown } from '../../src/lib/run/shutdown';
import { EnvironmentSecrets } from '../../src/lib/secrets/environment-secrets';
import { MemorySnapshotStore } from '../../src/lib/state/memory-snapshot-store';
import type { StateStore } from '../../src/lib/state/state-store';
import { type Answer, toAnswer } from './flow-under-test';

export interface City {
  readonly name: string;
  readonly people: number | null;
  /** Grows with every change of the source, as an SCN does. */
  readonly version: number;
}

/** A source that a test can change: cities with their population. */
export class Cities {
  readonly rows = new Map<string, City>();
  version = 0;

  put(...cities: readonly (readonly [name: string, people: number | null])[]): void {
    this.version += 1;
    for (const [name, people] of cities) this.rows.set(name, { name, people, version: this.version });
  }
}

/** Reads the cities in pages of three, as a reader of a web service would: it has to say itself what the table looks like. */
export class CitiesReader extends SourceAdapter {
  constructor(private readonly cities: Cities) {
    super(console);
  }

  async load(table: string, since = 0): Promise<void> {
    const schema = new ValueSchema('CITIES', 'GEO')
      .addField('NAME', new AvroNVarchar(100), 'Name of the city', false)
      .addField('PEOPLE', new AvroInt(), 'Inhabitants')
      .setPks(['NAME']);
    const arrowSchema = await this.prepareLoad(table, schema);
    const rows = [...this.cities.rows.values()].filter((city) => city.version > since);
    for (let start = 0; start < rows.length; start += 3) await this.insertPage(table, toPage(rows.slice(start, start + 3), arrowSchema));
  }
}

function toPage(cities: readonly City[], schema: Schema): Table {
  return new Table(schema, {
    NAME: vectorFromArray(
      cities.map(({ name }) => name),
      schema.fields[0]!.type,
    ),
    PEOPLE: vectorFromArray(
      cities.map(({ people }) => people),
      schema.fields[1]!.type,
    ),
  });
}

/** What a test does while the run is going on, after the rows were produced and before the commit. */
export type Meanwhile = () => Promise<void>;

class CitiesRunner extends FunctionRunner<CitiesReader> {
  constructor(
    private readonly cities: Cities,
    private readonly meanwhile: Meanwhile,
  ) {
    super(console);
  }

  override async initialLoad(producer: KafkaProducer, reader: CitiesReader) {
    const { version } = this.cities;
    await reader.load('CITIES');
    await producer.replaceTable('CITIES', reader.tableSchema);
    await this.meanwhile();
    return String(version);
  }

  override async deltaLoad(producer: KafkaProducer, reader: CitiesReader, pointer: string) {
    const { version } = this.cities;
    await reader.load('CITIES', Number(pointer));
    await producer.upsertTable('CITIES', reader.tableSchema);
    await this.meanwhile();
    return String(version);
  }
}

export interface CitiesFlow {
  readonly flow: DataFlow<CitiesReader, KafkaProducer>;
  readonly cities: Cities;
  readonly topic: string;
  readonly commitTopic: string;
  meanwhile: Meanwhile;
  readonly call: (method: string) => Promise<Answer>;
}

export interface CitiesOptions {
  readonly environment: string;
  readonly store: StateStore;
  /** The Kafka secret; none when undefined. */
  readonly secret: Readonly<Record<string, string>> | undefined;
  readonly leaseSeconds?: number;
}

export function servicesOf({ environment, store, secret, leaseSeconds = 60 }: CitiesOptions): FlowServices {
  const shutdown = new Shutdown();
  const snapshots = new MemorySnapshotStore();
  return {
    settings: () => readSettings({ ENVIRONMENT: environment, WORKSPACE_MEMORY_LIMIT: '128MB', LEASE_SECONDS: String(leaseSeconds) }),
    state: () => store,
    snapshots: () => snapshots,
    secrets: () => new EnvironmentSecrets(secret === undefined ? {} : { SECRET_KAFKA: JSON.stringify(secret) }),
    shutdown: () => shutdown,
  };
}

/** Calls the handler as the host would. `dataflow` goes into the query, `body` is sent as JSON. */
export async function callFlow(
  flow: Pick<DataFlow, 'name' | 'http'>,
  method: string,
  { dataflow, body }: { readonly dataflow?: string; readonly body?: unknown } = {},
): Promise<Answer> {
  const context = new InvocationContext({ functionName: flow.name, invocationId: 'i', logHandler: () => undefined });
  const url = `http://localhost/api/CITIES/run${dataflow === undefined ? '' : `?dataflow=${dataflow}`}`;
  const request = new HttpRequest({ method, url, ...(body !== undefined && { body: { string: JSON.stringify(body) } }) });
  return toAnswer(await flow.http(request, context));
}

/** A whole flow on real parts: the cities, DuckDB, the real producer. */
export function citiesFlow(options: CitiesOptions): CitiesFlow {
  const { environment } = options;
  const cities = new Cities();
  const flow = dataFlow(
    {
      name: 'CITIES_Reader',
      route: 'CITIES/run',
      schedule: 'CITIES_SCHEDULE',
      reader: () => new CitiesReader(cities),
      producer: (logger) =>
        new KafkaProducer({ sourceSystem: 'GEO', zone: 'RAW', settings: new KafkaSecretSettings(), connectTimeoutSeconds: 3 }, logger),
      runner: () => new CitiesRunner(cities, () => result.meanwhile()),
    },
    servicesOf(options),
  );
  const result: CitiesFlow = {
    flow,
    cities,
    topic: `${environment}.RAW.GEO.CITIES`,
    commitTopic: `${environment}.commit`,
    meanwhile: () => Promise.resolve(),
    call: (method) => callFlow(flow, method),
  };
  return result;
}
