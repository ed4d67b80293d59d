import { Producer, type Metadata } from '@confluentinc/kafka-javascript';
import { Type } from 'avsc';
import { clientCall } from '../../local/broker/client-call';
import { startKafkaBroker } from '../../local/broker/kafka-broker';
import { readTable } from '../../local/consumer/table-image';
import { startSchemaRegistry } from '../../local/registry/schema-registry-server';
import { createTopic, kafkaCluster, uniqueName } from '../support/kafka-cluster';
import { describeWithKafka } from '../support/parts';

const keySchema = { type: 'record', name: 't_key', fields: [{ name: 'id', type: 'long' }] };
const valueSchema = {
  type: 'record',
  name: 't',
  fields: [
    { name: '__change_type', type: ['null', 'string'] },
    { name: '__truncate', type: ['null', { type: 'map', values: 'string' }] },
    { name: '__source_transaction', type: ['null', 'string'] },
    { name: 'id', type: 'long' },
    { name: 'A_x0024', __originalname: 'A$', type: ['null', { type: 'bytes', logicalType: 'decimal', precision: 5, scale: 2 }] },
    { name: 'day', type: ['null', { type: 'int', logicalType: 'date' }] },
  ],
};

async function register(registry: string, subject: string, schema: object): Promise<Buffer> {
  const response = await fetch(`${registry}/subjects/${subject}/versions`, {
    method: 'POST',
    headers: { 'content-type': 'application/vnd.schemaregistry.v1+json' },
    body: JSON.stringify({ schema: JSON.stringify(schema) }),
  });
  const frame = Buffer.alloc(5);
  frame.writeUInt32BE(((await response.json()) as { id: number }).id, 1);
  return frame;
}

interface Change {
  readonly type: string;
  readonly id: number;
  readonly price?: Buffer;
  readonly day?: number;
  readonly truncate?: Record<string, string>;
}

/** Sends the changes in one transaction, all to partition 0. */
async function publish(bootstrap: string, registry: string, topic: string, changes: readonly Change[]): Promise<void> {
  const key = await register(registry, `${topic}-key`, keySchema);
  const value = await register(registry, `${topic}-value`, valueSchema);
  const [keyType, valueType] = [keySchema, valueSchema].map((schema) => Type.forSchema(schema as Parameters<typeof Type.forSchema>[0]));
  const producer = new Producer({ 'bootstrap.servers': bootstrap, 'transactional.id': topic, log_level: 0 });
  await clientCall<Metadata>((done) => producer.connect({ topic, timeout: 10_000 }, done));
  producer.setPollInBackground(true);
  try {
    await clientCall((done) => {
      producer.initTransactions(10_000, done);
    });
    await clientCall((done) => {
      producer.beginTransaction(done);
    });
    for (const { type, id, price = null, day = null, truncate = null } of changes) {
      const row = { __change_type: type, __truncate: truncate, __source_transaction: 'c1', id, A_x0024: price, day };
      producer.produce(topic, 0, Buffer.concat([value, valueType!.toBuffer(row)]), Buffer.concat([key, keyType!.toBuffer({ id })]));
    }
    await clientCall((done) => {
      producer.commitTransaction(10_000, done);
    });
  } finally {
    await new Promise((resolve) => producer.disconnect(resolve));
  }
}

const changes: readonly Change[] = [
  { type: 'R', id: 9 },
  { type: 'T', id: 0 },
  { type: 'R', id: 1, price: Buffer.from([0xff, 0x38]), day: -1 },
  { type: 'R', id: 2, price: Buffer.from([0x01, 0x00]), day: 19_782 },
  { type: 'I', id: 3 },
  { type: 'I', id: 4 },
  { type: 'U', id: 3, price: Buffer.from([0x07]) },
  { type: 'B', id: 4 },
  { type: 'U', id: 5 },
  { type: 'A', id: 6 },
  { type: 'D', id: 6 },
  { type: 'A', id: 7 },
  { type: 'X', id: 7 },
  { type: 'A', id: 8 },
  { type: 'G', id: 8 },
  { type: 'P', id: 5 },
  { type: 'T', id: 0, truncate: { A$: '2.56', id: '2' } },
  { type: 'T', id: 0, truncate: { A$: '2.56', id: '1' } },
];

const image = [
  { id: 1n, A$: '-2.00', day: '1969-12-31' },
  { id: 3n, A$: '0.07', day: null },
  { id: 5n, A$: null, day: null },
];

describe('the embedded broker', () => {
  test('carries a table to a consumer that applies its row types', async () => {
    await using broker = await startKafkaBroker();
    await using registry = await startSchemaRegistry();
    await broker.createTopics(['t', 't']);
    await publish(broker.bootstrap, registry.url, 't', changes);
    const table = await readTable({ bootstrap: broker.bootstrap, registry: registry.url, topic: 't' });
    expect([...table.rows()]).toEqual(image);
    expect(table.messages).toBe(changes.length);
    expect(table.commitId).toBe('c1');
  });

  test('says that a topic does not exist', async () => {
    await using broker = await startKafkaBroker();
    await using registry = await startSchemaRegistry();
    await expect(readTable({ bootstrap: broker.bootstrap, registry: registry.url, topic: 'unknown' })).rejects.toThrow('no topic unknown');
  });
});

describeWithKafka('the consumer on a real broker', () => {
  test('holds the same table as on the embedded one', async () => {
    const { bootstrap, registry } = await kafkaCluster();
    const topic = uniqueName('consumer');
    await createTopic(bootstrap, topic);
    await publish(bootstrap, registry, topic, changes);
    const table = await readTable({ bootstrap, registry, topic });
    expect([...table.rows()]).toEqual(image);
  });
});
