import { existsSync } from 'node:fs';
import path from 'node:path';
import { runToEnd } from './child';
import type { Measurement } from './measurement';
import { projectFolder } from './project';
import { sourceTable } from './source-table';

/** The Python program to compare with: what the environment variable TABLECAST_BASELINE names. */
export const baselineProgram = path.resolve(projectFolder, process.env['TABLECAST_BASELINE'] ?? '../shared/bench/baseline.py');
const interpreter = path.join(projectFolder, '.cache', 'parts', 'python', 'bin', 'python');

export interface BaselineOptions {
  readonly file: string;
  readonly rows: number;
  readonly topic: string;
  readonly bootstrap: string;
  readonly registry: string;
  /** Whether messages are sent, or only made. */
  readonly send: boolean;
}

/** Why the baseline cannot be measured; null when it can. */
export function baselineMissing(): string | null {
  if (!existsSync(baselineProgram)) return 'the baseline program is not there (TABLECAST_BASELINE names it)';
  return existsSync(interpreter) ? null : 'the Python environment is not installed';
}

/** Python doing the same: DuckDB's fetchmany, fastavro, confluent_kafka, one transaction. */
export async function runBaseline({ file, rows, topic, bootstrap, registry, send }: BaselineOptions): Promise<Measurement> {
  const options = { db: file, rows, table: sourceTable, topic, bootstrap, registry };
  const args = Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)]);
  const printed = await runToEnd<{ rows: number; total_s: number; cpu_s: number; rss_mb: number }>(interpreter, [
    baselineProgram,
    ...args,
    ...(send ? [] : ['--no-send']),
  ]);
  return { rows: printed.rows, seconds: printed.total_s, cpuSeconds: printed.cpu_s, peakMb: printed.rss_mb };
}
