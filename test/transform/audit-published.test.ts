import { KafkaProducer, KafkaSecretSettings } from '../../src/lib';
import { startKafkaBroker } from '../../local/broker/kafka-broker';
import { readTopic, type TopicMessage } from '../../local/consumer/read-topic';
import { startSchemaRegistry } from '../../local/registry/schema-registry-server';
import { transformRun } from './transform-run';

test('what the rules found arrives with the rows', async () => {
  await using broker = await startKafkaBroker();
  await using registry = await startSchemaRegistry();
  await using run = await transformRun({ Kafka: { 'bootstrap.servers': broker.bootstrap, 'schema.registry.url': registry.url } });
  const { steps, context } = run;
  await steps.table('TARGET', 'select p.ID, p.NAME, s.NAME as SITE_NAME from PLAN p left join SITE s on s.ID = p.SITE order by p.ID');
  await steps.audit('TARGET', [
    { name: 'NO_SITE', when: 'SITE_NAME is null', result: 'WARN', text: "'no site for ' || NAME", quality: 40 },
    { name: 'AIR', when: "NAME = 'air'", result: 'FAIL' },
  ]);
  await using producer = new KafkaProducer({ sourceSystem: 'LIMS', zone: 'APP', settings: new KafkaSecretSettings() }, run.logger);
  await producer.connect(context);
  await producer.replaceTable('TARGET', await steps.schemaOf('TARGET', 'TARGET', 'LIMS'));
  await producer.commit();

  const messages: TopicMessage[] = [];
  const topic = `${context.settings.ENVIRONMENT}.APP.LIMS.TARGET`;
  await readTopic({ bootstrap: broker.bootstrap, registry: registry.url, topic, atLeast: 4 }, (message) => messages.push(message));
  const found = messages
    .filter(({ value }) => value['__change_type'] === 'R')
    .map(({ value }) => [value['ID'], value['SITE_NAME'], value['__audit']]);
  const detail = (name: string, result: string, text: string | null, quality: number | null) => ({
    __transformationname: name,
    __transformresult: result,
    __transformresult_text: text,
    __transformresult_quality: quality,
  });
  expect(found.sort()).toEqual([
    [1, 'Lyon', { __transformresult: 'PASS', __details: null }],
    [2, null, { __transformresult: 'WARN', __details: [detail('NO_SITE', 'WARN', 'no site for steel', 40)] }],
    [
      3,
      null,
      { __transformresult: 'FAIL', __details: [detail('NO_SITE', 'WARN', 'no site for air', 40), detail('AIR', 'FAIL', null, null)] },
    ],
  ]);
  expect(messages.find(({ value }) => value['__change_type'] === 'T')?.value['__audit']).toBeNull();
});
