import { Workspace } from '../../src/lib/duckdb/workspace';
import {
  ArraySchema,
  AvroAnyPrimitive,
  AvroBytes,
  AvroDate,
  AvroDecimal,
  AvroDouble,
  AvroEnum,
  AvroFixed,
  AvroInt,
  AvroLocalTimestamp,
  AvroLocalTimestampMicros,
  AvroLong,
  AvroNVarchar,
  AvroString,
  AvroTime,
  type AvroType,
  AvroUnion,
  AvroVarchar,
  fromDuckdbType,
  KeySchema,
  RecordSchema,
  ValueSchema,
} from '../../src/lib/schema';
import { avscOf } from './avsc-schema';
import { collectMessages } from './collect-messages';

let workspace: Workspace;
beforeAll(async () => {
  workspace = await Workspace.open({ memoryLimit: '500MB', threads: 2 });
});
afterAll(async () => {
  await workspace.close();
});

/** The value record of a one-row table with the columns `id` and `v`, as avsc reads it. */
async function publish(
  sql: string,
  type: AvroType,
  nullable = true,
  change: (schema: ValueSchema) => unknown = () => undefined,
): Promise<unknown> {
  await workspace.run(`CREATE OR REPLACE TABLE one AS SELECT 4711 AS id, ${sql} AS v`);
  const schema = new ValueSchema('one')
    .addField('id', new AvroInt(), undefined, false)
    .addField('v', type, undefined, nullable)
    .setPks(['id']);
  change(schema);
  const [message] = await collectMessages(workspace, 'one', schema);
  return (avscOf(schema.toAvro()).fromBuffer(message!.value.subarray(5)) as { v: unknown }).v;
}

describe('a column whose DuckDB type is not that of its Avro type is cast exactly', () => {
  test.each([
    ['12::UTINYINT', new AvroInt(), 12],
    ['9223372036854775807::UBIGINT', new AvroLong(), 9223372036854775807n],
    ['18446744073709551615::UBIGINT', new AvroDecimal(20, 0), Buffer.from('00ffffffffffffffff', 'hex')],
    ["'12.50'", new AvroDecimal(10, 1), Buffer.from([125])],
    ['12.50::DECIMAL(10,2)', new AvroDecimal(5, 1), Buffer.from([125])],
    ['5::DECIMAL(3,0)', new AvroInt(), 5],
    ['12.5::DOUBLE', new AvroDecimal(5, 1), Buffer.from([125])],
    ['9007199254740992::BIGINT', new AvroDouble(), 9007199254740992],
    ["TIMESTAMP '2024-01-31 00:00:00'", new AvroDate(), 19753],
    ["TIMESTAMP '1969-12-31 23:59:59.999'", new AvroLocalTimestamp(), -1n],
    ["TIMESTAMP_NS '1970-01-01 00:00:00.000001'", new AvroLocalTimestampMicros(), 1n],
    ["TIMESTAMPTZ '1970-01-01 02:00:00+02'", new AvroLocalTimestampMicros(), 0n],
    ["DATE '1970-01-02'", new AvroLocalTimestampMicros(), 86_400_000_000n],
    ["'b'::ENUM('a','b','c')", new AvroEnum(['c', 'b'], 'letters'), 'b'],
    ["'äx'", new AvroBytes(), Buffer.from('äx')],
    ["'😀😀'", new AvroNVarchar(2), '😀😀'],
    ['12::INTEGER', new AvroString(), '12'],
    ['INTERVAL 3 DAY', new AvroString(), '3 days'],
    ['5::INTEGER', new AvroAnyPrimitive(), { int: 5 }],
    ["'5'", new AvroAnyPrimitive(), { string: '5' }],
    ['NULL', new AvroAnyPrimitive(), null],
  ])('%s as %s', async (sql, type, expected) => {
    expect(await publish(sql, type)).toEqual(expected);
  });
});

