import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { resolveProjection, type ColumnSource } from '../../src/lib/lineage/select-projection';
import { limsCatalog } from './lims-catalog';

const folder = path.resolve(__dirname, '../golden/lineage');

/** One line per column: `NAME = OWNER.TABLE#mention.COLUMN < the column behind a view's column`. */
function show(source: ColumnSource | undefined): string | null {
  if (!source) return null;
  const own = `${source.table.owner}.${source.table.name}#${source.mention}.${source.column}`;
  return source.behind ? `${own} < ${show(source.behind) ?? ''}` : own;
}

async function resolve(sql: string): Promise<unknown> {
  const projection = await resolveProjection(sql, limsCatalog);
  return {
    columns: projection.columns.map(({ name, source }) => [name ?? null, show(source)]),
    complete: projection.complete,
    key: projection.key
      ? { table: projection.key.table.name, columns: projection.key.columns.map((index) => projection.columns[index]?.name) }
      : null,
    tables: projection.tables.map(({ owner, name }) => `${owner}.${name}`),
    unresolved: projection.unresolved,
  };
}

describe('the column behind each projected column', () => {
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

test('the same statement gives the same answer each time', async () => {
  const sql = 'select p.*, s.code from plan p join site s on s.site_id = p.site_id';
  expect(await resolve(sql)).toEqual(await resolve(sql));
});

test('a statement that is not understood is listed with its beginning and the reason', async () => {
  const projection = await resolveProjection('select from where', limsCatalog);
  expect(projection).toMatchObject({
    columns: [],
    complete: false,
    unresolved: [{ fragment: 'select from where', reason: expect.stringContaining('not understood') as string }],
  });
});

test('an open comment is named as the reason', async () => {
  const projection = await resolveProjection('select plan_id /* from plan', limsCatalog);
  expect(projection.unresolved).toEqual([{ fragment: 'select plan_id /* from plan', reason: 'a comment is not closed' }]);
});
