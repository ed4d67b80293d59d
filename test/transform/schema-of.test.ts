import { AvroInt, ValueSchema } from '../../src/lib';
import { show, transformRun } from './transform-run';

test('descriptions, key and what cannot be NULL come along through tables and views', async () => {
  await using run = await transformRun();
  const { steps } = run;
  await steps.view('PRICED', 'select * exclude (CREATED) from PLAN where PRICE is not null');
  await steps.table(
    'WITH_SITE',
    'select p.ID as PLAN_ID, p.* exclude (ID), s.NAME as SITE_NAME from PRICED p left join SITE s on s.ID = p.SITE',
  );
  await steps.view('RESULT', 'select PLAN_ID, NAME, SITE, SITE_NAME, PRICE, CURRENCY, PRICE * 2 as TWICE from WITH_SITE');
  const schema = await steps.schemaOf('RESULT', 'PLAN_PRICE', 'APP');

  expect(schema.fullName).toBe('APP.PLAN_PRICE');
  expect(show(schema)).toEqual([
    'PLAN_ID INT!: Number of the plan',
    'NAME STRING!: Name of the plan',
    'SITE INT: Where it is carried out',
    'SITE_NAME STRING: Name of the site',
    'PRICE DECIMAL(12,2)!: Price of one run',
    'CURRENCY STRING: Currency of the price',
    'TWICE DECIMAL(18,2)',
  ]);
  expect(schema.pks).toEqual(['PLAN_ID']);
  expect(schema.field('NAME')).toMatchObject({ sensitivity: 'PUBLIC', sourceDataType: 'VARCHAR2(40)' });
  expect(schema.field('SITE_NAME')).toMatchObject({ sensitivity: 'INTERNAL' });
  expect(run.notes).toEqual(['UNRESOLVED PLAN_PRICE.TWICE: PRICE * 2 is computed']);
});

test('what the flow says of a computed column is its description, and nothing is unresolved then', async () => {
  await using run = await transformRun();
  await run.steps.table('DAYS', 'select CREATED, count(*) as PLANS from PLAN where CREATED is not null group by CREATED');
  const schema = await run.steps.schemaOf('DAYS', 'DAYS', 'APP', { plans: 'Plans made that day' });
  expect(show(schema)).toEqual(['CREATED DATE!: When it was made', 'PLANS LONG!: Plans made that day']);
  expect(schema.pks).toEqual(['CREATED']);
  expect(run.notes).toEqual([]);
});

test('a description for a column that is not there is an error', async () => {
  await using run = await transformRun();
  await run.steps.view('V', 'select ID from PLAN');
  await expect(run.steps.schemaOf('V', 'V', 'APP', { NAME: 'x' })).rejects.toMatchObject({
    code: 'COLUMN_UNKNOWN',
    details: { table: 'V', column: 'NAME' },
  });
});

test('semantics come along by the names that the columns have now, and not without the columns they name', async () => {
  await using run = await transformRun();
  const { steps } = run;
  await steps.view('RENAMED', 'select ID, PRICE, CURRENCY as MONEY from PLAN');
  expect((await steps.schemaOf('RENAMED')).field('PRICE')?.semantics).toEqual({
    type: 'MEASURE',
    aggregationFormula: 'sum(PRICE)',
    currencyFieldName: 'MONEY',
  });
  await steps.view('ALONE', 'select ID, PRICE from PLAN');
  expect((await steps.schemaOf('ALONE')).field('PRICE')).toMatchObject({ semantics: undefined, doc: 'Price of one run' });
  expect(run.notes).toEqual(['UNRESOLVED ALONE.PRICE: the semantics of PRICE name columns that are not handed through']);
});

test('a union keeps what its queries agree on', async () => {
  await using run = await transformRun();
  const { steps } = run;
  await steps.table('CHEAP', 'select ID, NAME from PLAN where PRICE < 2');
  await steps.table('ALL_NAMES', 'select ID, NAME from CHEAP union all select ID, NAME from PLAN where PRICE >= 2');
  await steps.table('MIXED', 'select ID, NAME from PLAN union all select ID, NAME from SITE');
  expect(show(await steps.schemaOf('ALL_NAMES'))).toEqual(['ID INT!: Number of the plan', 'NAME STRING!: Name of the plan']);
  expect(show(await steps.schemaOf('MIXED'))).toEqual(['ID INT!', 'NAME STRING']);
  expect(run.notes).toEqual([
    expect.stringContaining('ALL_NAMES: no columns are certain to be unique'),
    'UNRESOLVED MIXED.ID: the queries of a UNION differ in doc, sourceDataType',
    'UNRESOLVED MIXED.NAME: the queries of a UNION differ in doc, sensitivity, sourceDataType',
    expect.stringContaining('MIXED: no columns are certain to be unique'),
  ]);
});

