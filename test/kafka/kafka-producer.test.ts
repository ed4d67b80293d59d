import { createKeyRow, createTruncateRow, KeySchema, type Row, RowType } from '../../src/lib/schema';
import type { KafkaProducer, Target } from '../../src/lib/kafka/kafka-producer';
import { describeWithKafka } from '../support/parts';
import { openRun, type TestRun } from './open-run';
import { ordersSchema } from './orders';
import { readTopic } from './read-topic';

const schema = ordersSchema();
const keySchema = new KeySchema(schema);
const order = (id: number): Row => ({ ID: id, CUSTOMER: `customer ${id}`, AMOUNT: '1.50' });

function addOrders(producer: KafkaProducer, name = 'ORDERS'): Promise<Target> {
  return producer.addTarget(name, name, keySchema, schema);
}

function send(producer: KafkaProducer, target: Target, row: Row, type: RowType = RowType.UPSERT, partition?: number): void {
  producer.produceRow(target, createKeyRow(row, keySchema), row, type, partition);
}

/** The ids that a consumer sees, once it sees this many messages. */
async function visible(run: TestRun, table: string, atLeast: number): Promise<number[]> {
  return (await readTopic(run.topic(table), atLeast)).map(({ value }) => value['ID'] as number).sort((a, b) => a - b);
}

describeWithKafka('rows produced one by one', () => {
  test('are visible after the commit, with the transaction’s time, id and source', async () => {
    await using run = await openRun();
    await using producer = await run.connected();
    const target = await addOrders(producer);
    send(producer, target, order(1));
    const commit = await producer.commit();
    expect(commit).toMatchObject({ commitId: run.context.id, rows: 1, messages: 1, tables: { ORDERS: 1 } });
    expect(await readTopic(run.topic('ORDERS'), 1)).toMatchObject([
      {
        offset: 0,
        key: { ID: 1 },
        value: {
          __change_type: 'A',
          __change_time: run.context.startedAt.getTime(),
          __source_transaction: run.context.id,
          __source_system: 'SHOP',
          __truncate: null,
          ID: 1,
          CUSTOMER: 'customer 1',
          AMOUNT: Buffer.from([0, 150]),
        },
      },
    ]);
  });

  test('decode for every row type', async () => {
    await using run = await openRun({ settings: { TOPIC_PARTITIONS: '1' } });
    await using producer = await run.connected();
    const target = await addOrders(producer);
    const types = Object.values(RowType);
    for (const [index, type] of types.entries()) {
      const row = type === RowType.TRUNCATE ? createTruncateRow(schema) : type === RowType.EXTERMINATE ? { ID: index } : order(index);
      send(producer, target, row, type);
    }
    await producer.commit();
    const messages = await readTopic(run.topic('ORDERS'), types.length);
    expect(messages.map(({ value }) => value['__change_type'])).toEqual(types);
    expect(messages.find(({ value }) => value['__change_type'] === 'T')).toMatchObject({
      key: { ID: 0 },
      value: { ID: 0, CUSTOMER: null, __truncate: null },
    });
  });

  test('go to each partition as TRUNCATE, before what follows, with the filter that selects what to delete', async () => {
    await using run = await openRun();
    await using producer = await run.connected();
    const target = await addOrders(producer);
    send(producer, target, createTruncateRow(schema, { CUSTOMER: 'x' }), RowType.TRUNCATE);
    for (let id = 1; id <= 30; id++) send(producer, target, order(id), RowType.REPLACE);
    const commit = await producer.commit();
    expect(commit).toMatchObject({ rows: 30, messages: 33 });
    const messages = await readTopic(run.topic('ORDERS'), 33);
    for (const partition of [0, 1, 2]) {
      const [first, ...rest] = messages.filter((message) => message.partition === partition);
      expect(first?.value).toMatchObject({ __change_type: 'T', __truncate: { CUSTOMER: 'x' } });
      expect(rest.length).toBeGreaterThan(0);
      expect(new Set(rest.map(({ value }) => value['__change_type']))).toEqual(new Set(['R']));
    }
  });

  test('go to the partition that is asked for', async () => {
    await using run = await openRun();
    await using producer = await run.connected();
    const target = await addOrders(producer);
    send(producer, target, createTruncateRow(schema), RowType.TRUNCATE, 2);
    for (let id = 1; id <= 5; id++) send(producer, target, order(id), RowType.REPLACE, 2);
    const commit = await producer.commit();
    expect(commit?.topics[run.topic('ORDERS')]).toEqual({ 2: { minOffset: 0, maxOffset: 5 } });
    expect(new Set((await readTopic(run.topic('ORDERS'), 6)).map(({ partition }) => partition))).toEqual(new Set([2]));
  });

  test.each([3, -1, 0.5, Number.NaN])('for the partition %p, which is not there, are refused', async (partition) => {
    await using run = await openRun();
    await using producer = await run.connected();
    const target = await addOrders(producer);
    expect(() => {
      send(producer, target, order(1), RowType.UPSERT, partition);
    }).toThrow(/has 3 partitions/);
    await expect(producer.commit()).rejects.toMatchObject({ code: 'PARTITION_UNKNOWN' });
  });

  test('of one key stay in one partition and in order', async () => {
    await using run = await openRun();
    await using producer = await run.connected();
    const target = await addOrders(producer);
    for (let version = 0; version < 20; version++) {
      for (let id = 1; id <= 5; id++) send(producer, target, { ...order(id), CUSTOMER: String(version).padStart(2, '0') });
      await producer.ready();
    }
    await producer.commit();
    const messages = await readTopic(run.topic('ORDERS'), 100);
    for (let id = 1; id <= 5; id++) {
      const mine = messages.filter(({ value }) => value['ID'] === id);
      expect(new Set(mine.map(({ partition }) => partition)).size).toBe(1);
      const versions = mine.map(({ value }) => value['CUSTOMER']);
      expect(versions).toEqual([...versions].sort());
      expect(versions).toHaveLength(20);
    }
  });

  test('land where a Java client would put their keys', async () => {
    await using run = await openRun();
    await using producer = await run.connected();
    const target = await addOrders(producer);
    for (let id = 1; id <= 50; id++) send(producer, target, order(id));
    await producer.commit();
    for (const { partition, key } of await readTopic(run.topic('ORDERS'), 50)) {
      const bytes = Buffer.alloc(6);
      bytes.writeUInt32BE(target.keySchemaId, 1);
      const id = (key['ID'] as number) << 1; // zigzag; below 64 one byte
      bytes[5] = id;
      expect(
        (murmur2(id < 128 ? bytes : Buffer.concat([bytes.subarray(0, 5), Buffer.from([(id & 127) | 128, id >> 7])])) & 0x7fffffff) % 3,
      ).toBe(partition);
    }
  });
});

