import { quoteIdentifier, quoteLiteral } from '../duckdb/quote';
import type { Workspace, WorkspaceColumn } from '../duckdb/workspace';
import { TablecastError } from '../errors';
import { RowType, type ValueSchema } from '../schema';
import { CHANGE_TYPE } from './publish';
import { KEY_HASH, ROW_HASH, rowHash } from './row-hash';
import { zeroLiteral } from './zero-literal';

export interface CompareOptions {
  /** Table or view with the rows as they were; with columns `__key_hash` and `__row_hash`, these count, and its other columns only serve as images. */
  readonly before: string;
  /** Table or view with the rows as they are. Check its key first. */
  readonly after: string;
  /** Table to make of the changes: the columns of `after`, and `__change_type`. One with this name is replaced. */
  readonly result: string;
  /** Columns that identify a row, in both tables. */
  readonly key: readonly string[];
  /** Tells which columns must not be null: where a row of a delete has no value for them, it gets the type's zero. */
  readonly schema: ValueSchema;
  /** Columns whose changes do not count. */
  readonly ignore?: readonly string[];
  /** How rows that are gone are published: as they were (DELETE), or with nothing but their key (EXTERMINATE). Default DELETE. */
  readonly deletes?: 'DELETE' | 'EXTERMINATE';
  /** Whether each UPDATE row comes with a BEFORE row, the row as it was. Default false. */
  readonly beforeImages?: boolean;
  /** Table or view with `__key_hash` and `__row_hash` of all rows of `after`, where they are computed already. */
  readonly afterHashes?: string;
}

/** Row hash, as SQL, of a row that consumers may have or not: it is published in any case, as UPSERT or as a delete. */
export const UNCERTAIN = `CAST('00000000-0000-0000-0000-000000000000' AS UUID)`;

/** Number of rows by what became of them. */
export interface Comparison {
  readonly inserted: number;
  readonly updated: number;
  readonly deleted: number;
  readonly unchanged: number;
}

/**
 * Compares two tables of the workspace by key, and makes a table of the changes in the order in which they are to be published: deletes, updates (each with its
 * BEFORE row directly before it), inserts. A row whose key changed is a delete and an insert. Columns are compared by name: a column that only one of the tables
 * has changes the rows in which it is not null.
 *
 * @throws TablecastError TABLE_UNKNOWN, COLUMN_UNKNOWN
 * @example
 * await compareTables(workspace, { before: 'PLANT__before', after: 'PLANT', result: 'PLANT__changes', key: ['ID'], schema });
 */
export async function compareTables(workspace: Workspace, options: CompareOptions): Promise<Comparison> {
  const { after, result, key, ignore = [] } = options;
  const before = await sideOf(workspace, options.before, key, ignore);
  const now = await sideOf(workspace, after, key, ignore);
  for (const column of ignore) {
    if (!now.columns.some(({ name }) => name === column))
      throw new TablecastError('COLUMN_UNKNOWN', { table: after, column, use: 'list of ignored columns' });
  }
  const differences = `${result}__keys`;
  const nowHashes =
    options.afterHashes === undefined ? now.hashes : `SELECT ${KEY_HASH}, ${ROW_HASH} FROM ${quoteIdentifier(options.afterHashes)}`;
  await workspace.run(`CREATE OR REPLACE TABLE ${quoteIdentifier(differences)} AS
    SELECT coalesce(b.${KEY_HASH}, a.${KEY_HASH}) AS ${KEY_HASH},
      CASE WHEN a.${KEY_HASH} IS NULL THEN 'D' WHEN b.${KEY_HASH} IS NULL THEN 'I' WHEN b.${ROW_HASH} = ${UNCERTAIN} THEN 'A' ELSE 'U' END AS change
    FROM (${before.hashes}) AS b FULL JOIN (${nowHashes}) AS a ON a.${KEY_HASH} = b.${KEY_HASH}
    WHERE a.${KEY_HASH} IS NULL OR b.${KEY_HASH} IS NULL OR a.${ROW_HASH} <> b.${ROW_HASH}`);
  await workspace.run(`CREATE OR REPLACE TABLE ${quoteIdentifier(result)} AS ${changesSql(options, before, now, differences)}`);
  const [counts] =
    await workspace.query(`SELECT count(*) FILTER (change = 'I') AS inserted, count(*) FILTER (change IN ('U', 'A')) AS updated,
    count(*) FILTER (change = 'D') AS deleted FROM ${quoteIdentifier(differences)}`);
  await workspace.dropTable(differences);
  const [inserted, updated, deleted] = ['inserted', 'updated', 'deleted'].map((name) => Number(counts?.[name])) as [number, number, number];
  return { inserted, updated, deleted, unchanged: (await workspace.rowCount(after)) - inserted - updated };
}