test('a step may replace the table it reads, and a view sees the tables as they are', async () => {
  await using run = await transformRun();
  const { steps, workspace } = run;
  await steps.view('NAMES', 'select ID, NAME from PLAN');
  await steps.table('PLAN', 'select ID, upper(NAME) as NAME from PLAN');
  expect(show(await steps.schemaOf('NAMES'))).toEqual(['ID INT!: Number of the plan', 'NAME STRING']);
  expect(await workspace.query('select NAME from NAMES order by ID limit 1')).toEqual([{ NAME: 'WATER' }]);
  expect(steps.steps.map(({ name, kind, sql }) => [name, kind, sql])).toEqual([
    ['NAMES', 'view', 'select ID, NAME from PLAN'],
    ['PLAN', 'table', 'select ID, upper(NAME) as NAME from PLAN'],
  ]);
});

test('names that come twice, other cases and a semicolon at the end are no hindrance', async () => {
  await using run = await transformRun();
  await run.steps.table('PAIRS', 'select p.id, P."name", s.ID, s.Name -- all there is\nfrom plan p, site s;');
  expect(show(await run.steps.schemaOf('PAIRS'))).toEqual([
    'ID INT!: Number of the plan',
    'NAME STRING!: Name of the plan',
    'ID_1 INT!: Number of the site',
    'NAME_1 STRING: Name of the site',
  ]);
});

test('nested types of DuckDB are described as they are', async () => {
  await using run = await transformRun();
  await run.steps.table(
    'NESTED',
    "select SITE, list(NAME order by ID) as NAMES, {'low': min(PRICE), 'high': max(PRICE)} as RANGE from PLAN where SITE is not null group by SITE",
  );
  const schema = await run.steps.schemaOf('NESTED');
  expect(show(schema)).toEqual(['SITE INT!: Where it is carried out', 'NAMES ARRAY<STRING>', 'RANGE RECORD RANGE']);
  expect(schema.pks).toEqual(['SITE']);
});

test('a table whose schema nobody told gives columns without a description', async () => {
  await using run = await transformRun();
  await run.workspace.run('create table OTHER (A integer)');
  await run.steps.view('FROM_OTHER', 'select A from OTHER');
  expect(show(await run.steps.schemaOf('FROM_OTHER'))).toEqual(['A INT']);
  expect(run.notes[0]).toBe('UNRESOLVED FROM_OTHER.A: other is a table whose schema is not known');
});

test('SQL that only DuckDB understands runs, and its columns are unresolved', async () => {
  await using run = await transformRun();
  await run.steps.table('SAMPLED', 'select * from PLAN tablesample 100%');
  const schema = await run.steps.schemaOf('SAMPLED');
  expect(schema.tableFields).toHaveLength(6);
  expect(schema.tableFields.every(({ doc, nullable }) => doc === undefined && nullable)).toBe(true);
  expect(run.notes[0]).toMatch(/^UNRESOLVED SAMPLED\.ID: select \* from PLAN tablesample 100% was not understood: /);
});

test('a key that could hold NULLs is none', async () => {
  await using run = await transformRun();
  await run.steps.table('BY_SITE', 'select SITE, count(*) as PLANS from PLAN group by SITE');
  expect((await run.steps.schemaOf('BY_SITE')).pks).toEqual([]);
  expect(run.notes).toContain(
    'UNRESOLVED BY_SITE: no columns are certain to be unique and never NULL in the rows of BY_SITE, so it has no primary key',
  );
});

test('the schema of an unknown table is an error', async () => {
  await using run = await transformRun();
  await expect(run.steps.schemaOf('NOWHERE')).rejects.toMatchObject({ code: 'TABLE_UNKNOWN' });
});

test('a source can be told anew after it was loaded anew', async () => {
  await using run = await transformRun();
  await run.steps.table('SITE', 'select ID from SITE');
  run.steps.source('SITE', new ValueSchema('S').addField('ID', new AvroInt(), 'Another id', false).setPks(['ID']));
  expect(show(await run.steps.schemaOf('SITE'))).toEqual(['ID INT!: Another id']);
});

test('a common table expression that names itself is followed until nothing changes', async () => {
  await using run = await transformRun();
  await run.steps.table(
    'CHAIN',
    `with recursive chain(FIRST, NEXT, DEPTH) as (
       select NAME, ID, 1 from PLAN union all select c.FIRST, p.ID, c.DEPTH + 1 from chain c join PLAN p on p.ID = c.NEXT + 1
     ) select FIRST, NEXT, DEPTH from chain`,
  );
  expect(show(await run.steps.schemaOf('CHAIN'))).toEqual([
    'FIRST STRING!: Name of the plan',
    'NEXT INT!: Number of the plan',
    'DEPTH INT',
  ]);
});
