import { randomUUID } from 'node:crypto';
import path from 'node:path';
import type { RunContext } from '../context';
import { quoteIdentifier, quoteLiteral } from '../duckdb/quote';
import type { WorkspaceColumn } from '../duckdb/workspace';
import { TablecastError } from '../errors';

/** What names a kept file: the id of the commit that it belongs to, a ULID. */
export const KEPT_NAME = /^[0-9A-Z]{26}$/;

/** Ends the name of a file about a backfill, whose commit moves no pointer. */
const BACKFILL = '-backfill';

/** Types that Parquet keeps exactly; others are kept as text, and cast back when they are needed. */
const EXACT_IN_PARQUET =
  /^(BOOLEAN|U?(TINYINT|SMALLINT|INTEGER|BIGINT)|FLOAT|DOUBLE|DECIMAL\(.*\)|VARCHAR|BLOB|UUID|DATE|TIME|TIMESTAMP|TIMESTAMP_NS|TIMESTAMP WITH TIME ZONE)$/;

/** A column as it is written to a kept file, as SQL. */
export function keptColumn({ name, type }: WorkspaceColumn, expression: string): string {
  return `${EXACT_IN_PARQUET.test(type) ? expression : `CAST(${expression} AS VARCHAR)`} AS ${quoteIdentifier(name)}`;
}

/** Files of runs that may have been committed although the pointer does not know: it could not be saved, or they were backfills. */
export interface Doubtful {
  /** Names of files with all that the run knew, oldest first. */
  readonly whole: readonly string[];
  /** Names of files about backfills, oldest first. */
  readonly backfills: readonly string[];
}

/**
 * Removes the files that no run will ask for any more: those older than the one that the pointer names; without a pointer all.
 * @returns the names of those that are younger
 */
export async function removeOutdated({ snapshots, journal }: RunContext, current: string | undefined): Promise<Doubtful> {
  return journal.time('save', async () => {
    const names = (await snapshots.names()).sort();
    // The ids begin with the time of the run.
    const outdated = names.filter((name) => current === undefined || name < current);
    for (const name of outdated) await snapshots.remove(name);
    const younger = names.filter((name) => name !== current && !outdated.includes(name));
    return { whole: younger.filter((name) => !name.endsWith(BACKFILL)), backfills: younger.filter((name) => name.endsWith(BACKFILL)) };
  });
}

/** Writes the result of a query into a local Parquet file, which is gone with the workspace, and makes it readable as a view. */
export async function writeFile({ workspace }: RunContext, view: string, sql: string): Promise<string> {
  const file = path.join(workspace.folder, `${randomUUID()}.parquet`);
  await workspace.run(`COPY (${sql}) TO ${quoteLiteral(file)} (FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1)`);
  await workspace.run(viewOf(view, file));
  return file;
}

/** Keeps a file under the id of this run's commit. To be done before the commit: what is kept may be published or not, but nothing published is forgotten. */
export async function keepFile({ journal, snapshots, id }: RunContext, file: string, of: 'load' | 'backfill' = 'load'): Promise<void> {
  await journal.time('save', () => snapshots.save(of === 'backfill' ? `${id}${BACKFILL}` : id, file));
}

/**
 * Brings a kept file and makes it readable as a view.
 * @throws TablecastError SNAPSHOT_MISSING, SNAPSHOT_UNREADABLE, SNAPSHOT_UNREACHABLE, SNAPSHOT_FORBIDDEN
 */
export async function loadFile({ journal, snapshots, workspace }: RunContext, view: string, name: string): Promise<void> {
  const file = path.join(workspace.folder, `${name}.parquet`);
  await journal.time('read', () => snapshots.load(name, file));
  try {
    await workspace.run(viewOf(view, file));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new TablecastError('SNAPSHOT_UNREADABLE', { name, place: snapshots.place, reason }, { cause: error });
  }
}

function viewOf(view: string, file: string): string {
  return `CREATE OR REPLACE VIEW ${quoteIdentifier(view)} AS SELECT * FROM read_parquet(${quoteLiteral(file)})`;
}