describeWithKafka('a transaction', () => {
  test('makes several targets visible at once and its record says exactly where', async () => {
    await using run = await openRun();
    await using producer = await run.connected();
    const orders = await addOrders(producer);
    const items = await addOrders(producer, 'ITEMS');
    for (let id = 1; id <= 40; id++) send(producer, orders, order(id));
    send(producer, items, order(7), RowType.INSERT);
    const commit = await producer.commit();
    expect(commit).toMatchObject({ rows: 41, tables: { ORDERS: 40, ITEMS: 1 } });

    const messages = await readTopic(run.topic('ORDERS'), 40);
    const expected: Record<string, object> = {};
    for (const partition of [0, 1, 2]) {
      const offsets = messages.filter((message) => message.partition === partition).map(({ offset }) => offset);
      expected[partition] = { min_offset: Math.min(...offsets), max_offset: Math.max(...offsets), partition };
    }
    const item = (await readTopic(run.topic('ITEMS'), 1))[0]!;
    const records = await readTopic(run.commitTopic, 1);
    expect(records).toHaveLength(1);
    expect(records[0]).toMatchObject({
      key: { commit_id: run.context.id, producer_name: 'TEST_Reader' },
      value: {
        __change_type: 'I',
        __source_transaction: run.context.id,
        commit_id: run.context.id,
        producer_name: 'TEST_Reader',
        record_count: 41,
        rollback: false,
        topics: {
          [run.topic('ORDERS')]: { topic_name: run.topic('ORDERS'), schema_names: ['SHOP.ORDERS'], offsets: expected },
          [run.topic('ITEMS')]: {
            topic_name: run.topic('ITEMS'),
            schema_names: ['SHOP.ORDERS'],
            offsets: { [item.partition]: { min_offset: 0, max_offset: 0, partition: item.partition } },
          },
        },
      },
    });
  });

  test('that follows another counts on from its offsets', async () => {
    await using run = await openRun({ settings: { TOPIC_PARTITIONS: '1' } });
    await using producer = await run.connected();
    const target = await addOrders(producer);
    for (let id = 1; id <= 10; id++) send(producer, target, order(id));
    const first = await producer.commit();
    expect(first?.topics[target.topic]).toEqual({ 0: { minOffset: 0, maxOffset: 9 } });
    expect(await readTopic(target.topic, 10)).toHaveLength(10);
    send(producer, target, order(11));
    const second = await producer.commit();
    // Offset 10 is the marker of the first commit.
    expect(second).toMatchObject({
      commitId: `${run.context.id}-2`,
      rows: 1,
      topics: { [target.topic]: { 0: { minOffset: 11, maxOffset: 11 } } },
    });
    const last = (await readTopic(target.topic, 11)).at(-1);
    expect(last).toMatchObject({ offset: 11, value: { __source_transaction: `${run.context.id}-2` } });
    expect(producer.commits).toEqual([first, second]);
  });

  test('without rows leaves no trace', async () => {
    await using run = await openRun();
    {
      await using producer = await run.connected();
      await addOrders(producer);
      expect(await producer.commit()).toBeUndefined();
    }
    await using next = await run.connected();
    send(next, await addOrders(next), order(1));
    const commit = await next.commit();
    expect(await next.commit()).toBe(commit);
    expect((await readTopic(run.commitTopic, 1)).map(({ offset }) => offset)).toEqual([0]);
  });

  test('that is aborted leaves nothing visible, and the producer goes on', async () => {
    await using run = await openRun();
    await using producer = await run.connected();
    const target = await addOrders(producer);
    for (let id = 1; id <= 20; id++) send(producer, target, order(id));
    await producer.ready();
    await producer.abort();
    send(producer, target, order(99));
    await producer.commit();
    expect(await visible(run, 'ORDERS', 1)).toEqual([99]);
    expect(await readTopic(run.commitTopic, 1)).toMatchObject([{ value: { record_count: 1 } }]);
  });

  test('that is not committed ends with its producer', async () => {
    await using run = await openRun();
    {
      await using producer = await run.connected();
      const target = await addOrders(producer);
      send(producer, target, order(1));
      await producer.ready();
    }
    await using next = await run.connected();
    send(next, await addOrders(next), order(2));
    await next.commit();
    expect(await visible(run, 'ORDERS', 1)).toEqual([2]);
  });

  test('with a value that does not fit its type cannot be committed', async () => {
    await using run = await openRun();
    await using producer = await run.connected();
    const target = await addOrders(producer);
    send(producer, target, order(1));
    await producer.ready();
    expect(() => {
      send(producer, target, { ...order(2), AMOUNT: '123456789.12' });
    }).toThrow(expect.objectContaining({ code: 'VALUE_INVALID' }) as Error);
    await expect(producer.commit()).rejects.toMatchObject({ code: 'VALUE_INVALID' });
    await producer.abort();
    send(producer, target, order(3));
    await producer.commit();
    expect(await visible(run, 'ORDERS', 1)).toEqual([3]);
  });

  test('of a producer that another one of the same flow displaced cannot be committed', async () => {
    await using run = await openRun();
    await using first = await run.connected();
    const target = await addOrders(first);
    send(first, target, order(1));
    await first.ready();
    await using second = await run.connected();
    send(second, await addOrders(second), order(2));
    await second.commit();
    send(first, target, order(3));
    await expect(first.commit()).rejects.toMatchObject({ code: 'PRODUCER_FENCED' });
    expect(await visible(run, 'ORDERS', 1)).toEqual([2]);
  });

  test('stops when the run is told to stop', async () => {
    const stop = new AbortController();
    await using run = await openRun({ signal: stop.signal });
    await using producer = await run.connected();
    const target = await addOrders(producer);
    send(producer, target, order(1));
    await producer.ready();
    stop.abort(new Error('the lease was lost'));
    await expect(producer.commit()).rejects.toThrow('the lease was lost');
  });

  test('takes no row while it is being committed', async () => {
    await using run = await openRun();
    await using producer = await run.connected();
    const target = await addOrders(producer);
    send(producer, target, order(1));
    const committing = producer.commit();
    await new Promise((resolve) => setImmediate(resolve));
    expect(() => {
      send(producer, target, order(2));
    }).toThrow(/await it first/);
    expect(await committing).toMatchObject({ rows: 1 });
    send(producer, target, order(3));
    expect(await producer.commit()).toMatchObject({ rows: 1 });
    expect(await visible(run, 'ORDERS', 2)).toEqual([1, 3]);
  });

  test('whose topic another producer writes to at the same time lies within the offsets of its record', async () => {
    await using run = await openRun({ settings: { TOPIC_PARTITIONS: '1' } });
    await using other = await openRun();
    await using producer = await run.connected();
    await using stranger = await other.connected();
    const target = await addOrders(producer);
    const foreign = await stranger.addTarget('ORDERS', 'ORDERS', keySchema, schema, { topic: target.topic });
    send(stranger, foreign, order(100));
    await stranger.ready();
    send(producer, target, order(1));
    await producer.ready();
    send(stranger, foreign, order(101));
    await stranger.commit();
    send(producer, target, order(2));
    const commit = await producer.commit();
    const messages = await readTopic(target.topic, 4);
    const mine = messages.filter(({ value }) => value['__source_transaction'] === run.context.id).map(({ offset }) => offset);
    expect(mine).toHaveLength(2);
    const { minOffset, maxOffset } = commit!.topics[target.topic]![0]!;
    expect(minOffset).toBeLessThanOrEqual(Math.min(...mine));
    expect(maxOffset).toBeGreaterThanOrEqual(Math.max(...mine));
  });

  test('takes rows faster than the broker does, without losing or repeating one', async () => {
    await using run = await openRun({ secret: { 'queue.buffering.max.messages': 50 } });
    await using producer = await run.connected();
    const target = await addOrders(producer);
    for (let id = 1; id <= 5000; id++) send(producer, target, order(id));
    await producer.commit();
    expect(await visible(run, 'ORDERS', 5000)).toEqual(Array.from({ length: 5000 }, (_, index) => index + 1));
  });
});

