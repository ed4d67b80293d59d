import { KafkaConsumer } from '@confluentinc/kafka-javascript';
import avro from 'avsc';
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
 * @param isolation `read_committed`: rows of committed transactions only, as consumers of the data platform read
 */
export async function readTopic(
  topic: string,
  isolation: 'read_committed' | 'read_uncommitted' = 'read_committed',
): Promise<ReadMessage[]> {
  const { bootstrap, registry } = await kafkaCluster();
  const consumer = new KafkaConsumer(
    { 'bootstrap.servers': bootstrap, 'group.id': 'test', 'isolation.level': isolation, 'enable.partition.eof': true, log_level: 0 },
    { 'auto.offset.reset': 'earliest' },
  );
  const partitions = await new Promise<number>((resolve, reject) => {
    consumer.connect({ topic }, (error: Error | null, metadata) => {
      if (error === null || (error as Error | undefined) === undefined)
        resolve(metadata.topics.find(({ name }) => name === topic)?.partitions.length ?? 0);
      else reject(error);
    });
  });
  try {
    const messages: { partition: number; offset: number; key: Buffer; value: Buffer }[] = [];
    const ended = new Set<number>();
    consumer.on('partition.eof', ({ partition }) => ended.add(partition));
    consumer.assign(Array.from({ length: partitions }, (_, partition) => ({ topic, partition, offset: 0 })));
    consumer.setDefaultConsumeTimeout(100);
    while (ended.size < partitions) {
      const page = await new Promise<typeof messages>((resolve, reject) => {
        consumer.consume(1000, (error: Error | null, found) => {
          if (error === null || (error as Error | undefined) === undefined) resolve(found as unknown as typeof messages);
          else reject(error);
        });
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
        .then(({ schema }) => avro.Type.forSchema(JSON.parse(schema) as avro.Schema, { noAnonymousTypes: false }));
      types.set(id, type);
    }
    return (await type).fromBuffer(message.subarray(5)) as Record<string, unknown>;
  };
}
