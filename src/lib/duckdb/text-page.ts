import duckdb from '@duckdb/node-bindings';
import { castText } from './text-cast';
import type { ColumnWriter, InsertColumn } from './page-inserter';
import { writeBlobs, writeTexts } from './string-vector';

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

/** Writes a column of text; `type` is that of the table. */
export function textWriter(column: TextColumn, type: string): ColumnWriter {
  if (type !== 'BLOB') {
    return (vector, from, count) => {
      writeTexts(vector, column as readonly (string | null)[], from, count);
    };
  }
  const bytes = column.map((value) => (typeof value === 'string' ? Buffer.from(value, 'hex') : value));
  return (vector, from, count) => {
    writeBlobs(vector, bytes, from, count);
  };
}
