import { LineageRecorder } from '../../src/lib/lineage/lineage-recorder';
import { fromDuckdbType, KeySchema, RowType, ValueSchema } from '../../src/lib/schema';
import { kafkaCluster } from '../support/kafka-cluster';
import { describeWithKafka, describeWithKafkaAndPython } from '../support/parts';
import { runPython } from '../support/python';
import { openRun, type TestRun, type TestRunOptions } from './open-run';
import { fillOrders, ordersSchema } from './orders';
import { readTopic } from './read-topic';

const connection = 'https://shop.example.com';
const topicSetting = { LINEAGE_TOPIC: '{environment}.impact_lineage' };

/** A run in which ORDERS was loaded from a service. */
async function loaded(options: TestRunOptions = {}): Promise<TestRun> {
  const run = await openRun({ ...options, settings: { ...topicSetting, ...options.settings } });
  await fillOrders(run.workspace, 5);
  run.context.lineage.loadedFrom('ORDERS', { connection, name: 'orders', columns: ['ID', 'CUSTOMER', 'AMOUNT'] });
  return run;
}

const keyAndValue = (): [KeySchema, ValueSchema] => [new KeySchema(ordersSchema()), ordersSchema()];
const topicOf = (run: TestRun): string => `${run.environment}.impact_lineage`;
const notesOf = (run: TestRun, kind: string): string[] => run.notes.filter((note) => note.kind === kind).map(({ text }) => text);

describeWithKafka('the lineage document of a run', () => {
  test('is committed with its rows, beside them in the commit record, and only when it changed', async () => {
    await using run = await loaded();
    await using producer = await run.connected();
    await producer.replaceTable('ORDERS', ordersSchema());
    const commit = await producer.commit();
    expect(Object.keys(commit?.topics ?? {})).toEqual([run.topic('ORDERS')]);
    expect(commit?.messages).toBe(8);
    await producer.produceFromDuckdb('ORDERS', await producer.addTarget('AGAIN', 'ORDERS', ...keyAndValue()), RowType.UPSERT);
    const messages = await readTopic(topicOf(run), 1);
    expect(messages).toHaveLength(1);
    expect(messages[0]).toMatchObject({
      key: { producer_name: 'TEST_Reader', dataflow_name: 'ORDERS' },
      value: { producer_name: 'TEST_Reader', dataflow_name: 'ORDERS', __change_type: 'A', __source_transaction: run.context.id },
    });
    expect(notesOf(run, 'LINEAGE')).toEqual([`${run.topic('ORDERS')}: 3 columns from 1 source tables, 0 unresolved`]);

    // A second commit of the run brings a second target: the document changed.
    await producer.commit();
    expect(await readTopic(topicOf(run), 2)).toHaveLength(2);
    const toSave = run.context.lineage.toSave;
    expect(toSave).toContain('AGAIN');

    // The next run publishes the same.
    const lineage = new LineageRecorder({ producerName: 'TEST_Reader', dataflowName: 'ORDERS', published: toSave, keepsOthers: true });
    lineage.loadedFrom('ORDERS', { connection, name: 'orders', columns: ['ID', 'CUSTOMER', 'AMOUNT'] });
    await producer[Symbol.asyncDispose]();
    await using next = run.producer();
    await next.connect({ ...run.context, lineage });
    await next.upsertTable('ORDERS', ordersSchema());
    await next.commit();
    expect(await readTopic(topicOf(run), 2)).toHaveLength(2);
    expect(lineage.toSave).toBeUndefined();
  });

  test('is not there when the run is aborted', async () => {
    await using run = await loaded();
    await using producer = await run.connected();
    await producer.replaceTable('ORDERS', ordersSchema());
    await producer.abort();
    expect(run.context.lineage.toSave).toBeUndefined();
    await producer.commit();
    expect(notesOf(run, 'TOPIC_CREATED').join()).not.toContain('impact_lineage');
  });

  test('does not keep the rows back when its topic is not there and may not be made, or none is wanted', async () => {
    await using run = await loaded();
    {
      await using producer = await run.connected();
      await producer.addTarget('ORDERS', 'ORDERS', ...keyAndValue());
    }
    for (const [settings, notes] of [
      [{ ...run.context.settings, TOPIC_CREATION: 'forbidden' }, [`TOPIC_MISSING: The topic ${topicOf(run)} does not exist`]],
      [{ ...run.context.settings, LINEAGE_TOPIC: 'off' }, []],
    ] as const) {
      run.notes.splice(0);
      await using producer = run.producer();
      await producer.connect({ ...run.context, settings });
      expect(await producer.upsertTable('ORDERS', ordersSchema())).toBe(5);
      expect((await producer.commit())?.rows).toBe(5);
      expect(notesOf(run, 'LINEAGE_NOT_PUBLISHED')).toEqual(notes.map((note) => expect.stringContaining(note.split(':')[0]!) as string));
      expect(run.context.lineage.toSave).toBeUndefined();
    }
  });

  test('stops the run before a row is sent when the flow requires it and it has gaps', async () => {
    await using run = await openRun({ settings: topicSetting, lineage: { required: true } });
    await fillOrders(run.workspace, 5);
    await using producer = await run.connected();
    await expect(producer.upsertTable('ORDERS', ordersSchema())).rejects.toMatchObject({ code: 'LINEAGE_UNRESOLVED' });
    await expect(producer.commit()).rejects.toMatchObject({ code: 'LINEAGE_UNRESOLVED' });
  });
});

