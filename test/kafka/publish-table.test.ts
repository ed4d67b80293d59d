import { createKeyRow, createTruncateRow, KeySchema, RowType, AvroInt, AvroString, ValueSchema } from '../../src/lib/schema';
import { uniqueName } from '../support/kafka-cluster';
import { describeWithKafka } from '../support/parts';
import { openRun } from './open-run';
import { fillOrders, ordersSchema } from './orders';
import { readTopic } from './read-topic';
import { createTestTopic } from './test-admin';

const schema = ordersSchema();
const keySchema = new KeySchema(schema);
const numbers = (count: number): number[] => Array.from({ length: count }, (_, index) => index + 1);
const sorted = (messages: readonly { value: Record<string, unknown> }[]): unknown[] =>
  messages.map(({ value }) => value['ID'] as number).sort((a, b) => a - b);

describeWithKafka('replacing a table', () => {
  test('sends TRUNCATE to each partition and then every row once', async () => {
    await using run = await openRun();
    await fillOrders(run.workspace, 3000);
    await using producer = await run.connected();
    expect(await producer.replaceTable('ORDERS', schema)).toBe(3000);
    const commit = await producer.commit();
    expect(commit).toMatchObject({ rows: 3000, messages: 3003, tables: { ORDERS: 3000 } });
    const messages = await readTopic(run.topic('ORDERS'), 3003);
    for (const partition of [0, 1, 2]) {
      const types = messages.filter((message) => message.partition === partition).map(({ value }) => value['__change_type']);
      expect(types[0]).toBe('T');
      expect(types.indexOf('T', 1)).toBe(-1);
      const offsets = messages.filter((message) => message.partition === partition).map(({ offset }) => offset);
      expect(commit?.topics[run.topic('ORDERS')]?.[partition]).toEqual({ minOffset: offsets[0], maxOffset: offsets.at(-1) });
    }
    const rows = messages.filter(({ value }) => value['__change_type'] === 'R');
    expect(sorted(rows)).toEqual(numbers(3000));
    expect(rows.find(({ value }) => value['ID'] === 7)).toMatchObject({
      key: { ID: 7 },
      value: {
        CUSTOMER: 'customer 6',
        AMOUNT: Buffer.from([0, 150]),
        __change_time: run.context.startedAt.getTime(),
        __source_transaction: run.context.id,
        __source_system: 'SHOP',
      },
    });
  });

  test('can replace some of its rows only', async () => {
    await using run = await openRun({ settings: { TOPIC_PARTITIONS: '1' } });
    await fillOrders(run.workspace, 2);
    await using producer = await run.connected();
    await producer.replaceTable('ORDERS', schema, { filter: { CUSTOMER: 'x' } });
    await producer.commit();
    const [first] = await readTopic(run.topic('ORDERS'), 3);
    expect(first?.value['__truncate']).toEqual({ CUSTOMER: 'x' });
  });

  test('in one partition keeps everything there', async () => {
    await using run = await openRun();
    await fillOrders(run.workspace, 100);
    await using producer = await run.connected();
    await producer.replaceTable('ORDERS', schema, { partition: 0 });
    const commit = await producer.commit();
    expect(commit?.topics[run.topic('ORDERS')]).toEqual({ 0: { minOffset: 0, maxOffset: 100 } });
  });

  test('by an empty one is an error unless it is allowed', async () => {
    await using run = await openRun();
    await fillOrders(run.workspace, 0);
    await using producer = await run.connected();
    await expect(producer.replaceTable('ORDERS', schema)).rejects.toMatchObject({ code: 'EMPTY_TABLE' });
    await expect(producer.commit()).rejects.toMatchObject({ code: 'EMPTY_TABLE' });
    await producer.abort();
    expect(await producer.replaceTable('ORDERS', schema, { name: 'EMPTY', allowEmpty: true })).toBe(0);
    expect(await producer.commit()).toMatchObject({ rows: 0, messages: 3 });
    expect((await readTopic(run.topic('EMPTY'), 3)).map(({ value }) => value['__change_type'])).toEqual(['T', 'T', 'T']);
  });

  test('works with a table whose queue is full most of the time', async () => {
    await using run = await openRun({ secret: { 'queue.buffering.max.messages': 100 } });
    await fillOrders(run.workspace, 20_000);
    await using producer = await run.connected();
    await producer.replaceTable('ORDERS', schema);
    await producer.commit();
    const messages = await readTopic(run.topic('ORDERS'), 20_003);
    expect(sorted(messages.filter(({ value }) => value['__change_type'] === 'R'))).toEqual(numbers(20_000));
  });
});

