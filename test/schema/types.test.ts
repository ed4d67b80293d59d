import { DuckDBInstance } from '@duckdb/node-api';
import avsc from 'avsc';
import * as arrow from 'apache-arrow';
import fc from 'fast-check';
import { TablecastError } from '../../src/lib/errors';
import {
  ArraySchema,
  AvroAnyPrimitive,
  AvroDecimal,
  AvroEnum,
  AvroFixed,
  AvroInt,
  type AvroKind,
  AvroLong,
  AvroMap,
  AvroNull,
  AvroNVarchar,
  AvroString,
  AvroTimestampMicros,
  type AvroType,
  AvroUnion,
  AvroUUID,
  AvroVarchar,
  Field,
  fromArrowType,
  fromAvroType,
  fromDuckdbType,
  RecordSchema,
  ValueSchema,
} from '../../src/lib/schema';
import { everyType, typeOf } from './table-description';

const types: readonly AvroType[] = [
  ...everyType.map(typeOf),
  new AvroNull(),
  new AvroAnyPrimitive(),
  new AvroUnion([new AvroInt(), new AvroDecimal(5, 1), new AvroString()]),
];

/** What becomes of each type that was stored in DuckDB or Arrow, which have fewer: kind → kind. A kind that is not listed stays itself. */
const afterDuckdb: Partial<Record<AvroKind, AvroKind>> = {
  NULL: 'STRING',
  VARCHAR: 'STRING',
  NVARCHAR: 'STRING',
  CLOB: 'STRING',
  NCLOB: 'STRING',
  URI: 'STRING',
  ST_POINT: 'STRING',
  ST_GEOMETRY: 'STRING',
  FIXED: 'BYTES',
  'time-millis': 'time-micros',
  'timestamp-millis': 'timestamp-micros',
};
const afterArrow: Partial<Record<AvroKind, AvroKind>> = {
  NULL: 'STRING',
  VARCHAR: 'STRING',
  NVARCHAR: 'STRING',
  CLOB: 'STRING',
  NCLOB: 'STRING',
  URI: 'STRING',
  ST_POINT: 'STRING',
  ST_GEOMETRY: 'STRING',
  ENUM: 'STRING',
  uuid: 'STRING',
};

test('every kind of type is among those tested', () => {
  const kinds: Record<AvroKind, true> = {
    NULL: true,
    BOOLEAN: true,
    BYTE: true,
    SHORT: true,
    INT: true,
    LONG: true,
    FLOAT: true,
    DOUBLE: true,
    decimal: true,
    BYTES: true,
    FIXED: true,
    ENUM: true,
    STRING: true,
    VARCHAR: true,
    NVARCHAR: true,
    CLOB: true,
    NCLOB: true,
    URI: true,
    ST_POINT: true,
    ST_GEOMETRY: true,
    uuid: true,
    date: true,
    'time-millis': true,
    'time-micros': true,
    'timestamp-millis': true,
    'timestamp-micros': true,
    'local-timestamp-millis': true,
    'local-timestamp-micros': true,
    MAP: true,
    ARRAY: true,
    RECORD: true,
    UNION: true,
  };
  expect([...new Set(types.map((type) => type.kind))].sort()).toEqual(Object.keys(kinds).sort());
});

test.each(types.map((type) => [type.toString(), type] as const))('%s comes back from its Avro JSON', (_title, type) => {
  const read = fromAvroType(JSON.parse(JSON.stringify(type.toAvro())));
  expect(read.equals(type)).toBe(true);
  expect(read.constructor).toBe(type.constructor);
});

test.each(types.map((type) => [type.toString(), type] as const))('%s is a type that avsc compiles', (_title, type) => {
  expect(() => avsc.Type.forSchema(JSON.parse(JSON.stringify(type.toAvro())) as avsc.Schema)).not.toThrow();
});

