import type { RunContext } from '../context';
import { TablecastError } from '../errors';
import { commitKeySchema, commitValueSchema, type KeySchema, subjectName, type SubjectNameStrategy, type ValueSchema } from '../schema';
import type { KafkaConnection } from './kafka-connection';
import type { SchemaRegistry } from './schema-registry';
import type { Target } from './target';
import { topicName } from './topic-name';
import { ensureTopic } from './topics';

export interface TargetRequest {
  readonly name: string;
  readonly table: string;
  readonly topic: string;
  readonly partitions: number;
  readonly subjects: SubjectNameStrategy;
  readonly keySchema: KeySchema;
  readonly valueSchema: ValueSchema;
  /** Whether the topic may be compacted, default false: it has no TRUNCATE rows. */
  readonly compactable?: boolean;
}

/** What targets are made with. */
interface Publishing {
  readonly context: RunContext;
  readonly connection: KafkaConnection;
  readonly registry: SchemaRegistry;
}

/** Finds or registers the schemas and finds or creates the topic of a target; what is new is noted in the run's report. */
export async function createTarget(
  { context, connection, registry }: Publishing,
  { name, table, topic, partitions, subjects, keySchema, valueSchema, compactable = false }: TargetRequest,
): Promise<Target> {
  const { TOPIC_CREATION, TOPIC_REPLICATION, SCHEMA_REGISTRATION } = context.settings;
  const { journal } = context;
  // The schemas first: when they are refused there shall be no new topic either.
  const schemaId = async (schema: KeySchema | ValueSchema, part: 'key' | 'value') => {
    const subject = subjectName(subjects, topic, schema.fullName, part);
    const { id, registered } = await registry.schemaId(subject, schema.toAvro(), SCHEMA_REGISTRATION);
    if (registered) journal.note('SCHEMA_REGISTERED', `${subject} has a new version`);
    return id;
  };
  const keySchemaId = await schemaId(keySchema, 'key');
  const valueSchemaId = await schemaId(valueSchema, 'value');
  const create = TOPIC_CREATION === 'allowed';
  const state = await ensureTopic(connection, { topic, create, partitions, replication: TOPIC_REPLICATION, compactable });
  if (state.created) journal.note('TOPIC_CREATED', `${topic} with ${state.partitions} partitions`);
  if (!state.uncompacted) {
    journal.note('TOPIC_UNVERIFIED', `The broker does not say whether ${topic} is compacted; with compaction TRUNCATE rows could vanish`);
  }
  return { name, table, topic, partitions: state.partitions, keySchema, valueSchema, keySchemaId, valueSchemaId };
}

/**
 * The commit topic as a target: one partition, so that commits have an order.
 * @throws TablecastError COMMIT_TOPIC_PARTITIONED and what `createTarget` throws
 */
export async function createCommitTarget({ context, connection, registry }: Publishing): Promise<Target> {
  const topic = topicName(context.settings.COMMIT_TOPIC, { environment: context.settings.ENVIRONMENT });
  const target = await createTarget(
    { context, connection, registry },
    {
      name: 'commit',
      table: 'commit',
      topic,
      partitions: 1,
      subjects: 'TopicNameStrategy',
      keySchema: commitKeySchema(),
      valueSchema: commitValueSchema(),
    },
  );
  if (target.partitions !== 1) throw new TablecastError('COMMIT_TOPIC_PARTITIONED', { topic, partitions: target.partitions });
  return target;
}
