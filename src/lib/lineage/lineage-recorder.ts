import { TablecastError } from '../errors';
import type { ValueSchema } from '../schema/value-schema';
import { foldDuckdbName } from './duckdb-projection';
import type { ColumnLineageOfTarget, LineageDocument, SourceField, SourceTable, TargetLineage } from './lineage-document';
import { RecordedTables, type RecordedSql } from './recorded-table';
import type { TableLookup } from './table-catalog';
import { Trace, type TracedColumn, type TracedTable } from './trace';

/** A source's SELECT that filled a workspace table. */
export interface SqlLoad extends Omit<RecordedSql, 'lookup'> {
  /** Finds physical tables; workspace tables are known to the recorder. */
  readonly lookup?: TableLookup;
  /** Columns of the workspace table, in their order. */
  readonly columns: readonly string[];
  /** Default `table`. */
  readonly kind?: 'table' | 'view';
}

/** A source's object that filled a workspace table without SQL: a resource of a service, a Delta table. */
export interface ObjectLoad {
  /** URI of the system that holds it, without credentials. */
  readonly connection: string;
  readonly name: string;
  /** Columns of the workspace table, in their order. */
  readonly columns: readonly string[];
  /** Where a column's field is in the source, when that has another name than the column. */
  readonly fields?: ReadonlyMap<string, string>;
}

/** A SELECT in DuckDB's dialect that made a workspace table or view from others. */
export type StepOfRun = Pick<SqlLoad, 'sql' | 'columns' | 'kind' | 'columnsOf'>;

/** A published table. */
export interface RecordedTarget {
  /** Topic; behind it, after a colon, the record's name where a topic may hold several tables. */
  readonly name: string;
  /** e.g. `kafka://broker:9092`. */
  readonly connection: string;
  readonly schema: ValueSchema;
}

export interface LineageRecorderOptions {
  /** Name of the function. */
  readonly producerName: string;
  readonly dataflowName: string;
  /** Whether a table is published only when the source of each of its columns is known. Default false. */
  readonly required?: boolean;
  /** The document as it was published last, as text. */
  readonly published?: string | undefined;
  /** Whether tables that this run does not publish stay in the document. Default false; true for deltas and backfills. */
  readonly keepsOthers?: boolean;
}

interface Publication {
  readonly table: string;
  readonly moment: number;
}

/** A target's lineage, and what the report says of it. */
export interface TargetSummary {
  readonly name: string;
  readonly columns: number;
  readonly tables: number;
  /** What could not be found out: column, if one is concerned, and why. */
  readonly unresolved: readonly string[];
}

/**
 * Records during a run what was loaded into the workspace and how, which steps followed, and what was published; and tells on demand which physical columns
 * are behind each published one. Recording costs next to nothing: SQL is parsed when the document is asked for.
 *
 * @example
 * run.lineage.loadedBySql('SAMPLE', { connection: 'oracle://lims-db:1521/LIMSPRD', dialect: 'oracle', sql, lookup, columns: ['ID', 'NAME'] });
 * run.lineage.step('NAMED', { sql: 'select upper(NAME) as NAME from SAMPLE', columns: ['NAME'] });
 */
export class LineageRecorder {
  readonly #options: LineageRecorderOptions;
  readonly #tables = new RecordedTables(foldDuckdbName);
  readonly #targets = new Map<string, { target: RecordedTarget; readonly publications: Publication[] }>();
  #condition = '';
  #published: string | undefined;

  constructor(options: LineageRecorderOptions) {
    this.#options = { ...options };
    this.#published = options.published;
  }

  /**
   * Tells which rows the loads that follow bring, when that differs from load to load: a condition that their SELECTs contain, which is no part of the
   * lineage. So initial loads, deltas and backfills have one document.
   */
  selecting(condition: string): void {
    this.#condition = condition;
  }

  /** A workspace table was filled by a source's SELECT: the flow's own, not what the reader puts around it. */
  loadedBySql(table: string, { columns, kind = 'table', lookup = unknownTable, ...load }: SqlLoad): void {
    const sql = this.#condition === '' ? load.sql : load.sql.replaceAll(this.#condition, '1 = 1');
    this.#tables.add({ name: table, kind, columns, origin: { type: 'sql', ...load, sql, lookup } });
  }

  /** A workspace table was filled from an object of a source, without SQL. */
  loadedFrom(table: string, { columns, connection, name, fields = new Map() }: ObjectLoad): void {
    this.#tables.add({ name: table, kind: 'table', columns, origin: { type: 'object', connection, name, fields } });
  }