test.each(types.map((type) => [type.toString(), type] as const))(
  '%s is a DuckDB column, and DuckDB’s name for it is read',
  async (_title, type) => {
    const instance = await DuckDBInstance.create();
    const connection = await instance.connect();
    try {
      await connection.run(`create table t (c ${type.duckdbType()})`);
      const described = (await connection.runAndReadAll('describe t')).getRowObjectsJson()[0]!['column_type'] as string;
      const printed = (await connection.run('select c from t')).columnType(0).toString();
      expect(withoutNames(fromDuckdbType(described))).toEqual(converted(type, afterDuckdb));
      expect(withoutNames(fromDuckdbType(printed))).toEqual(converted(type, afterDuckdb));
    } finally {
      connection.closeSync();
      instance.closeSync();
    }
  },
);

test.each(types.map((type) => [type.toString(), type] as const))('%s is an Arrow type and back', (_title, type) => {
  expect(withoutNames(fromArrowType(type.arrowType()))).toEqual(converted(type, afterArrow));
});

test.each(types.filter((type) => type.kind !== 'NULL').map((type) => [type.toString(), type] as const))(
  'the zero value of %s is one of its values',
  (_title, type) => {
    const zero = type.zero();
    const kindsOfZero: Record<string, boolean> = {
      boolean: zero === false,
      number: zero === 0,
      bigint: zero === 0n,
      string: zero === '' || type.kind === 'ENUM' || /^0[0.-]*$/.test(zero as string),
      object: zero !== null,
    };
    expect(kindsOfZero[typeof zero]).toBe(true);
  },
);

test('the zero value of a record has null where it may, else zero values', () => {
  const record = new RecordSchema('r')
    .addField('a', new AvroInt())
    .addField('b', new AvroInt(), undefined, false)
    .addField('c', new AvroDecimal(5, 2), undefined, false);
  expect(record.zero()).toEqual({ a: null, b: 0, c: '0.00' });
  expect(new AvroFixed(3, 'f').zero()).toEqual(new Uint8Array(3));
  expect(new AvroEnum(['B', 'A'], 'e').zero()).toBe('B');
});

test('a type says its parameters', () => {
  const said = [
    new AvroDecimal(15, 2),
    new AvroNVarchar(40),
    new AvroTimestampMicros(),
    new ArraySchema(new AvroMap(new AvroLong())),
    new AvroUnion([new AvroInt(), new AvroString()]),
  ];
  expect(said.map(String)).toEqual(['DECIMAL(15,2)', 'NVARCHAR(40)', 'TIMESTAMP_MICROS', 'ARRAY<MAP<LONG>>', 'UNION<INT, STRING>']);
});

