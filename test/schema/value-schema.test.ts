import fc from 'fast-check';
import avsc from 'avsc';
import { TablecastError } from '../../src/lib/errors';
import {
  AvroDecimal,
  AvroInt,
  AvroLong,
  AvroNVarchar,
  AvroString,
  AvroTimestamp,
  Field,
  KeySchema,
  RecordSchema,
  TECHNICAL_FIELDS,
  ValueSchema,
} from '../../src/lib/schema';
import { anyTable, schemaOf } from './table-description';

function samplePlan(): ValueSchema {
  return new ValueSchema('SAMPLE_PLAN', 'LABWARE')
    .addField('ID', new AvroDecimal(10, 0), 'Number of the plan', false, { sourceDataType: 'NUMBER(10)' })
    .addField('VERSION$', new AvroInt(), undefined, false)
    .addField('DESCRIPTION', new AvroNVarchar(200));
}

const error = (code: string, details: object) =>
  expect.objectContaining({ code, details: expect.objectContaining(details) as unknown }) as Error;

test('a value schema starts with the technical fields, then has the table’s own', () => {
  const schema = samplePlan();
  expect(schema.fields.map(({ name }) => name)).toEqual([...Object.values(TECHNICAL_FIELDS), 'ID', 'VERSION$', 'DESCRIPTION']);
  expect(schema.tableFields.map(({ name }) => name)).toEqual(['ID', 'VERSION$', 'DESCRIPTION']);
  const flags = schema.fields.map(({ internal, technical, nullable }) =>
    [internal, technical, nullable].map((flag) => (flag ? 'y' : 'n')).join(''),
  );
  expect(flags.join(' ')).toBe('yyy yyy yyy yyy yyy yyy yyy yny yny nnn nnn nny');
});

test('a schema knows its names', () => {
  const schema = new ValueSchema('SAMPLE PLAN', 'LAB.WARE');
  expect([schema.name, schema.avroName, schema.namespace, schema.fullName]).toEqual([
    'SAMPLE PLAN',
    'SAMPLE_x0020PLAN',
    'LAB.WARE',
    'LAB.WARE.SAMPLE_x0020PLAN',
  ]);
  expect(new ValueSchema('T').fullName).toBe('T');
});

test('a field is found by its original name', () => {
  expect(samplePlan().field('VERSION$')?.avroName).toBe('VERSION_x0024');
  expect(samplePlan().field('VERSION_x0024')).toBeUndefined();
  expect(samplePlan().field('id')).toBeUndefined();
});

test('what describes a field can be completed later', () => {
  const schema = samplePlan();
  schema
    .field('DESCRIPTION')!
    .setDoc('In English')
    .setSensitivity('PII')
    .setSourceDataType('NVARCHAR2(200)')
    .setSemantics({ type: 'TEXT' });
  expect(schema.toAvro().fields.at(-1)).toMatchObject({
    doc: 'In English',
    __sensitivity: 'PII',
    __source_data_type: 'NVARCHAR2(200)',
    semantics: { type: 'TEXT', hierarchy_level: null },
  });
  expect(samplePlan().toAvro().fields.at(-1)).toMatchObject({ doc: null, __sensitivity: null, __source_data_type: null, semantics: null });
});

test('two schemas share nothing: describing a technical field of one leaves the other alone', () => {
  const one = samplePlan();
  one.field('__change_time')!.setDoc('changed');
  expect(samplePlan().field('__change_time')!.doc).not.toBe('changed');
});

test('only properties that are set are written', () => {
  expect(Object.keys(samplePlan().toAvro())).toEqual(['name', '__originalname', 'type', 'namespace', 'fields']);
  const emptied = samplePlan()
    .setDoc('')
    .setForeignKeys([])
    .setDataProductOwnerEmail('')
    .setDataRegulations([])
    .setTicketsUrl('x')
    .setTicketsUrl(undefined)
    .setObjectLevelSecurity([])
    .setRowLevelSecurity([])
    .setPartitionBy([])
    .setSemantics('FACT')
    .setSemantics(undefined);
  expect(Object.keys(emptied.toAvro())).toEqual(['name', '__originalname', 'type', 'namespace', 'fields']);
});