  /** A workspace table or view was made by DuckDB SQL from others. */
  step(table: string, { kind = 'table', columns, ...step }: StepOfRun): void {
    this.#tables.add({
      name: table,
      kind,
      columns,
      origin: { type: 'sql', dialect: 'duckdb', connection: '', lookup: unknownTable, ...step },
    });
  }

  /** A table is going to be published. */
  addTarget(target: RecordedTarget): void {
    const known = this.#targets.get(keyOf(target));
    if (known) known.target = target;
    else this.#targets.set(keyOf(target), { target, publications: [] });
  }

  /**
   * The rows of a workspace table, as it is now, are going to be published to a target.
   * @throws TablecastError LINEAGE_UNRESOLVED when the lineage is required and not known
   */
  async publishing(target: Pick<RecordedTarget, 'name' | 'connection'>, table: string): Promise<void> {
    const known = this.#targets.get(keyOf(target));
    if (!known) return;
    const { moment } = this.#tables;
    const { publications } = known;
    const same = publications.some(
      (one) => this.#tables.at(one.table, one.moment) === this.#tables.at(table, moment) && one.table === table,
    );
    if (!same) publications.push({ table, moment });
    if (this.#options.required !== true) return;
    const { unresolved } = summaryOf(await this.#lineageOf(known.target, publications, new Trace(this.#tables)));
    if (unresolved.length > 0) throw new TablecastError('LINEAGE_UNRESOLVED', { table, unresolved });
  }

  /** What this run publishes so far, and what of the document published last stays. */
  async document(): Promise<LineageDocument> {
    const trace = new Trace(this.#tables);
    const targets = new Map<string, TargetLineage>();
    for (const target of this.#options.keepsOthers === true ? targetsOf(this.#published) : []) targets.set(keyOf(target), target);
    for (const [key, { target, publications }] of this.#targets) {
      if (publications.length > 0 || !targets.has(key)) targets.set(key, await this.#lineageOf(target, publications, trace));
    }
    const { producerName, dataflowName } = this.#options;
    return { producerName, dataflowName, targets: sorted([...targets.values()], keyOf) };
  }

  /** The document, and whether it is another than the one that was published last. */
  async current(): Promise<{ readonly document: LineageDocument; readonly text: string; readonly changed: boolean }> {
    const document = await this.document();
    const text = JSON.stringify(document);
    return { document, text, changed: text !== this.#published };
  }

  /** What the report says of the targets of this run. */
  summaries({ targets }: LineageDocument): TargetSummary[] {
    return targets.filter((target) => this.#targets.has(keyOf(target))).map(summaryOf);
  }

  /** Consumers have the document from now on. */
  markPublished(text: string): void {
    this.#published = text;
  }

  /** The document that consumers have, when it came with this run. */
  get toSave(): string | undefined {
    return this.#published === this.#options.published ? undefined : this.#published;
  }

  async #lineageOf(
    { name, connection, schema }: RecordedTarget,
    publications: readonly Publication[],
    trace: Trace,
  ): Promise<TargetLineage> {
    const traced: TracedTable[] = [];
    const unresolved: string[] = publications.length === 0 ? ['its rows are made by the flow, one by one'] : [];
    for (const { table, moment } of publications) {
      const found = await trace.table(table, moment);
      if (found) traced.push(found);
      else unresolved.push(`it is not known how ${table} was filled`);
    }
    const columns = schema.tableFields.map((field): ColumnLineageOfTarget => {
      const found = traced.flatMap(({ columns: all }) => all.get(foldDuckdbName(field.name)) ?? []);
      return {
        name: field.name,
        formula: [...new Set(found.flatMap(({ formula }) => formula ?? []))].join('; '),
        sources: fieldsOf(found.map(({ sources }) => sources)),
        steps: distinct(found, ({ steps }) => steps),
        unresolved: distinct(found, ({ gaps }) => gaps),
      };
    });
    return {
      name,
      connection,
      columns,
      tables: tablesOf(traced),
      rows: fieldsOf(traced.map(({ rows }) => rows)),
      unresolved: [...new Set([...unresolved, ...traced.flatMap(({ gaps }) => [...gaps.values()])])],
    };
  }
}

const unknownTable: TableLookup = () => Promise.resolve(undefined);

function keyOf({ name, connection }: Pick<RecordedTarget, 'name' | 'connection'>): string {
  return JSON.stringify([connection, name]);
}

/** The targets of a document that may be damaged, or of another version of this library. */
function targetsOf(text: string | undefined): readonly TargetLineage[] {
  try {
    return (JSON.parse(text ?? '') as LineageDocument).targets;
  } catch {
    return [];
  }
}

function summaryOf({ name, columns, tables, unresolved }: TargetLineage): TargetSummary {
  const ofColumns = columns.flatMap((column) => column.unresolved.map((reason) => `${column.name}: ${reason}`));
  return { name, columns: columns.length, tables: tables.length, unresolved: [...unresolved, ...ofColumns] };
}

function tablesOf(traced: readonly TracedTable[]): SourceTable[] {
  const found = new Map<string, SourceTable>();
  for (const [key, table] of traced.flatMap(({ tables }) => [...tables])) {
    found.set(key, { ...table, reads: [...new Set([...(found.get(key)?.reads ?? []), ...table.reads])].sort() });
  }
  return sorted([...found.values()], ({ connection, name }) => JSON.stringify([connection, name]));
}

function fieldsOf(fields: readonly ReadonlyMap<string, SourceField>[]): SourceField[] {
  return sorted([...new Map(fields.flatMap((some) => [...some])).values()], ({ connection, table, column, kind, subtype }) =>
    JSON.stringify([connection, table, column, kind, subtype]),
  );
}

function distinct(columns: readonly TracedColumn[], of: (column: TracedColumn) => ReadonlyMap<string, string>): string[] {
  return [...new Set(columns.flatMap((column) => [...of(column).values()]))];
}

/** By the code units of a text, which no locale changes. */
function sorted<T>(values: T[], textOf: (value: T) => string): T[] {
  return values
    .map((value) => ({ value, text: textOf(value) }))
    .sort((a, b) => (a.text < b.text ? -1 : a.text > b.text ? 1 : 0))
    .map(({ value }) => value);
}
