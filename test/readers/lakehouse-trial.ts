import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LocalDeltaTableOptions } from '../../local/lakehouse/local-delta-table';
import type { TokenSource } from '../../src/lib';
import { LakehouseConnectionSettings } from '../../src/readers/lakehouse-connection-settings';
import { LakehouseReader } from '../../src/readers/lakehouse-reader';
import { testRun, type TestRun } from './test-run';

/** A small table with a key and partitions. */
export const stock: LocalDeltaTableOptions = {
  name: 'STOCK',
  description: 'What is in stock',
  columns: [
    { name: 'plant', type: 'string', nullable: false, comment: 'Where it is' },
    { name: 'item', type: 'long', nullable: false },
    { name: 'amount', type: 'decimal(10,3)', comment: 'In kilograms' },
    { name: 'counted', type: 'timestamp' },
  ],
  key: ['plant', 'item'],
  partitionBy: ['plant'],
};

/** A folder that is removed at the end. */
export async function temporaryFolder(): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await mkdtemp(join(tmpdir(), 'tablecast-lake-'));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

/** A run with a connected reader. */
export interface LakehouseTrial extends TestRun {
  readonly reader: LakehouseReader;
}

/** @param secret content of the secret `Lake` */
export async function openLakehouse(secret: Readonly<Record<string, unknown>>, tokens?: TokenSource): Promise<LakehouseTrial> {
  const run = await testRun({ Lake: secret });
  const reader = new LakehouseReader(new LakehouseConnectionSettings('Lake'), run.logger, tokens && { tokens });
  await reader.connect(run.context);
  return { ...run, reader, [Symbol.asyncDispose]: () => run[Symbol.asyncDispose]() };
}
