import {
  AvroBytes,
  AvroDecimal,
  AvroInt,
  AvroLong,
  AvroNVarchar,
  AvroTimestampMicros,
  commitKeySchema,
  commitValueSchema,
  createKeyRow,
  createTruncateRow,
  KeySchema,
  RowType,
  subjectName,
  TECHNICAL_FIELDS,
  ValueSchema,
} from '../../src/lib/schema';

const schema = new ValueSchema('T')
  .addField('ID', new AvroLong(), undefined, false)
  .addField('PLANT', new AvroNVarchar(4))
  .addField('PRICE', new AvroDecimal(9, 2), undefined, false)
  .addField('AT', new AvroTimestampMicros(), undefined, false)
  .addField('RAW', new AvroBytes(), undefined, false)
  .addField('NOTE', new AvroNVarchar(10))
  .setPks(['PLANT', 'ID']);

const nothing = Object.fromEntries(Object.values(TECHNICAL_FIELDS).map((name) => [name, null]));

test('a TRUNCATE row has nothing but technical fields; where null is not allowed it has zero values', () => {
  expect(createTruncateRow(schema)).toEqual({
    ...nothing,
    __change_type: RowType.TRUNCATE,
    ID: 0n,
    PLANT: null,
    PRICE: '0.00',
    AT: 0n,
    RAW: new Uint8Array(0),
    NOTE: null,
  });
  expect(createTruncateRow(schema, null)).toEqual(createTruncateRow(schema));
});

test('a TRUNCATE row with a filter says which rows to delete', () => {
  expect(createTruncateRow(schema, { PLANT: '0100' })).toMatchObject({ __change_type: 'T', __truncate: { PLANT: '0100' }, PLANT: null });
});

test('a filter on a column the table does not have is refused', () => {
  const error = expect.objectContaining({
    code: 'COLUMN_UNKNOWN',
    details: { table: 'T', column: 'WERKS', use: 'filter of a TRUNCATE row' },
  }) as Error;
  expect(() => createTruncateRow(schema, { WERKS: '0100' })).toThrow(error);
});

test('the key of a row is its primary key, in key order', () => {
  const row = { ID: 5n, PLANT: '0100', NOTE: 'x' };
  expect(Object.entries(createKeyRow(row, new KeySchema(schema)))).toEqual([
    ['PLANT', '0100'],
    ['ID', 5n],
  ]);
});

test('the key of a TRUNCATE row has zero values where the row has none; that of another row keeps its null', () => {
  const keySchema = new KeySchema(schema);
  expect(createKeyRow(createTruncateRow(schema), keySchema)).toEqual({ PLANT: '', ID: 0n });
  expect(createKeyRow({ ID: 5n }, keySchema)).toEqual({ PLANT: null, ID: 5n });
});

test('the key of a row without primary key is the time, in microseconds', () => {
  const keySchema = new KeySchema(new ValueSchema('T').addField('a', new AvroInt()));
  expect(createKeyRow({ a: 1 }, keySchema, 1_700_000_000_123)).toEqual({ ts: 1_700_000_000_123_000n });
  expect(typeof createKeyRow({ a: 1 }, keySchema)['ts']).toBe('bigint');
});

test('the letters of the row types are those consumers know', () => {
  expect(Object.values(RowType).join('')).toBe('IUBDGAXTRP');
});

test('the commit schemas have fields that can all be null, and a key of commit and producer', () => {
  const value = commitValueSchema();
  expect(value.tableFields.map(({ name, nullable, type }) => [name, nullable, type.toString()])).toEqual([
    ['commit_id', true, 'STRING'],
    ['producer_name', true, 'STRING'],
    ['commit_epoch_ns', true, 'LONG'],
    ['record_count', true, 'INT'],
    ['rollback', true, 'BOOLEAN'],
    ['topics', true, 'MAP<RECORD topic_offsets>'],
  ]);
  expect(value.pks).toEqual(['commit_id', 'producer_name']);
  expect(commitKeySchema().fields.map(({ name, nullable }) => [name, nullable])).toEqual([
    ['commit_id', true],
    ['producer_name', true],
  ]);
  expect([value.fullName, commitKeySchema().fullName]).toEqual(['commit', 'commit_key']);
});

test.each([
  ['TopicNameStrategy', 'value', 'LAB-value'],
  ['TopicNameStrategy', 'key', 'LAB-key'],
  ['RecordNameStrategy', 'value', 'LABWARE.PLAN'],
  ['TopicRecordNameStrategy', 'value', 'LAB-LABWARE.PLAN'],
  ['TopicRecordNameStrategy', 'key', 'LAB-LABWARE.PLAN_key'],
] as const)('%s names the %s schema %s', (strategy, part, expected) => {
  const value = new ValueSchema('PLAN', 'LABWARE');
  const { fullName } = part === 'key' ? new KeySchema(value) : value;
  expect(subjectName(strategy, 'LAB', fullName, part)).toBe(expected);
});
