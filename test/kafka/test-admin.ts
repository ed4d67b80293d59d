import { AdminClient, type IAdminClient, type LibrdKafkaError } from '@confluentinc/kafka-javascript';
import { settled } from '../../src/lib/kafka/settled';
import { kafkaCluster } from '../support/kafka-cluster';

/** Creates a topic on the test cluster as somebody else would, e.g. with other settings than ours. */
export async function createTestTopic(topic: string, partitions: number, config: Readonly<Record<string, string>>): Promise<void> {
  await withAdmin((admin) =>
    settled((done) => {
      admin.createTopic({ topic, num_partitions: partitions, replication_factor: 1, config }, 10_000, done);
    }),
  );
}

/** Whether the test cluster has this topic. */
export async function hasTopic(topic: string): Promise<boolean> {
  const descriptions = await withAdmin((admin) =>
    settled<{ error?: LibrdKafkaError }[]>((done) => {
      admin.describeTopics([topic], { timeout: 10_000 }, done);
    }),
  );
  return descriptions[0]?.error === undefined;
}

async function withAdmin<T>(use: (admin: IAdminClient) => Promise<T>): Promise<T> {
  const { bootstrap } = await kafkaCluster();
  const admin = AdminClient.create({ 'bootstrap.servers': bootstrap, log_level: 0 });
  try {
    return await use(admin);
  } finally {
    admin.disconnect();
  }
}
