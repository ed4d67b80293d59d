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
  readonly secrets: () => Readonly<Record<string, unknown>>;
  /** Partitions of the topic, default 3: what belongs together must come in order all the same. */
  readonly partitions?: number;
}

/** What is made to fail in the next run. */
export type Fault = 'lease' | 'pointer';

/** A flow with broker, registry and state of its own; called as Azure Functions calls it. */
export class RoundsFlow implements AsyncDisposable {
  readonly topic: string;
  readonly follower: TopicFollower;

  private constructor(
    readonly broker: LocalKafkaBroker,
    readonly registry: LocalSchemaRegistry,
    readonly store: FaultyStore,
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
    const snapshots = new MemorySnapshotStore();
    const shutdown = new Shutdown();
    const settings = readSettings({
      ENVIRONMENT: 'rounds',
      TOPIC_PARTITIONS: String(options.partitions ?? 3),
      WORKSPACE_MEMORY_LIMIT: '256MB',
      HISTORY_RUNS: '5',
    });
    const kafka = { 'bootstrap.servers': broker.bootstrap, 'schema.registry.url': registry.url };
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
        secrets: () =>
          new EnvironmentSecrets(
            Object.fromEntries(
              Object.entries({ Kafka: kafka, ...options.secrets() }).map(([name, secret]) => [
                secretVariable(name),
                JSON.stringify(secret),
              ]),
            ),
          ),
        shutdown: () => shutdown,
      },
    );
    return new RoundsFlow(broker, registry, store, flow.http, options.table);
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

/** State in memory that fails when it is told to. */
class FaultyStore implements StateStore {
  readonly place = 'memory';
  /** The row that cannot be replaced once. */
  fault: Fault | undefined;
  readonly #inner = new MemoryStore();

  insert: StateStore['insert'] = (...row) => this.#inner.insert(...row);
  read: StateStore['read'] = (...row) => this.#inner.read(...row);
  remove: StateStore['remove'] = (...row) => this.#inner.remove(...row);
  list: StateStore['list'] = (...row) => this.#inner.list(...row);
  replace: StateStore['replace'] = (partition, row, ...rest) => {
    if (row !== this.fault) return this.#inner.replace(partition, row, ...rest);
    this.fault = undefined;
    return Promise.reject(new TablecastError('STATE_UNREACHABLE', { place: this.place, action: 'write', reason: 'the test wants it so' }));
  };

  /** Puts the pointer back to what it was. */
  async putBack(pointer: string): Promise<void> {
    const partition = JSON.stringify(['rounds', 'ROUNDS_Reader', 'ROUNDS_Reader']);
    const entity = (await this.#inner.read(partition, 'pointer'))!;
    await this.#inner.replace(partition, 'pointer', { ...entity.values, value: pointer }, entity.version);
  }
}
