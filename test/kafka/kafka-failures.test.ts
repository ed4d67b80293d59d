import { randomBytes } from 'node:crypto';
import { KafkaSecretSettings } from '../../src/lib/kafka/kafka-secret-settings';
import { AvroInt, AvroString, createKeyRow, KeySchema, RowType, ValueSchema } from '../../src/lib/schema';
import { kafkaCluster, uniqueName } from '../support/kafka-cluster';
import { describeWithKafka } from '../support/parts';
import { openRun } from './open-run';
import { ordersSchema } from './orders';
import { readTopic } from './read-topic';
import { createTestTopic, hasTopic } from './test-admin';

const schema = ordersSchema();
const keySchema = new KeySchema(schema);

describeWithKafka('a producer that cannot connect', () => {
  test.each([
    ['to a broker that is not there', { 'bootstrap.servers': '127.0.0.1:1' }, 'KAFKA_UNREACHABLE', /Connection refused/],
    ['to a broker whose name is unknown', { 'bootstrap.servers': 'no-such-host.invalid:9092' }, 'KAFKA_UNREACHABLE', /no-such-host/],
    ['by TLS to a listener without', { 'security.protocol': 'SSL' }, 'KAFKA_TLS', /SSL/],
    ['to a registry that is not there', { 'schema.registry.url': 'http://127.0.0.1:1' }, 'REGISTRY_UNREACHABLE', /127\.0\.0\.1:1/],
    ['with a property that does not exist', { 'no.such.property': 'hunter2' }, 'SECRET_INVALID', /no\.such\.property/],
    ['with a value that a property cannot have', { 'compression.type': 'hunter2' }, 'SECRET_INVALID', /compression/],
    [
      'with transactions longer than the broker allows',
      { 'transaction.timeout.ms': 2_000_000_000 },
      'TRANSACTION_TIMEOUT_REFUSED',
      /2000000 seconds/,
    ],
  ])('%s says so and leaves nothing open', async (_, secret, code, message) => {
    await using run = await openRun({ secret });
    await using producer = run.producer({ connectTimeoutSeconds: 2 });
    const failure = producer.connect(run.context);
    await expect(failure).rejects.toMatchObject({ code, message: expect.stringMatching(message) as string });
    await expect(failure).rejects.not.toThrow(/hunter2/);
    await expect(producer.commit()).rejects.toMatchObject({ code: 'PRODUCER_STATE' });
  });

  test('because its password is wrong says so without telling it; the right one is let in', async () => {
    const { sasl } = await kafkaCluster();
    const secret = { 'bootstrap.servers': sasl.bootstrap, 'security.protocol': 'SASL_PLAINTEXT', 'sasl.username': sasl.username };
    {
      await using run = await openRun({ secret: { ...secret, 'sasl.password': 'hunter2' } });
      await using producer = run.producer({ connectTimeoutSeconds: 3 });
      const failure = producer.connect(run.context);
      await expect(failure).rejects.toMatchObject({ code: 'KAFKA_AUTHENTICATION', details: { secret: 'Kafka' } });
      await expect(failure).rejects.not.toThrow(/hunter2/);
      expect(run.logged.join('\n')).not.toContain('hunter2');
    }
    await using run = await openRun({ secret: { ...secret, 'sasl.password': sasl.password } });
    await using producer = await run.connected();
    await producer.addTarget('ORDERS', 'ORDERS', keySchema, schema);
  });

  test('because its identity gets no token says so', async () => {
    await using run = await openRun({ secret: { 'sasl.mechanisms': 'OAUTHBEARER', 'oauth.scope': 'api://kafka/.default' } });
    const settings = new KafkaSecretSettings('Kafka', { getToken: () => Promise.reject(new Error('no managed identity')) });
    await using producer = run.producer({ settings });
    await expect(producer.connect(run.context)).rejects.toMatchObject({ code: 'TOKEN_REFUSED' });
  });

  test('because the broker takes no tokens says so after it had one', async () => {
    const { sasl } = await kafkaCluster();
    const secret = { 'bootstrap.servers': sasl.bootstrap, 'security.protocol': 'SASL_PLAINTEXT', 'sasl.mechanisms': 'OAUTHBEARER' };
    await using run = await openRun({ secret: { ...secret, 'oauth.scope': 'api://kafka/.default' } });
    const scopes: unknown[] = [];
    const getToken = (scope: string | string[]) => {
      scopes.push(scope);
      return Promise.resolve({ token: 'e30.e30.', expiresOnTimestamp: Date.now() + 3_600_000 });
    };
    await using producer = run.producer({ settings: new KafkaSecretSettings('Kafka', { getToken }), connectTimeoutSeconds: 2 });
    await expect(producer.connect(run.context)).rejects.toMatchObject({
      code: 'KAFKA_AUTHENTICATION',
      details: { reason: expect.stringMatching(/OAUTHBEARER/) as string },
    });
    expect(scopes.length).toBeGreaterThanOrEqual(2);
    expect(new Set(scopes)).toEqual(new Set(['api://kafka/.default']));
  });

  test('because its secret is missing passes that on', async () => {
    await using run = await openRun();
    await using producer = run.producer();
    const secrets = { place: 'the test', readSecret: () => Promise.reject(new Error('no such secret')) };
    await expect(producer.connect({ ...run.context, secrets })).rejects.toThrow('no such secret');
  });
});

