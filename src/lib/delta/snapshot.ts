import { quoteIdentifier, quoteLiteral } from '../duckdb/quote';
import { TablecastError } from '../errors';
import { type Comparison, compareTables, hashesOf } from './compare-tables';
import type { DeltaStrategy, DeltaTask, LoadedTable } from './delta-strategy';
import { KEPT_NAME, keepFile, keptColumn, loadFile, removeOutdated, writeFile } from './kept-file';
import { checkPointerForm } from './pointer-form';
import { CHANGE_TYPE, keyOf, publishAll, publishChanges } from './publish';
import { loadPublished } from './published-state';
import { KEY_HASH, ROW_HASH } from './row-hash';
import { everything } from './selection';

export interface SnapshotOptions {
  /** Whether each UPDATE row comes with a BEFORE row, the row as it was published last. Default false. */
  readonly before?: boolean;
  /** How rows that are gone are published: as they were published last (DELETE), or with nothing but their key (EXTERMINATE). Default DELETE. */
  readonly deletes?: 'DELETE' | 'EXTERMINATE';
  /** Columns whose changes do not count, e.g. `['LAST_SEEN']`: the published row keeps their old values until something else of it changes. */
  readonly ignore?: readonly string[];
  /** Share of the published rows that one run may delete, e.g. 0.05; a run that would delete more stops. 1 allows everything. Default 0.2. */
  readonly maxVanishing?: number;
}

/**
 * Reads everything, compares it with what was published last, and publishes the differences as INSERT, UPDATE and DELETE rows. Sees every change that is still
 * there at the time of the run, deletes too; needs nothing of the source but a key.
 *
 * What was published is kept as a Parquet file (SNAPSHOT_STORAGE): a hash of the key, a hash of the row, and the columns that later messages need: all of them,
 * or with EXTERMINATE and without BEFORE those of the key and of backfills. The pointer is the name of the file.
 *
 * @example
 * protected override readonly strategy = snapshot({ ignore: ['LAST_SEEN'], maxVanishing: 0.05 });
 */