describe('a value that its Avro type cannot hold stops the run with VALUE_INVALID, naming table, column and key', () => {
  test.each([
    ['18446744073709551615::UBIGINT', new AvroLong()],
    ['2147483648::BIGINT', new AvroInt()],
    ['12.55::DECIMAL(10,2)', new AvroDecimal(10, 1)],
    ['12345::DECIMAL(10,0)', new AvroDecimal(4, 0)],
    ["'12.55'", new AvroDecimal(10, 1)],
    ["'x'", new AvroInt()],
    ['1.5::DOUBLE', new AvroInt()],
    ['9007199254740993::BIGINT', new AvroDouble()],
    ["TIMESTAMP '2024-01-31 10:00:00'", new AvroDate()],
    ["TIMESTAMP '2024-01-31 10:00:00.123456'", new AvroLocalTimestamp()],
    ["TIMESTAMP_NS '2024-01-31 10:00:00.123456789'", new AvroLocalTimestampMicros()],
    ["TIMESTAMP 'infinity'", new AvroLocalTimestampMicros()],
    ["DATE '-infinity'", new AvroDate()],
    ["TIME '10:00:00.000001'", new AvroTime()],
    ["'d'", new AvroEnum(['a', 'b'], 'letters')],
    ["'abc'", new AvroVarchar(2)],
    ["'😀😀😀'", new AvroNVarchar(2)],
    ["'\\xAA'::BLOB", new AvroFixed(2, 'two')],
    ['[1, NULL]', new ArraySchema(new AvroInt())],
    ["['abc']", new ArraySchema(new AvroVarchar(2))],
    ["{'a': 1, 'b': 2}", new RecordSchema('r').addField('a', new AvroInt())],
  ])('%s as %s', async (sql, type) => {
    await expect(publish(sql, type)).rejects.toMatchObject({
      code: 'VALUE_INVALID',
      details: { table: 'one', column: 'v', row: 'key id 4711' },
    });
  });

  test('a null in a field that must not be null', async () => {
    await expect(publish('NULL::INTEGER', new AvroInt(), false)).rejects.toMatchObject({
      code: 'VALUE_INVALID',
      details: { column: 'v', row: 'key id 4711' },
    });
  });

  test('the message never has the value', async () => {
    const error: unknown = await publish("'geheim'", new AvroInt()).catch((caught: unknown) => caught);
    expect(JSON.stringify([String(error), (error as Error).message])).not.toContain('geheim');
  });
});

describe('nested columns equal what avsc encodes', () => {
  test.each([
    ['[1, 2]', [1, 2]],
    ['[]::INTEGER[]', []],
    ["[['a'], ['b', 'c']]", [['a'], ['b', 'c']]],
    ["{'a': 1, 'b': 'x'}", { a: 1, b: 'x' }],
    ["{'a': NULL::INTEGER, 'b': {'c': [1.5::DECIMAL(4,1)]}}", { a: null, b: { c: [Buffer.from([15])] } }],
    ["MAP {'k': 1, '': 2}", { k: 1, '': 2 }],
    ["MAP {7: TIMESTAMP '1970-01-01 00:00:01.5'}", { 7: 1_500_000n }],
    ['union_value(num := 7::INTEGER)::UNION(num INTEGER, str VARCHAR)', 7],
    ['[9007199254740993::BIGINT]', [9007199254740993n]],
    ["[DATE '1970-01-11']", [10]],
    ["[TIME '00:00:01.000001']", [1_000_001n]],
    ["['00112233-4455-6677-8899-aabbccddeeff'::UUID]", [Buffer.from('00112233445566778899aabbccddeeff', 'hex')]],
    ["[encode('ä')]", [Buffer.from('ä')]],
    ['[1.5::FLOAT]', [1.5]],
    ['NULL::INTEGER[]', null],
  ])('%s', async (sql, expected) => {
    await workspace.run(`CREATE OR REPLACE TABLE nested AS SELECT ${sql} AS v`);
    const [column] = await workspace.columns('nested');
    const published = await publish(sql, fromDuckdbType(column!.type, 'v'));
    expect(JSON.parse(JSON.stringify(published, plain))).toEqual(JSON.parse(JSON.stringify(expected, plain)));
  });

  test('a union with null among its branches', async () => {
    expect(await publish('NULL::UNION(num INTEGER, str VARCHAR)', new AvroUnion([new AvroInt(), new AvroString()]))).toBeNull();
  });
});

function plain(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? `${String(value)}n` : value;
}