test('every type DuckDB has a name for is read, under each of its names', async () => {
  const instance = await DuckDBInstance.create();
  const connection = await instance.connect();
  try {
    const types = await connection.runAndReadAll(
      "select distinct type_name from duckdb_types() where database_name = 'system' and logical_type not in ('ARRAY', 'LIST', 'MAP', 'STRUCT', 'UNION', 'ENUM', 'TYPE', 'NULL')",
    );
    const names = types.getColumns()[0]!.map(String);
    expect(names.length).toBeGreaterThan(50);
    for (const name of names) {
      const printed = (await connection.runAndReadAll(`describe select null::${name} c`)).getRowObjectsJson()[0]!['column_type'] as string;
      expect([name, fromDuckdbType(name).toString()]).toEqual([name, fromDuckdbType(printed).toString()]);
    }
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
});

test.each([
  ["GEOMETRY('EPSG:4326')", 'ST_GEOMETRY'],
  ['ROW(a INTEGER)', 'RECORD value'],
  ['TIMESTAMP WITHOUT TIME ZONE', 'LOCAL_TIMESTAMP_MICROS'],
  ['BOOL', 'BOOLEAN'],
  ['int', 'INT'],
  ['UBIGINT', 'DECIMAL(20,0)'],
  ['HUGEINT', 'DECIMAL(38,0)'],
  ['UINTEGER', 'LONG'],
  ['UTINYINT', 'SHORT'],
  ['DECIMAL', 'DECIMAL(18,3)'],
  ['DECIMAL(9)', 'DECIMAL(9,0)'],
  ['numeric(4, 1)', 'DECIMAL(4,1)'],
  ['VARCHAR(20)', 'NVARCHAR(20)'],
  ['TIMESTAMPTZ', 'TIMESTAMP_MICROS'],
  ['timestamp with time zone', 'TIMESTAMP_MICROS'],
  ['TIMESTAMP_NS', 'LOCAL_TIMESTAMP_MICROS'],
  ['TIMESTAMP_S', 'LOCAL_TIMESTAMP_MILLIS'],
  ['INTERVAL', 'STRING'],
  ['BIT', 'STRING'],
  ['JSON', 'NCLOB'],
  ['INTEGER[3]', 'ARRAY<INT>'],
  ['INTEGER[][]', 'ARRAY<ARRAY<INT>>'],
  ['MAP(INTEGER, VARCHAR[])', 'MAP<ARRAY<STRING>>'],
  ["ENUM('a b')", 'STRING'],
  ["ENUM('it''s', ')')", 'STRING'],
  ["ENUM('A', 'B')", 'ENUM(A, B)'],
  ['UNION(num INTEGER, str VARCHAR)', 'UNION<INT, STRING>'],
])('the DuckDB type %s is %s', (text, expected) => {
  expect(fromDuckdbType(text).toString()).toBe(expected);
});

test('a DuckDB structure becomes a record named after its column, with the fields’ original names', () => {
  const type = fromDuckdbType('STRUCT("a ""b"" (c)" INTEGER, d STRUCT(e ENUM(\'X\', \'Y\')))[]', 'my col');
  const record = ((type as ArraySchema).items as RecordSchema).toAvro();
  expect(record).toMatchObject({
    name: 'my_x0020col',
    fields: [
      { __originalname: 'a "b" (c)' },
      { type: ['null', { name: 'my_x0020col_d', fields: [{ type: ['null', { type: 'enum', name: 'my_x0020col_d_e' }] }] }] },
    ],
  });
});

test.each(['', 'NO_SUCH_TYPE', 'INTEGER]', 'INTEGER[', 'DECIMAL(5', 'STRUCT(a', 'MAP(VARCHAR)', 'INTEGER INTEGER', 'ENUM()', '()'])(
  'the DuckDB type "%s" is refused by name',
  (text) => {
    expect(() => fromDuckdbType(text)).toThrow(
      expect.objectContaining({ code: 'TYPE_UNSUPPORTED', details: { system: 'DuckDB', type: text } }) as Error,
    );
  },
);

test('whatever DuckDB’s type text is, the answer is a type or one of our errors', () => {
  const piece = fc.constantFrom(
    'INTEGER',
    'STRUCT',
    'MAP',
    'ENUM',
    'UNION',
    'DECIMAL',
    '(',
    ')',
    '[',
    ']',
    ',',
    '"a"',
    "'b'",
    '3',
    '40',
    ' ',
    'WITH',
    'TIME',
    'ZONE',
  );
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.array(piece, { maxLength: 10 }).map((pieces) => pieces.join(' ')),
      ),
      (text) => {
        try {
          expect(fromDuckdbType(text).duckdbType()).not.toBe('');
        } catch (error) {
          expect(error).toBeInstanceOf(TablecastError);
        }
      },
    ),
    { numRuns: 2000 },
  );
});

