import { CODES, KafkaJS, Producer } from '@confluentinc/kafka-javascript';
import { kafkaCluster, uniqueName, type KafkaCluster } from './kafka-cluster';
import { describeWithKafka, describeWithKafkaAndPython } from './parts';
import { runPython } from './python';

describeWithKafka('the test cluster', () => {
  test('has one broker that makes topics when told to', async () => {
    const { bootstrap } = await kafkaCluster();
    const admin = new KafkaJS.Kafka({ 'bootstrap.servers': bootstrap, log_level: 0 }).admin();
    await admin.connect();
    try {
      const topic = uniqueName('test-cluster');
      await admin.createTopics({ topics: [{ topic, numPartitions: 2 }] });
      expect(await admin.listTopics()).toContain(topic);
    } finally {
      await admin.disconnect();
    }
  });

  test('has a listener that lets only the right password in', async () => {
    const { sasl } = await kafkaCluster();
    expect(await login({ ...sasl })).toBe('in');
    expect(await login({ ...sasl, password: 'wrong' })).toBe(CODES.ERRORS.ERR__AUTHENTICATION);
  });

  test('has a registry that refuses an incompatible schema', async () => {
    const { registry } = await kafkaCluster();
    const subject = uniqueName('test-cluster');
    const register = (fields: unknown[]) =>
      fetch(`${registry}/subjects/${subject}/versions`, {
        method: 'POST',
        headers: { 'content-type': 'application/vnd.schemaregistry.v1+json' },
        body: JSON.stringify({ schema: JSON.stringify({ type: 'record', name: 'r', fields }) }),
      });
    expect((await register([{ name: 'a', type: 'int' }])).status).toBe(200);
    expect((await register([{ name: 'b', type: 'int' }])).status).toBe(409);
  });
});

describeWithKafkaAndPython('the Python environment', () => {
  test('reaches the test cluster', async () => {
    const { bootstrap } = await kafkaCluster();
    expect(JSON.parse(await runPython('brokers.py', bootstrap))).toHaveLength(1);
  });
});

/** Connects with a user and password. @returns `in`, or the code of the first error that the client reports */
async function login(sasl: KafkaCluster['sasl']): Promise<'in' | number> {
  const producer = new Producer({
    'bootstrap.servers': sasl.bootstrap,
    'security.protocol': 'sasl_plaintext',
    'sasl.mechanisms': 'PLAIN',
    'sasl.username': sasl.username,
    'sasl.password': sasl.password,
    log_level: 0,
  });
  try {
    return await new Promise((resolve) => {
      producer.once('event.error', (error) => {
        resolve(error.code);
      });
      producer.connect({}, (error) => {
        if (error === null) resolve('in');
      });
    });
  } finally {
    await new Promise((resolve) => producer.disconnect(resolve));
  }
}
