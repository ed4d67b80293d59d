import * as arrow from 'apache-arrow';
import { Workspace } from '../../src/lib/duckdb/workspace';
import { fromDuckdbType, ValueSchema } from '../../src/lib/schema';

let workspace: Workspace;
beforeAll(async () => {
  workspace = await Workspace.open({ memoryLimit: '500MB', threads: 2 });
});
afterAll(async () => {
  await workspace.close();
});

const ROWS = 5000;

function column(type: arrow.DataType, value: (row: number) => unknown): arrow.Vector {
  return arrow.vectorFromArray(
    Array.from({ length: ROWS }, (_, row) => (row % 7 === 3 ? null : value(row))),
    type as never,
  );
}

/** A column from its raw memory, where Arrow's builders would round. */
function raw(type: arrow.DataType, data: ArrayLike<number | bigint>, length: number): arrow.Vector {
  return new arrow.Vector([arrow.makeData({ type, length, data } as never)]);
}

function tableOf(columns: Readonly<Record<string, arrow.Vector>>): arrow.Table {
  return new arrow.Table(columns as never);
}

const item = (type: arrow.DataType): arrow.Field => new arrow.Field('item', type, true);
const entries = new arrow.Struct([
  new arrow.Field('key', new arrow.Utf8(), false),
  new arrow.Field<arrow.DataType>('value', new arrow.Int32(), true),
]);

