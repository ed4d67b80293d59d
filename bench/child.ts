import { spawn, type ChildProcess } from 'node:child_process';

/** Runs a program to its end. @returns the last line that it printed, as JSON @throws Error with the end of what it wrote to stderr */
export function runToEnd<T>(command: string, args: readonly string[]): Promise<T> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    const [printed, complained] = [collect(child, 'stdout'), collect(child, 'stderr')];
    child.on('error', reject);
    child.on('close', (status) => {
      const last = printed().trim().split('\n').at(-1) ?? '';
      if (status === 0) resolve(JSON.parse(last) as T);
      else reject(new Error(`${command} ${args.slice(0, 2).join(' ')} ended with ${status}:\n${complained().slice(-3000)}`));
    });
  });
}

/** A program that runs in the background; its first line, as JSON, says that it is ready. */
export interface Background<T> extends AsyncDisposable {
  readonly said: T;
}

export async function runInBackground<T>(command: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Background<T>> {
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'], env: { ...process.env, ...env } });
  const ended = new Promise<void>((resolve) => {
    child.on('close', () => {
      resolve();
    });
  });
  const [printed, complained] = [collect(child, 'stdout'), collect(child, 'stderr')];
  const said = await new Promise<T>((resolve, reject) => {
    child.on('error', reject);
    child.stdout.on('data', () => {
      const [line, more] = printed().split('\n');
      if (line !== undefined && more !== undefined) resolve(JSON.parse(line) as T);
    });
    void ended.then(() => {
      reject(new Error(`${args.join(' ')} ended before it was ready:\n${complained().slice(-3000)}`));
    });
  });
  return {
    said,
    async [Symbol.asyncDispose]() {
      child.kill('SIGTERM');
      await ended;
    },
  };
}

function collect(child: ChildProcess, stream: 'stdout' | 'stderr'): () => string {
  let text = '';
  child[stream]?.setEncoding('utf8').on('data', (data: string) => {
    text += data;
  });
  return () => text;
}
