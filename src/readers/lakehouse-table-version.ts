import {
  checkPointerForm,
  compareTables,
  everything,
  keyOf,
  publishAll,
  publishChanges,
  quoteIdentifier,
  RowType,
  TablecastError,
  TECHNICAL_FIELDS,
  type CompareOptions,
  type DeltaStrategy,
  type LoadedTable,
  type Workspace,
} from '../lib/index';
import { doubtfulVersions, notePublished } from './lakehouse-published-versions';
import type { DeltaPosition, LakehouseReader, LoadedVersion } from './lakehouse-reader';

export type TableVersionOptions = Pick<CompareOptions, 'ignore' | 'deletes'> & {
  /** Whether each UPDATE row comes with a BEFORE row, the row as it was. Default false. */
  readonly before?: boolean;
};

/** Pointers are `<version>:<identity of the table>`; the identity is missing where the table's log does not tell it. */
const POINTER = /^(\d{1,15})(?::([\w-]+))?$/;

/**
 * Changes of a Delta table, by its versions: a delta load compares the version of the pointer with the newest one, by key, and publishes INSERT, UPDATE and
 * DELETE rows. The rows as they were come from Delta Lake, as long as it has not cleaned them up. docs/deltas/table-version.md tells more.
 *
 * @example
 * class WeatherRunner extends DeltaRunner<LakehouseReader> {
 *   protected override readonly strategy = tableVersion();
 *   protected override async load(reader: LakehouseReader) {
 *     await reader.load('WEATHER', 'WEATHER', 'WEATHER', 'LAKEHOUSE', { key: ['location', 'date'] });
 *     return { table: 'WEATHER', schema: reader.tableSchema };
 *   }
 * }
 */
export function tableVersion({ before: beforeImages = false, ...options }: TableVersionOptions = {}): DeltaStrategy<LakehouseReader> {
  const name = 'tableVersion';

  /** Makes the table of the changes between the rows as they were and as they are. @returns what it found, for the report */
  async function compare(workspace: Workspace, loaded: LoadedTable, earlier: readonly string[], result: string): Promise<string> {
    const key = keyOf(loaded, name);
    const { table: after, schema } = loaded;
    await workspace.checkKey(after, key);
    if (earlier.length === 1) {
      const counts = await compareTables(workspace, { ...options, before: earlier[0]!, after, result, key, schema, beforeImages });
      return `${counts.inserted} inserted, ${counts.updated} updated, ${counts.deleted} deleted, ${counts.unchanged} unchanged`;
    }
    // It is not known which of these consumers have; what differs from any of them is published, so that it does not matter.
    const parts: string[] = [];
    for (const before of earlier) {
      const part = `${before}__changes`;
      await compareTables(workspace, { ...options, before, after, result: part, key, schema });
      parts.push(`SELECT * FROM ${quoteIdentifier(part)}`);
    }
    await workspace.run(`CREATE OR REPLACE TABLE ${quoteIdentifier(result)} AS ${onePerKey(parts, key)}`);
    return `${await workspace.rowCount(result)} rows upserted or deleted, as earlier runs or backfills may have brought some of the changes`;
  }

  return {
    name,
    async initialLoad(task) {
      const { run } = task;
      await doubtfulVersions(run, positionOf(run.pointer));
      const loaded = await task.load(everything('initial'));
      const read = versionOf(task.reader, loaded);
      await publishAll(task, loaded);
      await notePublished(run, read);
      return pointerOf(read);
    },

    async deltaLoad(task, pointer) {
      const { producer, reader, run } = task;
      checkPointerForm(pointer, POINTER, 'a version of a Delta table', name, run);
      const position = positionOf(pointer)!;
      reader.compareWith(position, await doubtfulVersions(run, position));
      const loaded = await task.load(everything('delta'));
      const read = versionOf(reader, loaded);
      if (read.version === position.version) return;
      const result = `${loaded.table}__changes`;
      const counts = await run.journal.time('check', () => compare(run.workspace, loaded, read.earlier, result));
      run.journal.note('CHANGES', `${loaded.table}: ${counts}`);
      if ((await run.workspace.rowCount(result)) > 0) {
        await publishChanges(producer, result, loaded);
        await notePublished(run, read);
      }
      return pointerOf(read);
    },

    async backfilled({ reader, run }, loaded) {
      const position = positionOf(run.pointer);
      const read = versionOf(reader, loaded);
      if (position !== undefined && read.version > position.version) await notePublished(run, read);
    },
  };
}

/** The changes of several tables of changes: each key once, deletes first. Whether a row is there by now is the same in all of them. */
function onePerKey(parts: readonly string[], key: readonly string[]): string {
  const type = quoteIdentifier(TECHNICAL_FIELDS.CHANGE_TYPE);
  const arrived = `${type} IN ('${RowType.INSERT}', '${RowType.UPDATE}')`;
  return `SELECT * REPLACE (CASE WHEN ${arrived} THEN '${RowType.UPSERT}' ELSE ${type} END AS ${type})
    FROM (${parts.join(' UNION ALL BY NAME ')})
    QUALIFY row_number() OVER (PARTITION BY ${key.map((column) => quoteIdentifier(column)).join(', ')}) = 1
    ORDER BY ${arrived}`;
}

/** @throws TablecastError LAKEHOUSE_CHANGES_UNKNOWN */
function versionOf(reader: LakehouseReader, { table }: LoadedTable): LoadedVersion {
  const loaded = reader.loaded(table);
  if (!loaded) throw new TablecastError('LAKEHOUSE_CHANGES_UNKNOWN', { table, reason: 'load of the reader did not make this table' });
  return loaded;
}

function pointerOf({ version, id }: DeltaPosition): string {
  return id === undefined ? String(version) : `${version}:${id}`;
}

/** Undefined for a pointer of another strategy, which an initial load may find. */
function positionOf(pointer: string | undefined): DeltaPosition | undefined {
  const [, version, id] = POINTER.exec(pointer ?? '') ?? [];
  return version === undefined ? undefined : { version: Number(version), id };
}