describeWithKafkaAndPython('a lineage document', () => {
  test('decodes with the data platform’s own schema, and its classes hold all of it', async () => {
    await using run = await loaded();
    const sql = "select CUSTOMER, sum(AMOUNT) as TOTAL, 'x' as MARK from ORDERS where ID > 1 group by CUSTOMER";
    await run.workspace.run(`CREATE TABLE TOTALS AS ${sql}`);
    run.context.lineage.step('TOTALS', { sql, columns: ['CUSTOMER', 'TOTAL', 'MARK'] });
    await using producer = await run.connected();
    const schema = new ValueSchema('TOTALS', 'SHOP');
    for (const { name, type } of await run.workspace.columns('TOTALS')) schema.addField(name, fromDuckdbType(type, name));
    await producer.replaceTable('TOTALS', schema);
    await producer.commit();

    const { bootstrap, registry } = await kafkaCluster();
    const options = { bootstrap, registry, topic: topicOf(run), 'at-least': '1' };
    const args = Object.entries(options).flatMap(([name, value]) => [`--${name}`, value]);
    const documents = JSON.parse(await runPython('impact_lineage.py', ...args)) as unknown[];
    const target = `kafka://${bootstrap}`;
    const orders = `orders_${connection}`;
    const column = (name: string, formula: string, description: string, sources: readonly string[]) => ({
      column_name: name,
      mapping_formula: formula,
      mapping_description: description,
      column_sources: sources.length === 0 ? {} : { [orders]: sources.map((source) => ({ source_column_name: source })) },
    });
    expect(documents).toEqual([
      {
        key: { producer_name: 'TEST_Reader', dataflow_name: 'ORDERS' },
        changeType: 'A',
        document: {
          producer_name: 'TEST_Reader',
          dataflow_name: 'ORDERS',
          target_tables: {
            [`${run.topic('TOTALS')}_${target}`]: {
              target_table_name: run.topic('TOTALS'),
              target_connection: target,
              source_tables: {
                [orders]: {
                  source_table_name: 'orders',
                  source_connection: connection,
                  mapping_formula: '= orders',
                  mapping_description: 'FILTER: ID\nGROUP_BY: CUSTOMER',
                },
              },
              target_columns: {
                CUSTOMER: column('CUSTOMER', '= orders.CUSTOMER', '1:1', ['CUSTOMER']),
                MARK: column('MARK', "'x'", 'constant mapping', []),
                TOTAL: column('TOTAL', 'SUM(AMOUNT)', 'aggregation', ['AMOUNT']),
              },
            },
          },
        },
      },
    ]);
  });
});