describe('an Arrow column becomes a DuckDB column with the same values', () => {
  test.each<[string, arrow.DataType, (row: number) => unknown, string, ((row: number) => unknown)?]>([
    ['Bool', new arrow.Bool(), (row) => row % 3 === 0, 'BOOLEAN'],
    ['Int8', new arrow.Int8(), (row) => (row % 256) - 128, 'TINYINT'],
    ['Uint16', new arrow.Uint16(), (row) => row * 13, 'USMALLINT'],
    ['Int64', new arrow.Int64(), (row) => BigInt(row) * -1_800_000_000_000_000n, 'BIGINT'],
    ['Uint64', new arrow.Uint64(), (row) => BigInt(row) * 3_600_000_000_000_000n, 'UBIGINT'],
    ['Float32', new arrow.Float32(), (row) => Math.fround(row / 3), 'FLOAT'],
    ['Float64', new arrow.Float64(), (row) => row / 3, 'DOUBLE'],
    ['Utf8', new arrow.Utf8(), (row) => 'Straße 😀'.repeat(row % 9) + String(row), 'VARCHAR'],
    ['LargeUtf8', new arrow.LargeUtf8(), (row) => 'x'.repeat(row % 20), 'VARCHAR'],
    ['Binary', new arrow.Binary(), (row) => Uint8Array.from({ length: row % 30 }, () => row % 256), 'BLOB'],
    ['FixedSizeBinary', new arrow.FixedSizeBinary(3), (row) => Uint8Array.from([row % 256, 0, 1]), 'BLOB'],
    ['Dictionary', new arrow.Dictionary(new arrow.Utf8(), new arrow.Int32()), (row) => `city ${row % 5}`, 'VARCHAR'],
    [
      'DateDay',
      new arrow.DateDay(),
      (row) => new Date(row * 86_400_000),
      'DATE',
      (row) => new Date(row * 86_400_000).toISOString().slice(0, 10),
    ],
    ['List', new arrow.List(item(new arrow.Int32())), (row) => [row, null, -row].slice(0, row % 4), 'INTEGER[]'],
    ['FixedSizeList', new arrow.FixedSizeList(2, item(new arrow.Int32())), (row) => [row, row + 1], 'INTEGER[2]'],
    [
      'Struct',
      new arrow.Struct<{ a: arrow.Int32; b: arrow.List<arrow.Utf8> }>([
        new arrow.Field('a', new arrow.Int32(), true),
        new arrow.Field('b', new arrow.List(new arrow.Field('item', new arrow.Utf8(), true)), true),
      ] as never),
      (row) => ({ a: row, b: ['x', String(row)] }),
      'STRUCT(a INTEGER, b VARCHAR[])',
    ],
    [
      'Map',
      new arrow.Map_(new arrow.Field('entries', entries as never, false)),
      (row) => new Map([[`k${row}`, row]]),
      'MAP(VARCHAR, INTEGER)',
    ],
  ])('%s', async (_name, type, value, duckdbType, expected = value) => {
    await workspace.register('t', tableOf({ v: column(type, value) }));
    expect(await workspace.columns('t')).toEqual([{ name: 'v', type: duckdbType, nullable: true }]);
    const rows = await workspace.query('SELECT v FROM t');
    expect(rows).toHaveLength(ROWS);
    rows.forEach(({ v }, row) => {
      const wanted = row % 7 === 3 ? null : expected(row);
      if (v instanceof Uint8Array) expect(Array.from(v)).toEqual(Array.from(wanted as Uint8Array));
      else expect(v).toEqual(wanted);
    });
  });

  test.each([
    [new arrow.TimestampSecond(), BigInt64Array.of(-1n, 253402300799n), 'TIMESTAMP_S', ['1969-12-31 23:59:59', '9999-12-31 23:59:59']],
    [new arrow.TimestampMillisecond(), BigInt64Array.of(-1n, 1n), 'TIMESTAMP_MS', ['1969-12-31 23:59:59.999', '1970-01-01 00:00:00.001']],
    [
      new arrow.TimestampMicrosecond(),
      BigInt64Array.of(-1n, 1n),
      'TIMESTAMP',
      ['1969-12-31 23:59:59.999999', '1970-01-01 00:00:00.000001'],
    ],
    [
      new arrow.TimestampNanosecond(),
      BigInt64Array.of(1n, 1000n),
      'TIMESTAMP_NS',
      ['1970-01-01 00:00:00.000000001', '1970-01-01 00:00:00.000001'],
    ],
    [new arrow.TimestampMillisecond('UTC'), BigInt64Array.of(1n), 'TIMESTAMP WITH TIME ZONE', ['1970-01-01 00:00:00.001+00']],
    [new arrow.TimestampMicrosecond('Europe/Vienna'), BigInt64Array.of(1n), 'TIMESTAMP WITH TIME ZONE', ['1970-01-01 00:00:00.000001+00']],
    [new arrow.TimeSecond(), Int32Array.of(1), 'TIME', ['00:00:01']],
    [new arrow.TimeMillisecond(), Int32Array.of(1), 'TIME', ['00:00:00.001']],
    [new arrow.TimeMicrosecond(), BigInt64Array.of(1n), 'TIME', ['00:00:00.000001']],
    [new arrow.TimeNanosecond(), BigInt64Array.of(1n), 'TIME_NS', ['00:00:00.000000001']],
    [new arrow.DateMillisecond(), BigInt64Array.of(86_400_001n), 'TIMESTAMP_MS', ['1970-01-02 00:00:00.001']],
    [new arrow.DurationMillisecond(), BigInt64Array.of(1500n), 'INTERVAL', ['00:00:01.5']],
    [
      new arrow.Decimal(2, 4, 128),
      Uint32Array.of(1234, 0, 0, 0, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff),
      'DECIMAL(4,2)',
      ['12.34', '-0.01'],
    ],
    [new arrow.Decimal(0, 38, 256), Uint32Array.of(5, 0, 0, 0, 0, 0, 0, 0), 'DECIMAL(38,0)', ['5']],
  ])('%s from memory', async (type, data, duckdbType, expected) => {
    await workspace.register('t', tableOf({ v: raw(type, data, expected.length) }));
    expect(await workspace.columns('t')).toMatchObject([{ type: duckdbType }]);
    expect((await workspace.query('SELECT v FROM t')).map(({ v }) => v)).toEqual(expected);
  });

  test('of 38 digits, to the last one', async () => {
    const unscaled = (4n << 96n) + (3n << 64n) + (2n << 32n) + 1n;
    await workspace.register('t', tableOf({ v: raw(new arrow.Decimal(10, 38, 128), Uint32Array.of(1, 2, 3, 4), 1) }));
    const [row] = await workspace.query('SELECT v FROM t');
    expect(String(row?.['v']).replace('.', '')).toBe(String(unscaled));
  });

  test('of nothing but nulls', async () => {
    await workspace.register('t', tableOf({ v: arrow.vectorFromArray([null, null], new arrow.Null()) }));
    expect(await workspace.query('SELECT v FROM t')).toEqual([{ v: null }, { v: null }]);
  });
});

