import { app } from '@azure/functions';
import { dataFlow, KafkaProducer, KafkaSecretSettings, registerTimer } from '../lib';
import { OracleConnectionSettings } from '../readers/oracle-connection-settings';
import { OracleReader } from '../readers/oracle-reader';
import { LabwareResultsRunner } from '../runners/labware-results-runner';

/** The results of the laboratory system: all of them once, afterwards those that changed. */
const results = dataFlow({
  name: 'LABWARE_Results_Reader',
  route: 'LABWARE/results/run',
  schedule: 'LABWARE_RESULTS_SCHEDULE',
  reader: (logger) => new OracleReader(new OracleConnectionSettings('Labware-Source'), logger),
  producer: (logger) => new KafkaProducer({ sourceSystem: 'LABWARE', zone: 'RAW', settings: new KafkaSecretSettings() }, logger),
  runner: (logger) => new LabwareResultsRunner(logger),
});

app.http(results.name, {
  route: results.route,
  methods: ['PUT', 'POST', 'GET', 'PATCH'],
  authLevel: 'function',
  handler: results.http,
});
registerTimer(results);
