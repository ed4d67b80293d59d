import { encodeRow } from '../../src/lib/avro/encode-row';
import {
  AvroAnyPrimitive,
  AvroBytes,
  AvroDate,
  AvroDecimal,
  AvroDouble,
  AvroEnum,
  AvroInt,
  AvroLocalTimestampMicros,
  AvroLong,
  AvroMap,
  AvroNVarchar,
  AvroString,
  AvroTime,
  AvroTimestamp,
  AvroTimestampMicros,
  type AvroType,
  AvroUUID,
  createKeyRow,
  createTruncateRow,
  KeySchema,
  ValueSchema,
} from '../../src/lib/schema';
import { avscOf } from '../duckdb/avsc-schema';

function decode(schema: ValueSchema | KeySchema, message: Buffer): Record<string, unknown> {
  return avscOf(schema.toAvro()).fromBuffer(message.subarray(5)) as Record<string, unknown>;
}

/** What the work throws. */
function failureOf(work: () => unknown): unknown {
  try {
    return work();
  } catch (error) {
    return error;
  }
}

function roundTrip(type: AvroType, value: unknown, nullable = true): unknown {
  const schema = new ValueSchema('t').addField('v', type, undefined, nullable);
  return decode(schema, encodeRow(schema, 1, { v: value }))['v'];
}

test('a message starts with a zero byte and the schema’s id', () => {
  const schema = new ValueSchema('t');
  expect(encodeRow(schema, 0x01020304, {}).subarray(0, 5)).toEqual(Buffer.from([0, 1, 2, 3, 4]));
});

test.each<[AvroType, unknown, unknown]>([
  [new AvroInt(), -5, -5],
  [new AvroLong(), 9223372036854775807n, 9223372036854775807n],
  [new AvroLong(), 5, 5n],
  [new AvroDouble(), 0.1, 0.1],
  [new AvroDecimal(5, 2), '12.3', Buffer.from([4, 206])],
  [new AvroDecimal(5, 2), '-1.28', Buffer.from([128])],
  [new AvroDecimal(5, 2), '0', Buffer.from([0])],
  [new AvroDecimal(5, 2), 1.5, Buffer.from([0, 150])],
  [new AvroDecimal(5, 2), '1.5e1', Buffer.from([5, 220])],
  [new AvroBytes(), new Uint8Array([1, 2]), Buffer.from([1, 2])],
  [new AvroString(), 'ä😀', 'ä😀'],
  [new AvroEnum(['a', 'b'], 'e'), 'b', 'b'],
  [new AvroUUID(), '00112233-4455-6677-8899-AABBCCDDEEFF', Buffer.from('00112233445566778899aabbccddeeff', 'hex')],
  [new AvroDate(), '1970-01-11', 10],
  [new AvroDate(), new Date(-86_400_000), -1],
  [new AvroTime(), '00:00:01.5', 1500],
  [new AvroTimestamp(), new Date(1234), 1234n],
  [new AvroTimestamp(), '1970-01-01T01:00:01.234+01:00', 1234n],
  [new AvroTimestampMicros(), '1969-12-31 23:59:59.999999', -1n],
  [new AvroLocalTimestampMicros(), 1234567n, 1234567n],
  [new AvroMap(new AvroInt()), new Map([['k', 1]]), { k: 1 }],
  [new AvroMap(new AvroInt()), { k: 1 }, { k: 1 }],
  [new AvroAnyPrimitive(), 9007199254740993n, { long: 9007199254740993n }],
  [new AvroAnyPrimitive(), 'x', { string: 'x' }],
  [new AvroInt(), null, null],
  [new AvroInt(), undefined, null],
])('%s %p', (type, value, expected) => {
  expect(JSON.stringify(roundTrip(type, value), plain)).toEqual(JSON.stringify(expected, plain));
});

function plain(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? `${String(value)}n` : value;
}

test.each<[AvroType, unknown]>([
  [new AvroInt(), 2147483648],
  [new AvroInt(), 1.5],
  [new AvroInt(), '5'],
  [new AvroLong(), 2 ** 53],
  [new AvroLong(), 2n ** 63n],
  [new AvroDecimal(5, 2), '1.234'],
  [new AvroDecimal(5, 2), '1234'],
  [new AvroDecimal(5, 2), ''],
  [new AvroDecimal(5, 2), 'x'],
  [new AvroString(), 5],
  [new AvroString(), 'half \ud83d'],
  [new AvroNVarchar(2), 'abc'],
  [new AvroEnum(['a'], 'e'), 'b'],
  [new AvroUUID(), 'x'],
  [new AvroDate(), '2023-02-29'],
  [new AvroDate(), new Date(1)],
  [new AvroTimestamp(), '1970-01-01 00:00:00.0001'],
  [new AvroTimestamp(), new Date(NaN)],
  [new AvroMap(new AvroInt()), { k: null }],
])('%s refuses %p', (type, value) => {
  expect(failureOf(() => roundTrip(type, value))).toMatchObject({ code: 'VALUE_INVALID' });
});

test('a null in a field that must not be null names table, column and key', () => {
  const schema = new ValueSchema('ORDERS')
    .addField('ID', new AvroInt(), undefined, false)
    .addField('N', new AvroInt(), undefined, false)
    .setPks(['ID']);
  expect(failureOf(() => encodeRow(schema, 1, { ID: 7, N: null }))).toMatchObject({
    code: 'VALUE_INVALID',
    details: { table: 'ORDERS', column: 'N', row: 'key ID 7', reason: 'it is null' },
  });
});

test('a name that the schema does not have is refused', () => {
  expect(failureOf(() => encodeRow(new ValueSchema('t'), 1, { typo: 1 }))).toMatchObject({ code: 'COLUMN_UNKNOWN' });
});

test('a TRUNCATE row and its key', () => {
  const schema = new ValueSchema('t')
    .addField('ID', new AvroDecimal(10, 0), undefined, false)
    .addField('N$', new AvroString())
    .setPks(['ID']);
  const keySchema = new KeySchema(schema);
  const row = createTruncateRow(schema, { N$: 'x' });
  expect(decode(schema, encodeRow(schema, 1, row))).toMatchObject({
    __change_type: 'T',
    __truncate: { N$: 'x' },
    ID: Buffer.from([0]),
    N_x0024: null,
  });
  expect(decode(keySchema, encodeRow(keySchema, 1, createKeyRow(row, keySchema)))).toMatchObject({ ID: Buffer.from([0]) });
});
