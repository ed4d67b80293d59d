import { randomUUID } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { DuckDBValue } from '@duckdb/node-api';
import duckdb, { type Database } from '@duckdb/node-bindings';
import type { Data, DataType, Field as ArrowField, Table as ArrowTable } from 'apache-arrow';
import { TablecastError } from '../errors';
import { arrowColumn, arrowWriter } from './arrow-page';
import { duckdbTypeOf } from './arrow-types';
import { ChunkFeed } from './chunk-feed';
import { connectTo, openDatabase, type TwoFacedConnection } from './connection';
import { asWorkspaceError } from './duckdb-error';
import { extensionFolder } from './extension-folder';
import { encodeRows, type EncodeRequest, type MessageSink, subquery } from './encode-rows';
import { checkKey } from './key-check';
import { type ColumnWriter, type InsertColumn, PageInserter } from './page-inserter';
import { plainValue } from './plain-value';
import { quoteIdentifier } from './quote';
import { type TextColumn, textColumns, type TextExpression, textWriter } from './text-page';
import type { WorkspaceOptions } from './workspace-options';

/** A column of a table or view in the workspace. */
export interface WorkspaceColumn {
  readonly name: string;
  /** DuckDB type as SQL, e.g. `DECIMAL(15,2)`. */
  readonly type: string;
  readonly nullable: boolean;
}

/** A table that is being filled. */
interface TableLoad {
  readonly table: string;
  readonly columns: readonly WorkspaceColumn[];
  /** Prepared statements, by kind of page. */
  readonly inserters: Map<string, PageInserter>;
  /** Rows so far; an error names a row by its number. */
  rows: number;
}

/**
 * The DuckDB database of one run: readers append pages to its tables, the producer reads them row by row. It lives in memory up to a limit, then in a
 * folder of its own, and is gone when it is closed.
 */
export class Workspace implements AsyncDisposable {
  readonly #database: Database;
  readonly #connection: TwoFacedConnection;
  readonly #inserts: TwoFacedConnection;
  readonly #feed: ChunkFeed;
  readonly #folder: string;
  readonly #threads: number;
  readonly #loads = new Map<string, TableLoad>();
  readonly #active = new Set<Promise<unknown>>();
  #writes: Promise<unknown> = Promise.resolve();
  #closing: Promise<void> | undefined;
  #appending = false;
  #closed = false;
  readonly #signal: AbortSignal | undefined;
  /** Again and again, as DuckDB forgets an interruption that comes while a statement is being prepared. */
  readonly #interrupt = (): void => {
    if (this.#closed) return;
    this.#connection.api.interrupt();
    if (this.#active.size > 0) setTimeout(this.#interrupt, 50).unref();
  };

  private constructor(
    database: Database,
    connection: TwoFacedConnection,
    inserts: TwoFacedConnection,
    folder: string,
    threads: number,
    signal: AbortSignal | undefined,
  ) {
    this.#database = database;
    this.#connection = connection;
    this.#inserts = inserts;
    this.#folder = folder;
    this.#threads = threads;
    this.#feed = new ChunkFeed(inserts.raw);
    this.#signal = signal;
    signal?.addEventListener('abort', this.#interrupt);
  }

  /**
   * Opens an empty database in memory. Close it with `await using` or `close()`.
   *
   * @throws TablecastError WORKSPACE_SQL when DuckDB refuses an option
   */
  static async open(options: WorkspaceOptions): Promise<Workspace> {
    const folder = path.join(options.folder ?? tmpdir(), `workspace-${randomUUID()}`);
    const extensions = options.extensionDirectory ?? extensionFolder();
    let database: Database | undefined;
    try {
      await mkdir(folder, { recursive: true });
      database = await openDatabase({
        memory_limit: options.memoryLimit,
        temp_directory: folder,
        autoinstall_known_extensions: 'false',
        ...(options.threads === undefined ? {} : { threads: String(options.threads) }),
        ...(extensions === undefined ? {} : { extension_directory: extensions }),
      });
      const connection = await connectTo(database);
      // Casts between TIMESTAMP and TIMESTAMP WITH TIME ZONE must not depend on where the app runs.
      await connection.api.run("SET GLOBAL TimeZone = 'UTC'");
      const threads = await connection.api.runAndReadAll("SELECT current_setting('threads')::INTEGER");
      const inserts = await connectTo(database);
      return new Workspace(database, connection, inserts, folder, Number(threads.getRows()[0]?.[0]), options.signal);
    } catch (error) {
      if (database !== undefined) duckdb.close_sync(database);
      await rm(folder, { recursive: true, force: true });
      throw asWorkspaceError(error, 'open the workspace');
    }
  }

  /** Folder of this workspace: what is put there is gone when the workspace is closed. */
  get folder(): string {
    return this.#folder;
  }

  /** Creates an empty table; one with this name is replaced. */
  async createTable(name: string, columns: readonly { readonly name: string; readonly type: string }[]): Promise<void> {
    const list = columns.map((column) => `${quoteIdentifier(column.name)} ${column.type}`).join(', ');
    await this.#write(`create the table ${name}`, async () => {
      this.#forget(name);
      await this.#inserts.api.run(`CREATE OR REPLACE TABLE ${quoteIdentifier(name)} (${list})`);
    });
  }

