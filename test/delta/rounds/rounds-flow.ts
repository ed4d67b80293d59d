import { HttpRequest, InvocationContext } from '@azure/functions';
import { startKafkaBroker, type LocalKafkaBroker } from '../../../local/broker/kafka-broker';
import { startSchemaRegistry, type LocalSchemaRegistry } from '../../../local/registry/schema-registry-server';
import {
  dataFlow,
  KafkaProducer,
  KafkaSecretSettings,
  readSettings,
  TablecastError,
  type FunctionRunner,
  type Logger,
} from '../../../src/lib';
import { Shutdown } from '../../../src/lib/run/shutdown';
import type { RunReader } from '../../../src/lib/run/run-reader';
import { EnvironmentSecrets, secretVariable } from '../../../src/lib/secrets/environment-secrets';
import { MemorySnapshotStore } from '../../../src/lib/state/memory-snapshot-store';
import { MemoryStore } from '../../../src/lib/state/memory-store';
import type { StateStore } from '../../../src/lib/state/state-store';
import { toAnswer, type Answer } from '../../run/flow-under-test';
import { TopicFollower } from './topic-follower';

export interface RoundsFlowOptions<R extends RunReader> {
  /** Table of the messages; it is part of the topic's name. */
  readonly table: string;
  readonly reader: (logger: Logger) => R;
  readonly runner: (logger: Logger) => FunctionRunner<R>;
  /** By name. */
  readonly secrets: Readonly<Record<string, unknown>>;
  /** Further properties of the Kafka client. */
  readonly kafka?: Readonly<Record<string, string | number>>;
  /** Partitions of the topic, default 3: what belongs together must come in order all the same. */
  readonly partitions?: number;
}

/** A flow with broker, registry and state of its own; called as Azure Functions calls it. */
export class RoundsFlow implements AsyncDisposable {
  readonly topic: string;
  readonly follower: TopicFollower;

  private constructor(
    readonly broker: LocalKafkaBroker,
    readonly registry: LocalSchemaRegistry,
    readonly store: FaultyStore,
    readonly snapshots: FaultySnapshots,
    private readonly handler: (request: HttpRequest, context: InvocationContext) => ReturnType<ReturnType<typeof dataFlow>['http']>,
    table: string,
  ) {
    this.topic = `rounds.RAW.SHOP.${table}`;
    this.follower = new TopicFollower({ bootstrap: broker.bootstrap, registry: registry.url, topic: this.topic });
  }

  static async start<R extends RunReader>(options: RoundsFlowOptions<R>): Promise<RoundsFlow> {
    const broker = await startKafkaBroker();
    const registry = await startSchemaRegistry();
    const store = new FaultyStore();
    const snapshots = new FaultySnapshots();
    const kafka = { 'bootstrap.servers': broker.bootstrap, 'schema.registry.url': registry.url, ...options.kafka };
    const secrets = new EnvironmentSecrets(
      Object.fromEntries(
        Object.entries({ Kafka: kafka, ...options.secrets }).map(([name, secret]) => [secretVariable(name), JSON.stringify(secret)]),
      ),
    );
    const shutdown = new Shutdown();
    const settings = readSettings({
      ENVIRONMENT: 'rounds',
      TOPIC_PARTITIONS: String(options.partitions ?? 3),
      WORKSPACE_MEMORY_LIMIT: '256MB',
      HISTORY_RUNS: '5',
    });
    const flow = dataFlow(
      {
        name: 'ROUNDS_Reader',
        route: 'ROUNDS/run',
        schedule: 'ROUNDS_SCHEDULE',
        reader: options.reader,
        producer: (logger) => new KafkaProducer({ sourceSystem: 'SHOP', zone: 'RAW', settings: new KafkaSecretSettings() }, logger),
        runner: options.runner,
      },
      {
        settings: () => settings,
        state: () => store,
        snapshots: () => snapshots,
        secrets: () => secrets,
        shutdown: () => shutdown,
      },
    );
    return new RoundsFlow(broker, registry, store, snapshots, flow.http, options.table);
  }

  async call(method: 'PUT' | 'PATCH' | 'POST' | 'GET', body?: object): Promise<Answer> {
    const context = new InvocationContext({ functionName: 'ROUNDS_Reader', invocationId: 'i', logHandler: () => undefined });
    const request = { method, url: 'http://localhost/api/ROUNDS/run', ...(body && { body: { string: JSON.stringify(body) } }) };
    return toAnswer(await this.handler(new HttpRequest(request), context));
  }

  /** The saved delta pointer. */
  async pointer(): Promise<string | null> {
    const { body } = await this.call('GET');
    return (body as unknown as { pointer: { value: string } | null }).pointer?.value ?? null;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.follower[Symbol.asyncDispose]();
    await this.registry[Symbol.asyncDispose]();
    await this.broker[Symbol.asyncDispose]();
  }
}

/** State in memory in which a test can interfere. */
class FaultyStore implements StateStore {
  readonly place = 'memory';
  /** What happens once, before the row is replaced: the lease is right before the commit, the pointer right after it. */
  meanwhile: { readonly row: 'lease' | 'pointer'; readonly action: () => void | Promise<void> } | undefined;
  readonly #inner = new MemoryStore();

  insert: StateStore['insert'] = (...row) => this.#inner.insert(...row);
  read: StateStore['read'] = (...row) => this.#inner.read(...row);
  remove: StateStore['remove'] = (...row) => this.#inner.remove(...row);
  list: StateStore['list'] = (...row) => this.#inner.list(...row);
  replace: StateStore['replace'] = async (partition, row, ...rest) => {
    const { meanwhile } = this;
    if (meanwhile?.row === row) {
      this.meanwhile = undefined;
      await meanwhile.action();
    }
    return this.#inner.replace(partition, row, ...rest);
  };

  /** Lets the row not be replaced the next time. */
  fail(row: 'lease' | 'pointer'): void {
    const action = (): never => {
      throw new TablecastError('STATE_UNREACHABLE', { place: this.place, action: 'write', reason: 'the test wants it so' });
    };
    this.meanwhile = { row, action };
  }

  /** Puts the pointer back to what it was. */
  async putBack(pointer: string): Promise<void> {
    const partition = JSON.stringify(['rounds', 'ROUNDS_Reader', 'ROUNDS_Reader']);
    const entity = (await this.#inner.read(partition, 'pointer'))!;
    await this.#inner.replace(partition, 'pointer', { ...entity.values, value: pointer }, entity.version);
  }
}

/** Kept files in memory, in a storage that may not answer. */
class FaultySnapshots extends MemorySnapshotStore {
  /** What it does not answer. */
  silent: 'save' | 'load' | undefined;

  override async save(name: string, file: string): Promise<void> {
    this.#check('save');
    await super.save(name, file);
  }

  override async load(name: string, file: string): Promise<void> {
    this.#check('load');
    await super.load(name, file);
  }

  #check(action: 'save' | 'load'): void {
    if (this.silent === action)
      throw new TablecastError('SNAPSHOT_UNREACHABLE', { place: this.place, action, reason: 'the test wants it so' });
  }
}
