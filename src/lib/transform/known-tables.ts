import type { Workspace, WorkspaceColumn } from '../duckdb/workspace';
import { foldDuckdbName, resolveDuckdbProjection, type DuckdbCatalog, type DuckdbProjection } from '../lineage/duckdb-projection';
import type { ValueSchema } from '../schema';
import { factsOfColumn, factsOfField, shorten, type ColumnFacts, type KnownTable } from './column-facts';

/** Where a table or view of the workspace comes from. */
type Definition =
  | { readonly kind: 'source'; readonly schema: ValueSchema }
  | { readonly kind: 'table'; readonly known: KnownTable }
  | { readonly kind: 'view'; readonly sql: string };

/** Casts of such values can make NULL of something that is not NULL. */
const holdsNulls = /JSON|VARIANT|UNION/;

/**
 * The tables and views of the workspace with what is known of their columns and keys. A table keeps what was true when it was made; what a view hands
 * through is found anew each time, because the tables behind it can be replaced.
 */
export class KnownTables implements DuckdbCatalog {
  readonly #workspace: Workspace;
  readonly #definitions = new Map<string, Definition>();

  constructor(workspace: Workspace) {
    this.#workspace = workspace;
  }

  setSource(name: string, schema: ValueSchema): void {
    this.#definitions.set(foldDuckdbName(name), { kind: 'source', schema });
  }

  setTable(name: string, known: KnownTable): void {
    this.#definitions.set(foldDuckdbName(name), { kind: 'table', known });
  }

  setView(name: string, sql: string): void {
    this.#definitions.set(foldDuckdbName(name), { kind: 'view', sql });
  }

  /** What a SELECT makes of the tables as they are now. */
  project(sql: string): Promise<DuckdbProjection> {
    return resolveDuckdbProjection(sql, this);
  }

  async table(name: string): Promise<KnownTable | undefined> {
    if (!(await this.#workspace.hasTable(name))) return undefined;
    const columns = await this.#workspace.columns(name);
    const definition = this.#definitions.get(foldDuckdbName(name));
    switch (definition?.kind) {
      case 'source':
        return fromSource(name, columns, definition.schema);
      case 'table':
        return withColumns(definition.known, columns);
      case 'view':
        return fromProjection(name, columns, await this.project(definition.sql));
      case undefined:
        return knownTable(
          name,
          columns,
          columns.map((column) => ({ name: column.name, notNull: false, unresolved: `${name} is a table whose schema is not known` })),
        );
    }
  }

  async columnsOf(fromItem: string): Promise<readonly string[] | undefined> {
    try {
      const rows = await this.#workspace.query(`DESCRIBE SELECT * FROM ${fromItem}`);
      return rows.map((row) => foldDuckdbName(String(row['column_name'])));
    } catch {
      // It depends on other tables of its FROM clause, or on a common table expression.
      return undefined;
    }
  }
}

/** What is known of the result of a SELECT, given the columns that DuckDB says it has. */
export function fromProjection(name: string, columns: readonly WorkspaceColumn[], projection: DuckdbProjection): KnownTable {
  const names = columns.map((column) => column.name);
  const gap = projection.gaps[0];
  if (!fits(projection, names)) {
    const unresolved = gap ? `${shorten(gap.fragment)} ${gap.reason}` : 'its SQL has columns whose number or names are not certain';
    return knownTable(
      name,
      columns,
      columns.map((column) => ({ name: column.name, notNull: false, unresolved })),
    );
  }
  const facts = columns.map((column, index) => factsOfColumn(column.name, projection.columns[index]!, projection, names));
  const folded = names.map(foldDuckdbName);
  const namesOf = (key: readonly number[]): string[] => key.map((index) => folded[index]!);
  // A primary key has no NULLs; that of a source's schema is its own affair, those found here must be certain of it.
  const primary = projection.keys.find(
    ({ columns: key, primary: isPrimary }) =>
      key.length > 0 && (isPrimary || key.every((index) => facts[index]!.notNull && !holdsNulls.test(columns[index]!.type))),
  );
  const unique = projection.keys.filter((key) => key !== primary).map((key) => namesOf(key.columns));
  return knownTable(name, columns, facts, primary && namesOf(primary.columns), unique);
}

function fromSource(name: string, columns: readonly WorkspaceColumn[], schema: ValueSchema): KnownTable {
  const fields = new Map(schema.tableFields.map((field) => [foldDuckdbName(field.name), field]));
  const facts = columns.map((column) => {
    const field = fields.get(foldDuckdbName(column.name));
    return field
      ? factsOfField(column.name, field)
      : { name: column.name, notNull: false, unresolved: `the schema of ${name} has no such column` };
  });
  const key = schema.pks.map(foldDuckdbName);
  const complete = key.length > 0 && key.every((one) => columns.some((column) => foldDuckdbName(column.name) === one));
  return knownTable(name, columns, facts, complete ? key : undefined);
}

/** A table whose columns may have grown since, by the audit column. */
function withColumns(known: KnownTable, columns: readonly WorkspaceColumn[]): KnownTable {
  const facts = columns.map(
    (column) => known.facts[known.columns.indexOf(foldDuckdbName(column.name))] ?? { name: column.name, notNull: false },
  );
  return knownTable(known.name, columns, facts, known.primaryKey, known.uniqueKeys);
}

function knownTable(
  name: string,
  columns: readonly WorkspaceColumn[],
  facts: readonly ColumnFacts[],
  primaryKey?: readonly string[],
  uniqueKeys: readonly (readonly string[])[] = [],
): KnownTable {
  const folded = columns.map((column) => foldDuckdbName(column.name));
  return {
    owner: '',
    name,
    columns: folded,
    facts,
    ...(primaryKey ? { primaryKey } : {}),
    uniqueKeys,
    notNull: folded.filter((_, index) => facts[index]!.notNull && !holdsNulls.test(columns[index]!.type)),
  };
}

/** Whether the columns found are those that DuckDB says, by number and name. DuckDB numbers names that come twice: `ID_1`. */
function fits(projection: DuckdbProjection, names: readonly string[]): boolean {
  if (!projection.complete || projection.columns.length !== names.length) return false;
  return projection.columns.every(({ name }, index) => {
    const real = foldDuckdbName(names[index]!);
    return name === undefined || name === real || (real.startsWith(`${name}_`) && /^_\d+$/.test(real.slice(name.length)));
  });
}