describeWithKafka('a producer', () => {
  test('says what it needs first', async () => {
    await using run = await openRun();
    const producer = run.producer();
    await expect(addOrders(producer)).rejects.toMatchObject({ code: 'PRODUCER_STATE' });
    await expect(producer.commit()).rejects.toMatchObject({ code: 'PRODUCER_STATE' });
    await producer.abort();
    await producer[Symbol.asyncDispose]();
    await using connected = await run.connected();
    await expect(connected.connect(run.context)).rejects.toMatchObject({ code: 'PRODUCER_STATE' });
    await addOrders(connected);
    await expect(addOrders(connected)).rejects.toMatchObject({ code: 'PRODUCER_STATE' });
  });

  test('notes the topics and schemas it made, once', async () => {
    await using run = await openRun();
    {
      await using producer = await run.connected();
      await addOrders(producer);
    }
    expect(run.notes.filter(({ kind }) => kind === 'TOPIC_CREATED')).toHaveLength(2);
    expect(run.notes.filter(({ kind }) => kind === 'SCHEMA_REGISTERED').length).toBeGreaterThanOrEqual(2);
    run.notes.length = 0;
    await using again = await run.connected();
    await addOrders(again);
    expect(run.notes).toEqual([]);
  });
});

/** Kafka's hash of keys (org.apache.kafka.common.utils.Utils.murmur2). */
function murmur2(data: Buffer): number {
  const m = 0x5bd1e995;
  let h = (0x9747b28c ^ data.length) | 0;
  const words = data.length >> 2;
  for (let i = 0; i < words; i++) {
    let k = data.readInt32LE(i * 4);
    k = Math.imul(k, m);
    k ^= k >>> 24;
    k = Math.imul(k, m);
    h = Math.imul(h, m) ^ k;
  }
  const rest = words * 4;
  if (data.length - rest > 2) h ^= data[rest + 2]! << 16;
  if (data.length - rest > 1) h ^= data[rest + 1]! << 8;
  if (data.length - rest > 0) h = Math.imul(h ^ data[rest]!, m);
  h ^= h >>> 13;
  h = Math.imul(h, m);
  return (h ^ (h >>> 15)) | 0;
}
