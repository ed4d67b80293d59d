import { quoteIdentifier, quoteLiteral } from '../duckdb/quote';
import type { WorkspaceColumn } from '../duckdb/workspace';

/** Columns that keep the hashes of a row, as UUIDs: 128 bits that Parquet keeps exactly. */
export const KEY_HASH = '__key_hash';
export const ROW_HASH = '__row_hash';

/**
 * SQL expression: the hash of the names and values of some columns of a row, the same in all versions of DuckDB. Columns count in the order of their names, and
 * a null counts like a column that is not there: a new column without values changes no hash, nor does another order or type that shows the same text.
 *
 * @param table alias of the table in the statement
 */
export function rowHash(columns: readonly WorkspaceColumn[], table: string): string {
  const parts = [...columns].sort((a, b) => (a.name < b.name ? -1 : 1)).map((column) => part(column, table));
  return `CAST(md5(concat('', ${parts.join(', ') || "''"})) AS UUID)`;
}

/** `"NAME"=3:abc`, or null: names and values cannot run into each other, because a name is quoted and a value comes with its length in bytes. */
function part({ name, type }: WorkspaceColumn, table: string): string {
  const text = textOf(`${quoteIdentifier(table)}.${quoteIdentifier(name)}`, type);
  return `${quoteLiteral(`${JSON.stringify(name)}=`)} || strlen(${text}) || ':' || ${text}`;
}

/** A value as text; different values of a type have different texts. */
function textOf(column: string, type: string): string {
  if (type === 'VARCHAR') return column;
  if (type === 'BLOB') return `hex(${column})`;
  if (type.startsWith('UNION(')) return `union_tag(${column}) || ':' || CAST(${column} AS VARCHAR)`;
  return `CAST(${column} AS VARCHAR)`;
}
