import { app } from '@azure/functions';
import { dataFlow, KafkaProducer, KafkaSecretSettings, registerTimer } from '../lib';
import { OracleConnectionSettings } from '../readers/oracle-connection-settings';
import { OracleReader } from '../readers/oracle-reader';
import { LabwareRunner } from '../runners/labware-runner';

/** The sample plans of the laboratory system, published whole by every load. */
const labware = dataFlow({
  name: 'LABWARE_Reader',
  route: 'LABWARE/run',
  schedule: 'LABWARE_SCHEDULE',
  reader: (logger) => new OracleReader(new OracleConnectionSettings('Labware-Source'), logger),
  producer: (logger) => new KafkaProducer({ sourceSystem: 'LABWARE', zone: 'RAW', settings: new KafkaSecretSettings() }, logger),
  runner: (logger) => new LabwareRunner(logger),
});

app.http(labware.name, {
  route: labware.route,
  methods: ['PUT', 'POST', 'GET', 'PATCH'],
  authLevel: 'function',
  handler: labware.http,
});
registerTimer(labware);