describeWithKafka('a target', () => {
  test('with an incompatible schema is refused with the registry’s words, and gets no topic', async () => {
    await using run = await openRun();
    const topic = uniqueName('incompatible');
    await using producer = await run.connected();
    await producer.addTarget('FIRST', 'ORDERS', keySchema, schema, { topic });
    const changed = ordersSchema().addField('NEEDED', new AvroString(), undefined, false);
    await expect(producer.addTarget('SECOND', 'ORDERS', keySchema, changed, { topic })).rejects.toMatchObject({
      code: 'SCHEMA_INCOMPATIBLE',
      message: expect.stringContaining('NEEDED') as string,
    });
    expect(await hasTopic(run.topic('SECOND'))).toBe(false);
  });

  test('without registered schemas is refused in lookup mode, and registers nothing', async () => {
    await using run = await openRun({ settings: { SCHEMA_REGISTRATION: 'lookup', COMMIT_TOPIC: uniqueName('lookup') } });
    await using producer = run.producer();
    await expect(producer.connect(run.context)).rejects.toMatchObject({ code: 'SCHEMA_NOT_REGISTERED' });
    const { registry } = await kafkaCluster();
    expect((await fetch(`${registry}/subjects/${run.context.settings.COMMIT_TOPIC}-key/versions`)).status).toBe(404);
  });

  test('with registered schemas works in lookup mode', async () => {
    const topic = uniqueName('lookup');
    const COMMIT_TOPIC = uniqueName('lookup-commit');
    await using first = await openRun({ settings: { COMMIT_TOPIC } });
    await using registering = await first.connected();
    const registered = await registering.addTarget('ORDERS', 'ORDERS', keySchema, schema, { topic });
    await using run = await openRun({ settings: { COMMIT_TOPIC, SCHEMA_REGISTRATION: 'lookup' } });
    await using producer = await run.connected();
    const target = await producer.addTarget('ORDERS', 'ORDERS', keySchema, schema, { topic });
    expect(target).toMatchObject({ keySchemaId: registered.keySchemaId, valueSchemaId: registered.valueSchemaId });
    expect(run.notes).toEqual([]);
  });

  test('without a topic is refused when topics must not be created', async () => {
    const COMMIT_TOPIC = uniqueName('commit');
    await using run = await openRun({ settings: { TOPIC_CREATION: 'forbidden', COMMIT_TOPIC } });
    await using early = run.producer();
    await expect(early.connect(run.context)).rejects.toMatchObject({ code: 'TOPIC_MISSING', details: { topic: COMMIT_TOPIC } });
    await createTestTopic(COMMIT_TOPIC, 1, { 'cleanup.policy': 'delete' });
    await using producer = await run.connected();
    await expect(producer.addTarget('ORDERS', 'ORDERS', keySchema, schema)).rejects.toMatchObject({ code: 'TOPIC_MISSING' });
    expect(await hasTopic(run.topic('ORDERS'))).toBe(false);
  });

  test('with a compacted topic is refused', async () => {
    await using run = await openRun();
    const topic = uniqueName('compacted');
    await createTestTopic(topic, 1, { 'cleanup.policy': 'compact' });
    await using producer = await run.connected();
    await expect(producer.addTarget('ORDERS', 'ORDERS', keySchema, schema, { topic })).rejects.toMatchObject({ code: 'TOPIC_COMPACTED' });
  });

  test('cannot have more replicas than there are brokers', async () => {
    const COMMIT_TOPIC = uniqueName('commit');
    await createTestTopic(COMMIT_TOPIC, 1, {});
    await using run = await openRun({ settings: { TOPIC_REPLICATION: '3', COMMIT_TOPIC } });
    await using producer = await run.connected();
    await expect(producer.addTarget('ORDERS', 'ORDERS', keySchema, schema)).rejects.toMatchObject({
      code: 'TOPIC_NOT_CREATED',
      message: expect.stringContaining('replicat') as string,
    });
  });

  test('keeps the messages of a topic that is there already', async () => {
    await using run = await openRun({ settings: { TOPIC_PARTITIONS: '1' } });
    for (const id of [1, 2]) {
      await using producer = await run.connected();
      const target = await producer.addTarget('ORDERS', 'ORDERS', keySchema, schema);
      producer.produceRow(target, { ID: id }, { ID: id }, RowType.INSERT);
      await producer.commit();
    }
    expect((await readTopic(run.topic('ORDERS'), 2)).map(({ value }) => value['ID'])).toEqual([1, 2]);
  });

  test('cannot commit to a topic with several partitions', async () => {
    const COMMIT_TOPIC = uniqueName('commit');
    await createTestTopic(COMMIT_TOPIC, 2, {});
    await using run = await openRun({ settings: { COMMIT_TOPIC } });
    await using producer = run.producer();
    await expect(producer.connect(run.context)).rejects.toMatchObject({ code: 'COMMIT_TOPIC_PARTITIONED' });
  });
});

