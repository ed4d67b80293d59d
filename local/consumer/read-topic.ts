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
  const schemas = new SchemaClient(source.registry, source.registryUser);
  const consumer = new KafkaConsumer({
    'bootstrap.servers': source.bootstrap,
    'group.id': 'tablecast-reader', // asked for by the client; partitions are assigned, so there is no group
    'enable.auto.commit': false,
    'isolation.level': 'read_committed',
    'enable.partition.eof': true,
    log_level: 0,
    ...source.properties,
  });
  const metadata = await clientCall<Metadata>((done) => consumer.connect({ topic: source.topic, timeout: 30_000 }, done));
  try {
    const partitions = metadata.topics.find(({ name }) => name === source.topic)?.partitions ?? [];
    if (partitions.length === 0) throw new Error(`There is no topic ${source.topic}`);
    const unfinished = new Set(partitions.map(({ id }) => id));
    consumer.on('partition.eof', ({ partition }) => {
      unfinished.delete(partition);
    });
    // Long enough for a fetch, short enough not to wait long at the end.
    consumer.setDefaultConsumeTimeout(100);
    consumer.assign(partitions.map(({ id }) => ({ topic: source.topic, partition: id, offset: 0 })));
    let count = 0;
    for (;;) {
      // Asked before reading: the end of a partition is reported after its last message was handed over.
      const last = unfinished.size === 0;
      const batch = await clientCall<Message[]>((done) => {
        consumer.consume(1000, done);
      });
      for (const message of batch) each(await decode(message, schemas));
      count += batch.length;
      if (last && batch.length === 0 && count >= (source.atLeast ?? 0)) return count;
    }
  } finally {
    await new Promise((resolve) => consumer.disconnect(resolve));
  }
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
