import type { Schema as ArrowSchema, Table as ArrowTable } from 'apache-arrow';
import type { RunContext } from '../context';
import type { Workspace } from '../duckdb/workspace';
import { TablecastError } from '../errors';
import type { Logger } from '../logger';
import type { ValueSchema } from '../schema/value-schema';

/**
 * Base of all readers: one source system each. A reader says how to reach its source (`connect`) and how to bring its data into a table of the
 * workspace (`load`); the rest is here. A source that describes itself only with its data builds a ValueSchema in `load`, calls `prepareLoad`, and
 * hands over page after page with `insertPage`.
 *
 * @example
 * class StationReader extends SourceAdapter {
 *   async load(table: string, schema: ValueSchema): Promise<void> {
 *     const arrowSchema = await this.prepareLoad(table, schema);
 *     for await (const page of pages(await this.readSecret('Station-Source'))) {
 *       await this.insertPage(table, toArrow(page, arrowSchema));
 *     }
 *   }
 * }
 */
export abstract class SourceAdapter implements AsyncDisposable {
  #context: RunContext | undefined;
  #tableSchema: ValueSchema | undefined;
  #rows = new Map<string, number>();
  /** Name and namespace that the schema of the next `load` gets. */
  protected schemaName: { readonly name: string; readonly namespace: string } | undefined;

  constructor(protected readonly logger: Logger) {}

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
    this.#rows.set(table, 0);
    this.tableSchema = schema;
    return schema.arrowSchema();
  }

  /** Appends one page to a table that `prepareLoad` created. Pages may come in any order and from several loads at once. */
  async insertPage(table: string, page: ArrowTable): Promise<void> {
    const { journal, signal } = this.context;
    signal.throwIfAborted();
    await journal.time('read', () => this.workspace.appendArrow(table, page));
    const rows = (this.#rows.get(table) ?? 0) + page.numRows;
    this.#rows.set(table, rows);
    journal.progress('read', table, rows);
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
