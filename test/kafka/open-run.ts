import type { RunContext } from '../../src/lib/context';
import { Workspace } from '../../src/lib/duckdb/workspace';
import { KafkaProducer, type KafkaProducerOptions } from '../../src/lib/kafka/kafka-producer';
import { KafkaSecretSettings } from '../../src/lib/kafka/kafka-secret-settings';
import { LineageRecorder, type LineageRecorderOptions } from '../../src/lib/lineage/lineage-recorder';
import type { Logger } from '../../src/lib/logger';
import { readSettings } from '../../src/lib/settings';
import { kafkaCluster, uniqueName } from '../support/kafka-cluster';
import { MemorySnapshotStore } from '../../src/lib/state/memory-snapshot-store';

export interface TestRun extends AsyncDisposable {
  readonly context: RunContext;
  readonly workspace: Workspace;
  /** Environment, so topics and transactional ids, of this run alone. */
  readonly environment: string;
  readonly commitTopic: string;
  /** What the run noted for its report, by kind. */
  readonly notes: { readonly kind: string; readonly text: string }[];
  readonly logged: string[];
  topic(table: string): string;
  /** A producer of this flow that is not connected yet. */
  producer(options?: Partial<KafkaProducerOptions>): KafkaProducer;
  connected(options?: Partial<KafkaProducerOptions>): Promise<KafkaProducer>;
}

export interface TestRunOptions {
  readonly settings?: Readonly<Record<string, string>>;
  /** Properties of the Kafka secret beside broker and registry; undefined takes one away. */
  readonly secret?: Readonly<Record<string, string | number | boolean | undefined>>;
  readonly signal?: AbortSignal;
  readonly lineage?: Partial<LineageRecorderOptions>;
}

let runs = 0;

/** A run on the test cluster with a workspace of its own, as the library would make it. Dispose it after the producers. */
export async function openRun(options: TestRunOptions = {}): Promise<TestRun> {
  const { bootstrap, registry } = await kafkaCluster();
  const environment = uniqueName('env').toLowerCase();
  const workspace = await Workspace.open({ memoryLimit: '256MB' });
  const notes: { kind: string; text: string }[] = [];
  const logged: string[] = [];
  const log = (message: string): void => void logged.push(message);
  const logger: Logger = { debug: log, info: log, warn: log, error: log };
  const secret = { 'bootstrap.servers': bootstrap, 'schema.registry.url': registry, ...options.secret };
  runs += 1;
  const context: RunContext = {
    id: `RUN${String(runs).padStart(23, '0')}`,
    functionName: 'TEST_Reader',
    dataflowName: 'ORDERS',
    startedAt: new Date('2024-05-06T07:08:09.123Z'),
    workspace,
    lineage: new LineageRecorder({ producerName: 'TEST_Reader', dataflowName: 'ORDERS', ...options.lineage }),
    snapshots: new MemorySnapshotStore(),
    secrets: { place: 'the test', readSecret: () => Promise.resolve(JSON.stringify(secret)) },
    settings: readSettings({ ENVIRONMENT: environment, TOPIC_PARTITIONS: '3', ...options.settings }),
    journal: {
      time: (_stage, work) => work(),
      note: (kind, text) => void notes.push({ kind, text }),
      progress: () => undefined,
    },
    logger,
    signal: options.signal ?? new AbortController().signal,
  };
  const producer = (more: Partial<KafkaProducerOptions> = {}): KafkaProducer =>
    new KafkaProducer({ sourceSystem: 'SHOP', zone: 'RAW', settings: new KafkaSecretSettings(), ...more }, logger);
  return {
    context,
    workspace,
    environment,
    commitTopic: `${environment}.commit`,
    notes,
    logged,
    topic: (table) => `${environment}.RAW.SHOP.${table}`,
    producer,
    connected: async (more) => {
      const made = producer(more);
      await made.connect(context);
      return made;
    },
    [Symbol.asyncDispose]: () => workspace.close(),
  };
}