describe('a page of Arrow', () => {
  test('is appended by the names of its columns, in the types of the table', async () => {
    await workspace.createTable('t', [
      { name: 'B', type: 'DECIMAL(6,2)' },
      { name: 'a', type: 'BIGINT' },
      { name: 'missing', type: 'VARCHAR' },
    ]);
    const page = tableOf({
      a: arrow.vectorFromArray([1, null], new arrow.Int32()),
      b: arrow.vectorFromArray([1.25, -0.5], new arrow.Float64()),
    });
    await workspace.appendArrow('t', page);
    await workspace.appendArrow('t', page);
    const once = [
      { B: '1.25', a: 1n, missing: null },
      { B: '-0.50', a: null, missing: null },
    ];
    expect(await workspace.query('SELECT * FROM t')).toEqual([...once, ...once]);
  });

  test('of any slice or number of batches has the rows it shows', async () => {
    const whole = tableOf({
      i: column(new arrow.Int32(), (row) => row),
      s: column(new arrow.Utf8(), (row) => `text number ${row}`),
      b: column(new arrow.Bool(), (row) => row % 2 === 0),
    });
    const parts = whole.slice(3, 100).concat(whole.slice(4001, 4950));
    await workspace.register('t', parts);
    const rows = await workspace.query('SELECT i, s, b FROM t');
    expect(rows).toEqual(parts.toArray().map((row: { toJSON(): unknown }) => row.toJSON()));
  });

  test('with a value that does not fit, or an unknown column, is refused', async () => {
    await workspace.createTable('t', [{ name: 'v', type: 'TINYINT' }]);
    await expect(workspace.appendArrow('t', tableOf({ v: arrow.vectorFromArray([1, 300], new arrow.Int32()) }))).rejects.toMatchObject({
      code: 'VALUE_INVALID',
      details: { table: 't', column: 'v', row: 'row 2' },
    });
    await expect(workspace.appendArrow('t', tableOf({ w: arrow.vectorFromArray([1], new arrow.Int32()) }))).rejects.toMatchObject({
      code: 'PAGE_INVALID',
    });
    await expect(
      workspace.register('ns', tableOf({ v: raw(new arrow.TimestampNanosecond('UTC'), BigInt64Array.of(1n), 1) })),
    ).rejects.toMatchObject({ code: 'VALUE_INVALID' });
  });

  test('made by a schema fits the table made by the schema', async () => {
    const schema = new ValueSchema('t');
    for (const [index, type] of [
      'INTEGER',
      'DECIMAL(38,10)',
      'VARCHAR',
      'TIMESTAMP',
      'TIMESTAMPTZ',
      'TIME',
      'DATE',
      'UUID',
      'BLOB',
      'INTEGER[]',
      'BOOLEAN',
    ].entries()) {
      schema.addField(`c${index}`, fromDuckdbType(type, `c${index}`));
    }
    await workspace.createTable(
      't',
      schema.tableFields.map(({ name, type }) => ({ name, type: type.duckdbType() })),
    );
    const { fields } = schema.arrowSchema();
    await workspace.appendArrow(
      't',
      tableOf(Object.fromEntries(fields.map(({ name, type }) => [name, arrow.vectorFromArray([null], type as never)]))),
    );
    expect(await workspace.rowCount('t')).toBe(1);
  });
});
