import { app } from '@azure/functions';
import { dataFlow, FullLoadRunner, KafkaProducer, KafkaSecretSettings } from '../src/lib';
import { OracleConnectionSettings } from '../src/readers/oracle-connection-settings';
import { OracleReader } from '../src/readers/oracle-reader';

/** A flow of the demo's own, on public data: 20,000 flights of the year 2001, from the npm package vega-datasets. */
class FlightsRunner extends FullLoadRunner<OracleReader> {
  override async initialLoad(producer: KafkaProducer, reader: OracleReader): Promise<string> {
    const since = await reader.position();
    await reader.load('FLIGHT', 'select * from VEGA.FLIGHT', 'FLIGHT', 'VEGA');
    await producer.replaceTable('FLIGHT', reader.tableSchema);
    return since;
  }
}

const flights = dataFlow({
  name: 'VEGA_Reader',
  route: 'VEGA/run',
  schedule: 'VEGA_SCHEDULE',
  reader: (logger) => new OracleReader(new OracleConnectionSettings('Labware-Source'), logger),
  producer: (logger) => new KafkaProducer({ sourceSystem: 'VEGA', zone: 'RAW', settings: new KafkaSecretSettings() }, logger),
  runner: (logger) => new FlightsRunner(logger),
});

app.http(flights.name, { route: flights.route, methods: ['PUT', 'POST', 'GET', 'PATCH'], authLevel: 'function', handler: flights.http });
