import { Producer, type Metadata } from '@confluentinc/kafka-javascript';
import { clientCall } from './client-call';

export interface LocalKafkaBroker extends AsyncDisposable {
  /** `bootstrap.servers` for clients, e.g. `127.0.0.1:41234`. */
  readonly bootstrap: string;
  /** Makes topics; each has four partitions, which the mock cluster does not let one choose. Existing topics stay as they are. */
  createTopics(names: readonly string[]): Promise<void>;
  close(): Promise<void>;
}

/** `test.mock.num.brokers` is a property of librdkafka that the client's types leave out. */
const mockCluster = { 'client.id': 'mock-cluster', 'test.mock.num.brokers': 1, 'bootstrap.servers': 'replaced-by-the-mock', log_level: 0 };

/**
 * Starts the Kafka client's mock cluster: one broker in this process on a free port, in memory. It takes transactions and serves consumers, so it
 * carries a demo. Its limits: a partition keeps the last 5 MB or 100,000 messages, the oldest go first; clients cannot create topics (use `createTopics`);
 * messages of an aborted transaction become visible. What depends on any of these needs a real broker.
 */
export async function startKafkaBroker(): Promise<LocalKafkaBroker> {
  // The mock cluster belongs to a client: it lives as long as this one, which sends nothing.
  const owner = new Producer(mockCluster);
  const metadata = await clientCall<Metadata>((done) => owner.connect({ timeout: 10_000 }, done));
  let closing: Promise<void> | undefined;
  const close = (): Promise<void> =>
    (closing ??= new Promise((resolve) => {
      owner.disconnect(() => {
        resolve();
      });
    }));
  return {
    bootstrap: metadata.brokers.map(({ host, port }) => `${host}:${port}`).join(','),
    async createTopics(names) {
      for (const topic of names) await createTopic(owner, topic);
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** The mock cluster makes a topic when a client asks about it by name. */
async function createTopic(owner: Producer, topic: string): Promise<void> {
  for (;;) {
    const metadata = await clientCall<Metadata>((done) => {
      owner.getMetadata({ topic, timeout: 10_000 }, done);
    });
    if (metadata.topics.some(({ name, partitions }) => name === topic && partitions.length > 0)) return;
  }
}
