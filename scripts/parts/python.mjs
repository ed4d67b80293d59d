// A virtual environment with the libraries that judge our schemas and messages independently.
import path from 'node:path';
import process from 'node:process';
import { definePart, execute } from './part.mjs';

export const { inspect, install } = definePart({
  name: 'python',
  title: 'the Python environment (rtdi_kafkaavro, fastavro, confluent_kafka, duckdb, deltalake)',
  files: ['python/requirements.txt'],
  tools: ['python3'],
  async build({ folder, here }) {
    await execute('python3', ['-m', 'venv', folder]);
    await execute(interpreter(folder), [
      '-m',
      'pip',
      'install',
      '--quiet',
      '--no-input',
      '-r',
      path.join(here, 'python', 'requirements.txt'),
    ]);
  },
});

/** The interpreter of the environment. */
export function interpreter(folder) {
  return process.platform === 'win32' ? path.join(folder, 'Scripts', 'python.exe') : path.join(folder, 'bin', 'python');
}