test.each([
  [new arrow.Uint8(), 'SHORT'],
  [new arrow.Uint16(), 'INT'],
  [new arrow.Uint32(), 'LONG'],
  [new arrow.Uint64(), 'DECIMAL(20,0)'],
  [new arrow.Float16(), 'FLOAT'],
  [new arrow.LargeUtf8(), 'STRING'],
  [new arrow.Dictionary(new arrow.Utf8(), new arrow.Int32()), 'STRING'],
  [new arrow.DateMillisecond(), 'LOCAL_TIMESTAMP_MILLIS'],
  [new arrow.TimeNanosecond(), 'TIME_MICROS'],
  [new arrow.TimestampSecond(), 'LOCAL_TIMESTAMP_MILLIS'],
  [new arrow.TimestampNanosecond('Europe/Berlin'), 'TIMESTAMP_MICROS'],
  [new arrow.FixedSizeList(2, new arrow.Field('item', new arrow.Int8())), 'ARRAY<BYTE>'],
  [new arrow.FixedSizeBinary(7), 'FIXED(7)'],
] as [arrow.DataType, string][])('the Arrow type %s is %s', (type, expected) => {
  expect(fromArrowType(type).toString()).toBe(expected);
});

test.each([new arrow.IntervalDayTime(), new arrow.DurationSecond(), new arrow.Decimal(2, 50, 256)])(
  'the Arrow type %s is refused by name',
  (type) => {
    expect(() => fromArrowType(type)).toThrow(expect.objectContaining({ code: 'TYPE_UNSUPPORTED' }) as Error);
  },
);

test.each([
  [{ type: 'string' }, 'STRING'],
  ['long', 'LONG'],
  [{ type: { type: 'int', logicalType: 'date' } }, 'DATE'],
  [{ type: 'string', logicalType: 'uuid' }, 'STRING'],
  [{ type: 'long', logicalType: 'nanoseconds-of-elsewhere' }, 'LONG'],
  [{ type: 'int', logicalType: 'timestamp-millis' }, 'INT'],
  [{ type: 'fixed', name: 'f', size: 5, logicalType: 'decimal', precision: 9, scale: 2 }, 'FIXED(5)'],
  [{ type: 'bytes', logicalType: 'decimal', precision: 9 }, 'DECIMAL(9,0)'],
  [{ type: 'string', logicalType: 'VARCHAR', length: null }, 'STRING'],
  [{ type: 'enum', name: 'e', symbols: '["A","B"]' }, 'ENUM(A, B)'],
  [['null', 'string'], 'UNION<NULL, STRING>'],
  [{ type: 'record', name: 'r', fields: [{ name: 'a', type: 'int' }] }, 'RECORD r'],
  [{ type: 'long', logicalType: 'constructor' }, 'LONG'],
])('the Avro schema %j of another writer is %s', (json, expected) => {
  expect(fromAvroType(json).toString()).toBe(expected);
});

test.each([
  [undefined],
  [null],
  [7],
  ['no_such_type'],
  ['toString'],
  [{}],
  [{ type: 'array' }],
  [{ type: 'map' }],
  [{ type: 'enum', name: 'e' }],
  [{ type: 'enum', name: 'e', symbols: 'A,B' }],
  [{ type: 'fixed', name: 'f' }],
  [{ type: 'fixed', size: 4 }],
  [{ type: 'record', name: 'r' }],
  [{ type: 'record', fields: [] }],
  [{ type: 'record', name: 'r', fields: ['a'] }],
  [{ type: 'record', name: 'r', fields: [{ type: 'int' }] }],
  [{ type: 'bytes', logicalType: 'decimal' }],
])('%j is no readable Avro schema', (json) => {
  expect(() => fromAvroType(json)).toThrow(expect.objectContaining({ code: 'SCHEMA_UNREADABLE' }) as Error);
});

