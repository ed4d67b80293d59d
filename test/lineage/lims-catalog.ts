import type { CatalogTable, TableLookup } from '../../src/lib/lineage/table-catalog';

const table = (name: string, columns: string, primaryKey?: string, more: Partial<CatalogTable> = {}): CatalogTable => ({
  owner: 'LIMS',
  name,
  columns: columns.split(' '),
  ...(primaryKey === undefined ? {} : { primaryKey: primaryKey.split(' ') }),
  uniqueKeys: [],
  ...more,
});

const tables: readonly CatalogTable[] = [
  table('PLAN', 'PLAN_ID NAME SITE_ID OWNER_ID CREATED', 'PLAN_ID'),
  table('PLAN_STEP', 'PLAN_ID STEP_NO METHOD_ID NOTE', 'PLAN_ID STEP_NO'),
  table('SITE', 'SITE_ID NAME CODE', 'SITE_ID', { uniqueKeys: [['CODE']] }),
  table('READING', 'SITE_ID VALUE AT'),
  { owner: 'LIMS', name: 'Mixed Case', columns: ['Id', 'a"b', 'ID'], primaryKey: ['Id'], uniqueKeys: [] },
  table('PLAN_V', 'PLAN_ID PLAN_NAME SITE_CODE', undefined, {
    view: 'select p.plan_id, p.name, s.code from plan p join site s on s.site_id = p.site_id with read only',
  }),
  table('LOOP_V', 'A', undefined, { view: 'select a from loop_v' }),
];

/** A small data dictionary; LIMS is the session's schema. */
export const limsCatalog: TableLookup = (name, schema) =>
  Promise.resolve(tables.find((one) => one.name === name.name && one.owner === (name.owner ?? schema ?? 'LIMS')));
