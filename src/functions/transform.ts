import { app } from '@azure/functions';
import { CombinedReader, dataFlow, KafkaProducer, KafkaSecretSettings, registerTimer } from '../lib';
import { LakehouseConnectionSettings } from '../readers/lakehouse-connection-settings';
import { LakehouseReader } from '../readers/lakehouse-reader';
import { OracleConnectionSettings } from '../readers/oracle-connection-settings';
import { OracleReader } from '../readers/oracle-reader';
import { RestConnectionSettings } from '../readers/rest-connection-settings';
import { StarTekReader } from '../readers/startek-reader';
import { TransformRunner } from '../runners/transform-runner';

/** The laboratory's results of each day with place and weather, from three sources. */
const transform = dataFlow({
  name: 'TRANSFORM_Reader',
  route: 'TRANSFORM/run',
  schedule: 'TRANSFORM_SCHEDULE',
  reader: (logger) =>
    new CombinedReader({
      lims: new OracleReader(new OracleConnectionSettings('Labware-Source'), logger),
      startek: new StarTekReader(new RestConnectionSettings('StarTek-Source'), logger),
      lakehouse: new LakehouseReader(new LakehouseConnectionSettings('Lakehouse-Source'), logger),
    }),
  producer: (logger) => new KafkaProducer({ sourceSystem: 'LABWARE', zone: 'APPLICATION', settings: new KafkaSecretSettings() }, logger),
  runner: (logger) => new TransformRunner(logger),
});

app.http(transform.name, {
  route: transform.route,
  methods: ['PUT', 'POST', 'GET', 'PATCH'],
  authLevel: 'function',
  handler: transform.http,
});
registerTimer(transform);
