import { setTimeout as delay } from 'node:timers/promises';
import { CODES, Producer, type LibrdKafkaError } from '@confluentinc/kafka-javascript';
import { parseKafkaSettings } from '../../src/lib/kafka/kafka-settings';
import { settled } from '../../src/lib/kafka/settled';
import { measure, type Measurement } from '../measurement';
import { openSource } from '../source-table';
import { encodeRequest } from './encode';

export interface ProduceOnlyOptions {
  readonly file: string;
  readonly bootstrap: string;
  readonly registry: string;
  /** An existing topic. */
  readonly name: string;
}

/**
 * What the client itself can do: the same messages as `publish` sends, encoded beforehand, in a loop that only calls `produce()`; the client has
 * the settings that our producer gives it, and all is one transaction.
 */
export async function produceOnly({ file, bootstrap, registry, name }: ProduceOnlyOptions): Promise<Measurement> {
  const messages = await encodedMessages(file);
  const { properties, transactionTimeoutMs } = parseKafkaSettings(
    'Kafka',
    JSON.stringify({ 'bootstrap.servers': bootstrap, 'schema.registry.url': registry }),
  );
  const producer = new Producer({
    ...properties,
    'transactional.id': name,
    'transaction.timeout.ms': transactionTimeoutMs,
    'enable.idempotence': true,
    acks: -1,
    partitioner: 'murmur2_random',
    'delivery.report.only.error': true,
    dr_cb: true,
  });
  await settled((done) => producer.connect({ timeout: 30_000 }, done));
  producer.setPollInBackground(true);
  await settled((done) => {
    producer.initTransactions(30_000, done);
  });
  try {
    return await measure(async () => {
      await settled((done) => {
        producer.beginTransaction(done);
      });
      let rows = 0;
      for (const { key, value } of messages) {
        while (!tryProduce(producer, name, key, value)) await delay(1);
        rows++;
      }
      await settled((done) => {
        producer.commitTransaction(600_000, done);
      });
      return rows;
    });
  } finally {
    await settled((done) => {
      producer.disconnect(1000, done);
    });
  }
}

function tryProduce(producer: Producer, topic: string, key: Buffer, value: Buffer): boolean {
  try {
    producer.produce(topic, null, value, key);
    return true;
  } catch (error) {
    if ((error as LibrdKafkaError).code === CODES.ERRORS.ERR__QUEUE_FULL) return false;
    throw error;
  }
}

async function encodedMessages(file: string): Promise<{ key: Buffer; value: Buffer }[]> {
  await using workspace = await openSource(file);
  const messages: { key: Buffer; value: Buffer }[] = [];
  const write = (key: Buffer, value: Buffer): boolean => {
    messages.push({ key: Buffer.from(key), value: Buffer.from(value) });
    return true;
  };
  await workspace.encodeRows(await encodeRequest(workspace), { write, ready: () => Promise.resolve() });
  return messages;
}
