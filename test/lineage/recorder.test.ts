import type { limsCatalog } from './lims-catalog';
import { kafka, lims, loadLims, publish, recorder, schemaOf, sourcesOf } from './recording';

const plans = 'select PLAN_ID as ID, NAME, SITE_ID from PLAN';
const sites = "select SITE_ID, initcap(NAME) as NAME from SITE where CODE <> 'X'";

test('a target made by steps traces back to the columns of the physical tables, with the part that each has', async () => {
  const lineage = recorder();
  loadLims(lineage, 'PLAN', plans, ['ID', 'NAME', 'SITE_ID']);
  loadLims(lineage, 'SITE', sites, ['SITE_ID', 'NAME']);
  lineage.loadedFrom('ATTRIBUTE', {
    connection: 'https://startek.example.com/api',
    name: 'attributes',
    columns: ['Name', 'City'],
    fields: new Map([['City', 'address.city']]),
  });
  lineage.step('NAMED', {
    sql: 'select p.ID, upper(p.NAME) as NAME, s.NAME as SITE, a.City as CITY from PLAN p join SITE s using (SITE_ID) left join ATTRIBUTE a on a.Name = s.NAME',
    columns: ['ID', 'NAME', 'SITE', 'CITY'],
  });
  lineage.step('BY_SITE', {
    kind: 'view',
    sql: 'select SITE, CITY, count(NAME) as PLANS, 1 as ONE from NAMED group by SITE, CITY',
    columns: ['SITE', 'CITY', 'PLANS', 'ONE'],
  });
  await publish(lineage, 'BY_SITE', ['SITE', 'CITY', 'PLANS', 'ONE']);

  expect(await sourcesOf(lineage, 'BY_SITE')).toEqual({
    SITE: ['LIMS.SITE.NAME TRANSFORMATION'],
    CITY: ['attributes.address.city IDENTITY'],
    PLANS: ['LIMS.PLAN.NAME AGGREGATION'],
    ONE: [],
  });
  const [target] = (await lineage.document()).targets;
  expect(target?.columns.map(({ formula, steps }) => [formula, ...steps])).toEqual([
    ['INITCAP(NAME)'],
    ['= attributes.address.city'],
    ['COUNT(NAME)', 'named.name: UPPER(p.NAME)'],
    ['1'],
  ]);
  expect(target?.tables).toEqual([
    { connection: 'https://startek.example.com/api', name: 'attributes', reads: [] },
    { connection: lims, name: 'LIMS.PLAN', reads: [plans] },
    { connection: lims, name: 'LIMS.SITE', reads: [sites] },
  ]);
  expect(target?.rows.map(({ table, column, kind, subtype }) => `${table}.${column} ${kind} ${subtype}`)).toEqual([
    'attributes.Name INDIRECT JOIN',
    'attributes.address.city INDIRECT GROUP_BY',
    'LIMS.PLAN.SITE_ID INDIRECT JOIN',
    'LIMS.SITE.CODE INDIRECT FILTER',
    'LIMS.SITE.NAME INDIRECT GROUP_BY',
    'LIMS.SITE.NAME INDIRECT JOIN',
    'LIMS.SITE.SITE_ID INDIRECT JOIN',
  ]);
  expect(target?.unresolved).toEqual([]);
});

test('a table keeps the lineage of the moment when it was made, a view has that of the moment when it is read', async () => {
  const lineage = recorder();
  loadLims(lineage, 'A', 'select NAME from PLAN', ['NAME']);
  lineage.step('KEPT', { sql: 'select NAME from A', columns: ['NAME'] });
  lineage.step('SEEN', { kind: 'view', sql: 'select NAME from A', columns: ['NAME'] });
  loadLims(lineage, 'A', 'select NAME from SITE', ['NAME']);
  await publish(lineage, 'KEPT', ['NAME']);
  await publish(lineage, 'SEEN', ['NAME']);
  // Afterwards the same name stands for something else.
  loadLims(lineage, 'A', 'select CODE as NAME from SITE', ['NAME']);
  expect(await sourcesOf(lineage, 'KEPT')).toEqual({ NAME: ['LIMS.PLAN.NAME IDENTITY'] });
  expect(await sourcesOf(lineage, 'SEEN')).toEqual({ NAME: ['LIMS.SITE.NAME IDENTITY'] });
});