test('a schema read from its JSON equals the one written, whatever it is', () => {
  fc.assert(
    fc.property(anyTable(), (table) => {
      const schema = schemaOf(table);
      const text = JSON.stringify(schema.toAvro());
      const read = ValueSchema.fromAvro(JSON.parse(text));
      expect(JSON.stringify(read.toAvro())).toBe(text);
      expect(read.fields.map(({ name, nullable }) => [name, nullable])).toEqual(
        schema.fields.map(({ name, nullable }) => [name, nullable]),
      );
      expect(read.pks).toEqual(schema.pks);
      expect(read.arrowSchema().toString()).toBe(schema.arrowSchema().toString());
    }),
    { numRuns: 200 },
  );
});

test('any schema and its key are schemas that avsc compiles', () => {
  fc.assert(
    fc.property(anyTable(), (table) => {
      const schema = schemaOf({ ...table, fields: table.fields.map(({ default: _default, ...field }) => field) });
      for (const json of [schema.toAvro(), new KeySchema(schema).toAvro()]) {
        // In its own registry, an ordinary object, a record of the name "valueOf" would look defined already.
        const registry = Object.create(null) as Record<string, avsc.Type>;
        avsc.Type.forSchema(JSON.parse(JSON.stringify(json)) as avsc.Schema, { registry });
      }
    }),
    { numRuns: 100 },
  );
});

test('names that the Python library cannot encode come back: leading digits, high code points, unpaired surrogates', () => {
  const schema = new ValueSchema('2nd 😀').addField('1', new AvroInt()).addField('😀', new AvroInt()).addField('\ud83d', new AvroInt());
  const read = ValueSchema.fromAvro(JSON.parse(JSON.stringify(schema.toAvro())));
  expect(read.name).toBe('2nd 😀');
  expect(read.tableFields.map(({ name }) => name)).toEqual(['1', '😀', '\ud83d']);
  expect(read.tableFields.map(({ avroName }) => avroName)).toEqual(['_x0031', '_xd83d_xde00', '_xd83d']);
});

test('a schema without original names, or without technical fields, is read too', () => {
  const read = ValueSchema.fromAvro({
    type: 'record',
    name: 'A_x0024',
    namespace: 'n',
    fields: [
      { name: 'b_x0020c', type: ['null', 'string'] },
      { name: 'd', type: 'int' },
    ],
  });
  expect(read.name).toBe('A$');
  expect(read.tableFields.map(({ name, nullable, type }) => [name, nullable, type.kind])).toEqual([
    ['b c', true, 'STRING'],
    ['d', false, 'INT'],
  ]);
  expect(read.fields).toHaveLength(11);
});

test.each([[undefined], ['{}'], [[]], [{ type: 'string' }], [{ type: 'record', name: 'x' }], [{ type: 'record', name: 'x', fields: {} }]])(
  '%j is not read as a schema',
  (json) => {
    expect(() => ValueSchema.fromAvro(json)).toThrow(error('SCHEMA_UNREADABLE', {}));
  },
);

test('whatever a schema’s properties are, it is read or refused with one of our errors', () => {
  const names = [
    'pks',
    'fks',
    'retention_period',
    'deletion_policy',
    'data_classification',
    'data_regulations',
    'row_level_security',
    'partition_by',
    'semantics',
    'doc',
    'namespace',
  ];
  const property = fc.oneof(
    fc.jsonValue({ maxDepth: 2 }),
    fc.constantFrom([{ conditions: 1 }], [{ conditions: [2] }], [null], { type: 3 }),
  );
  fc.assert(
    fc.property(fc.dictionary(fc.constantFrom(...names), property), (properties) => {
      try {
        const read = ValueSchema.fromAvro({ ...properties, type: 'record', name: 'T', fields: [] });
        expect(ValueSchema.fromAvro(JSON.parse(JSON.stringify(read.toAvro()))).toAvro()).toEqual(JSON.parse(JSON.stringify(read.toAvro())));
      } catch (thrown) {
        expect(thrown).toBeInstanceOf(TablecastError);
      }
    }),
    { numRuns: 1000 },
  );
});

