// Apache Kafka itself, from Maven Central.
import path from 'node:path';
import { definePart, execute } from './part.mjs';

export const { inspect, install } = definePart({
  name: 'kafka',
  title: 'Apache Kafka 4.1.0',
  files: ['kafka/pom.xml'],
  tools: ['java', 'mvn'],
  async build({ folder, here }) {
    await execute('mvn', [
      '-q',
      '-B',
      '-f',
      path.join(here, 'kafka', 'pom.xml'),
      'dependency:copy-dependencies',
      '-DincludeScope=runtime',
      `-DoutputDirectory=${path.join(folder, 'lib')}`,
    ]);
  },
});
