import oracledb, { type Connection } from 'oracledb';
import { compareTable, type Comparison } from '../../local/compare-table';
import { readTopic, type TopicMessage } from '../../local/consumer/read-topic';
import { readTable, type TableImage } from '../../local/consumer/table-image';
import { FunctionsHost } from '../../local/functions-host/functions-host';
import { startLakehouse, type LocalLakehouse } from '../../local/lakehouse/lakehouse';
import { limsUsers, startLimsServer } from '../../local/oracle/lims';
import type { OracleServer } from '../../local/oracle/server';
import { startRestSource, type RestSource } from '../../local/rest/rest-source';
import { startStorage, type LocalAccount } from '../../local/storage/azurite';
import type { FlowStatus, Problem, RunReport } from '../../src/lib';
import { kafkaCluster, uniqueName, type KafkaCluster } from '../support/kafka-cluster';

export interface Answer {
  readonly status: number;
  /** Content type. */
  readonly type: string | null;
  /** The body: a run's report, what GET answers, or a problem with the report of the run that failed. */
  readonly report: RunReport;
  readonly flow: FlowStatus;
  readonly problem: Problem & { readonly run?: RunReport };
}

/** The app's functions in the local host, with an Oracle server, a REST service, a lakehouse, storage, a real broker and a real registry. */
export class FlowSystem implements AsyncDisposable {
  private environment = '';
  private readonly connections: Connection[] = [];

  private constructor(
    readonly oracle: OracleServer,
    readonly rest: RestSource,
    readonly lakehouse: LocalLakehouse,
    readonly storage: LocalAccount,
    readonly cluster: KafkaCluster,
    readonly host: FunctionsHost,
    /** Lines of the host's log. */
    readonly log: string[],
  ) {}

  /** The functions are those that the test has imported. */
  static async start(): Promise<FlowSystem> {
    const oracle = await startLimsServer({ samples: 40, vega: false });
    const rest = await startRestSource();
    // Some of the nodes are enough for several pages, and are counted faster.
    for (const { Name, AttributeType } of [...rest.rows]) if (!/^[JLMS]/.test(Name)) rest.rows.delete(Name, AttributeType);
    const lakehouse = await startLakehouse();
    const storage = await startStorage();
    const log: string[] = [];
    const host = await FunctionsHost.start({
      load: () => undefined,
      readLocalSettings: false,
      keys: { master: 'master-key', host: 'host-key' },
      log: { write: (level, source, message) => void log.push(`${level} ${source}: ${message}`) },
    });
    return new FlowSystem(oracle, rest, lakehouse, storage, await kafkaCluster(), host, log);
  }

  /** Settings as on a new system: other topics, no pointer, no runs. `change` replaces some; undefined takes one away. */
  useNewEnvironment(): void {
    this.environment = uniqueName('labware').toLowerCase();
    this.set({
      ENVIRONMENT: this.environment,
      LINEAGE_TOPIC: '{environment}.impact_lineage',
      STATE_STORAGE: this.storage.connectionString,
      SECRET_LABWARE_SOURCE: this.oracleSecret(),
      SECRET_STARTEK_SOURCE: JSON.stringify(this.rest.credentials),
      SECRET_LAKEHOUSE_SOURCE: JSON.stringify({ url: this.lakehouse.url }),
      SECRET_KAFKA: this.kafkaSecret(),
    });
  }

  set(settings: Readonly<Record<string, string | undefined>>): void {
    for (const [name, value] of Object.entries(settings)) {
      if (value === undefined) Reflect.deleteProperty(process.env, name);
      else process.env[name] = value;
    }
  }

  oracleSecret(change: Readonly<Record<string, string | number>> = {}): string {
    const { name: user, password } = limsUsers.reader;
    return JSON.stringify({ user, password, connectString: this.oracle.connectString, ...change });
  }

  kafkaSecret(change: Readonly<Record<string, string | number>> = {}): string {
    const { bootstrap, registry } = this.cluster;
    return JSON.stringify({ 'bootstrap.servers': bootstrap, 'schema.registry.url': registry, ...change });
  }

  async call(method: string, path: string, body?: string): Promise<Answer> {
    const response = await fetch(`${this.host.address}/api/${path}`, {
      method,
      headers: { 'x-functions-key': 'host-key' },
      ...(body !== undefined && { body }),
    });
    const answer: unknown = await response.json();
    return {
      status: response.status,
      type: response.headers.get('content-type'),
      report: answer as Answer['report'],
      flow: answer as Answer['flow'],
      problem: answer as Answer['problem'],
    };
  }

  /** A session of the schema's owner. */
  async owner(): Promise<Connection> {
    return this.connect(limsUsers.owner.name, limsUsers.owner.password);
  }

  /** Changes the source and commits. */
  async change(...statements: readonly string[]): Promise<void> {
    await this.oracle.run(limsUsers.owner.name, statements);
  }

  /** E.g. `RAW.LABWARE.RESULT` of this environment. */
  topic(name: string): string {
    return `${this.environment}.${name}`;
  }

  /** What a reader of committed messages sees of a topic; nothing when there is none. */
  async committed(name: string): Promise<TopicMessage[]> {
    const messages: TopicMessage[] = [];
    const { bootstrap, registry } = this.cluster;
    try {
      await readTopic({ bootstrap, registry, topic: this.topic(name) }, (message) => messages.push(message));
    } catch (error) {
      if (!(error instanceof Error && error.message.startsWith('There is no topic'))) throw error;
    }
    return messages;
  }

  /** How many messages a reader of committed messages sees of each topic. */
  countCommitted(...names: readonly string[]): Promise<number[]> {
    return Promise.all(names.map(async (name) => (await this.committed(name)).length));
  }

  /** What a consumer of the topic holds. */
  image(name: string): Promise<TableImage> {
    const { bootstrap, registry } = this.cluster;
    return readTable({ bootstrap, registry, topic: this.topic(name) });
  }

  /** A session that may read everything. */
  reader(): Promise<Connection> {
    return this.connect(limsUsers.reader.name, limsUsers.reader.password);
  }

  /** Compares every value that a consumer of the topic holds with the Oracle table. */
  async compare(table: string, name: string): Promise<Comparison> {
    return compareTable(await this.reader(), table, await this.image(name));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const connection of this.connections) await connection.close();
    await this.host[Symbol.asyncDispose]();
    await this.storage.close();
    await this.lakehouse[Symbol.asyncDispose]();
    await this.rest[Symbol.asyncDispose]();
    await this.oracle[Symbol.asyncDispose]();
  }

  private async connect(user: string, password: string): Promise<Connection> {
    const connection = await oracledb.getConnection({ user, password, connectString: this.oracle.connectString });
    this.connections.push(connection);
    return connection;
  }
}