test('a name may carry its namespace, as Avro allows', () => {
  const inner = { type: 'record', name: 'other.Inner', fields: [{ name: 'e', type: { type: 'enum', name: 'E', symbols: ['A'] } }] };
  const fields = [
    { name: 'a', type: inner },
    { name: 'b', type: 'other.E' },
    { name: 'c', type: { type: 'array', items: 'other.Inner' } },
  ];
  const read = ValueSchema.fromAvro({ type: 'record', name: 'com.example.T', fields });
  expect([read.name, read.namespace, read.field('a')!.type.toString()]).toEqual(['T', 'com.example', 'RECORD Inner']);
  expect(read.field('b')!.type.toString()).toBe('ENUM(A)');
  expect(ValueSchema.fromAvro(JSON.parse(JSON.stringify(read.toAvro()))).fullName).toBe('com.example.T');
});

test('a page’s Arrow schema has the table’s own columns, by their original names', () => {
  const { fields } = samplePlan().addField('AT', new AvroTimestamp()).arrowSchema();
  expect(fields.map(({ name, type, nullable }) => [name, String(type), nullable])).toEqual([
    ['ID', 'Decimal[10e0]', false],
    ['VERSION$', 'Int32', false],
    ['DESCRIPTION', 'Utf8', true],
    ['AT', 'Timestamp<MILLISECOND, UTC>', true],
  ]);
});

test('a column added twice is refused, one of a technical field’s name as well', () => {
  expect(() => samplePlan().addField('ID', new AvroInt())).toThrow(
    error('COLUMN_DUPLICATE', { table: 'SAMPLE_PLAN', columns: ['ID', 'ID'], field: 'ID' }),
  );
  expect(() => samplePlan().addField('__change_type', new AvroInt())).toThrow(error('COLUMN_DUPLICATE', { field: '__change_type' }));
  const twice = {
    type: 'record',
    name: 'T',
    fields: [
      { name: 'a', type: 'int' },
      { name: 'a', type: 'int' },
    ],
  };
  expect(() => ValueSchema.fromAvro(twice)).toThrow(error('COLUMN_DUPLICATE', { columns: ['a', 'a'] }));
});

test('names that look alike in other encodings stay apart', () => {
  const schema = new ValueSchema('T');
  for (const name of ['a$', 'a_x0024', 'a_x005f_x00780024', 'A$', 'a_X0024', ' ', '\u00a0', '0', '_x0030'])
    schema.addField(name, new AvroInt());
  expect(new Set(schema.tableFields.map(({ avroName }) => avroName)).size).toBe(9);
});

test.each<[string, () => unknown, object]>([
  ['a schema without a name', () => new ValueSchema(''), { what: 'schema' }],
  ['a record without a name', () => new RecordSchema(''), { what: 'schema' }],
  ['a column without a name', () => new ValueSchema('T').addField('', new AvroInt()), { what: 'column' }],
  ['a field without a name', () => new Field('', new AvroInt()), { what: 'column' }],
  ['an empty namespace', () => new ValueSchema('T', ''), { what: 'namespace', name: '' }],
  ['a namespace Avro does not allow', () => new ValueSchema('T', 'LAB-WARE'), { what: 'namespace', name: 'LAB-WARE' }],
])('%s is refused', (_title, make, details) => {
  expect(make).toThrow(error('NAME_INVALID', details));
});

