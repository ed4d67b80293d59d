import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { columnLineage, type SourceColumn, type TableRef } from '../../src/lib/lineage/column-lineage';
import { goldenFolder, limsOptions } from './lims-tables';

function show({ owner, name, link, locations }: TableRef): string {
  const qualified = `${owner === undefined ? '' : `${owner}.`}${name}${link === undefined ? '' : `@${link}`}`;
  return locations ? `${qualified}(${locations.join(', ')})` : qualified;
}

function list(sources: readonly SourceColumn[], kind: SourceColumn['kind']): string[] {
  return sources.filter((one) => one.kind === kind).map(({ table, column, subtype }) => `${show(table)}.${column} ${subtype}`);
}

/** Lineage in short: one line for each source column, `TABLE.COLUMN SUBTYPE`. */
async function resolve(sql: string, dialect: 'oracle' | 'duckdb'): Promise<unknown> {
  const lineage = await columnLineage(sql, limsOptions[dialect]);
  return {
    columns: lineage.columns.map(({ name, formula, sources }) => ({
      name,
      formula,
      direct: list(sources, 'DIRECT'),
      indirect: list(sources, 'INDIRECT'),
    })),
    ...(lineage.complete ? {} : { complete: false }),
    indirect: list(lineage.indirect, 'INDIRECT'),
    tables: lineage.tables.map(show),
    unresolved: lineage.unresolved,
  };
}

describe.each(['oracle', 'duckdb'] as const)('the source columns of a statement of %s', (dialect) => {
  const folder = path.join(goldenFolder, dialect);
  const names = readdirSync(folder)
    .filter((name) => name.endsWith('.sql'))
    .map((name) => name.slice(0, -4));

  test.each(names)('%s', async (name) => {
    const found = await resolve(readFileSync(path.join(folder, `${name}.sql`), 'utf8'), dialect);
    const expected = path.join(folder, `${name}.json`);
    if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(expected, `${JSON.stringify(found, null, 2)}\n`);
    expect(found).toEqual(JSON.parse(readFileSync(expected, 'utf8')));
  });
});