/** One of the two tables. */
interface Side {
  readonly table: string;
  /** Without the hashes. */
  readonly columns: readonly WorkspaceColumn[];
  /** SQL of the key hash of a row of the table under the alias `source`. */
  readonly keyHash: string;
  /** Query of both hashes. */
  readonly hashes: string;
}

async function sideOf(workspace: Workspace, table: string, key: readonly string[], ignore: readonly string[]): Promise<Side> {
  const all = await workspace.columns(table);
  const from = `FROM ${quoteIdentifier(table)} AS source`;
  const columns = all.filter(({ name }) => name !== KEY_HASH && name !== ROW_HASH && name !== CHANGE_TYPE);
  if (all.some(({ name }) => name === KEY_HASH))
    return { table, columns, keyHash: `source.${KEY_HASH}`, hashes: `SELECT ${KEY_HASH}, ${ROW_HASH} ${from}` };
  const hashes = hashesOf(table, columns, key, ignore);
  return { table, columns, keyHash: hashes.key, hashes: `SELECT ${hashes.key} AS ${KEY_HASH}, ${hashes.row} AS ${ROW_HASH} ${from}` };
}

/**
 * SQL of both hashes of a row of the table, under the alias `source`.
 * @throws TablecastError COLUMN_UNKNOWN
 */
export function hashesOf(
  table: string,
  columns: readonly WorkspaceColumn[],
  key: readonly string[],
  ignore: readonly string[],
): { readonly key: string; readonly row: string } {
  const named = (names: readonly string[], use: string): readonly WorkspaceColumn[] =>
    names.map((name) => {
      const column = columns.find((candidate) => candidate.name === name);
      if (!column) throw new TablecastError('COLUMN_UNKNOWN', { table, column: name, use });
      return column;
    });
  const ignored = new Set(ignore);
  return {
    key: rowHash(named(key, 'key'), 'source'),
    row: rowHash(
      columns.filter(({ name }) => !ignored.has(name)),
      'source',
    ),
  };
}

/** The query of the changes, in order. */
function changesSql(
  { schema, key, deletes = 'DELETE', beforeImages = false }: CompareOptions,
  before: Side,
  now: Side,
  differences: string,
): string {
  const names = now.columns.map(({ name }) => quoteIdentifier(name)).join(', ');
  const image = (only?: readonly string[]): string => now.columns.map((column) => imageOf(column, before, schema, only)).join(', ');
  const rows = (side: Side, columns: string, type: string, phase: string, step: number, where: string): string =>
    `SELECT ${columns}, ${type} AS ${quoteIdentifier(CHANGE_TYPE)}, ${phase} AS __phase, ${step} AS __step, differences.${KEY_HASH} AS ${KEY_HASH}
    FROM ${quoteIdentifier(side.table)} AS source JOIN ${quoteIdentifier(differences)} AS differences ON ${side.keyHash} = differences.${KEY_HASH}
    WHERE ${where}`;
  const parts = [
    deletes === 'DELETE'
      ? rows(before, image(), quoteLiteral(RowType.DELETE), '0', 0, `change = 'D'`)
      : rows(before, image(key), quoteLiteral(RowType.EXTERMINATE), '0', 0, `change = 'D'`),
    ...(beforeImages ? [rows(before, image(), quoteLiteral(RowType.BEFORE), '1', 0, `change = 'U'`)] : []),
    rows(now, names, 'change', `CASE change WHEN 'I' THEN 2 ELSE 1 END`, 1, `change <> 'D'`),
  ];
  return `SELECT ${names}, ${quoteIdentifier(CHANGE_TYPE)} FROM (${parts.join('\nUNION ALL BY NAME\n')}) ORDER BY __phase, ${KEY_HASH}, __step`;
}

/** The value of a column in a row as it was; without one, null or what stands for it where null must not be. */
function imageOf({ name, type }: WorkspaceColumn, before: Side, schema: ValueSchema, only?: readonly string[]): string {
  const old = only === undefined || only.includes(name) ? before.columns.find((column) => column.name === name) : undefined;
  const column = `source.${quoteIdentifier(name)}`;
  const value = old === undefined ? `CAST(NULL AS ${type})` : old.type === type ? column : `TRY_CAST(${column} AS ${type})`;
  const field = schema.field(name);
  const filled = field === undefined || field.nullable ? value : `coalesce(${value}, ${zeroLiteral(field.type, type)})`;
  return `${filled} AS ${quoteIdentifier(name)}`;
}
