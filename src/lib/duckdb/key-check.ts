import type { DuckDBConnection } from '@duckdb/node-api';
import { TablecastError } from '../errors';
import { quoteIdentifier } from './quote';

/** Keys that a message names. */
const EXAMPLES = 3;

/**
 * Checks that the columns are a key of the table: no nulls, no value twice. DuckDB counts, and spills to disk what does not fit its memory.
 *
 * @throws TablecastError KEY_NULL, KEY_NOT_UNIQUE with the count and three keys
 */
export async function checkKey(connection: DuckDBConnection, table: string, keyColumns: readonly string[]): Promise<void> {
  const from = quoteIdentifier(table);
  const names = keyColumns.map(quoteIdentifier);
  const list = names.join(', ');
  const text = names.map((name) => `coalesce(CAST(${name} AS VARCHAR), 'null')`).join(` || ', ' || `);
  const columns = keyColumns.join(', ');
  const anyNull = names.map((name) => `${name} IS NULL`).join(' OR ');
  const [nulls] = await rows(connection, `SELECT count(*) FROM ${from} WHERE ${anyNull}`);
  if (Number(nulls?.[0]) > 0) {
    const examples = await rows(connection, `SELECT ${text} FROM ${from} WHERE ${anyNull} LIMIT ${EXAMPLES}`);
    throw new TablecastError('KEY_NULL', { table, columns, count: Number(nulls?.[0]), keys: examplesOf(examples) });
  }
  const groups = `FROM ${from} GROUP BY ${list} HAVING count(*) > 1`;
  const [duplicates] = await rows(connection, `SELECT count(*) FROM (SELECT 1 ${groups})`);
  const count = Number(duplicates?.[0]);
  if (count === 0) return;
  const examples = await rows(connection, `SELECT ${text} ${groups} ORDER BY ${list} LIMIT ${EXAMPLES}`);
  throw new TablecastError('KEY_NOT_UNIQUE', { table, columns, count, keys: examplesOf(examples) });
}

async function rows(connection: DuckDBConnection, sql: string): Promise<unknown[][]> {
  return (await connection.runAndReadAll(sql)).getRows();
}

function examplesOf(examples: readonly (readonly unknown[])[]): string[] {
  return examples.map(([key]) => `(${String(key)})`);
}
