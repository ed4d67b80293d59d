import fc from 'fast-check';
import { AvroDecimal, AvroInt, AvroLong, AvroNVarchar, RecordSchema, ValueSchema } from '../../src/lib';
import { changeText, compareContracts } from '../../src/lib/contract/compare-contracts';
import { lintContract } from '../../src/lib/contract/lint-contract';
import type { TableContract } from '../../src/lib/contract/table-contract';
import { governedSchema, twoSchemas } from './schemas';

const plan = (): ValueSchema =>
  new ValueSchema('PLAN', 'LABWARE').addField('ID', new AvroInt(), 'Number', false).addField('NAME', new AvroNVarchar(40));

const lines = (before: TableContract | undefined, after: TableContract | undefined): string[] =>
  compareContracts(before, after).changes.map(changeText);

test.each<[string, ValueSchema, ValueSchema, string[]]>([
  ['added', plan(), plan().addField('PRICE', new AvroDecimal(9, 2)), ['column PRICE: added, DECIMAL(9,2)']],
  [
    'removed',
    plan().addField('PRICE', new AvroDecimal(9, 2), undefined, false),
    plan(),
    ['column PRICE: removed, it was DECIMAL(9,2) NOT NULL'],
  ],
  [
    'of another type',
    plan().addField('PRICE', new AvroDecimal(9, 2)),
    plan().addField('PRICE', new AvroDecimal(12, 2)),
    ['column PRICE: type DECIMAL(9,2) → DECIMAL(12,2)'],
  ],
  [
    'of another type within a structure',
    plan().addField('ADDRESS', new RecordSchema('address').addField('zip', new AvroInt())),
    plan().addField('ADDRESS', new RecordSchema('address').addField('zip', new AvroLong())),
    ['column ADDRESS: type RECORD address(zip INT) → RECORD address(zip LONG)'],
  ],
  [
    'nullable',
    plan().addField('N', new AvroInt(), undefined, false),
    plan().addField('N', new AvroInt()),
    ['column N: nullability NOT NULL → NULL'],
  ],
  [
    'given a default',
    plan().addField('N', new AvroInt(), undefined, false),
    plan().addField('N', new AvroInt(), undefined, false, { default: 7 }),
    ['column N: default none → 7'],
  ],
  [
    'moved',
    plan(),
    new ValueSchema('PLAN', 'LABWARE').addField('NAME', new AvroNVarchar(40)).addField('ID', new AvroInt(), 'Number', false),
    ['order of columns ID, NAME → NAME, ID'],
  ],
])('a column that is %s is named with what it was and what it is', (_change, before, after, expected) => {
  expect(lines({ schema: before }, { schema: after })).toEqual(expected);
});

test('changes of key and name are named', () => {
  expect(lines({ schema: plan().setPks(['ID']) }, { schema: plan().setPks(['NAME', 'ID']) })).toEqual(['key ID → NAME, ID']);
  expect(lines({ schema: plan() }, { schema: new ValueSchema('PLAN', 'LIMS') })).toContain('schema LABWARE.PLAN → LIMS.PLAN');
});

test('a key of other columns is refused by registries that look at the schema of keys', () => {
  const { obstacles } = compareContracts({ schema: plan().setPks(['ID']) }, { schema: plan().setPks(['NAME', 'ID']) });
  expect(obstacles('BACKWARD')).toMatchObject([{ path: 'NAME' }]);
  expect(obstacles('FORWARD')).toEqual([]);
});

test('changed sources are named by column, and the tables and rows behind a table too', () => {
  const lineage = { tables: ['A.T'], columns: { ID: { sources: ['A.T.ID'] } }, rows: [], unresolved: [] };
  const changed = {
    tables: ['A.T', 'A.U'],
    columns: { ID: { sources: ['A.U.NR'], formula: 'NR + 1' } },
    rows: ['JOIN A.U.NR'],
    unresolved: ['NAME: X is not known'],
  };
  expect(lines({ schema: plan(), lineage }, { schema: plan(), lineage: changed })).toEqual([
    'sources A.T → A.T, A.U',
    'column ID: sources A.T.ID → A.U.NR',
    'column ID: formula none → NR + 1',
    'columns that decide on rows none → JOIN A.U.NR',
    'unresolved none → NAME: X is not known',
  ]);
});

test('a table that is new or gone is named as such', () => {
  expect(lines(undefined, { schema: plan() })).toEqual(['the table is new']);
  expect(lines({ schema: plan() }, undefined)).toEqual(['the table is published no more']);
  expect(lines(undefined, undefined)).toEqual([]);
});

test('there are changes exactly when the written schemas differ', () => {
  fc.assert(
    fc.property(twoSchemas, ({ before, after }) => {
      const same = JSON.stringify(before.toAvro()) === JSON.stringify(after.toAvro());
      expect(compareContracts({ schema: before }, { schema: after }).changes.length === 0).toBe(same);
    }),
    { numRuns: 300 },
  );
});

test('the linter has nothing to say about a table that tells everything', () => {
  expect(lintContract({ schema: governedSchema() })).toEqual([]);
});

test('the linter names what a table lacks', () => {
  const bare = new ValueSchema('PLAN').addField('ID', new AvroInt()).addField('NAME', new AvroNVarchar(40), 'Name of the plan');
  expect(lintContract({ schema: bare }).map(({ code }) => code)).toEqual([
    'NO_OWNER',
    'NO_REPO',
    'NO_TICKETS',
    'NO_SOURCE_SYSTEM',
    'NO_CLASSIFICATION',
    'NO_DESCRIPTION',
    'NO_KEY',
    'COLUMN_UNDOCUMENTED',
  ]);
  expect(lintContract({ schema: bare }).at(-1)?.text).toContain('columns without description: ID;');
});

test('the linter names what leads nowhere: links, columns, sources', () => {
  const schema = governedSchema()
    .setTicketsUrl('tickets, room 12')
    .setPartitionBy(['YEAR'])
    .setRowLevelSecurity([{ dimension: 'plant', field: 'PLANT' }])
    .addForeignKey({ fkName: 'FK_X', conditions: [{ leftFieldName: 'X', rightFieldName: 'ID' }] });
  schema.field('AMOUNT')!.setSemantics({ type: 'MEASURE', uomFieldName: 'UNIT' });
  const lineage = { tables: [], columns: {}, rows: [], unresolved: ['AMOUNT: PRICE is not in the data dictionary'] };
  expect(lintContract({ schema, lineage })).toEqual([
    { code: 'LINK_INVALID', text: 'tickets, room 12 is no address' },
    { code: 'COLUMN_UNKNOWN', text: 'partition by names YEAR, which is no column' },
    { code: 'COLUMN_UNKNOWN', text: 'row-level security names PLANT, which is no column' },
    { code: 'COLUMN_UNKNOWN', text: 'the foreign key FK_X names X, which is no column' },
    { code: 'COLUMN_UNKNOWN', text: 'the semantics of AMOUNT names UNIT, which is no column' },
    { code: 'LINEAGE_UNRESOLVED', text: 'AMOUNT: PRICE is not in the data dictionary' },
  ]);
});
