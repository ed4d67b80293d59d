import { KafkaJS } from '@confluentinc/kafka-javascript';

/** Makes topics of one partition for the contenders, and removes them after their measurement: rows of earlier rounds would fill the disk. */
export class Topics implements AsyncDisposable {
  readonly #admin: KafkaJS.Admin;
  #connected = false;
  #counter = 0;

  constructor(bootstrap: string) {
    this.#admin = new KafkaJS.Kafka({ 'bootstrap.servers': bootstrap, log_level: 0 }).admin();
  }

  /** Runs `work` with a topic of its own. */
  async withTopic<T>(work: (topic: string) => Promise<T>): Promise<T> {
    if (!this.#connected) await this.#admin.connect();
    this.#connected = true;
    const topic = `bench-${++this.#counter}`;
    await this.#admin.createTopics({ topics: [{ topic, numPartitions: 1, replicationFactor: 1 }] });
    try {
      return await work(topic);
    } finally {
      await this.#admin.deleteTopics({ topics: [topic] });
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#connected) await this.#admin.disconnect();
  }
}