test('whatever JSON is read as a schema, the answer is a type or one of our errors', () => {
  const word = fc.constantFrom('record', 'array', 'map', 'enum', 'fixed', 'string', 'bytes', 'decimal', 'uuid', 'null', 'x', 'NS.x');
  const { json } = fc.letrec<{ json: unknown }>((tie) => ({
    json: fc.oneof(
      { maxDepth: 4 },
      word,
      fc.jsonValue({ maxDepth: 1 }),
      fc.array(tie('json'), { maxLength: 3 }),
      fc.record(
        {
          type: tie('json'),
          name: word,
          fields: fc.array(fc.record({ name: word, type: tie('json') }), { maxLength: 2 }),
          items: tie('json'),
          values: tie('json'),
          symbols: fc.array(word, { maxLength: 2 }),
          size: fc.integer(),
          logicalType: word,
          precision: fc.integer(),
        },
        { requiredKeys: [] },
      ),
    ),
  }));
  fc.assert(
    fc.property(json, (schema) => {
      try {
        expect(fromAvroType(schema).toString()).not.toBe('');
      } catch (error) {
        expect(error).toBeInstanceOf(TablecastError);
      }
    }),
    { numRuns: 1000 },
  );
});

test.each<[string, () => unknown]>([
  ['DECIMAL(0,0)', () => new AvroDecimal(0, 0)],
  ['DECIMAL(39,0)', () => new AvroDecimal(39, 0)],
  ['DECIMAL(5,6)', () => new AvroDecimal(5, 6)],
  ['DECIMAL(5,-1)', () => new AvroDecimal(5, -1)],
  ['DECIMAL(5.5,0)', () => new AvroDecimal(5.5, 0)],
  ['DECIMAL(NaN,0)', () => new AvroDecimal(Number.NaN, 0)],
  ['VARCHAR(0)', () => new AvroVarchar(0)],
  ['NVARCHAR(1.5)', () => new AvroNVarchar(1.5)],
  ['FIXED(0)', () => new AvroFixed(0, 'f')],
  ['FIXED(4)', () => new AvroFixed(4, 'no name')],
  ['ENUM e', () => new AvroEnum([], 'e')],
  ['ENUM e', () => new AvroEnum(['A', 'A'], 'e')],
  ['ENUM e', () => new AvroEnum(['in progress'], 'e')],
  ['ENUM', () => new AvroEnum(['A'], '')],
  ['UNION', () => new AvroUnion([])],
  ['UNION<INT, INT>', () => new AvroUnion([new AvroInt(), new AvroInt()])],
  ['UNION<STRING, NVARCHAR(3)>', () => new AvroUnion([new AvroString(), new AvroNVarchar(3)])],
  ['UNION<NULL, UNION<INT>>', () => new AvroUnion([new AvroNull(), new AvroUnion([new AvroInt()])])],
])('%s is refused with the reason', (type, make) => {
  expect(make).toThrow(expect.objectContaining({ code: 'TYPE_INVALID', details: expect.objectContaining({ type }) as unknown }) as Error);
});

test('a record cannot contain itself, whichever way', () => {
  const tree = new RecordSchema('tree');
  const branch = new RecordSchema('branch').addField('trees', new AvroMap(new ArraySchema(tree)));
  const error = expect.objectContaining({ code: 'TYPE_INVALID' }) as Error;
  expect(() => tree.addField('self', tree)).toThrow(error);
  expect(() => tree.addField('branch', new AvroUnion([new AvroNull(), branch]))).toThrow(error);
});

test('a named type used twice is defined once and named after that; read, it is the same again', () => {
  const state = new AvroEnum(['A'], 'state');
  const schema = new ValueSchema('T', 'NS').addField('one', state).addField('two', new ArraySchema(new AvroEnum(['A'], 'state')));
  const [one, two] = schema.toAvro().fields.slice(-2);
  expect(one!.type).toEqual(['null', { type: 'enum', logicalType: 'ENUM', symbols: ['A'], name: 'state' }]);
  expect(two!.type).toEqual(['null', { type: 'array', items: 'NS.state' }]);
  expect(ValueSchema.fromAvro(JSON.parse(JSON.stringify(schema.toAvro()))).toAvro()).toEqual(schema.toAvro());
});

