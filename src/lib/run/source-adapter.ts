import type { Schema as ArrowSchema, Table as ArrowTable } from 'apache-arrow';
import type { RunContext } from '../context';
import type { Workspace } from '../duckdb/workspace';
import { TablecastError } from '../errors';
import type { Logger } from '../logger';
import type { Row } from '../schema/row';
import type { ValueSchema } from '../schema/value-schema';
import type { RunReader } from './run-reader';
import { duckdbDialect, type SqlDialect } from './sql-dialect';

/**
 * Base of all readers: one source system each. A reader says how to reach its source (`connect`) and how to bring its data into a table of the
 * workspace (`load`); the rest is here. A source that describes itself only with its data builds a ValueSchema in `load`, calls `prepareLoad`, and
 * hands over page after page with `insertRows` (objects) or `insertPage` (Arrow).
 *
 * @example
 * class StationReader extends SourceAdapter {
 *   async load(table: string, schema: ValueSchema): Promise<void> {
 *     await this.prepareLoad(table, schema);
 *     for await (const page of pages(await this.readSecret('Station-Source'))) await this.insertRows(table, page);
 *   }
 * }
 */
export abstract class SourceAdapter implements RunReader {
  #context: RunContext | undefined;
  #tableSchema: ValueSchema | undefined;
  /** The tables that `prepareLoad` created, with the rows they have so far. */
  readonly #tables = new Map<string, { readonly schema: ValueSchema; rows: number }>();
  /** Name and namespace that the schema of the next `load` gets. */
  protected schemaName: { readonly name: string; readonly namespace: string } | undefined;

  constructor(protected readonly logger: Logger) {}

  /** How conditions are written for this source: as in DuckDB, with placeholders such as `$since`, unless the reader says otherwise. */
  get dialect(): SqlDialect {
    return duckdbDialect;
  }

  /** Receives the run, once its lease is held. A reader that opens a connection does so here, after `super.connect(context)`. */
  connect(context: RunContext): Promise<void> {
    this.#context = context;
    return Promise.resolve();
  }

  /** Brings data of the source into a table of the workspace, and sets `tableSchema`. Each reader has its own further parameters. */
  abstract load(table: string, ...source: never[]): Promise<unknown>;

  /** Sets the name and namespace of the schema that the next `load` makes from its projection. */
  setSchemaNameForSql(name: string, namespace: string): void {
    this.schemaName = { name, namespace };
  }

  /** Completes `tableSchema` from what the source knows about itself: keys, comments, exact types. Best effort; a source that knows nothing adds nothing. */
  augmentSchema(): Promise<void> {
    return Promise.resolve();
  }

  /**
   * The schema of the table loaded last. It is yours to complete: `reader.tableSchema.setRepoUrl('…')`.
   * @throws TablecastError READER_NOT_READY before the first load
   */
  get tableSchema(): ValueSchema {
    if (!this.#tableSchema) throw new TablecastError('READER_NOT_READY', { reason: 'no table has been loaded yet, so there is no schema' });
    return this.#tableSchema;
  }

  protected set tableSchema(schema: ValueSchema) {
    this.#tableSchema = schema;
  }

  /** Creates the workspace table for a schema, empty, and returns the Arrow schema that its pages must have. Sets `tableSchema`. */
  async prepareLoad(table: string, schema: ValueSchema): Promise<ArrowSchema> {
    const columns = schema.tableFields.map((field) => ({ name: field.name, type: field.type.duckdbType() }));
    await this.workspace.createTable(table, columns);
    this.#tables.set(table, { schema, rows: 0 });
    this.tableSchema = schema;
    return schema.arrowSchema();
  }

  /** Appends one page to a table that `prepareLoad` created. Pages may come in any order and from several loads at once. */
  async insertPage(table: string, page: ArrowTable): Promise<void> {
    await this.#append(table, page.numRows, () => this.workspace.appendArrow(table, page));
  }

  /**
   * Appends one page of objects by column name, as a web service answers them, to a table that `prepareLoad` created. Columns that an object does not
   * have are null; properties that are no columns are left out. Values are taken exactly: a decimal is best given as text.
   * @throws TablecastError VALUE_INVALID when a value does not fit the type of its column
   */
  async insertRows(table: string, rows: readonly Row[]): Promise<void> {
    const columns = this.#prepared(table).schema.tableFields.map(({ name }) => rows.map((row) => toText(row[name])));
    await this.#append(table, rows.length, () => this.workspace.appendText(table, columns));
  }

  async #append(table: string, count: number, append: () => Promise<void>): Promise<void> {
    const { journal, signal } = this.context;
    signal.throwIfAborted();
    const prepared = this.#prepared(table);
    await journal.time('read', append);
    prepared.rows += count;
    journal.progress('read', table, prepared.rows);
  }

  #prepared(table: string): { readonly schema: ValueSchema; rows: number } {
    const prepared = this.#tables.get(table);
    if (!prepared) throw new TablecastError('READER_NOT_READY', { reason: `prepareLoad has not been called for ${table}` });
    return prepared;
  }

  /**
   * A secret of the app, from the Key Vault or the environment.
   * @throws TablecastError SECRET_MISSING, SECRET_FORBIDDEN, SECRET_UNREACHABLE
   */
  protected readSecret(name: string): Promise<string> {
    return this.context.secrets.readSecret(name);
  }

  /**
   * The run this reader works for.
   * @throws TablecastError READER_NOT_READY before `connect`
   */
  protected get context(): RunContext {
    if (!this.#context) throw new TablecastError('READER_NOT_READY', { reason: 'it is not connected to a run yet' });
    return this.#context;
  }

  /** The DuckDB of this run. */
  protected get workspace(): Workspace {
    return this.context.workspace;
  }

  /** Closes what `connect` opened. Called at the end of every run, also after a failed `connect`. */
  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve();
  }
}

/** A value in the form in which DuckDB reads it exactly; bytes in hexadecimal. */
function toText(value: unknown): string | null {
  if (value === null || value === undefined) return null;
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean') return String(value);
  if (value instanceof Date) return value.toISOString();
  if (value instanceof Uint8Array) return Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('hex');
  return JSON.stringify(value);
}
