import fc from 'fast-check';
import { Workspace } from '../../src/lib/duckdb/workspace';

let workspace: Workspace;
beforeAll(async () => {
  workspace = await Workspace.open({ memoryLimit: '500MB', threads: 2 });
});
afterAll(async () => {
  await workspace.close();
});

async function stored(table: string): Promise<unknown[]> {
  return (await workspace.query(`SELECT v FROM "${table}"`)).map(({ v }) => v);
}

describe('text comes back as it was appended', () => {
  test('whatever it contains', async () => {
    const text = fc.oneof(
      { weight: 10, arbitrary: fc.string({ unit: 'binary', maxLength: 40 }) },
      {
        weight: 3,
        arbitrary: fc.constantFrom(
          '',
          '\0',
          'a\0b',
          ',',
          '\n',
          '\\N',
          'NULL',
          '"',
          "'",
          '😀',
          'x'.repeat(12),
          'x'.repeat(13),
          'é'.repeat(7),
        ),
      },
      { weight: 1, arbitrary: fc.integer({ min: 4090, max: 100_000 }).map((length) => 'aé'.repeat(length).slice(0, length)) },
    );
    await fc.assert(
      fc.asyncProperty(fc.array(fc.option(text, { freq: 5 }), { maxLength: 60 }), async (values) => {
        await workspace.createTable('texts', [{ name: 'v', type: 'VARCHAR' }]);
        await workspace.appendText('texts', [values]);
        expect(await stored('texts')).toEqual(values);
      }),
      { numRuns: 60 },
    );
  });

  test('in pages that are longer than a chunk, beside other columns', async () => {
    const rows = 5000;
    const ids = Array.from({ length: rows }, (_, row) => String(row));
    const texts = ids.map((id, row) => (row % 7 === 0 ? null : 'ß'.repeat(row % 50) + id));
    await workspace.createTable('pages', [
      { name: 'id', type: 'INTEGER' },
      { name: 'v', type: 'VARCHAR' },
    ]);
    await workspace.appendText('pages', [ids, texts]);
    await workspace.appendText('pages', [ids, texts]);
    expect(await stored('pages')).toEqual([...texts, ...texts]);
  });

  test('when many callers append at the same time, page by page', async () => {
    await workspace.createTable('shared', [{ name: 'v', type: 'INTEGER' }]);
    const pages = Array.from({ length: 20 }, (_, page) => Array.from({ length: 500 }, (_value, row) => String(page * 500 + row)));
    await Promise.all(pages.map((page) => workspace.appendText('shared', [page])));
    expect(await stored('shared')).toEqual(pages.flat().map(Number));
  });

  test('as bytes, or in hexadecimal, in a BLOB column', async () => {
    const values = [Buffer.from([0, 255]), null, Buffer.alloc(0), Buffer.alloc(50_000, 7), Buffer.alloc(13, 1)];
    await workspace.createTable('blobs', [{ name: 'v', type: 'BLOB' }]);
    await workspace.appendText('blobs', [values]);
    await workspace.appendText('blobs', [['00ff', null]]);
    expect((await stored('blobs')).map((value) => value && Buffer.from(value as Uint8Array))).toEqual([
      ...values,
      Buffer.from([0, 255]),
      null,
    ]);
  });
});

