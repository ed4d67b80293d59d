import { app } from '@azure/functions';
import { dataFlow, KafkaProducer, KafkaSecretSettings, registerTimer } from '../lib';
import { LakehouseConnectionSettings } from '../readers/lakehouse-connection-settings';
import { LakehouseReader } from '../readers/lakehouse-reader';
import { LakehouseRunner } from '../runners/lakehouse-runner';

/** A table of the lakehouse: all of it once, afterwards what changed between two of its versions. */
const lakehouse = dataFlow({
  name: 'LAKEHOUSE_Reader',
  route: 'LAKEHOUSE/run',
  schedule: 'LAKEHOUSE_SCHEDULE',
  reader: (logger) => new LakehouseReader(new LakehouseConnectionSettings('Lakehouse-Source'), logger),
  producer: (logger) => new KafkaProducer({ sourceSystem: 'LAKEHOUSE', zone: 'RAW', settings: new KafkaSecretSettings() }, logger),
  runner: (logger) => new LakehouseRunner(logger),
});

app.http(lakehouse.name, {
  route: lakehouse.route,
  methods: ['PUT', 'POST', 'GET', 'PATCH'],
  authLevel: 'function',
  handler: lakehouse.http,
});
registerTimer(lakehouse);
