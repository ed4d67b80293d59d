import { cachedLineage } from './cached-lineage';
import type { ColumnLineage } from './column-lineage';
import { foldDuckdbName } from './duckdb-projection';
import type { SourceField, SourceTable } from './lineage-document';
import type { RecordedTable, RecordedTables } from './recorded-table';
import type { DirectSubtype, SourceColumn, SourceRole, TableRef } from './source-columns';

/** A set of what has a text of its own. */
type Distinct<T> = ReadonlyMap<string, T>;

export interface TracedColumn {
  /** How it is made; undefined when that is not known. */
  readonly formula: string | undefined;
  readonly steps: Distinct<string>;
  readonly sources: Distinct<SourceField>;
  readonly gaps: Distinct<string>;
}

/** A workspace table, followed to the physical tables behind it. */
export interface TracedTable {
  /** By folded name. */
  readonly columns: ReadonlyMap<string, TracedColumn>;
  readonly rows: Distinct<SourceField>;
  readonly tables: Distinct<SourceTable>;
  /** What could not be found out about the table as a whole. */
  readonly gaps: Distinct<string>;
}

const schemasOfWorkspace: ReadonlySet<string> = new Set(['', 'main', 'memory', 'temp']);
const plainName = /^(?:[\w$#]+|"[^"]+")(?:\.(?:[\w$#]+|"[^"]+"))*$/;
const does: Readonly<Record<DirectSubtype, number>> = { IDENTITY: 0, TRANSFORMATION: 1, AGGREGATION: 2 };

/** Follows the columns of workspace tables through the steps that made them, down to the columns of physical tables. */
export class Trace {
  readonly #tables: RecordedTables;
  readonly #traced = new Map<string, Promise<TracedTable>>();

  constructor(tables: RecordedTables) {
    this.#tables = tables;
  }

  /** What is behind a workspace table, as its name was understood at a moment of the run; undefined when nothing was recorded of it. */
  async table(name: string, moment: number): Promise<TracedTable | undefined> {
    const table = this.#tables.at(name, moment);
    return table && this.#of(table, moment, new Set());
  }

  /** A table has the rows of the moment when it was made, a view those of the moment when it is read. */
  #of(table: RecordedTable, moment: number, path: ReadonlySet<string>): Promise<TracedTable> {
    const seen = table.kind === 'view' ? moment : table.moment - 1;
    const key = `${table.moment} ${seen}`;
    if (path.has(key)) return Promise.resolve(unknown(`${table.name} reads itself`));
    let traced = this.#traced.get(key);
    if (!traced) this.#traced.set(key, (traced = this.#follow(table, seen, new Set([...path, key]))));
    return traced;
  }

  async #follow(table: RecordedTable, seen: number, path: ReadonlySet<string>): Promise<TracedTable> {
    const { origin } = table;
    if (origin.type === 'object') {
      const { connection, name, fields } = origin;
      return {
        columns: new Map(
          table.columns.map((column) => {
            const field: SourceField = { connection, table: name, column: fields.get(column) ?? column, ...identity };
            return [foldDuckdbName(column), ofField(field)];
          }),
        ),
        rows: new Map(),
        tables: byText([{ connection, name, reads: [] }]),
        gaps: new Map(),
      };
    }
    const inner = new Map<string, Promise<TracedTable>>();
    const innerOf = (ref: TableRef): Promise<TracedTable> | undefined => {
      if (origin.dialect !== 'duckdb' || ref.locations || !schemasOfWorkspace.has(ref.owner ?? '')) return undefined;
      const found = this.#tables.at(ref.name, seen);
      // A view cannot read itself; an earlier table of its name can be behind it.
      if (!found || found === table) return undefined;
      const name = foldDuckdbName(ref.name);
      let traced = inner.get(name);
      if (!traced) inner.set(name, (traced = this.#of(found, seen, path)));
      return traced;
    };
    let lineage: ColumnLineage;
    try {
      lineage = await cachedLineage(origin.sql, {
        ...origin,
        lookup: async (name, schema) => {
          const found =
            origin.dialect === 'duckdb' && schemasOfWorkspace.has(name.owner ?? '') ? this.#tables.at(name.name, seen) : undefined;
          if (!found || found === table) return origin.lookup(name, schema);
          return { owner: '', name: foldDuckdbName(found.name), columns: found.columns.map(foldDuckdbName), uniqueKeys: [] };
        },
      });
    } catch (error) {
      // Lineage is best effort: what went wrong is said, and the load goes on.
      return unknown(`the SELECT of ${table.name} could not be analysed: ${error instanceof Error ? error.message : String(error)}`);
    }
    return this.#compose(table, origin.connection, origin.sql, lineage, innerOf);
  }

  async #compose(
    { name: tableName, columns: names }: RecordedTable,
    connection: string,
    sql: string,
    lineage: ColumnLineage,
    innerOf: (ref: TableRef) => Promise<TracedTable> | undefined,
  ): Promise<TracedTable> {
    const tables = new Map<string, SourceTable>();
    const rows = new Map<string, SourceField>();
    const gaps = new Map<string, string>();
    const physical = (ref: TableRef): { readonly connection: string; readonly table: string }[] => placesOf(ref, connection);

    /** What is behind a source of the statement, with its part in the target. */
    const behind = async (source: SourceColumn, into: Map<string, SourceField>): Promise<TracedColumn | undefined> => {
      const inner = await innerOf(source.table);
      if (!inner) {
        for (const place of physical(source.table)) add(into, { ...place, column: source.column, ...roleOf(source) });
        return undefined;
      }
      const column = inner.columns.get(source.column);
      for (const field of column?.sources.values() ?? []) add(into, { ...field, ...combined(source, field) });
      return column ?? { ...nothing, gaps: byText([`${source.table.name} has no column ${source.column} that is known`]) };
    };

    for (const ref of lineage.tables) {
      const inner = await innerOf(ref);
      if (!inner) {
        const reads = [sql.trim()];
        for (const { connection: place, table } of physical(ref)) addTable(tables, { connection: place, name: table, reads });
        continue;
      }
      for (const field of inner.rows.values()) add(rows, field);
      for (const table of inner.tables.values()) addTable(tables, table);
      for (const gap of inner.gaps.values()) gaps.set(gap, gap);
    }
    for (const source of lineage.indirect) {
      const column = await behind(source, rows);
      for (const gap of column?.gaps.values() ?? []) gaps.set(gap, gap);
    }
    for (const { column, fragment, reason } of lineage.unresolved) {
      if (column === undefined) gaps.set(`${fragment} ${reason}`, `${shorten(fragment)} ${reason}`);
    }

    const columns = new Map<string, TracedColumn>();
    const inOrder = lineage.complete && lineage.columns.length === names.length;
    for (const [index, name] of names.entries()) {
      const found = inOrder
        ? lineage.columns[index]!
        : lineage.columns.find((candidate) => foldDuckdbName(candidate.name) === foldDuckdbName(name));
      if (!found) {
        columns.set(foldDuckdbName(name), {
          ...nothing,
          gaps: byText([`the SELECT of ${tableName} does not show where ${name} comes from`]),
        });
        continue;
      }
      const sources = new Map<string, SourceField>();
      const steps = new Map<string, string>();
      const own = lineage.unresolved.filter(({ column }) => column === found.name);
      const columnGaps = new Map(own.map(({ fragment, reason }) => [`${fragment} ${reason}`, `${shorten(fragment)} ${reason}`]));
      let formula: string | undefined = found.formula;
      const handedThrough = found.sources.length === 1 && found.sources[0]!.subtype === 'IDENTITY' && plainName.test(found.formula);
      for (const source of found.sources) {
        const inner = await behind(source, sources);
        for (const gap of inner?.gaps.values() ?? []) columnGaps.set(gap, gap);
        for (const step of inner?.steps.values() ?? []) steps.set(step, step);
        if (handedThrough) formula = inner ? inner.formula : formulaOf([...sources.values()]);
        else if (inner?.formula !== undefined && !inner.formula.startsWith('= ')) {
          const step = `${source.table.name}.${source.column}: ${inner.formula}`;
          steps.set(step, step);
        }
      }
      columns.set(foldDuckdbName(name), { formula, steps, sources, gaps: columnGaps });
    }
    return { columns, rows, tables, gaps };
  }
}

const identity = { kind: 'DIRECT', subtype: 'IDENTITY' } as const;
const nothing: TracedColumn = { formula: undefined, steps: new Map(), sources: new Map(), gaps: new Map() };

function ofField(field: SourceField): TracedColumn {
  return { ...nothing, formula: formulaOf([field]), sources: byText([field]) };
}

function unknown(reason: string): TracedTable {
  return { columns: new Map(), rows: new Map(), tables: new Map(), gaps: byText([reason]) };
}

/** As the original library writes a column that is handed through. */
function formulaOf([field]: readonly SourceField[]): string | undefined {
  return field && `= ${field.table}.${field.column}`;
}

function roleOf({ kind, subtype }: SourceRole): SourceRole {
  return { kind, subtype } as SourceRole;
}

/** The part that a source's source has in the target: of two steps the one that does more counts, and what decides keeps deciding. */
function combined(outer: SourceRole, inner: SourceRole): SourceRole {
  if (inner.kind === 'INDIRECT') return roleOf(inner);
  if (outer.kind === 'INDIRECT') return roleOf(outer);
  return roleOf(does[outer.subtype] > does[inner.subtype] ? outer : inner);
}

/** Where a physical table is: by its name, or for files by their locations below the connection. */
function placesOf(ref: TableRef, connection: string): { readonly connection: string; readonly table: string }[] {
  if (!ref.locations || ref.locations.length === 0) {
    const name = [...(ref.owner === undefined || ref.owner === '' ? [] : [ref.owner]), ref.name].join('.');
    return [{ connection, table: ref.link === undefined ? name : `${name}@${ref.link}` }];
  }
  return ref.locations.map((written) => {
    const location = written.startsWith('/') ? `file://${written}` : written;
    if (connection !== '' && location.startsWith(`${connection}/`)) return { connection, table: location.slice(connection.length + 1) };
    const [, root, path] = /^(\w[\w+.-]*:\/\/[^/]*)\/(.+)$/.exec(location) ?? [];
    return root === undefined ? { connection: 'file', table: location } : { connection: root, table: path! };
  });
}

function add(into: Map<string, SourceField>, field: SourceField): void {
  into.set(textOf(field), field);
}

function addTable(into: Map<string, SourceTable>, table: SourceTable): void {
  const key = JSON.stringify([table.connection, table.name]);
  const known = into.get(key);
  into.set(key, known ? { ...table, reads: [...new Set([...known.reads, ...table.reads])] } : table);
}

function byText<T>(values: readonly T[]): Distinct<T> {
  return new Map(values.map((value) => [textOf(value), value]));
}

/** The same text for the same value. */
function textOf(value: unknown): string {
  if (typeof value !== 'object' || value === null) return String(value);
  const { connection, table, name, column, kind, subtype } = value as Readonly<Record<string, unknown>>;
  return column === undefined ? JSON.stringify([connection, name]) : JSON.stringify([connection, table, column, kind, subtype]);
}

function shorten(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ').trim();
  return line.length > 100 ? `${line.slice(0, 99)}…` : line;
}
