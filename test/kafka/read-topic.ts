import { KafkaConsumer, type Metadata } from '@confluentinc/kafka-javascript';
import avro from 'avsc';
import { settled } from '../../src/lib/kafka/settled';
import { kafkaCluster } from '../support/kafka-cluster';

/** A message as a consumer sees it, decoded by the schema that it names. */
export interface ReadMessage {
  readonly partition: number;
  readonly offset: number;
  readonly key: Record<string, unknown>;
  readonly value: Record<string, unknown>;
}

/**
 * All messages of a topic that a consumer can see now, by partition and offset. Decodes with avsc; a union with several named branches stays wrapped.
 * Reads committed messages only, as the consumers of the data platform do.
 * @param atLeast how many messages to wait for: a commit is confirmed a moment before every partition shows it
 */
export async function readTopic(topic: string, atLeast: number): Promise<ReadMessage[]> {
  const { bootstrap, registry } = await kafkaCluster();
  const consumer = new KafkaConsumer(
    {
      'bootstrap.servers': bootstrap,
      'group.id': 'test',
      'isolation.level': 'read_committed',
      'enable.partition.eof': true,
      'fetch.wait.max.ms': 10,
      log_level: 0,
    },
    { 'auto.offset.reset': 'earliest' },
  );
  const metadata = await settled<Metadata>((done) => consumer.connect({ topic }, done));
  const partitions = metadata.topics.find(({ name }) => name === topic)?.partitions.length ?? 0;
  try {
    const messages: { partition: number; offset: number; key: Buffer; value: Buffer }[] = [];
    const ended = new Set<number>();
    consumer.on('partition.eof', ({ partition }) => ended.add(partition));
    consumer.assign(Array.from({ length: partitions }, (_, partition) => ({ topic, partition, offset: 0 })));
    consumer.setDefaultConsumeTimeout(100);
    while (ended.size < partitions || messages.length < atLeast) {
      const page = await settled<typeof messages>((done) => {
        consumer.consume(1000, done);
      });
      messages.push(...page);
    }
    messages.sort((a, b) => a.partition - b.partition || a.offset - b.offset);
    const decode = decoder(registry);
    return await Promise.all(
      messages.map(async ({ partition, offset, key, value }) => ({
        partition,
        offset,
        key: await decode(key),
        value: await decode(value),
      })),
    );
  } finally {
    await new Promise((resolve) => consumer.disconnect(resolve));
  }
}

function decoder(registry: string): (message: Buffer) => Promise<Record<string, unknown>> {
  const types = new Map<number, Promise<avro.Type>>();
  return async (message) => {
    if (message[0] !== 0) throw new Error('The message is not framed');
    const id = message.readUInt32BE(1);
    let type = types.get(id);
    if (type === undefined) {
      type = fetch(`${registry}/schemas/ids/${id}`)
        .then((response) => response.json() as Promise<{ schema: string }>)
        .then(({ schema }) => avro.Type.forSchema(JSON.parse(schema) as avro.Schema, { typeHook }));
      types.set(id, type);
    }
    return (await type).fromBuffer(message.subarray(5)) as Record<string, unknown>;
  };
}

/** Logical types, which avsc does not know here, leave an object around the type's name. */
function typeHook(schema: avro.Schema): avro.Type | undefined {
  return schema === 'long' || (schema as { type?: unknown }).type === 'long' ? long : undefined;
}

/** avsc reads longs as numbers and refuses the large ones; here those are bigints. */
const long = avro.types.LongType.__with({
  fromBuffer: (buffer: Buffer) => {
    const value = buffer.readBigInt64LE();
    return Number.isSafeInteger(Number(value)) ? Number(value) : value;
  },
  toBuffer: (value: number | bigint) => {
    const buffer = Buffer.alloc(8);
    buffer.writeBigInt64LE(BigInt(value));
    return buffer;
  },
  fromJSON: BigInt,
  toJSON: Number,
  isValid: (value: unknown) => typeof value === 'number' || typeof value === 'bigint',
  compare: (a: bigint, b: bigint) => (a === b ? 0 : a < b ? -1 : 1),
});
