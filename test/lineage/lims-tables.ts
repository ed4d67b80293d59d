import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { LineageOptions } from '../../src/lib/lineage/column-lineage';

/** Statements of both dialects over these tables, each beside the lineage that it must have. */
export const goldenFolder = path.resolve(__dirname, '../golden/lineage/columns');

interface Tables {
  readonly tables: Readonly<Record<string, readonly string[]>>;
  readonly views: Readonly<Record<string, { readonly columns: readonly string[]; readonly select: string }>>;
}

const { tables, views } = JSON.parse(readFileSync(path.join(goldenFolder, 'tables.json'), 'utf8')) as Tables;

/** The laboratory's schema: in Oracle as LIMSPRD's, in DuckDB as tables of the workspace. */
export const limsOptions: Readonly<Record<'oracle' | 'duckdb', LineageOptions>> = {
  oracle: {
    dialect: 'oracle',
    lookup: ({ owner, name }, schema) => {
      const found = `${owner ?? schema ?? 'LIMSPRD'}.${name}`;
      const view = views[found];
      const columns = view?.columns ?? tables[found];
      const [ownerOf = '', nameOf = ''] = found.split('.');
      return Promise.resolve(columns && { owner: ownerOf, name: nameOf, columns, uniqueKeys: [], ...(view ? { view: view.select } : {}) });
    },
  },
  duckdb: {
    dialect: 'duckdb',
    lookup: ({ name }) => {
      const found = Object.entries(tables).find(([key]) => key.replace('LIMSPRD.', '').toLowerCase() === name);
      return Promise.resolve(found && { owner: '', name: found[0].replace('LIMSPRD.', ''), columns: found[1], uniqueKeys: [] });
    },
    columnsOf: (fromItem) => Promise.resolve(fromItem.toLowerCase().startsWith('delta_scan') ? tables['WEATHER'] : undefined),
  },
};