describe('technical fields', () => {
  const schema = (): ValueSchema => new ValueSchema('t').addField('id', new AvroInt(), undefined, false).setPks(['id']);

  test('take the column of their name before the constant', async () => {
    await workspace.run(`CREATE OR REPLACE TABLE t AS SELECT 1 AS id, 'D' AS __change_type, 'AAAB' AS __source_rowid, MAP {'id': '1'} AS __truncate,
      {'__transformresult': 'PASS', '__details': [{'__transformationname': 'n', '__transformresult': 'PASS', '__transformresult_text': NULL, '__transformresult_quality': 100}]} AS __audit`);
    const [message] = await collectMessages(workspace, 't', schema(), { technical: { __change_type: 'R', __source_system: 'S' } });
    expect(avscOf(schema().toAvro()).fromBuffer(message!.value.subarray(5))).toMatchObject({
      __change_type: 'D',
      __source_rowid: 'AAAB',
      __source_system: 'S',
      __truncate: { id: '1' },
      __audit: { __transformresult: 'PASS', __details: [{ __transformresult_quality: 100 }] },
      __extension: null,
      id: 1,
    });
  });

  test('a constant that does not fit is refused before anything is sent', async () => {
    await workspace.run('CREATE OR REPLACE TABLE t AS SELECT 1 AS id');
    await expect(collectMessages(workspace, 't', schema(), { technical: { __change_type: 'too long' } })).rejects.toMatchObject({
      code: 'VALUE_INVALID',
      details: { column: '__change_type' },
    });
  });

  test('a column that the table does not have is null, or refused where it must not be', async () => {
    await workspace.run('CREATE OR REPLACE TABLE t AS SELECT 1 AS id');
    const [message] = await collectMessages(workspace, 't', schema().addField('more', new AvroInt()));
    expect(message).toBeDefined();
    await expect(collectMessages(workspace, 't', schema().addField('more', new AvroInt(), undefined, false))).rejects.toMatchObject({
      code: 'COLUMN_UNKNOWN',
      details: { column: 'more' },
    });
  });

  test('without a primary key the key is the time of sending, another one for each row', async () => {
    await workspace.run('CREATE OR REPLACE TABLE t AS SELECT i::INTEGER AS id FROM range(5000) r(i)');
    const keyless = new ValueSchema('t').addField('id', new AvroInt());
    const before = BigInt(Date.now()) * 1000n;
    const messages = await collectMessages(workspace, 't', keyless);
    const type = avscOf(new KeySchema(keyless).toAvro());
    const times = messages.map(({ key }) => (type.fromBuffer(key.subarray(5)) as { ts: bigint }).ts);
    expect(new Set(times).size).toBe(5000);
    expect(times[0]! >= before && times.at(-1)! < before + 60_000_000n).toBe(true);
  });
});

describe('the sink', () => {
  test('gets the same row again after a full queue, every row once and in order', async () => {
    await workspace.run('CREATE OR REPLACE TABLE queue AS SELECT i::INTEGER AS id FROM range(10000) r(i)');
    const schema = new ValueSchema('queue').addField('id', new AvroInt()).setPks(['id']);
    const type = avscOf(new KeySchema(schema).toAvro());
    const taken: number[] = [];
    let full = 0;
    let offers = 0;
    const request = {
      table: 'queue',
      valueSchema: schema,
      keySchema: new KeySchema(schema),
      valueSchemaId: 1,
      keySchemaId: 2,
      technical: {},
    };
    const rows = await workspace.encodeRows(request, {
      write(key) {
        if (++offers % 97 === 0) return false;
        taken.push((type.fromBuffer(key.subarray(5)) as { id: number }).id);
        return true;
      },
      ready() {
        full++;
        return Promise.resolve();
      },
    });
    expect(rows).toBe(10000);
    expect(full).toBeGreaterThan(100);
    expect(taken).toEqual(Array.from({ length: 10000 }, (_, id) => id));
  });

  test('ends the run when ready rejects, and the workspace stays usable', async () => {
    const schema = new ValueSchema('queue').addField('id', new AvroInt()).setPks(['id']);
    const request = {
      table: 'queue',
      valueSchema: schema,
      keySchema: new KeySchema(schema),
      valueSchemaId: 1,
      keySchemaId: 2,
      technical: {},
    };
    const failure = new Error('stopped');
    await expect(workspace.encodeRows(request, { write: () => false, ready: () => Promise.reject(failure) })).rejects.toThrow('stopped');
    expect(await workspace.rowCount('queue')).toBe(10000);
  });

  test('gets the rows of a query in its order', async () => {
    const schema = new ValueSchema('queue').addField('id', new AvroInt()).setPks(['id']);
    const messages = await collectMessages(workspace, 'queue', schema, { sql: 'SELECT * FROM queue WHERE id < 3 ORDER BY id DESC' });
    expect(messages.map(({ key }) => key[5]! >> 1)).toEqual([2, 1, 0]);
  });
});

test('names of columns never reach the generated source', async () => {
  const name = "v'];throw new Error('injected');//`${1}";
  await workspace.createTable('evil', [{ name, type: 'INTEGER' }]);
  await workspace.appendText('evil', [['5']]);
  const messages = await collectMessages(workspace, 'evil', new ValueSchema('evil').addField(name, new AvroInt()));
  expect(messages).toHaveLength(1);
});
