import type { DuckdbCatalog } from '../../src/lib/lineage/duckdb-projection';
import type { CatalogTable } from '../../src/lib/lineage/table-catalog';

const table = (name: string, columns: string, primaryKey?: string, more: Partial<CatalogTable> = {}): CatalogTable => ({
  owner: '',
  name,
  columns: columns.split(' '),
  ...(primaryKey === undefined ? {} : { primaryKey: primaryKey.split(' ') }),
  uniqueKeys: [],
  ...more,
});

const tables: readonly CatalogTable[] = [
  table('plan', 'plan_id name site_id owner_id created', 'plan_id', { notNull: ['plan_id', 'name'] }),
  table('plan_step', 'plan_id step_no method_id note', 'plan_id step_no'),
  table('site', 'site_id name code', 'site_id', { uniqueKeys: [['code']] }),
  table('reading', 'site_id value at'),
  table('other_reading', 'site_id value at'),
  table('plan_day', 'id label', undefined, { uniqueKeys: [['id', 'label']], notNull: ['id'] }),
];

/** Tables of a workspace, and one table function that DuckDB could describe. */
export const duckdbCatalog: DuckdbCatalog = {
  table: (name) => Promise.resolve(tables.find((one) => one.name === name)),
  columnsOf: (fromItem) => Promise.resolve(fromItem.toLowerCase().startsWith('delta_scan') ? ['id', 'amount'] : undefined),
};
