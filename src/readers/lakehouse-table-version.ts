import {
  checkPointerForm,
  compareTables,
  everything,
  keyOf,
  publishAll,
  publishChanges,
  TablecastError,
  type CompareOptions,
  type DeltaStrategy,
  type LoadedTable,
} from '../lib/index';
import type { DeltaPosition, LakehouseReader, LoadedVersion } from './lakehouse-reader';

export type TableVersionOptions = Pick<CompareOptions, 'ignore' | 'deletes'> & {
  /** Whether each UPDATE row comes with a BEFORE row, the row as it was. Default false. */
  readonly before?: boolean;
};

/** Pointers are `<version>:<identity of the table>`; the identity is missing where the table's log does not tell it. */
const POINTER = /^(\d{1,15})(?::([\w-]+))?$/;

/**
 * Changes of a Delta table, by its versions: a delta load compares the version of the pointer with the newest one, by key, and publishes INSERT, UPDATE and
 * DELETE rows. Nothing is kept between runs: Delta Lake has the old version, as long as it is not cleaned up. docs/deltas/table-version.md tells more.
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
  return {
    name,
    async initialLoad(task) {
      const loaded = await task.load(everything('initial'));
      const read = versionOf(task.reader, loaded);
      await publishAll(task, loaded);
      return pointerOf(read);
    },
    async deltaLoad(task, pointer) {
      const { producer, reader, run } = task;
      checkPointerForm(pointer, POINTER, 'a version of a Delta table', name, run);
      const position = positionOf(pointer);
      reader.compareWith(position);
      const loaded = await task.load(everything('delta'));
      const read = versionOf(reader, loaded);
      if (read.version === position.version) return;
      const key = keyOf(loaded, name);
      const { workspace } = run;
      await workspace.checkKey(loaded.table, key);
      const result = `${loaded.table}__changes`;
      const { schema } = loaded;
      const { inserted, updated, deleted, unchanged } = await compareTables(workspace, {
        ...options,
        before: read.before!,
        after: loaded.table,
        result,
        key,
        schema,
        beforeImages,
      });
      run.journal.note('CHANGES', `${loaded.table}: ${inserted} inserted, ${updated} updated, ${deleted} deleted, ${unchanged} unchanged`);
      if (inserted + updated + deleted > 0) await publishChanges(producer, result, loaded);
      return pointerOf(read);
    },
  };
}

/** @throws TablecastError LAKEHOUSE_CHANGES_UNKNOWN */
function versionOf(reader: LakehouseReader, { table }: LoadedTable): LoadedVersion {
  const loaded = reader.loaded(table);
  if (!loaded) throw new TablecastError('LAKEHOUSE_CHANGES_UNKNOWN', { table, reason: 'load of the reader did not make this table' });
  return loaded;
}

function pointerOf({ version, id }: LoadedVersion): string {
  return id === undefined ? String(version) : `${version}:${id}`;
}

function positionOf(pointer: string): DeltaPosition {
  const [, version, id] = POINTER.exec(pointer) ?? [];
  return { version: Number(version), id };
}