describe('the primary key', () => {
  test('makes the key schema: its columns in key order, not null, with type, description and source type', () => {
    const key = new KeySchema(samplePlan().setPks(['VERSION$', 'ID']));
    expect(key.hasPrimaryKey).toBe(true);
    expect(key.toAvro()).toEqual({
      name: 'SAMPLE_PLAN_key',
      __originalname: 'SAMPLE_PLAN_key',
      type: 'record',
      namespace: 'LABWARE',
      fields: [
        expect.objectContaining({ name: 'VERSION_x0024', doc: null, type: { type: 'int', logicalType: 'INT' } }),
        expect.objectContaining({ name: 'ID', doc: 'Number of the plan', __source_data_type: 'NUMBER(10)' }),
      ],
    });
  });

  test('of nullable columns is not null', () => {
    expect(new KeySchema(samplePlan().setPks(['DESCRIPTION'])).fields.map(({ nullable }) => nullable)).toEqual([false]);
  });

  test('may be missing: then the key is the time of sending', () => {
    const key = new KeySchema(samplePlan());
    expect(key.hasPrimaryKey).toBe(false);
    expect(key.toAvro().fields).toEqual([expect.objectContaining({ name: 'ts', type: { type: 'long', logicalType: 'timestamp-micros' } })]);
    expect(key.toAvro().fields[0]).not.toHaveProperty('default');
  });

  test('can be taken back', () => {
    const schema = samplePlan().setPks(['ID']).setPks(undefined);
    expect(schema.pks).toEqual([]);
    expect(schema.toAvro()).not.toHaveProperty('pks');
    expect(schema.setPks([]).toAvro().pks).toEqual([]);
  });

  test('of a column the table does not have, or of one twice, is refused', () => {
    expect(() => samplePlan().setPks(['ID', 'NONE'])).toThrow(
      error('COLUMN_UNKNOWN', { table: 'SAMPLE_PLAN', column: 'NONE', use: 'primary key' }),
    );
    expect(() => samplePlan().setPks(['ID', 'ID'])).toThrow(error('COLUMN_DUPLICATE', { field: 'ID' }));
  });

  test('of a schema read from elsewhere may name what is not there, until a key is made of it', () => {
    const read = ValueSchema.fromAvro({ type: 'record', name: 'T', fields: [], pks: ['gone'] });
    expect(read.toAvro().pks).toEqual(['gone']);
    expect(() => new KeySchema(read)).toThrow(error('COLUMN_UNKNOWN', { column: 'gone' }));
  });
});

test('lists given to a schema are copied', () => {
  const pks = ['ID'];
  const groups = ['a'];
  const schema = samplePlan().setPks(pks).setObjectLevelSecurity(groups);
  pks.push('x');
  groups.push('b');
  expect([schema.pks, schema.objectLevelSecurity]).toEqual([['ID'], ['a']]);
});

test('every property can be read where it was set', () => {
  const foreignKey = { fkName: 'FK', fkSchemaFqn: 'LABWARE.PLAN', conditions: [{ leftFieldName: 'ID', rightFieldName: 'ID' }] };
  const schema = samplePlan()
    .setDoc('plans')
    .addForeignKey(foreignKey)
    .setDataProductOwnerEmail('a@example.com')
    .setRetentionPeriod({ value: 1, unit: 'WEEKS' })
    .setDeletionPolicy({ unit: 'HOURS', description: 'soon' })
    .setDataClassification('PUBLIC')
    .setDataRegulations(['EAR', 'EAR'])
    .setTicketsUrl('t')
    .setRepoUrl('r')
    .setSourceSystemUri('s')
    .setObjectLevelSecurity(['g'])
    .setRowLevelSecurity([{ dimension: 'd', field: 'ID' }])
    .setPartitionBy(['ID'])
    .setSemantics('DIMENSION');
  expect(ValueSchema.fromAvro(schema.toAvro())).toMatchObject({
    doc: 'plans',
    foreignKeys: [{ ...foreignKey, conditions: [{ leftFieldName: 'ID', rightFieldName: 'ID', condition: '=' }] }],
    dataProductOwnerEmail: 'a@example.com',
    retentionPeriod: { value: 1, unit: 'WEEKS' },
    deletionPolicy: { unit: 'HOURS', description: 'soon' },
    dataClassification: 'PUBLIC',
    dataRegulations: ['EAR'],
    ticketsUrl: 't',
    repoUrl: 'r',
    sourceSystemUri: 's',
    objectLevelSecurity: ['g'],
    rowLevelSecurity: [{ dimension: 'd', field: 'ID' }],
    partitionBy: ['ID'],
    semantics: 'DIMENSION',
  });
});

test('a default is written for fields that cannot be null only', () => {
  const schema = new ValueSchema('T')
    .addField('a', new AvroLong(), undefined, false, { default: 0 })
    .addField('b', new AvroString(), undefined, true, { default: 'x' });
  expect(
    schema
      .toAvro()
      .fields.slice(-2)
      .map((field) => field.default),
  ).toEqual([0, null]);
});
