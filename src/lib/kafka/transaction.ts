import { TablecastError } from '../errors';
import type { OffsetRange, TopicCommit } from './commit-record';
import type { KafkaConnection } from './kafka-connection';
import { clientCode } from './kafka-error';
import type { Target } from './target';

interface TopicUse {
  readonly topic: string;
  readonly partitions: number;
  readonly schemaNames: Set<string>;
  /** Where each partition ended before our first message. */
  readonly start: readonly number[];
}

/** One open Kafka transaction: which topics it writes to, from which offsets on, and how many messages it holds. */
export class KafkaTransaction {
  readonly startedAt = Date.now();
  readonly #connection: KafkaConnection;
  readonly #topics = new Map<string, TopicUse>();
  #messages = 0;

  private constructor(connection: KafkaConnection) {
    this.#connection = connection;
  }

  static async begin(connection: KafkaConnection): Promise<KafkaTransaction> {
    await connection.begin();
    return new KafkaTransaction(connection);
  }

  /** Messages sent so far. */
  get messages(): number {
    return this.#messages;
  }

  /** Whether messages of this target can be sent without asking the broker first. */
  includes(target: Target): boolean {
    return this.#topics.get(target.topic)?.schemaNames.has(target.valueSchema.fullName) ?? false;
  }

  /** Notes where the target's topic ends before the first message goes to it. */
  async include(target: Target): Promise<void> {
    const { topic, partitions } = target;
    let use = this.#topics.get(topic);
    if (use === undefined) {
      const start = (await this.#connection.endOffsets([{ topic, partitions }])).get(topic) ?? [];
      use = { topic, partitions, schemaNames: new Set(), start };
      this.#topics.set(topic, use);
    }
    use.schemaNames.add(target.valueSchema.fullName);
  }

  /** See `KafkaConnection.send`. */
  send(topic: string, partition: number | null, key: Buffer, value: Buffer): boolean {
    if (!this.#connection.send(topic, partition, key, value)) return false;
    this.#messages++;
    return true;
  }

  /** Waits until the broker has all messages, then says where they lie. */
  async flushed(signal: AbortSignal): Promise<TopicCommit[]> {
    await this.#connection.flush(signal);
    const ends = await this.#connection.endOffsets([...this.#topics.values()]);
    return [...this.#topics.values()].map(({ topic, schemaNames, start }) => {
      const offsets = new Map<number, OffsetRange>();
      for (const [partition, end] of (ends.get(topic) ?? []).entries()) {
        const minOffset = start[partition] ?? 0;
        // An end that did not move: nothing was written there, by us or by others.
        if (end > minOffset) offsets.set(partition, { minOffset, maxOffset: end - 1 });
      }
      return { topic, schemaNames: [...schemaNames], offsets };
    });
  }

  /**
   * Commits everything sent.
   * @throws TablecastError TRANSACTION_IN_DOUBT when the broker does not answer in time; LibrdKafkaError when it refuses
   */
  async commit(commitId: string): Promise<void> {
    try {
      await this.#connection.commit(commitMs);
    } catch (error) {
      if (!isRetriable(error)) throw error;
      throw new TablecastError('TRANSACTION_IN_DOUBT', { commitId, seconds: commitMs / 1000 }, { cause: error });
    }
  }

  abort(): Promise<void> {
    return this.#connection.abort(abortMs);
  }
}

const commitMs = 60_000;
const abortMs = 10_000;

function isRetriable(error: unknown): boolean {
  return clientCode(error) !== undefined && (error as { isRetriable?: boolean }).isRetriable === true;
}
