import { readFileSync } from 'node:fs';
import path from 'node:path';
import {
  AvroDate,
  AvroDecimal,
  AvroVarchar,
  CombinedReader,
  KafkaProducer,
  KafkaSecretSettings,
  SourceAdapter,
  ValueSchema,
  type Row,
} from '../../src/lib';
import type { LakehouseReader } from '../../src/readers/lakehouse-reader';
import { OracleConnectionSettings } from '../../src/readers/oracle-connection-settings';
import { OracleReader } from '../../src/readers/oracle-reader';
import { RestConnectionSettings } from '../../src/readers/rest-connection-settings';
import { StarTekReader } from '../../src/readers/startek-reader';
import { TransformRunner, type TransformReader } from '../../src/runners/transform-runner';
import { startKafkaBroker } from '../../local/broker/kafka-broker';
import { readTopic, type TopicMessage } from '../../local/consumer/read-topic';
import { limsUsers, startLimsServer } from '../../local/oracle/lims';
import { startSchemaRegistry } from '../../local/registry/schema-registry-server';
import { startRestSource } from '../../local/rest/rest-source';
import { testRun, type TestRun } from '../readers/test-run';

/** The weather that the lakehouse has, from the file it is made of: here the other sources and the steps are tried. */
class WeatherFile extends SourceAdapter {
  async load(table: string): Promise<void> {
    const schema = new ValueSchema('WEATHER', 'LAKEHOUSE')
      .addField('location', new AvroVarchar(20), 'City', false)
      .addField('date', new AvroDate(), 'Day', false)
      .addField('precipitation', new AvroDecimal(5, 1))
      .addField('temp_max', new AvroDecimal(4, 1))
      .setPks(['location', 'date']);
    await this.prepareLoad(table, schema);
    const [, ...lines] = readFileSync(path.resolve(__dirname, '../../node_modules/vega-datasets/data/weather.csv'), 'utf8')
      .trim()
      .split('\n');
    const rows = lines.map((line): Row => {
      const [location, date, precipitation, temperature] = line.split(',');
      return { location, date, precipitation, temp_max: temperature };
    });
    await this.insertRows(table, rows);
  }
}

async function load(run: TestRun, pointer?: string): Promise<string> {
  const { context, logger } = run;
  await using reader: TransformReader = new CombinedReader({
    lims: new OracleReader(new OracleConnectionSettings('Labware-Source'), logger),
    startek: new StarTekReader(new RestConnectionSettings('StarTek-Source'), logger),
    lakehouse: new WeatherFile(logger) as unknown as LakehouseReader,
  });
  await using producer = new KafkaProducer({ sourceSystem: 'LABWARE', zone: 'APPLICATION', settings: new KafkaSecretSettings() }, logger);
  await reader.connect(context);
  await producer.connect(context);
  const runner = new TransformRunner(logger);
  const next =
    pointer === undefined
      ? await runner.initialLoad(producer, reader, context)
      : await runner.deltaLoad(producer, reader, pointer, { ...context, pointer });
  await producer.commit();
  return next ?? pointer ?? '';
}

test('days of the laboratory are joined with place and weather, checked, and followed when they change', async () => {
  await using oracle = await startLimsServer({ samples: 50, vega: false });
  await using startek = await startRestSource();
  await using broker = await startKafkaBroker();
  await using registry = await startSchemaRegistry();
  const { name: user, password } = limsUsers.reader;
  const secrets = {
    'Labware-Source': { user, password, connectString: oracle.connectString },
    'StarTek-Source': startek.credentials,
    Kafka: { 'bootstrap.servers': broker.bootstrap, 'schema.registry.url': registry.url },
  };
  const published = async (): Promise<TopicMessage[]> => {
    const messages: TopicMessage[] = [];
    await readTopic(
      { bootstrap: broker.bootstrap, registry: registry.url, topic: 'dev.APPLICATION.LABWARE.LAB_DAILY', atLeast: 2 },
      (message) => messages.push(message),
    );
    return messages;
  };

  await using first = await testRun(secrets);
  const pointer = await load(first);
  const rows = (await published()).filter(({ value }) => value['__change_type'] === 'R').map(({ value }) => value);
  const day = rows.find((row) => row['PLAN_NAME'] === 'STABILITY' && row['ANALYSIS'] === 'IRON' && row['SAMPLED_ON'] === '2024-01-02');
  expect(day).toMatchObject({ RESULTS: 8n, UNITS: 'mg/l', NODE: 'JFK', CITY: 'New York', LATITUDE: 40.63975111 });
  expect(day?.['USUAL_TEMPERATURE']).toBeCloseTo(4.875, 3);
  expect(new Set(rows.map((row) => [row['PLAN_NAME'], row['ANALYSIS'], row['SAMPLED_ON']].join()))).toHaveProperty('size', rows.length);
  expect(first.notes.filter((note) => note.startsWith('AUDIT')).slice(0, 2)).toEqual([
    `AUDIT LAB_DAILY: 0 of ${rows.length} rows are FAIL by NOT_NEGATIVE`,
    `AUDIT LAB_DAILY: 0 of ${rows.length} rows are FAIL by PH_RANGE`,
  ]);
  const warned = rows.filter((row) => Number(row['RESULTS']) < 3);
  expect(warned.length).toBeGreaterThan(0);
  for (const row of warned) expect(row['__audit']).toMatchObject({ __transformresult: 'WARN' });

  startek.rows.upsert({ Name: 'JFK', AttributeType: 'city', AttributeValue: 'Nowhere' });
  await using second = await testRun(secrets);
  const context = { ...second.context, id: '01J0000000000000000000NEXT', snapshots: first.context.snapshots };
  await load({ ...second, context }, pointer);
  const changes = (await published()).filter(({ value }) => value['__source_transaction'] === context.id);
  expect(new Set(changes.map(({ value }) => value['__change_type']))).toEqual(new Set(['U']));
  expect(changes).toHaveLength(rows.filter((row) => row['NODE'] === 'JFK').length);
  expect(changes[0]?.value['__audit']).toMatchObject({ __transformresult: 'WARN' });
});
