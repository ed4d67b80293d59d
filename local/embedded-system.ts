import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { settingsSchema } from '../src/lib/settings';
import { startKafkaBroker, type LocalKafkaBroker } from './broker/kafka-broker';
import { appFiles } from './functions-host/app-files';
import { FunctionsHost } from './functions-host/functions-host';
import type { HostLog } from './functions-host/host-log';
import { startLakehouse, type LocalLakehouse } from './lakehouse/lakehouse';
import { limsUsers, startLimsServer } from './oracle/lims';
import type { OracleServer } from './oracle/server';
import { startSchemaRegistry, type LocalSchemaRegistry } from './registry/schema-registry-server';
import { startRestSource, type RestSource } from './rest/rest-source';
import { startStorage, type LocalAccount } from './storage/azurite';

export interface EmbeddedSystemOptions {
  /** Port of the Functions host; 0 takes a free one. */
  readonly port: number;
  /** Samples in the LIMS; each has five results. */
  readonly samples: number;
  readonly log: HostLog;
  /** Further app settings, e.g. a timer's schedule. */
  readonly settings?: Readonly<Record<string, string>>;
}

/** Everything that the flows need, in this process on loopback ports: sources, broker, registry, storage, and the Functions host with the built app. */
export class EmbeddedSystem implements AsyncDisposable {
  private constructor(
    readonly oracle: OracleServer,
    readonly rest: RestSource,
    readonly lakehouse: LocalLakehouse,
    readonly broker: LocalKafkaBroker,
    readonly registry: LocalSchemaRegistry,
    readonly storage: LocalAccount,
    readonly host: FunctionsHost,
    /** Opens all functions: for the header `x-functions-key`. */
    readonly key: string,
    private readonly parts: readonly AsyncDisposable[],
  ) {}

  private closing: Promise<void> | undefined;

  static async start({ port, samples, log, settings }: EmbeddedSystemOptions): Promise<EmbeddedSystem> {
    const parts: AsyncDisposable[] = [];
    const use = <T extends AsyncDisposable>(part: T): T => {
      parts.push(part);
      return part;
    };
    try {
      const oracle = use(await startLimsServer({ samples }));
      const rest = use(await startRestSource());
      const lakehouse = use(await startLakehouse());
      const broker = use(await startKafkaBroker());
      const registry = use(await startSchemaRegistry());
      const storage = use(await startStorage());
      const key = randomBytes(16).toString('hex');
      const { name: user, password } = limsUsers.reader;
      const host = use(
        await FunctionsHost.start({
          folder: root,
          load: loadApp,
          port,
          log,
          keys: { master: randomBytes(16).toString('hex'), host: key },
          readLocalSettings: false,
          settings: {
            ...noSettings(),
            ENVIRONMENT: 'demo',
            STATE_STORAGE: storage.connectionString,
            SECRET_LABWARE_SOURCE: JSON.stringify({ user, password, connectString: oracle.connectString }),
            SECRET_STARTEK_SOURCE: JSON.stringify(rest.credentials),
            SECRET_LAKEHOUSE_SOURCE: JSON.stringify({ url: lakehouse.url }),
            SECRET_KAFKA: JSON.stringify({ 'bootstrap.servers': broker.bootstrap, 'schema.registry.url': registry.url }),
            ...settings,
          },
        }),
      );
      return new EmbeddedSystem(oracle, rest, lakehouse, broker, registry, storage, host, key, parts);
    } catch (error) {
      await closeAll(parts);
      throw error;
    }
  }

  /** Stops the host first, then what its runs use. */
  [Symbol.asyncDispose](): Promise<void> {
    this.closing ??= closeAll(this.parts);
    return this.closing;
  }
}

async function closeAll(parts: readonly AsyncDisposable[]): Promise<void> {
  for (const part of parts.toReversed()) await part[Symbol.asyncDispose]();
}

/** The project's folder, from its built code in dist/local. */
const root = join(__dirname, '../..');

/** The app as the Functions worker loads it, and the demo's own flow. */
function loadApp(): void {
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- as the worker does
  for (const file of [...appFiles(root), join(__dirname, 'flights.js')]) require(file);
}

/** What this machine's environment may set for a real system is not for this one: an empty setting counts as not set. */
function noSettings(): Record<string, string> {
  const flows = ['LABWARE', 'LABWARE_RESULTS', 'STARTEK', 'LAKEHOUSE', 'TRANSFORM'];
  const names = [...Object.keys(settingsSchema.shape), ...flows.map((flow) => `${flow}_SCHEDULE`)];
  return Object.fromEntries(names.map((name) => [name, '']));
}