describeWithKafka('publishing tables', () => {
  test('makes several visible in one commit, one after the other in one topic if wanted', async () => {
    await using run = await openRun({ settings: { TOPIC_PARTITIONS: '1' } });
    await fillOrders(run.workspace, 10);
    await fillOrders(run.workspace, 20, 'ITEMS');
    const topic = uniqueName('shared');
    await using producer = await run.connected({ subjects: 'TopicRecordNameStrategy' });
    await producer.replaceTable('ORDERS', schema, { topic });
    await producer.upsertTable('ITEMS', ordersSchema('ITEMS'), { topic });
    expect(await producer.commit()).toMatchObject({
      rows: 30,
      tables: { ORDERS: 10, ITEMS: 20 },
      topics: { [topic]: { 0: { minOffset: 0, maxOffset: 30 } } },
    });
    const types = (await readTopic(topic, 31)).map(({ value }) => value['__change_type']);
    expect(types).toEqual(['T', ...Array<string>(10).fill('R'), ...Array<string>(20).fill('A')]);
    const [record] = await readTopic(run.commitTopic, 1);
    expect(record?.value['topics']).toMatchObject({ [topic]: { schema_names: ['SHOP.ORDERS', 'SHOP.ITEMS'] } });
  });

  test('of the same name and another content, page by page, keeps one transaction', async () => {
    await using run = await openRun();
    await using producer = await run.connected();
    const target = await producer.addTarget('ORDERS', 'ORDERS', keySchema, schema);
    const truncateRow = createTruncateRow(schema);
    producer.produceRow(target, createKeyRow(truncateRow, keySchema), truncateRow, RowType.TRUNCATE);
    for (const page of [1, 2]) {
      await fillOrders(run.workspace, page * 10);
      await producer.produceFromDuckdb('ORDERS', target, RowType.REPLACE);
    }
    expect(await producer.commit()).toMatchObject({ rows: 30, messages: 33 });
  });

  test.each([
    ['KEY_NOT_UNIQUE', `INSERT INTO ORDERS VALUES (3, 'again', 1)`],
    ['KEY_NULL', `INSERT INTO ORDERS VALUES (NULL, 'no key', 1)`],
    ['VALUE_INVALID', `ALTER TABLE ORDERS ALTER "AMOUNT" TYPE DECIMAL(18,4); INSERT INTO ORDERS VALUES (900, 'too exact', 1.2345)`],
    ['TABLE_UNKNOWN', 'DROP TABLE ORDERS'],
  ])('with a %s leaves nothing visible', async (code, sql) => {
    await using run = await openRun();
    await fillOrders(run.workspace, 800);
    await run.workspace.run(sql);
    await using producer = await run.connected();
    await expect(producer.replaceTable('ORDERS', schema)).rejects.toMatchObject({ code });
    await expect(producer.commit()).rejects.toMatchObject({ code });
    await producer.abort();
    await fillOrders(run.workspace, 1, 'GOOD');
    await producer.upsertTable('GOOD', schema, { topic: run.topic('ORDERS') });
    await producer.commit();
    expect(sorted(await readTopic(run.topic('ORDERS'), 1))).toEqual([1]);
  });

  test('may repeat keys in a table of changes', async () => {
    await using run = await openRun();
    await fillOrders(run.workspace, 3);
    await run.workspace.run(`INSERT INTO ORDERS VALUES (3, 'later', 1)`);
    await using producer = await run.connected();
    await producer.upsertTable('ORDERS', schema, { uniqueKeys: false });
    await producer.commit();
    const versions = (await readTopic(run.topic('ORDERS'), 4))
      .filter(({ value }) => value['ID'] === 3)
      .map(({ value }) => value['CUSTOMER']);
    expect(versions).toEqual(['customer 2', 'later']);
  });

  test('without a primary key spreads their rows', async () => {
    await using run = await openRun();
    await fillOrders(run.workspace, 300);
    const keyless = new ValueSchema('LOG', 'SHOP').addField('ID', new AvroInt(), undefined, false).addField('CUSTOMER', new AvroString());
    await using producer = await run.connected();
    await producer.replaceTable('ORDERS', keyless, { name: 'LOG' });
    await producer.commit();
    const rows = (await readTopic(run.topic('LOG'), 303)).filter(({ value }) => value['__change_type'] === 'R');
    expect(sorted(rows)).toEqual(numbers(300));
    expect(new Set(rows.map(({ partition }) => partition)).size).toBe(3);
  });

  test('with a row that the topic does not take leaves nothing visible', async () => {
    await using run = await openRun();
    const topic = uniqueName('narrow');
    await createTestTopic(topic, 1, { 'max.message.bytes': '20000' });
    await fillOrders(run.workspace, 5000);
    // Not compressible, or it would fit.
    await run.workspace.run(
      `UPDATE ORDERS SET "CUSTOMER" = (SELECT string_agg(md5(i::VARCHAR), '') FROM range(1500) t(i)) WHERE "ID" = 2500`,
    );
    await using producer = await run.connected();
    await expect(
      (async () => {
        await producer.replaceTable('ORDERS', schema, { topic });
        await producer.commit();
      })(),
    ).rejects.toMatchObject({ code: 'MESSAGE_TOO_LARGE', details: { table: 'ORDERS', topic } });
    await using next = await run.connected();
    await fillOrders(run.workspace, 1, 'GOOD');
    await next.upsertTable('GOOD', schema, { topic });
    await next.commit();
    expect(sorted(await readTopic(topic, 1))).toEqual([1]);
  });

  test('at the same time is the same as one after the other', async () => {
    await using run = await openRun();
    const tables = ['A', 'B', 'C'];
    for (const table of tables) await fillOrders(run.workspace, 500, table);
    await using producer = await run.connected();
    await Promise.all(tables.map((table) => producer.replaceTable(table, ordersSchema(table))));
    expect(await producer.commit()).toMatchObject({ rows: 1500, messages: 1509, tables: { A: 500, B: 500, C: 500 } });
    for (const table of tables) {
      const messages = await readTopic(run.topic(table), 503);
      expect(sorted(messages.filter(({ value }) => value['__change_type'] === 'R'))).toEqual(numbers(500));
    }
  });

  test('that fail together with one of them leave nothing visible', async () => {
    await using run = await openRun();
    await fillOrders(run.workspace, 100);
    await fillOrders(run.workspace, 0, 'EMPTY');
    await using producer = await run.connected();
    const all = await Promise.allSettled([producer.replaceTable('EMPTY', schema), producer.replaceTable('ORDERS', schema)]);
    expect(all).toMatchObject([{ reason: { code: 'EMPTY_TABLE' } }, { reason: { code: 'EMPTY_TABLE' } }]);
    await producer.abort();
    expect(await producer.commit()).toBeUndefined();
  });

  test('does not go on when its producer is disposed', async () => {
    await using run = await openRun();
    await fillOrders(run.workspace, 200_000);
    const producer = await run.connected();
    const sending = producer.replaceTable('ORDERS', schema);
    const outcome = expect(sending).rejects.toMatchObject({ code: 'PRODUCER_STATE' });
    await producer[Symbol.asyncDispose]();
    await outcome;
  });

  test('stops when the run is told to stop', async () => {
    const stop = new AbortController();
    await using run = await openRun({ signal: stop.signal, secret: { 'queue.buffering.max.messages': 100 } });
    await fillOrders(run.workspace, 50_000);
    await using producer = await run.connected();
    const target = await producer.addTarget('ORDERS', 'ORDERS', keySchema, schema);
    const sending = producer.produceFromDuckdb('ORDERS', target, RowType.UPSERT);
    stop.abort(new Error('the host shuts down'));
    await expect(sending).rejects.toThrow('the host shuts down');
  });
});