export function snapshot(options: SnapshotOptions = {}): DeltaStrategy {
  const name = 'snapshot';
  const { before: beforeImages = false, deletes = 'DELETE', ignore = [], maxVanishing = 0.2 } = options;
  const keepsRows = beforeImages || deletes === 'DELETE';

  /** Writes the new state; the ignored columns of the rows that did not change are as they were published. */
  async function writeState(
    { run, backfillBy }: DeltaTask,
    { table }: LoadedTable,
    key: readonly string[],
    published?: string,
  ): Promise<string> {
    const { workspace } = run;
    const columns = (await workspace.columns(table)).filter((column) => column.name !== CHANGE_TYPE);
    const hashes = hashesOf(table, columns, key, ignore);
    const old = published === undefined ? [] : (await workspace.columns(published)).map((column) => column.name);
    const kept = columns.filter((column) => keepsRows || key.includes(column.name) || backfillBy.includes(column.name));
    const list = kept.map((column) => {
      const quoted = quoteIdentifier(column.name);
      const now = `source.${quoted}`;
      const asPublished = ignore.includes(column.name) && old.includes(column.name);
      const value = asPublished ? `CASE WHEN old.${KEY_HASH} IS NULL THEN ${now} ELSE TRY_CAST(old.${quoted} AS ${column.type}) END` : now;
      return keptColumn(column, value);
    });
    const join =
      published === undefined || ignore.length === 0
        ? ''
        : `LEFT JOIN ${quoteIdentifier(published)} AS old ON old.${KEY_HASH} = ${hashes.key} AND old.${ROW_HASH} = ${hashes.row}`;
    const sql = `SELECT ${hashes.key} AS ${KEY_HASH}, ${hashes.row} AS ${ROW_HASH}, ${list.join(', ')} FROM ${quoteIdentifier(table)} AS source ${join}`;
    return writeFile(run, `${table}__state`, sql);
  }

  async function compare(task: DeltaTask, { table, schema }: LoadedTable, key: readonly string[], published: string): Promise<Comparison> {
    const { workspace } = task.run;
    // A state from before the options or the columns of the flow were changed may have no images to give.
    const old = new Set((await workspace.columns(published)).map((column) => column.name));
    const hasRows =
      schema.tableFields.every((field) => key.includes(field.name)) ||
      schema.tableFields.some((field) => old.has(field.name) && !key.includes(field.name) && !task.backfillBy.includes(field.name));
    return compareTables(workspace, {
      before: published,
      after: table,
      afterHashes: `${table}__state`,
      result: `${table}__changes`,
      key,
      schema,
      ignore,
      deletes: hasRows ? deletes : 'EXTERMINATE',
      beforeImages: beforeImages && hasRows,
    });
  }

  return {
    name,
    async initialLoad(task) {
      const { run } = task;
      await removeOutdated(run, currentState(run.pointer));
      const loaded = await task.load(everything('initial'));
      const key = keyOf(loaded, name);
      // Before anything is sent: the transaction is to be short.
      const file = await run.journal.time('check', () => writeState(task, loaded, key));
      await publishAll(task, loaded);
      await keepFile(run, file);
      return run.id;
    },

    async deltaLoad(task, pointer) {
      const { run, producer } = task;
      checkPointerForm(pointer, KEPT_NAME, 'the id of a commit', name, run);
      const published = `published__${pointer}`;
      await loadPublished(run, published, pointer, await removeOutdated(run, pointer));
      const loaded = await task.load(everything('delta'));
      const { table } = loaded;
      const key = keyOf(loaded, name);
      const { file, changes } = await run.journal.time('check', async () => {
        await run.workspace.checkKey(table, key);
        const file = await writeState(task, loaded, key, published);
        return { file, changes: await compare(task, loaded, key, published) };
      });
      checkVanished(table, changes, maxVanishing);
      const { inserted, updated, deleted, unchanged } = changes;
      run.journal.note('CHANGES', `${table}: ${inserted} inserted, ${updated} updated, ${deleted} deleted, ${unchanged} unchanged`);
      if (inserted + updated + deleted === 0) return;
      await publishChanges(producer, `${table}__changes`, loaded);
      await keepFile(run, file);
      return run.id;
    },

    /** Consumers then have other rows than the state says: the backfill's, and none of those that it replaced. */
    async backfilled(task, loaded, filter) {
      const { run } = task;
      const pointer = currentState(run.pointer);
      if (pointer === undefined) return;
      const key = keyOf(loaded, name);
      const published = `published__${pointer}`;
      await loadFile(run, published, pointer);
      const columns = new Set((await run.workspace.columns(published)).map((column) => column.name));
      const replaced = Object.entries(filter)
        .filter(([column]) => columns.has(column))
        .map(([column, value]) => `CAST(${quoteIdentifier(column)} AS VARCHAR) = ${quoteLiteral(value)}`);
      await writeState(task, loaded, key);
      const touched = `SELECT * FROM ${quoteIdentifier(`${loaded.table}__state`)}
        UNION ALL BY NAME SELECT * FROM ${quoteIdentifier(published)} WHERE ${replaced.join(' AND ') || 'true'}
          AND ${KEY_HASH} NOT IN (SELECT ${KEY_HASH} FROM ${quoteIdentifier(`${loaded.table}__state`)})`;
      await keepFile(run, await writeFile(run, `${loaded.table}__touched`, touched), 'backfill');
    },
  };
}

/** The state that a pointer names; none when the pointer is of another strategy, which an initial load may find. */
function currentState(pointer: string | undefined): string | undefined {
  return pointer !== undefined && KEPT_NAME.test(pointer) ? pointer : undefined;
}

/**
 * Stops a run that would delete more rows than a source usually loses between two runs: it is more likely that the source shows only a part of itself.
 * @param allowed share of the rows that were there before
 * @throws TablecastError TOO_MANY_VANISHED
 */
export function checkVanished(table: string, { updated, deleted, unchanged }: Comparison, allowed: number): void {
  const before = updated + deleted + unchanged;
  if (deleted <= allowed * before) return;
  throw new TablecastError('TOO_MANY_VANISHED', {
    table,
    vanished: deleted,
    before,
    share: percent(deleted / before),
    allowed: percent(allowed),
  });
}

function percent(share: number): string {
  return `${Math.round(share * 1000) / 10} %`;
}
