import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { resolveDuckdbProjection } from '../../src/lib/lineage/duckdb-projection';
import { duckdbCatalog } from './duckdb-catalog';

const folder = path.resolve(__dirname, '../golden/lineage/duckdb');

/** Columns as `name = table#mention.column`, `!` behind a name that is never NULL; keys as lists of names, the first the best. */
async function resolve(sql: string): Promise<unknown> {
  const projection = await resolveDuckdbProjection(sql, duckdbCatalog);
  return {
    columns: projection.columns.map(({ name, sources, notNull, unresolved }) => {
      const from = sources.map(({ table, column, mention }) => `${table.name}#${mention}.${column}`).join(' | ');
      return `${name ?? '?'}${notNull ? '!' : ''} = ${from || `${unresolved?.fragment ?? ''} ${unresolved?.reason ?? ''}`}`;
    }),
    complete: projection.complete,
    keys: projection.keys.map(
      ({ columns, primary }) =>
        `${columns.map((index) => projection.columns[index]?.name ?? '?').join(', ') || '(one row)'}${primary ? ' (primary)' : ''}`,
    ),
    tables: projection.tables.map(({ name }) => name),
    gaps: projection.gaps,
  };
}

describe('what a SELECT of DuckDB hands through, what is never NULL, and what stays unique', () => {
  const names = readdirSync(folder)
    .filter((name) => name.endsWith('.sql'))
    .map((name) => name.slice(0, -4));

  test.each(names)('%s', async (name) => {
    const found = await resolve(readFileSync(path.join(folder, `${name}.sql`), 'utf8'));
    const expected = path.join(folder, `${name}.json`);
    if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(expected, `${JSON.stringify(found, null, 2)}\n`);
    expect(found).toEqual(JSON.parse(readFileSync(expected, 'utf8')));
  });
});