test('a step may replace the table that it reads', async () => {
  const lineage = recorder();
  loadLims(lineage, 'A', 'select NAME, CODE from SITE', ['NAME', 'CODE']);
  lineage.step('a', { sql: 'select NAME || CODE as NAME from A', columns: ['NAME'] });
  await publish(lineage, 'A', ['NAME']);
  expect(await sourcesOf(lineage, 'A')).toEqual({ NAME: ['LIMS.SITE.CODE TRANSFORMATION', 'LIMS.SITE.NAME TRANSFORMATION'] });
});

test('views that read each other end as unresolved', async () => {
  const lineage = recorder();
  lineage.step('A', { kind: 'view', sql: 'select 1 as X', columns: ['X'] });
  lineage.step('B', { kind: 'view', sql: 'select X from A', columns: ['X'] });
  lineage.step('A', { kind: 'view', sql: 'select X from B', columns: ['X'] });
  await publish(lineage, 'A', ['X']);
  const [target] = (await lineage.document()).targets;
  expect(target?.unresolved.join()).toMatch(/reads itself/);
});

test('several tables published to one target are all among its sources', async () => {
  const lineage = recorder();
  loadLims(lineage, 'NEW', 'select NAME from PLAN', ['NAME']);
  loadLims(lineage, 'OLD', 'select NAME from SITE', ['NAME']);
  await publish(lineage, 'NEW', ['NAME'], 'NAMES');
  await lineage.publishing({ name: 'NAMES', connection: kafka }, 'OLD');
  expect(await sourcesOf(lineage, 'NAMES')).toEqual({ NAME: ['LIMS.PLAN.NAME IDENTITY', 'LIMS.SITE.NAME IDENTITY'] });
});

test('initial load, delta and backfill have the same document: their conditions are no part of it', async () => {
  const documents = [];
  for (const condition of ['1 = 1', '"CREATED" >= :since AND "CREATED" < :until', '"SITE_ID" = :value0']) {
    const lineage = recorder();
    lineage.selecting(condition);
    loadLims(lineage, 'PLAN', `select NAME from PLAN where ${condition}`, ['NAME']);
    await publish(lineage, 'PLAN', ['NAME']);
    documents.push(JSON.stringify(await lineage.document()));
  }
  expect(new Set(documents).size).toBe(1);
});

test('a document is another one only when something of it changed', async () => {
  const run = async (options: Parameters<typeof recorder>[0], sql = plans) => {
    const lineage = recorder(options);
    loadLims(lineage, 'PLAN', sql, ['ID', 'NAME', 'SITE_ID']);
    await publish(lineage, 'PLAN', ['ID', 'NAME', 'SITE_ID']);
    return lineage;
  };
  const first = await run({});
  const { text: published, changed } = await first.current();
  expect([changed, first.toSave]).toEqual([true, undefined]);
  first.markPublished(published);
  expect([(await first.current()).changed, first.toSave]).toEqual([false, published]);
  expect(await (await run({ published })).current()).toMatchObject({ text: published, changed: false });
  expect(await (await run({ published }, plans.replace('NAME', 'upper(NAME)'))).current()).toMatchObject({ changed: true });
});

