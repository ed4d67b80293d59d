import duckdb from '@duckdb/node-bindings';
import { castText } from './text-cast';
import { type ColumnWriter, type InsertColumn, UnwritableValue } from './page-inserter';
import { packBytes, packTexts, type PackedColumn, writePacked } from './string-vector';

/** A column of a page: text for every type; for BLOB columns bytes, or text in hexadecimal. */
export type TextColumn = readonly (string | null)[] | readonly (Uint8Array | string | null)[];

/** SQL that makes the column's value from the SQL of its text, instead of an exact cast: ``(text) => `strptime(${text}, '%d.%m.%Y')` ``. */
export type TextExpression = (text: string) => string;

/** How columns of text become the columns of a table. */
export function textColumns(
  columns: readonly { readonly name: string; readonly type: string }[],
  expressions: readonly (TextExpression | undefined)[],
): InsertColumn[] {
  return columns.map(({ name, type }, index) => {
    const text = `c${index}`;
    const feedType = duckdb.create_logical_type(type === 'BLOB' ? duckdb.Type.BLOB : duckdb.Type.VARCHAR);
    const expression = expressions[index];
    if (expression !== undefined) return { name, type, feedType, sql: expression(text), misfit: undefined };
    if (type === 'BLOB') return { name, type, feedType, sql: text, misfit: undefined };
    const misfit = `${text} IS NOT NULL AND TRY(CAST(${castText(text, type, 'null')} AS ${type})) IS NULL`;
    return { name, type, feedType, sql: castText(text, type), misfit: type === 'VARCHAR' ? undefined : misfit };
  });
}

/** Packs a column of text now, so that the page is free, and writes it later; `type` is that of the table. */
export function textWriter(column: TextColumn, type: string): ColumnWriter {
  let packed: PackedColumn;
  try {
    packed = type === 'BLOB' ? packBytes(column.map(toBytes)) : packTexts(column as readonly (string | null)[]);
  } catch (error) {
    if (!(error instanceof UnwritableValue)) throw error;
    const { index, message } = error;
    // It stops the page where it is written, like every other value that cannot be stored.
    return (_vector, from) => {
      throw new UnwritableValue(index - from, message);
    };
  }
  return (vector, from, count) => {
    writePacked(vector, packed, from, count);
  };
}

function toBytes(value: Uint8Array | string | null): Uint8Array | null {
  return typeof value === 'string' ? Buffer.from(value, 'hex') : value;
}
