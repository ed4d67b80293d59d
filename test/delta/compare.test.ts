import fc from 'fast-check';
import { AvroDecimal, AvroDouble, AvroInt, AvroNVarchar, compareTables, ValueSchema, Workspace, type CompareOptions } from '../../src/lib';

interface ItemRow {
  readonly plant: string;
  readonly id: number;
  readonly text: string | null;
  readonly amount: number | null;
}

const schema = new ValueSchema('ITEM', 'TEST')
  .addField('PLANT', new AvroNVarchar(20), undefined, false)
  .addField('ID', new AvroInt(), undefined, false)
  .addField('TEXT', new AvroNVarchar(100))
  .addField('AMOUNT', new AvroDouble())
  .setPks(['PLANT', 'ID']);
const key = schema.pks;

const texts = fc.oneof(fc.constantFrom('', ' ', 'null', 'NULL', "'", '"', ':', '1:a', '"AMOUNT"=1:1', 'ä€😀'), fc.string({ maxLength: 6 }));
const row = fc.record<ItemRow>({
  plant: fc.constantFrom('A', 'B', '1', '1:', '"'),
  id: fc.integer({ min: 0, max: 6 }),
  text: fc.option(texts),
  amount: fc.option(fc.oneof(fc.constantFrom(0, -0, 0.1, 1e300, Number.NaN, Number.POSITIVE_INFINITY), fc.double({ noNaN: true }))),
});
const table = fc.uniqueArray(row, { selector: ({ plant, id }) => `${id}/${plant}`, maxLength: 25 });