describe('text is cast exactly', () => {
  test.each([
    ['DECIMAL(10,2)', '1.5', '1.50'],
    ['DECIMAL(10,2)', '1.500', '1.50'],
    ['DECIMAL(10,2)', '-.5', '-0.50'],
    ['DECIMAL(10,2)', '15e-1', '1.50'],
    ['DECIMAL(10,2)', '1.5E2', '150.00'],
    ['DECIMAL(10,0)', '0E-10', '0'],
    ['DECIMAL(38,10)', '-9999999999999999999999999999.9999999999', '-9999999999999999999999999999.9999999999'],
    ['INTEGER', '15.0', 15],
    ['BIGINT', '-9223372036854775808', -9223372036854775808n],
    ['DOUBLE', '0.1', 0.1],
    ['DATE', '2024-02-29', '2024-02-29'],
    ['DATE', '2024-02-29 00:00:00', '2024-02-29'],
    ['TIMESTAMP', '2024-02-29 23:59:59.123456', '2024-02-29 23:59:59.123456'],
    ['TIMESTAMP', '2024-02-29T23:59:59.123456000', '2024-02-29 23:59:59.123456'],
    ['TIMESTAMP_MS', '2024-02-29 23:59:59.123', '2024-02-29 23:59:59.123'],
    ['TIMESTAMP_NS', '2024-02-29 23:59:59.123456789', '2024-02-29 23:59:59.123456789'],
    ['TIMESTAMPTZ', '2024-02-29 23:59:59+02', '2024-02-29 21:59:59+00'],
    ['TIME', '23:59:59.1', '23:59:59.1'],
    ['BOOLEAN', 'true', true],
    ['UUID', '550e8400-e29b-41d4-a716-446655440000', '550e8400-e29b-41d4-a716-446655440000'],
  ])('%s: %s', async (type, text, expected) => {
    await workspace.createTable('casts', [{ name: 'v', type }]);
    await workspace.appendText('casts', [[text]]);
    expect(await stored('casts')).toEqual([expected]);
  });

  test.each([
    ['DECIMAL(10,2)', '1.505'],
    ['DECIMAL(10,2)', '1505e-3'],
    ['DECIMAL(4,2)', '100'],
    ['INTEGER', '1.5'],
    ['INTEGER', '15e-1'],
    ['INTEGER', '2147483648'],
    ['INTEGER', 'zwölf'],
    ['INTEGER', ''],
    ['DATE', '2024-02-29 10:00:00'],
    ['DATE', '2023-02-29'],
    ['TIMESTAMP', '2024-02-29 23:59:59.1234567'],
    ['TIMESTAMP', '2024-02-29 23:59:59+02'],
    ['TIMESTAMP_MS', '2024-02-29 23:59:59.1234'],
    ['TIMESTAMP_S', '2024-02-29 23:59:59.1'],
    ['TIMESTAMPTZ', '2024-02-29 23:59:59.1234567+00'],
    ['TIME', '23:59:59.1234567'],
    ['BOOLEAN', 'maybe'],
    ['VARCHAR', 'half \ud83d'],
    ['VARCHAR', 'x'.repeat(5000) + '\udc00'],
  ])('or refused, with column and row and without the text: %s, %s', async (type, text) => {
    await workspace.createTable('casts', [
      { name: 'id', type: 'INTEGER' },
      { name: 'v', type },
    ]);
    await workspace.appendText('casts', [
      ['1', '2'],
      [null, null],
    ]);
    const page = [
      ['3', '4', '5'],
      [null, text, null],
    ];
    const error: unknown = await workspace.appendText('casts', page).catch((caught: unknown) => caught);
    expect(error).toMatchObject({ code: 'VALUE_INVALID', details: { table: 'casts', column: 'v', row: 'row 4' } });
    if (text !== '') expect(String(error)).not.toContain(text);
    // Nothing of the page is kept, and the table takes the next one.
    await workspace.appendText('casts', [['3'], [null]]);
    expect(await workspace.rowCount('casts')).toBe(3);
  });

  test('half a surrogate pair at the end of one value does not merge with the next', async () => {
    await workspace.createTable('halves', [{ name: 'v', type: 'VARCHAR' }]);
    await expect(workspace.appendText('halves', [['a\ud83d', '\ude00b']])).rejects.toMatchObject({
      code: 'VALUE_INVALID',
      details: { row: 'row 1' },
    });
  });

  test('unless an expression says how', async () => {
    await workspace.createTable('dates', [{ name: 'v', type: 'DATE' }]);
    const german = (text: string): string => `strptime(${text}, '%d.%m.%Y')`;
    await workspace.appendText('dates', [['29.02.2024', null]], [german]);
    expect(await stored('dates')).toEqual(['2024-02-29', null]);
    await expect(workspace.appendText('dates', [['x']], [german])).rejects.toMatchObject({
      code: 'VALUE_INVALID',
      details: { column: 'v' },
    });
  });
});

test('a page that is not shaped like the table is refused', async () => {
  await workspace.createTable('shape', [{ name: 'a', type: 'INTEGER' }]);
  await expect(workspace.appendText('shape', [['1'], ['2']])).rejects.toMatchObject({ code: 'PAGE_INVALID' });
  await workspace.createTable('shape', [
    { name: 'a', type: 'INTEGER' },
    { name: 'b', type: 'INTEGER' },
  ]);
  await expect(workspace.appendText('shape', [['1'], ['2', '3']])).rejects.toMatchObject({ code: 'PAGE_INVALID' });
  await expect(workspace.appendText('nowhere', [['1']])).rejects.toMatchObject({ code: 'TABLE_UNKNOWN' });
});

test('a replaced table takes pages of its new shape', async () => {
  await workspace.createTable('again', [{ name: 'v', type: 'INTEGER' }]);
  await workspace.appendText('again', [['1']]);
  await workspace.createTable('AGAIN', [{ name: 'v', type: 'VARCHAR' }]);
  await workspace.appendText('again', [['x']]);
  await workspace.run('ALTER TABLE again ALTER v TYPE BLOB');
  await workspace.appendText('again', [['00']]);
  expect(await workspace.rowCount('again')).toBe(2);
});

test('JavaScript values are stored exactly, column by column', async () => {
  await workspace.createTable('values', [
    { name: 'i', type: 'BIGINT' },
    { name: 'd', type: 'DOUBLE' },
    { name: 't', type: 'TIMESTAMP' },
    { name: 'b', type: 'BOOLEAN' },
  ]);
  const columns = [[1, 9007199254740993n, null], new Float64Array([0.1, -0, NaN]), [new Date(5), null, '2024-01-01'], [true, false, null]];
  await workspace.appendColumns('values', columns, 3);
  expect(await workspace.query('SELECT i, d, t, b FROM "values"')).toEqual([
    { i: 1n, d: 0.1, t: '1970-01-01 00:00:00.005', b: true },
    { i: 9007199254740993n, d: -0, t: null, b: false },
    { i: null, d: NaN, t: '2024-01-01 00:00:00', b: null },
  ]);
  await expect(workspace.appendColumns('values', [[1.5], [1], [null], [true]], 1)).rejects.toMatchObject({
    code: 'VALUE_INVALID',
    details: { column: 'i' },
  });
  await expect(workspace.appendColumns('values', [[{}], [1], [null], [true]], 1)).rejects.toMatchObject({ code: 'PAGE_INVALID' });
});
