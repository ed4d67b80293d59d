import { app } from '@azure/functions';
import { dataFlow, FullLoadRunner, KafkaProducer, KafkaSecretSettings, type AvroType } from '../../src/lib';
import { OracleConnectionSettings } from '../../src/readers/oracle-connection-settings';
import { OracleReader } from '../../src/readers/oracle-reader';

/** What the trial flow reads next: tests replace it by what goes wrong. */
export interface Trial {
  sql: string;
  declare: Readonly<Record<string, AvroType>>;
}

export const goodTrial: Trial = { sql: 'select PRODUCT_ID as ID, NAME, UNIT_PRICE from LIMSPRD.PRODUCT', declare: {} };
export const trial: Trial = { ...goodTrial };

class TrialRunner extends FullLoadRunner<OracleReader> {
  override async initialLoad(producer: KafkaProducer, reader: OracleReader): Promise<string> {
    const since = await reader.position();
    await reader.load('TRIAL', trial.sql, 'TRIAL', 'LABWARE', { declare: trial.declare });
    await producer.replaceTable('TRIAL', reader.tableSchema.setPks(['ID']));
    return since;
  }
}

/** A flow like those of the app, on a SELECT that a test chooses. */
const flow = dataFlow({
  name: 'TRIAL_Reader',
  route: 'TRIAL/run',
  schedule: 'TRIAL_SCHEDULE',
  reader: (logger) => new OracleReader(new OracleConnectionSettings('Labware-Source'), logger),
  producer: (logger) =>
    new KafkaProducer({ sourceSystem: 'TRIAL', zone: 'RAW', settings: new KafkaSecretSettings(), connectTimeoutSeconds: 2 }, logger),
  runner: (logger) => new TrialRunner(logger),
});

app.http(flow.name, { route: flow.route, methods: ['PUT', 'POST', 'GET', 'PATCH'], authLevel: 'function', handler: flow.http });