describe('comparing two tables', () => {
  let workspace: Workspace;

  beforeAll(async () => {
    workspace = await Workspace.open({ memoryLimit: '128MB' });
  });

  afterAll(async () => {
    await workspace.close();
  });

  async function put(name: string, rows: readonly ItemRow[]): Promise<void> {
    await workspace.createTable(name, [
      { name: 'PLANT', type: 'VARCHAR' },
      { name: 'ID', type: 'INTEGER' },
      { name: 'TEXT', type: 'VARCHAR' },
      { name: 'AMOUNT', type: 'DOUBLE' },
    ]);
    const columns = [
      rows.map(({ plant }) => plant),
      rows.map(({ id }) => id),
      rows.map(({ text }) => text),
      rows.map(({ amount }) => amount),
    ];
    await workspace.appendColumns(name, columns, rows.length);
  }

  const compare = (options: Partial<CompareOptions> = {}) =>
    compareTables(workspace, { before: 'B4', after: 'NOW', result: 'CHANGES', key, schema, ...options });
  const rowsOf = (name: string): Promise<Record<string, unknown>[]> => workspace.query(`SELECT * FROM ${name}`);
  const changes = async (): Promise<string[]> =>
    (await rowsOf('CHANGES')).map(
      (change) => `${String(change['__change_type'])} ${String(change['PLANT'])}${String(change['ID'])} ${String(change['TEXT'])}`,
    );

  test('the changes, applied in order to what was, give what is; and are no more than needed', async () => {
    const options = fc.record({ deletes: fc.constantFrom('DELETE' as const, 'EXTERMINATE' as const), beforeImages: fc.boolean() });
    await fc.assert(
      fc.asyncProperty(table, table, fc.nat(100), options, async (before, other, kept, how) => {
        // Some rows stay as they are.
        const after = [...other, ...before.slice(0, kept % (before.length + 1)).filter((row) => !other.some((o) => sameKey(o, row)))];
        await put('B4', before);
        await put('NOW', after);
        const counts = await compare(how);
        const published = await rowsOf('CHANGES');
        expect(apply(await rowsOf('B4'), published)).toEqual(image(await rowsOf('NOW')));
        const types = published.map((change) => String(change['__change_type']));
        const count = (type: string): number => types.filter((t) => t === type).length;
        expect(counts).toEqual({
          inserted: count('I'),
          updated: count('U'),
          deleted: count(how.deletes === 'DELETE' ? 'D' : 'X'),
          unchanged: after.length - count('I') - count('U'),
        });
        expect(count('B')).toBe(how.beforeImages ? count('U') : 0);
        // Deletes, then updates with their images before them, then inserts.
        expect(types.join('')).toMatch(how.beforeImages ? /^[DX]*(BU)*I*$/ : /^[DX]*U*I*$/);
        published.forEach((change, index) => {
          if (change['__change_type'] === 'B') expect(keyOf(change)).toBe(keyOf(published[index + 1]!));
        });
        const old = image(await rowsOf('B4'));
        for (const change of published) {
          const { __change_type: type, ...values } = change;
          if (type === 'B' || type === 'D') expect(show(values)).toBe(old.get(keyOf(change)));
          if (type === 'X') expect(values).toMatchObject({ TEXT: null, AMOUNT: null });
        }
      }),
      { numRuns: 60 },
    );
  });

  test('a changed key is a delete and an insert', async () => {
    await put('B4', [{ plant: 'A', id: 1, text: 'x', amount: null }]);
    await put('NOW', [{ plant: 'A', id: 2, text: 'x', amount: null }]);
    await compare();
    expect(await changes()).toEqual(['D A1 x', 'I A2 x']);
  });

  test('a change in ignored columns alone is no change; beside another one it is published with it', async () => {
    await put('B4', [
      { plant: 'A', id: 1, text: 'x', amount: 1 },
      { plant: 'A', id: 2, text: 'x', amount: 1 },
    ]);
    await put('NOW', [
      { plant: 'A', id: 1, text: 'x', amount: 2 },
      { plant: 'A', id: 2, text: 'y', amount: 2 },
    ]);
    expect(await compare({ ignore: ['AMOUNT'] })).toEqual({ inserted: 0, updated: 1, deleted: 0, unchanged: 1 });
    expect(await rowsOf('CHANGES')).toEqual([{ PLANT: 'A', ID: 2, TEXT: 'y', AMOUNT: 2, __change_type: 'U' }]);
    await expect(compare({ ignore: ['AMOUNT', 'NOTHING'] })).rejects.toMatchObject({ code: 'COLUMN_UNKNOWN' });
  });

  test('a column that comes or goes changes the rows that have a value in it; order and width of types change nothing', async () => {
    await put('B4', [
      { plant: 'A', id: 1, text: 'x', amount: 1 },
      { plant: 'A', id: 2, text: null, amount: 1 },
    ]);
    await workspace.run(`CREATE OR REPLACE TABLE NOW AS SELECT AMOUNT, CAST(ID AS BIGINT) AS ID, PLANT,
      CASE ID WHEN 1 THEN 'new' END AS COMMENT, 'x' AS TEXT FROM B4 WHERE ID = 1
      UNION ALL BY NAME SELECT AMOUNT, CAST(ID AS BIGINT) AS ID, PLANT, TEXT FROM B4 WHERE ID = 2`);
    expect(await compare()).toMatchObject({ updated: 1, unchanged: 1 });
    await workspace.run('CREATE OR REPLACE TABLE NOW AS SELECT PLANT, ID, AMOUNT FROM B4');
    expect(await compare()).toMatchObject({ updated: 1, unchanged: 1 });
  });

  test('where null must not be, a delete without a value has the zero of the type', async () => {
    const strict = new ValueSchema('ITEM', 'TEST')
      .addField('PLANT', new AvroNVarchar(20), undefined, false)
      .addField('ID', new AvroInt(), undefined, false)
      .addField('TEXT', new AvroNVarchar(100), undefined, false)
      .addField('AMOUNT', new AvroDecimal(10, 2), undefined, false)
      .setPks(['PLANT', 'ID']);
    await put('B4', [{ plant: 'A', id: 1, text: 'x', amount: 5 }]);
    await put('NOW', []);
    await compare({ schema: strict, deletes: 'EXTERMINATE' });
    expect(await rowsOf('CHANGES')).toEqual([{ PLANT: 'A', ID: 1, TEXT: '', AMOUNT: 0, __change_type: 'X' }]);
  });

  test.each([
    ['VARCHAR[]', `['a, b']`, `['a', 'b']`],
    ['VARCHAR[]', `[NULL]`, `['NULL']`],
    ['STRUCT(a VARCHAR, b VARCHAR)', `{a: 'x, b: y', b: NULL}`, `{a: 'x', b: 'y, b: NULL'}`],
    ['MAP(VARCHAR, VARCHAR)', `MAP {'a': 'b=c'}`, `MAP {'a=b': 'c'}`],
    ['UNION(a VARCHAR, b INTEGER)', `union_value(a := '1')`, `union_value(b := 1)`],
    ['BLOB', `'\\x41'::BLOB`, `'\\x5Cx41'::BLOB`],
    ['BLOB[]', `['\\x41'::BLOB]`, `['\\x5Cx41'::BLOB]`],
    ['HUGEINT', '170141183460469231731687303715884105727', '170141183460469231731687303715884105726'],
    ['TIMESTAMP_NS', `'2024-01-01 00:00:00.000000001'`, `'2024-01-01 00:00:00.000000002'`],
    ['TIMESTAMPTZ', `'2024-01-01 00:00:00+00'`, `'2024-01-01 00:00:00+01'`],
    ['DOUBLE', '0.1', '0.10000000000000002'],
    ['VARCHAR', `''`, 'NULL'],
    ['INTERVAL', `INTERVAL 1 MONTH`, `INTERVAL 30 DAY`],
  ])('%s: %s and %s differ, and each equals itself', async (type, one, other) => {
    const make = (name: string, value: string): Promise<void> =>
      workspace.run(`CREATE OR REPLACE TABLE ${name} AS SELECT 'A' AS PLANT, 1 AS ID, CAST(${value} AS ${type}) AS V`);
    await make('B4', one);
    await make('NOW', other);
    expect(await compare()).toMatchObject({ updated: 1 });
    await make('NOW', one);
    expect(await compare()).toMatchObject({ updated: 0, unchanged: 1 });
  });
});

function sameKey(a: ItemRow, b: ItemRow): boolean {
  return a.plant === b.plant && a.id === b.id;
}

function keyOf(row: Readonly<Record<string, unknown>>): string {
  return JSON.stringify([row['PLANT'], row['ID']]);
}

/** All values of a row, -0 and NaN told apart. */
function show({ PLANT, ID, TEXT, AMOUNT }: Readonly<Record<string, unknown>>): string {
  return JSON.stringify([PLANT, ID, TEXT, Object.is(AMOUNT, -0) ? '-0' : String(AMOUNT)]);
}

function image(rows: readonly Readonly<Record<string, unknown>>[]): Map<string, string> {
  return new Map(sorted(rows.map((row) => [keyOf(row), show(row)] as const)));
}

/** What a consumer holds afterwards; every message must fit what it holds. */
function apply(
  before: readonly Readonly<Record<string, unknown>>[],
  published: readonly Readonly<Record<string, unknown>>[],
): Map<string, string> {
  const held = image(before);
  for (const change of published) {
    const key = keyOf(change);
    const type = change['__change_type'];
    expect(held.has(key)).toBe(type !== 'I');
    if (type === 'D' || type === 'X') held.delete(key);
    else if (type !== 'B') held.set(key, show(change));
  }
  return new Map(sorted([...held]));
}

function sorted<T>(entries: (readonly [string, T])[]): (readonly [string, T])[] {
  return entries.sort(([a], [b]) => (a < b ? -1 : 1));
}