test('a delta keeps the tables that it does not publish in the document, an initial load does not', async () => {
  const first = recorder();
  loadLims(first, 'PLAN', plans, ['ID', 'NAME', 'SITE_ID']);
  loadLims(first, 'SITE', sites, ['SITE_ID', 'NAME']);
  await publish(first, 'PLAN', ['ID', 'NAME', 'SITE_ID']);
  await publish(first, 'SITE', ['NAME']);
  const published = JSON.stringify(await first.document());
  for (const keepsOthers of [true, false]) {
    const next = recorder({ published, keepsOthers });
    loadLims(next, 'PLAN', plans, ['ID', 'NAME', 'SITE_ID']);
    await publish(next, 'PLAN', ['ID', 'NAME', 'SITE_ID']);
    expect((await next.current()).changed).toBe(!keepsOthers);
    expect((await next.document()).targets.map(({ name }) => name)).toEqual(keepsOthers ? ['PLAN', 'SITE'] : ['PLAN']);
    expect(next.summaries(await next.document()).map(({ name }) => name)).toEqual(['PLAN']);
  }
});

test('what cannot be traced is said with the fragment, for the column that it concerns', async () => {
  const lineage = recorder();
  lineage.step('MADE', { sql: 'select o.A, p.NAME from OTHER o, PLAN p', columns: ['A', 'NAME'] });
  await publish(lineage, 'MADE', ['A', 'NAME', 'EXTRA']);
  await publish(lineage, 'UNKNOWN', ['A']);
  lineage.addTarget({ name: 'SINGLE', connection: kafka, schema: schemaOf('SINGLE', ['A']) });
  const summaries = lineage.summaries(await lineage.document());
  expect(summaries.map(({ name, unresolved }) => `${name}: ${unresolved.join(' | ')}`)).toEqual([
    expect.stringMatching(/^MADE: .*other is not a table or view that is known/i),
    'SINGLE: its rows are made by the flow, one by one',
    'UNKNOWN: it is not known how UNKNOWN was filled',
  ]);
});

test('a flow that requires lineage stops before it publishes a table with a gap, and says which', async () => {
  const lineage = recorder({ required: true });
  loadLims(lineage, 'PLAN', plans, ['ID', 'NAME', 'SITE_ID']);
  await publish(lineage, 'PLAN', ['ID', 'NAME', 'SITE_ID']);
  loadLims(lineage, 'FAR', 'select A from FAR@ELSEWHERE', ['A']);
  await expect(publish(lineage, 'FAR', ['A'])).rejects.toMatchObject({ code: 'LINEAGE_UNRESOLVED', status: 422 });
  await expect(publish(lineage, 'FAR', ['A'])).rejects.toThrow(/FAR@ELSEWHERE/);
});

test('files that a SELECT names are tables below their folder; the same statement is understood anew when the catalog changes', async () => {
  const read = async (columns: readonly string[]) => {
    const lineage = recorder();
    lineage.loadedBySql('WEATHER', {
      connection: 'file:///lake',
      dialect: 'duckdb',
      sql: "select * from delta_scan('/lake/dbo/WEATHER')",
      columnsOf: () => Promise.resolve(columns),
      columns,
    });
    await publish(lineage, 'WEATHER', columns);
    const [target] = (await lineage.document()).targets;
    expect(target?.tables).toMatchObject([{ connection: 'file:///lake', name: 'dbo/WEATHER' }]);
    return sourcesOf(lineage, 'WEATHER');
  };
  expect(await read(['date'])).toEqual({ date: ['dbo/WEATHER.date IDENTITY'] });
  expect(await read(['date', 'rain'])).toEqual({ date: ['dbo/WEATHER.date IDENTITY'], rain: ['dbo/WEATHER.rain IDENTITY'] });
});

test('a lookup that fails costs the lineage, not the load', async () => {
  const lineage = recorder();
  const lookup: typeof limsCatalog = () => Promise.reject(new Error('the session has ended'));
  lineage.loadedBySql('PLAN', { connection: lims, dialect: 'oracle', sql: plans, lookup, columns: ['NAME'] });
  await publish(lineage, 'PLAN', ['NAME']);
  const [summary] = lineage.summaries(await lineage.document());
  expect(summary?.unresolved).toEqual(['the SELECT of PLAN could not be analysed: the session has ended']);
});
