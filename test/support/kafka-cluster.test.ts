import { KafkaJS, Producer, type Metadata } from '@confluentinc/kafka-javascript';
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
    expect(await login({ ...sasl, password: 'wrong' })).toBe('out');
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

/** Connects with a user and password; the client retries a refused login until its time is up. */
async function login(sasl: KafkaCluster['sasl']): Promise<'in' | 'out'> {
  const producer = new Producer({
    'bootstrap.servers': sasl.bootstrap,
    'security.protocol': 'sasl_plaintext',
    'sasl.mechanisms': 'PLAIN',
    'sasl.username': sasl.username,
    'sasl.password': sasl.password,
    log_level: 0,
  });
  const result = await new Promise<'in' | 'out'>((resolve) => {
    producer.connect({ timeout: 3000 }, (_error, metadata: Metadata | undefined) => {
      resolve(metadata === undefined ? 'out' : 'in');
    });
  });
  if (result === 'in') await new Promise((resolve) => producer.disconnect(resolve)); // a refused client has disconnected by itself
  return result;
}
