import { KafkaProducer, KafkaSecretSettings } from '../../src/lib';
import { startKafkaBroker } from '../../local/broker/kafka-broker';
import { readTable } from '../../local/consumer/table-image';
import { startSchemaRegistry } from '../../local/registry/schema-registry-server';
import { transformRun } from './transform-run';

test('several targets of one run are committed together, each with its own schema and key', async () => {
  await using broker = await startKafkaBroker();
  await using registry = await startSchemaRegistry();
  await using run = await transformRun({ Kafka: { 'bootstrap.servers': broker.bootstrap, 'schema.registry.url': registry.url } });
  const { steps, context } = run;
  await steps.view('PLACED', 'select p.*, s.NAME as SITE_NAME from PLAN p left join SITE s on s.ID = p.SITE');
  await steps.table('PLAN_WITH_SITE', 'select ID, NAME, SITE_NAME from PLACED');
  await steps.table(
    'PRICES',
    'select CURRENCY, count(*) as PLANS, sum(PRICE) as PRICE from PLACED where CURRENCY is not null group by CURRENCY',
  );
  await using producer = new KafkaProducer({ sourceSystem: 'LIMS', zone: 'APP', settings: new KafkaSecretSettings() }, run.logger);
  await producer.connect(context);
  await producer.replaceTable('PLAN_WITH_SITE', await steps.schemaOf('PLAN_WITH_SITE', 'PLAN_WITH_SITE', 'LIMS'));
  await producer.replaceTable('PRICES', await steps.schemaOf('PRICES', 'PRICES', 'LIMS'));
  const commit = await producer.commit();

  expect(commit?.tables).toEqual({ PLAN_WITH_SITE: 3, PRICES: 2 });
  const rowsOf = async (table: string) => {
    const topic = `${context.settings.ENVIRONMENT}.APP.LIMS.${table}`;
    return [...(await readTable({ bootstrap: broker.bootstrap, registry: registry.url, topic })).rows()];
  };
  expect((await rowsOf('PLAN_WITH_SITE')).map(({ ID, SITE_NAME }) => [ID, SITE_NAME]).sort()).toEqual([
    [1, 'Lyon'],
    [2, null],
    [3, null],
  ]);
  expect((await rowsOf('PRICES')).map(({ CURRENCY, PLANS, PRICE }) => [CURRENCY, PLANS, PRICE]).sort()).toEqual([
    ['EUR', 2n, '3.50'],
    ['USD', 1n, null],
  ]);
});
