import { KafkaConsumer, Producer, type ConsumerGlobalConfig, type Message, type Metadata } from '@confluentinc/kafka-javascript';
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

/** A transactional producer, ready to begin; `await using` ends it. */
async function transactional(bootstrap: string, id: string) {
  const producer = new Producer({ 'bootstrap.servers': bootstrap, 'transactional.id': id, log_level: 0, dr_cb: true });
  await clientCall<Metadata>((done) => producer.connect({ timeout: 10_000 }, done));
  producer.setPollInBackground(true);
  await clientCall((done) => {
    producer.initTransactions(10_000, done);
  });
  const step = (work: 'beginTransaction' | 'commitTransaction' | 'abortTransaction' | 'flush') =>
    clientCall((done) => {
      if (work === 'beginTransaction') producer.beginTransaction(done);
      else producer[work](10_000, done);
    });
  return {
    step,
    send(topic: string, partition: number, ...texts: string[]) {
      for (const text of texts) producer.produce(topic, partition, Buffer.from(text), null);
    },
    async [Symbol.asyncDispose]() {
      await new Promise((resolve) => producer.disconnect(100, resolve));
    },
  };
}

/** All messages of a topic as text, in order by partition. @param atLeast how many to wait for: partitions show a commit a moment after it */
async function texts(bootstrap: string, topic: string, atLeast = 0, isolation = 'read_committed'): Promise<string[]> {
  const consumer = new KafkaConsumer({
    'bootstrap.servers': bootstrap,
    'group.id': 'g',
    'isolation.level': isolation,
    'enable.partition.eof': true,
    log_level: 0,
  } as ConsumerGlobalConfig);
  const metadata = await clientCall<Metadata>((done) => consumer.connect({ topic, timeout: 10_000 }, done));
  const partitions = metadata.topics.filter(({ name }) => name === topic).flatMap(({ partitions }) => partitions.map(({ id }) => id));
  const unfinished = new Set(partitions);
  consumer.on('partition.eof', ({ partition }) => unfinished.delete(partition));
  consumer.setDefaultConsumeTimeout(100);
  consumer.assign(partitions.map((partition) => ({ topic, partition, offset: 0 })));
  const found: { partition: number; text: string }[] = [];
  for (let last = false; !last;) {
    last = unfinished.size === 0 && found.length >= atLeast;
    const batch = await clientCall<Message[]>((done) => {
      consumer.consume(1000, done);
    });
    for (const { partition, value } of batch) found.push({ partition, text: String(value) });
  }
  await new Promise((resolve) => consumer.disconnect(resolve));
  return found.sort((a, b) => a.partition - b.partition).map(({ text }) => text);
}

/** What both brokers, ours and the real one, must do alike. */
function contract(addresses: () => Promise<{ bootstrap: string; registry: string }>): void {
  const newTopic = async (partitions = 1) => {
    const { bootstrap } = await addresses();
    const topic = uniqueName('broker');
    await createTopic(bootstrap, topic, partitions);
    return { bootstrap, topic };
  };

  test('carries a table to a consumer that applies its row types', async () => {
    const { bootstrap, topic } = await newTopic();
    const { registry } = await addresses();
    await publish(bootstrap, registry, topic, changes);
    const table = await readTable({ bootstrap, registry, topic, atLeast: changes.length });
    expect([...table.rows()]).toEqual(image);
    expect(table.messages).toBe(changes.length);
    expect(table.commitId).toBe('c1');
  });

  test('shows a transaction only once it is committed, and an aborted one never', async () => {
    const { bootstrap, topic } = await newTopic(2);
    await using producer = await transactional(bootstrap, topic);
    await producer.step('beginTransaction');
    producer.send(topic, 0, 'a', 'b');
    producer.send(topic, 1, 'c');
    await producer.step('flush');
    expect(await texts(bootstrap, topic)).toEqual([]);
    expect(await texts(bootstrap, topic, 3, 'read_uncommitted')).toEqual(['a', 'b', 'c']);
    await producer.step('commitTransaction');
    await producer.step('beginTransaction');
    producer.send(topic, 0, 'lost');
    await producer.step('flush');
    await producer.step('abortTransaction');
    await producer.step('beginTransaction');
    producer.send(topic, 0, 'd');
    await producer.step('commitTransaction');
    expect(await texts(bootstrap, topic, 4)).toEqual(['a', 'b', 'd', 'c']);
  });

  test('ends what a crashed producer left open when it comes back, and refuses the old one', async () => {
    const { bootstrap, topic } = await newTopic();
    await using old = await transactional(bootstrap, topic);
    await old.step('beginTransaction');
    old.send(topic, 0, 'lost');
    await old.step('flush');
    await using back = await transactional(bootstrap, topic);
    await back.step('beginTransaction');
    back.send(topic, 0, 'kept');
    await back.step('commitTransaction');
    await expect(old.step('commitTransaction')).rejects.toThrow();
    expect(await texts(bootstrap, topic, 1)).toEqual(['kept']);
  });

  test('keeps the order of many messages', async () => {
    const { bootstrap, topic } = await newTopic();
    await using producer = await transactional(bootstrap, topic);
    await producer.step('beginTransaction');
    const sent = Array.from({ length: 20_000 }, (_, index) => `message ${index} ${'x'.repeat(100)}`);
    producer.send(topic, 0, ...sent);
    await producer.step('commitTransaction');
    expect(await texts(bootstrap, topic, sent.length)).toEqual(sent);
  });

  test('says that a topic does not exist, and makes none by itself', async () => {
    const { bootstrap, registry } = await addresses();
    const topic = uniqueName('unknown');
    for (let time = 0; time < 2; time++) await expect(readTable({ bootstrap, registry, topic })).rejects.toThrow(`no topic ${topic}`);
  });
}

describe('the embedded broker', () => {
  let broker: Awaited<ReturnType<typeof startKafkaBroker>>;
  let registry: Awaited<ReturnType<typeof startSchemaRegistry>>;
  beforeAll(async () => {
    broker = await startKafkaBroker();
    registry = await startSchemaRegistry();
  });
  afterAll(async () => {
    await broker.close();
    await registry.close();
  });

  contract(() => Promise.resolve({ bootstrap: broker.bootstrap, registry: registry.url }));

  test('can be given its topics beforehand', async () => {
    await broker.createTopics(['beforehand', 'beforehand'], 3);
    await using producer = await transactional(broker.bootstrap, 'beforehand');
    await producer.step('beginTransaction');
    producer.send('beforehand', 2, 'third');
    await producer.step('commitTransaction');
    expect(await texts(broker.bootstrap, 'beforehand')).toEqual(['third']);
  });

  test('drops a connection that does not speak its protocol', async () => {
    const port = Number(broker.bootstrap.split(':')[1]);
    await expect(fetch(`http://127.0.0.1:${port}/`)).rejects.toThrow();
  });
});

describeWithKafka('a real broker', () => {
  contract(kafkaCluster);
});
