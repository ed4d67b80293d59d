import { CODES, type LibrdKafkaError, type TopicDescription } from '@confluentinc/kafka-javascript';
import { setTimeout as delay } from 'node:timers/promises';
import { TablecastError } from '../errors';
import type { KafkaConnection } from './kafka-connection';
import { clientCode, isPassing, kafkaError } from './kafka-error';
import { settled } from './settled';

const codes = CODES.ERRORS;

export interface TopicRequest {
  readonly topic: string;
  /** Whether a missing topic is created. */
  readonly create: boolean;
  readonly partitions: number;
  /** -1: the broker's default. */
  readonly replication: number;
  /** Whether compaction does no harm, so nobody needs to ask. */
  readonly compactable: boolean;
}

export interface TopicState {
  readonly partitions: number;
  readonly created: boolean;
  /** Whether it is known that compaction cannot remove rows: the broker may not let us ask. */
  readonly uncompacted: boolean;
}

const callMs = 15_000;
const leaderPauseMs = 20;

/**
 * Sees to it that a topic is there. A created topic has `cleanup.policy=delete`, because compaction would remove TRUNCATE rows.
 * @throws TablecastError TOPIC_MISSING, TOPIC_NOT_CREATED, TOPIC_COMPACTED, KAFKA_FORBIDDEN, KAFKA_FAILED
 */
export async function ensureTopic(connection: KafkaConnection, request: TopicRequest): Promise<TopicState> {
  const { topic, compactable } = request;
  const existing = await partitionCount(connection, topic);
  if (existing !== undefined)
    return { partitions: existing, created: false, uncompacted: compactable || (await isUncompacted(connection, topic)) };
  if (!request.create) throw new TablecastError('TOPIC_MISSING', { topic });
  const created = await createTopic(connection, request);
  return {
    partitions: await appearance(connection, topic),
    created,
    uncompacted: compactable || created || (await isUncompacted(connection, topic)),
  };
}

/** @returns false when somebody else created it at the same time */
async function createTopic(connection: KafkaConnection, { topic, partitions, replication }: TopicRequest): Promise<boolean> {
  const config = { 'cleanup.policy': 'delete' };
  try {
    await settled((done) => {
      connection.admin.createTopic({ topic, num_partitions: partitions, replication_factor: replication, config }, callMs, done);
    });
    return true;
  } catch (error) {
    if (clientCode(error) === codes.ERR_TOPIC_ALREADY_EXISTS) return false;
    const mapped = kafkaError(error, connection.action(`creating the topic ${topic}`));
    if (mapped.code !== 'KAFKA_FAILED' || (error as LibrdKafkaError).isRetriable === true) throw mapped;
    throw new TablecastError('TOPIC_NOT_CREATED', { topic, partitions, reason: (error as LibrdKafkaError).message }, { cause: error });
  }
}

/** A topic just created becomes known to every broker a moment later. */
async function appearance(connection: KafkaConnection, topic: string): Promise<number> {
  const deadline = Date.now() + callMs;
  for (;;) {
    const partitions = await partitionCount(connection, topic);
    if (partitions !== undefined) return partitions;
    if (Date.now() > deadline)
      throw new TablecastError('KAFKA_FAILED', { action: `creating the topic ${topic}`, reason: 'it does not appear' });
    await delay(leaderPauseMs);
  }
}

/** @returns undefined when there is no such topic, or not all of its partitions have a leader yet */
async function partitionCount(connection: KafkaConnection, topic: string): Promise<number | undefined> {
  const action = connection.action(`looking for the topic ${topic}`);
  let descriptions: TopicDescription[];
  try {
    // Unlike a request for metadata this never creates the topic.
    descriptions = await settled((done) => {
      connection.admin.describeTopics([topic], { timeout: callMs }, done);
    });
  } catch (error) {
    throw kafkaError(error, action);
  }
  const description = descriptions[0];
  const { error, partitions = [] } = description ?? {};
  if (error !== undefined && isPassing(error.code)) return undefined;
  if (error !== undefined && error.code !== codes.ERR_NO_ERROR) throw kafkaError(error, action);
  return partitions.length > 0 && partitions.every(({ leader }) => leader !== null) ? partitions.length : undefined;
}

/**
 * Whether rows are safe from compaction. The client has no call for a topic's configuration, but a broker refuses to delete records of a topic that is only
 * compacted; deleting up to offset 0 deletes nothing anywhere. (`compact,delete` goes unnoticed.)
 * @returns false when the broker does not say
 * @throws TablecastError TOPIC_COMPACTED
 */
async function isUncompacted(connection: KafkaConnection, topic: string): Promise<boolean> {
  const deadline = Date.now() + callMs;
  for (;;) {
    const code = await deletionCode(connection, topic);
    if (code === codes.ERR_POLICY_VIOLATION) throw new TablecastError('TOPIC_COMPACTED', { topic });
    if (code === undefined || !isPassing(code) || Date.now() > deadline) return code === codes.ERR_NO_ERROR;
    await delay(leaderPauseMs);
  }
}

async function deletionCode(connection: KafkaConnection, topic: string): Promise<number | undefined> {
  try {
    const results = await settled<{ error?: LibrdKafkaError }[]>((done) => {
      connection.admin.deleteRecords([{ topic, partition: 0, offset: 0 }], { timeout: callMs, operationTimeout: callMs }, done);
    });
    return results[0]?.error?.code ?? codes.ERR_NO_ERROR;
  } catch (error) {
    return clientCode(error);
  }
}
