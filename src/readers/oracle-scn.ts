import { checkPointerForm, type DeltaStrategy, everything, keyOf, publishAll, publishUpserts } from '../lib/index';
import type { OracleReader } from './oracle-reader';

export interface ScnOptions {
  /** DuckDB SQL condition on the loaded table for rows that count as deleted, e.g. `STATUS = 'X'`: they are published as DELETE. */
  readonly deletedWhen?: string;
}

/**
 * Deltas by Oracle's system change number: `ORA_ROWSCN` of a row is the SCN at which its last change was committed, or a later one where a block shares it
 * (tables without ROWDEPENDENCIES), so a row may come twice, and none is missed. The condition goes into a SELECT from one base table: views and joins do not
 * have the column. Rows that are deleted leave no trace.
 *
 * The pointer is the SCN taken before the snapshot that the run reads, no later than the start of any transaction still open.
 *
 * @example
 * protected override readonly strategy = scn();
 *
 * protected override async load(reader: OracleReader, { condition, binds }: Selection) {
 *   await reader.load('RESULT', `select * from LIMSPRD.RESULT where ${condition}`, 'RESULT', 'LABWARE', { binds });
 *   return { table: 'RESULT', schema: reader.tableSchema };
 * }
 */
export function scn({ deletedWhen }: ScnOptions = {}): DeltaStrategy<OracleReader> {
  const name = 'scn';
  return {
    name,
    ...(deletedWhen !== undefined && { deletedWhen }),
    async initialLoad(task) {
      const position = await task.reader.position();
      await publishAll(task, await task.load(everything('initial')), deletedWhen);
      return position;
    },
    async deltaLoad(task, pointer) {
      checkPointerForm(pointer, /^\d{1,38}$/, 'the digits of an SCN', name, task.run);
      const position = await task.reader.position();
      const loaded = await task.load({ load: 'delta', condition: 'ORA_ROWSCN > TO_NUMBER(:since)', binds: { since: pointer } });
      keyOf(loaded, name);
      await publishUpserts(task, loaded, deletedWhen);
      return position;
    },
  };
}