test('two different types of one name are refused', () => {
  const schema = new ValueSchema('T').addField('one', new AvroEnum(['A'], 'state')).addField('two', new AvroEnum(['B'], 'state'));
  expect(() => schema.toAvro()).toThrow(expect.objectContaining({ code: 'TYPE_NAME_TAKEN', details: { name: 'state' } }) as Error);
});

test('several UUID columns have a name each, which does not depend on the columns around them', () => {
  const schema = new ValueSchema('T').addField('a', new AvroUUID()).addField('b c', new AvroMap(new AvroUUID()), undefined, false);
  const [a, b] = schema.toAvro().fields.slice(-2);
  expect(a!.type).toEqual(['null', { type: 'fixed', size: 16, logicalType: 'uuid', name: 'a_uuid' }]);
  expect(b!.type).toEqual({
    type: 'map',
    logicalType: 'MAP',
    values: { type: 'fixed', size: 16, logicalType: 'uuid', name: 'b_x0020c_uuid' },
  });
  expect(() => avsc.Type.forSchema(schema.toAvro() as unknown as avsc.Schema)).not.toThrow();
});

test('a nullable union is flat, and a union with null among its branches keeps their order', () => {
  const field = (type: AvroType, nullable: boolean) =>
    new ValueSchema('T')
      .addFieldObject(new Field('f', type, undefined, nullable))
      .toAvro()
      .fields.at(-1)!;
  const int = { type: 'int', logicalType: 'INT' };
  const string = { type: 'string', logicalType: 'STRING' };
  const nothing = { type: 'null', logicalType: 'NULL' };
  expect(field(new AvroUnion([new AvroInt(), new AvroString()]), true)).toMatchObject({ type: [nothing, int, string], default: null });
  const between = field(new AvroUnion([new AvroInt(), new AvroNull(), new AvroString()]), false);
  expect(between).toMatchObject({ type: [int, nothing, string] });
  expect(between).not.toHaveProperty('default');
  for (const [type, nullable] of [
    [new AvroUnion([new AvroInt(), new AvroString()]), true],
    [new AvroUnion([new AvroInt(), new AvroString()]), false],
    [new AvroUnion([new AvroInt(), new AvroNull(), new AvroString()]), false],
    [new AvroUnion([new AvroNull(), new AvroInt(), new AvroString()]), false],
    [new AvroAnyPrimitive(), true],
    [new AvroNull(), true],
  ] as const) {
    const schema = new ValueSchema('T').addFieldObject(new Field('f', type, undefined, nullable));
    const read = ValueSchema.fromAvro(JSON.parse(JSON.stringify(schema.toAvro())));
    expect(read.toAvro()).toEqual(schema.toAvro());
    expect(read.field('f')!.type.constructor).toBe(type.constructor);
    expect(() => avsc.Type.forSchema(schema.toAvro() as unknown as avsc.Schema)).not.toThrow();
  }
});

/** A type's structure by kinds, with the parameters that DuckDB and Arrow know too. */
type Shape = string | { readonly [part: string]: Shape } | readonly Shape[];

function converted(type: AvroType, changes: Partial<Record<AvroKind, AvroKind>>): Shape {
  switch (type.kind) {
    case 'ARRAY':
      return { array: converted(type.items, changes) };
    case 'MAP':
      return { map: converted(type.values, changes) };
    case 'UNION':
      return { union: type.items.map((item) => converted(item, changes)) };
    case 'RECORD':
      return { record: type.fields.map((field) => [field.name, converted(field.type, changes)]) };
    default: {
      const kind = changes[type.kind] ?? type.kind;
      return kind === 'decimal' || kind === 'ENUM' || kind === 'FIXED' ? type.toString() : kind;
    }
  }
}

function withoutNames(type: AvroType): Shape {
  return converted(type, {});
}
