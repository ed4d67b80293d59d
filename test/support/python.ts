import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { partPath } from './parts';

const run = promisify(execFile);

/**
 * Runs a program of test/python in the project's Python environment.
 * @returns what it printed
 * @throws Error with what it wrote to stderr when it fails
 */
export async function runPython(script: string, ...args: string[]): Promise<string> {
  const file = path.resolve(__dirname, '..', 'python', script);
  const { stdout } = await run(partPath('python'), [file, ...args], {
    maxBuffer: 1 << 28,
    env: { ...process.env, PYTHONDONTWRITEBYTECODE: '1' },
  });
  return stdout;
}