  /** Drops the table, if there is one. */
  async dropTable(name: string): Promise<void> {
    await this.#write(`drop the table ${name}`, async () => {
      this.#forget(name);
      await this.#inserts.api.run(`DROP TABLE IF EXISTS ${quoteIdentifier(name)}`);
    });
  }

  /**
   * Appends a page of text, column by column; DuckDB casts it to the types of the table, exactly: nothing is rounded or cut. Rows keep their order, and
   * calls made at the same time take effect one after the other. The JavaScript thread spends about 80 ns per value; await the call while the next page is
   * being read. `columns` must not change until then.
   *
   * @param columns one per column of the table, in its order, all of one length; BLOB columns take bytes, or text in hexadecimal
   * @param expressions by column, SQL to use instead of the exact cast
   * @throws TablecastError VALUE_INVALID a text is no value of the column's type: names column and row, and nothing of the page is kept
   * @throws TablecastError PAGE_INVALID the page does not have the columns of the table
   */
  async appendText(
    table: string,
    columns: readonly TextColumn[],
    expressions: readonly (TextExpression | undefined)[] = [],
  ): Promise<void> {
    const rows = columns[0]?.length ?? 0;
    if (columns.some((column) => column.length !== rows)) throw pageInvalid(table, 'its columns differ in length');
    const pack = (load: TableLoad): ColumnWriter[] => {
      if (columns.length === load.columns.length) return columns.map((column, index) => textWriter(column, load.columns[index]!.type));
      throw pageInvalid(table, `it has ${columns.length} columns, the table ${load.columns.length}`);
    };
    // Packed before any waiting: the strings of a page that waits would be copied by the garbage collector again and again.
    const known = this.#loads.get(table.toLowerCase());
    const packed = known && pack(known);
    await this.#write(`append rows to ${table}`, async () => {
      const load = await this.#load(table);
      const kind = JSON.stringify(['text', ...expressions.map((expression) => expression?.('?') ?? null)]);
      const writers = packed && load === known ? packed : pack(load);
      await this.#insert(load, kind, () => textColumns(load.columns, expressions), writers, rows);
    });
  }

  /**
   * Appends rows given as JavaScript values, column by column: boolean, number, bigint, string, Date, Uint8Array (BLOB columns), null; a typed array is a
   * column of numbers. They are stored exactly or not at all, as with `appendText`. For nested columns append an Arrow table.
   *
   * @param columns one per column of the table, in its order
   * @throws TablecastError VALUE_INVALID, PAGE_INVALID
   */
  async appendColumns(table: string, columns: readonly ArrayLike<unknown>[], rowCount: number): Promise<void> {
    const short = columns.find((column) => column.length < rowCount);
    if (short !== undefined) throw pageInvalid(table, `a column has ${short.length} values instead of ${rowCount}`);
    await this.appendText(
      table,
      columns.map((column): TextColumn => Array.from({ length: rowCount }, (_, row) => textOf(table, column[row]))),
    );
  }

  /**
   * Appends an Arrow table. Its columns are matched by name; a column of the table that it does not have is null.
   *
   * @throws TablecastError VALUE_INVALID a value does not fit the column's type exactly; nothing of its record batch is kept
   * @throws TablecastError PAGE_INVALID it has a column that the table does not have
   * @throws TablecastError TYPE_UNSUPPORTED
   */
  async appendArrow(table: string, arrowTable: ArrowTable): Promise<void> {
    await this.#write(`append rows to ${table}`, async () => {
      const load = await this.#load(table);
      const fields = fieldsOf(arrowTable);
      const targets = fields.map(({ name }) => {
        const target = load.columns.find((column) => column.name === name) ?? load.columns.find((column) => sameName(column.name, name));
        if (target === undefined) throw pageInvalid(table, `the table has no column ${name}`);
        return target;
      });
      const kind = JSON.stringify(['arrow', ...fields.map(({ name, type }) => [name, duckdbTypeOf(type).toString()])]);
      const insertColumns = (): InsertColumn[] => fields.map(({ type }, index) => arrowColumn(index, type, targets[index]!));
      for (const batch of arrowTable.batches) {
        if (fields.length === 0 || batch.numRows === 0) continue;
        const writers = (batch.data.children as readonly Data[]).map(arrowWriter);
        await this.#insert(load, kind, insertColumns, writers, batch.numRows);
      }
    });
  }

  /**
   * Makes an Arrow table a table of the workspace, with the DuckDB types that hold its values exactly. One with this name is replaced.
   *
   * @throws TablecastError TYPE_UNSUPPORTED, VALUE_INVALID
   */
  async register(name: string, arrowTable: ArrowTable): Promise<void> {
    const columns = fieldsOf(arrowTable).map((field) => ({ name: field.name, type: duckdbTypeOf(field.type).toString() }));
    await this.createTable(name, columns);
    await this.appendArrow(name, arrowTable);
  }

  /**
   * Runs statements, after the appends called before. What is temporary (`CREATE TEMP …`) is seen by `run` and `query` only.
   *
   * @param binds values of the placeholders: a list for `?`, an object for `$name`
   */
  async run(sql: string, binds: Binds = []): Promise<void> {
    await this.#write('run a statement', async () => {
      await this.#useThreads('all');
      // It may have waited for its turn while the run was stopped.
      this.#signal?.throwIfAborted();
      await this.#connection.api.run(sql, ...bound(binds));
      // The statement may have changed the tables.
      for (const table of [...this.#loads.keys()]) this.#forget(table);
    });
  }

  /** Runs a query and returns its rows as plain values, see {@link plainValue}. For small results. */
  async query(sql: string, binds: Binds = []): Promise<Record<string, unknown>[]> {
    const reader = await this.#statement('run a query', async () => {
      await this.#useThreads('all');
      return this.#connection.api.runAndReadAll(sql, ...bound(binds));
    });
    const names = reader.deduplicatedColumnNames();
    return reader.getRows().map((row) => Object.fromEntries(row.map((value, index) => [names[index]!, plainValue(value)])));
  }

  /** Whether there is a table or view with this name. DuckDB ignores case in names. */
  async hasTable(name: string): Promise<boolean> {
    const rows = await this.query('SELECT 1 FROM information_schema.tables WHERE lower(table_name) = lower(?)', [name]);
    return rows.length > 0;
  }

  /**
   * The columns of a table or view, in order.
   *
   * @throws TablecastError TABLE_UNKNOWN
   */
  async columns(table: string): Promise<readonly WorkspaceColumn[]> {
    if (!(await this.hasTable(table))) throw new TablecastError('TABLE_UNKNOWN', { table });
    return this.#describe(quoteIdentifier(table));
  }

  async #describe(source: string): Promise<readonly WorkspaceColumn[]> {
    const rows = await this.query(`DESCRIBE SELECT * FROM ${source}`);
    return rows.map((row) => ({ name: String(row['column_name']), type: String(row['column_type']), nullable: row['null'] !== 'NO' }));
  }

  /** @throws TablecastError TABLE_UNKNOWN */
  async rowCount(table: string): Promise<number> {
    if (!(await this.hasTable(table))) throw new TablecastError('TABLE_UNKNOWN', { table });
    const rows = await this.query(`SELECT count(*) AS rows FROM ${quoteIdentifier(table)}`);
    return Number(rows[0]?.['rows']);
  }

  /**
   * Checks that the columns are a key of the table: no nulls, no key twice.
   *
   * @throws TablecastError KEY_NULL, KEY_NOT_UNIQUE with their number and three keys
   */
  async checkKey(table: string, keyColumns: readonly string[]): Promise<void> {
    await this.#statement(`check the key of ${table}`, async () => {
      await this.#useThreads('all');
      await checkKey(this.#connection.api, table, keyColumns);
    });
  }

  /**
   * Encodes the rows of a table or query as messages (key and value in Confluent's framing) and hands each to the sink, in the order of the rows. About two
   * million rows a second; memory does not grow with the table. Appending to the table meanwhile does not change what is sent.
   *
   * @returns the number of rows
   * @throws TablecastError VALUE_INVALID for the first value that its Avro type cannot hold exactly, or null where it must not be: table, column, key
   * @throws TablecastError TABLE_UNKNOWN, COLUMN_UNKNOWN
   */
  async encodeRows(request: EncodeRequest, sink: MessageSink): Promise<number> {
    const columns = request.sql === undefined ? await this.columns(request.table) : await this.#describe(subquery(request.sql));
    return this.#track(async () => {
      await this.#useThreads('all');
      const connection = await connectTo(this.#database);
      try {
        return await encodeRows(connection, columns, request, sink);
      } finally {
        connection.api.closeSync();
      }
    });
  }

  /** Waits for what is under way, closes the database and removes its folder. */
  async close(): Promise<void> {
    this.#closing ??= this.#shutDown();
    await this.#closing;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #shutDown(): Promise<void> {
    while (this.#active.size > 0) await Promise.allSettled(this.#active);
    this.#closed = true;
    this.#signal?.removeEventListener('abort', this.#interrupt);
    for (const name of [...this.#loads.keys()]) this.#forget(name);
    this.#inserts.api.closeSync();
    this.#connection.api.closeSync();
    duckdb.close_sync(this.#database);
    await rm(this.#folder, { recursive: true, force: true });
  }

  /** What is known about a table that is being filled. */
  async #load(table: string): Promise<TableLoad> {
    const key = table.toLowerCase();
    let load = this.#loads.get(key);
    if (load === undefined) {
      load = { table, columns: await this.columns(table), inserters: new Map(), rows: await this.rowCount(table) };
      this.#loads.set(key, load);
    }
    return load;
  }

  async #insert(
    load: TableLoad,
    kind: string,
    columns: () => InsertColumn[],
    writers: readonly ColumnWriter[],
    rows: number,
  ): Promise<void> {
    if (rows === 0) return;
    let inserter = load.inserters.get(kind);
    if (inserter === undefined) {
      inserter = new PageInserter(this.#inserts, this.#feed, load.table, columns());
      load.inserters.set(kind, inserter);
    }
    await this.#useThreads('one');
    await inserter.insert(writers, rows, load.rows);
    load.rows += rows;
  }

  /**
   * The source of an append is this one JavaScript thread: a second thread of DuckDB would find nothing to do, and spin meanwhile. Everything else uses all.
   */
  async #useThreads(wanted: 'one' | 'all'): Promise<void> {
    const appending = wanted === 'one';
    if (this.#appending === appending || this.#threads === 1) return;
    this.#appending = appending;
    await this.#inserts.api.run(`SET threads = ${appending ? 1 : this.#threads}`);
  }

  #forget(table: string): void {
    const key = table.toLowerCase();
    for (const inserter of this.#loads.get(key)?.inserters.values() ?? []) inserter.close();
    this.#loads.delete(key);
  }

  /** Writes happen one after the other, in the order of the calls; a failed one does not stop the next. */
  #write(action: string, work: () => Promise<void>): Promise<void> {
    const turn = this.#writes.then(work);
    this.#writes = turn.catch(() => undefined);
    return this.#statement(action, () => turn);
  }

  async #statement<T>(action: string, work: () => Promise<T>): Promise<T> {
    try {
      return await this.#track(work);
    } catch (error) {
      if (isInterrupt(error) || error === this.#signal?.reason) this.#signal?.throwIfAborted();
      throw asWorkspaceError(error, action);
    }
  }

  /** `close` waits for the work. */
  async #track<T>(work: () => Promise<T>): Promise<T> {
    if (this.#closed) throw new TablecastError('WORKSPACE_SQL', { action: 'work', reason: 'the workspace is closed' });
    const promise = work();
    this.#active.add(promise);
    try {
      return await promise;
    } finally {
      this.#active.delete(promise);
    }
  }
}

/** Whether DuckDB broke a statement off because it was told to. */
function isInterrupt(error: unknown): boolean {
  return String((error as { message?: unknown }).message).startsWith('INTERRUPT Error');
}

/** Values of placeholders, by place or by name. */
type Binds = readonly unknown[] | Readonly<Record<string, unknown>>;

function bound(binds: Binds): [] | [DuckDBValue[] | Record<string, DuckDBValue>] {
  return Object.keys(binds).length === 0 ? [] : [binds as DuckDBValue[] | Record<string, DuckDBValue>];
}

function fieldsOf(table: ArrowTable): readonly ArrowField<DataType>[] {
  return table.schema.fields as readonly ArrowField<DataType>[];
}

function sameName(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}

/** A JavaScript value as text from which DuckDB makes the same value again. */
function textOf(table: string, value: unknown): string | Uint8Array | null {
  if (value == null) return null;
  if (typeof value === 'string' || value instanceof Uint8Array) return value;
  if (typeof value === 'number') return Object.is(value, -0) ? '-0' : String(value);
  if (typeof value === 'bigint' || typeof value === 'boolean') return String(value);
  if (value instanceof Date && !Number.isNaN(value.getTime())) return value.toISOString().replace('T', ' ').replace('Z', '');
  throw pageInvalid(table, 'a value is neither text, number, boolean, date nor bytes');
}

function pageInvalid(table: string, reason: string): TablecastError {
  return new TablecastError('PAGE_INVALID', { table, reason });
}
