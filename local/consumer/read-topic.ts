import { KafkaConsumer, type Message, type Metadata } from '@confluentinc/kafka-javascript';
import type { Row } from '../../src/lib/schema/row';
import { clientCall } from '../broker/client-call';
import { SchemaClient } from './schema-client';

export interface TopicSource {
  readonly bootstrap: string;
  /** Base address of the schema registry. */
  readonly registry: string;
  /** `user:password` at the registry, when it asks. */
  readonly registryUser?: string;
  readonly topic: string;
  /** How many messages to wait for, default 0: a commit is confirmed a moment before every partition shows it. */
  readonly atLeast?: number;
  /** Further properties of the client, e.g. `sasl.username`. */
  readonly properties?: Readonly<Record<string, string | number | boolean>>;
}

/** A message as a consumer understands it: key and value decoded with the schemas they name. */
export interface TopicMessage {
  readonly partition: number;
  readonly offset: number;
  /** By original column name; null when the message has no key. See AvroDecoder for the values. */
  readonly key: Row | null;
  readonly value: Row;
  /** Full Avro name of the value's schema. */
  readonly schemaName: string;
}

/**
 * Hands every committed message of a topic, from its beginning to its present end, to `each`; in order within a partition.
 * @returns how many there were
 */
export async function readTopic(source: TopicSource, each: (message: TopicMessage) => void): Promise<number> {
  await using reader = await TopicReader.open(source);
  return await reader.readToEnd(each, source.atLeast);
}

/**
 * Reads the committed messages of a topic, each call from where the one before has ended.
 * @example
 * await using reader = await TopicReader.open({ bootstrap, registry, topic });
 * await reader.readTo(new Map([[0, 41]]), (message) => image.apply(message)); // partition 0 up to offset 41
 */
export class TopicReader implements AsyncDisposable {
  /** Partitions whose present end has not been reached yet. */
  readonly #unfinished: Set<number>;
  /** Offset of the last message handed over, by partition. */
  readonly #last = new Map<number, number>();

  private constructor(
    private readonly consumer: KafkaConsumer,
    private readonly schemas: SchemaClient,
    topic: string,
    partitions: readonly number[],
  ) {
    this.#unfinished = new Set(partitions);
    consumer.on('partition.eof', ({ partition }) => {
      this.#unfinished.delete(partition);
    });
    // Long enough for a fetch, short enough not to wait long at the end.
    consumer.setDefaultConsumeTimeout(100);
    consumer.assign(partitions.map((partition) => ({ topic, partition, offset: 0 })));
  }

  /** Begins at the topic's beginning. */
  static async open(source: Omit<TopicSource, 'atLeast'>): Promise<TopicReader> {
    const { topic } = source;
    const consumer = new KafkaConsumer({
      'bootstrap.servers': source.bootstrap,
      'group.id': 'tablecast-reader', // asked for by the client; partitions are assigned, so there is no group
      'enable.auto.commit': false,
      'isolation.level': 'read_committed',
      'enable.partition.eof': true,
      log_level: 0,
      ...source.properties,
    });
    const metadata = await clientCall<Metadata>((done) => consumer.connect({ topic, timeout: 30_000 }, done));
    const partitions = metadata.topics.find(({ name }) => name === topic)?.partitions ?? [];
    if (partitions.length > 0) {
      const schemas = new SchemaClient(source.registry, source.registryUser);
      const numbers = partitions.map(({ id }) => id);
      return new TopicReader(consumer, schemas, topic, numbers);
    }
    await disconnect(consumer);
    throw new Error(`There is no topic ${topic}`);
  }

  /**
   * Reads to the present end of every partition. For the first call only: ends are reported once.
   * @param atLeast how many messages to wait for: a commit is confirmed a moment before every partition shows it
   */
  async readToEnd(each: (message: TopicMessage) => void, atLeast = 0): Promise<number> {
    let count = 0;
    for (;;) {
      // Asked before reading: the end of a partition is reported after its last message was handed over.
      const last = this.#unfinished.size === 0;
      const read = await this.#read(1000, each);
      count += read;
      if (last && read === 0 && count >= atLeast) return count;
    }
  }

  /** Reads until each of the partitions has come to its offset, waiting for what is not there yet. */
  async readTo(offsets: ReadonlyMap<number, number>, each: (message: TopicMessage) => void): Promise<number> {
    let count = 0;
    // One message at a time, so that nothing beyond is taken.
    while ([...offsets].some(([partition, offset]) => (this.#last.get(partition) ?? -1) < offset)) count += await this.#read(1, each);
    return count;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return disconnect(this.consumer);
  }

  async #read(most: number, each: (message: TopicMessage) => void): Promise<number> {
    const batch = await clientCall<Message[]>((done) => {
      this.consumer.consume(most, done);
    });
    for (const message of batch) {
      this.#last.set(message.partition, message.offset);
      each(await decode(message, this.schemas));
    }
    return batch.length;
  }
}

function disconnect(consumer: KafkaConsumer): Promise<void> {
  return new Promise((resolve) => {
    consumer.disconnect(() => {
      resolve();
    });
  });
}

async function decode(message: Message, schemas: SchemaClient): Promise<TopicMessage> {
  const { partition, offset } = message;
  const key = message.key === null || message.key === undefined ? null : await body(Buffer.from(message.key), schemas);
  if (message.value === null) throw new Error(`Message ${partition}/${offset} of ${message.topic} has no value`);
  const value = await body(message.value, schemas);
  return { partition, offset, key: key?.row ?? null, value: value.row, schemaName: value.schemaName };
}

/** Confluent's framing: a zero byte, the schema id, the Avro body. */
async function body(framed: Buffer, schemas: SchemaClient): Promise<{ row: Row; schemaName: string }> {
  if (framed.length < 5 || framed[0] !== 0) throw new Error('The message is not framed as Confluent’s format wants it');
  const decoder = await schemas.decoder(framed.readUInt32BE(1));
  return { row: decoder.decode(framed.subarray(5)), schemaName: decoder.schemaName };
}
