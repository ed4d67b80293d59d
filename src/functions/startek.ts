import { app } from '@azure/functions';
import { dataFlow, KafkaProducer, KafkaSecretSettings, registerTimer } from '../lib';
import { RestConnectionSettings } from '../readers/rest-connection-settings';
import { StarTekReader } from '../readers/startek-reader';
import { StarTekRunner } from '../runners/startek-runner';

/** The attributes of StarTek's nodes, read from its REST service. */
const startek = dataFlow({
  name: 'STARTEK_Reader',
  route: 'STARTEK/run',
  schedule: 'STARTEK_SCHEDULE',
  reader: (logger) => new StarTekReader(new RestConnectionSettings('StarTek-Source'), logger),
  producer: (logger) => new KafkaProducer({ sourceSystem: 'STARTEK', zone: 'RAW', settings: new KafkaSecretSettings() }, logger),
  runner: (logger) => new StarTekRunner(logger),
});

app.http(startek.name, {
  route: startek.route,
  methods: ['PUT', 'POST', 'GET', 'PATCH'],
  authLevel: 'function',
  handler: startek.http,
});
registerTimer(startek);
