import { execFileSync } from 'node:child_process';
import os from 'node:os';

/** The machine and the versions that the figures are of. */
export function describeMachine(): string {
  const cpus = os.cpus();
  const model = cpus[0]?.model.replaceAll(/\s+/g, ' ').trim() ?? 'unknown processor';
  const memory = (os.totalmem() / 2 ** 30).toFixed(0);
  return `${model}, ${cpus.length} cores, ${memory} GB, ${os.type()} ${os.release()} (${os.arch()}), Node ${process.versions.node}, ${javaVersion()}`;
}

function javaVersion(): string {
  try {
    return execFileSync('java', ['--version'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).split('\n', 1)[0] ?? 'Java';
  } catch {
    return 'no Java';
  }
}
