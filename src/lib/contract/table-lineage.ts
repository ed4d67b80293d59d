import type { SourceField, TargetLineage } from '../lineage/lineage-document';
import type { ColumnSources, TableLineage } from './table-contract';

/** Before the name of a column that is handed through unchanged. */
const UNCHANGED = '= ';

/** What a page and a comparison need of the lineage of a published table. */
export function tableLineage({ columns, tables, rows, unresolved }: TargetLineage): TableLineage {
  const systems = new Set(tables.map(({ connection }) => connection));
  // Where all comes from one system its name says nothing.
  const nameOf = (table: string, connection: string): string => (systems.size > 1 ? `${connection}: ${table}` : table);
  const decides = rows.map(({ subtype, table, column }) => `${subtype} ${table}.${column}`);
  return {
    tables: tables.map(({ name, connection }) => nameOf(name, connection)),
    columns: Object.fromEntries(
      columns.map(({ name, formula, sources }): [string, ColumnSources] => {
        const computed = formula !== '' && !formula.startsWith(UNCHANGED);
        return [name, { sources: [...new Set(sources.map(sourceText))], ...(computed && { formula }) }];
      }),
    ),
    rows: [...new Set(decides)],
    unresolved: [...unresolved, ...columns.flatMap((column) => column.unresolved.map((reason) => `${column.name}: ${reason}`))],
  };
}

function sourceText({ table, column, kind, subtype }: SourceField): string {
  return kind === 'DIRECT' ? `${table}.${column}` : `${table}.${column} (${subtype})`;
}

/** The lineage as the contract's file has it. */
export function lineageFileText(lineage: TargetLineage): string {
  return `${JSON.stringify(lineage, null, 2)}\n`;
}
