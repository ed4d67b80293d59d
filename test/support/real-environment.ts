import { once } from 'node:events';
import { SHARE_ENV, Worker } from 'node:worker_threads';

/** Sets an environment variable of the process itself, as native libraries see it: `process.env` of a jest test is a copy. */
export async function setRealEnvironment(name: string, value: string): Promise<void> {
  const program = `process.env[${JSON.stringify(name)}] = ${JSON.stringify(value)};`;
  await once(new Worker(program, { eval: true, env: SHARE_ENV }), 'exit');
}