describeWithKafka('a row that is too large', () => {
  const wide = new ValueSchema('WIDE', 'SHOP')
    .addField('ID', new AvroInt(), undefined, false)
    .addField('TEXT', new AvroString())
    .setPks(['ID']);
  const wideKey = new KeySchema(wide);
  const row = (id: number, bytes: number) => ({ ID: id, TEXT: randomBytes(bytes).toString('base64') });

  test.each([
    ['for the client', 1_500_000, '1048588'],
    ['for the topic', 20_000, '10000'],
  ])('%s is an error, and nothing of its transaction is visible', async (_, bytes, limit) => {
    await using run = await openRun();
    const topic = uniqueName('wide');
    await createTestTopic(topic, 1, { 'max.message.bytes': limit });
    await using producer = await run.connected();
    const target = await producer.addTarget('WIDE', 'WIDE', wideKey, wide, { topic });
    for (const next of [row(1, 10), row(2, bytes), row(3, 10)]) {
      producer.produceRow(target, createKeyRow(next, wideKey), next, RowType.UPSERT);
    }
    await expect(producer.commit()).rejects.toMatchObject({ code: 'MESSAGE_TOO_LARGE', details: { topic, table: 'WIDE' } });
    await producer.abort();
    await expect(producer.commit()).rejects.toMatchObject({ code: 'MESSAGE_TOO_LARGE' });
    await using next = await run.connected();
    const again = await next.addTarget('WIDE', 'WIDE', wideKey, wide, { topic });
    next.produceRow(again, { ID: 4 }, row(4, 10), RowType.UPSERT);
    await next.commit();
    expect((await readTopic(topic, 1)).map(({ value }) => value['ID'])).toEqual([4]);
  });
});

describeWithKafka('a transaction that is open for too long', () => {
  test('is aborted by the broker, and says so', async () => {
    await using run = await openRun({ secret: { 'transaction.timeout.ms': 1000 } });
    await using producer = await run.connected();
    const target = await producer.addTarget('ORDERS', 'ORDERS', keySchema, schema);
    const produce = async (): Promise<void> => {
      // The broker looks for such transactions now and then.
      for (;;) {
        producer.produceRow(target, { ID: 1 }, { ID: 1 }, RowType.UPSERT);
        await producer.ready();
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    };
    await expect(produce()).rejects.toMatchObject({ code: 'TRANSACTION_TIMEOUT' });
  });
});
