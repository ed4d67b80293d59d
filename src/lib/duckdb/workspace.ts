import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { DuckDBValue } from '@duckdb/node-api';
import duckdb, { type Database } from '@duckdb/node-bindings';
import { TablecastError } from '../errors';
import { ChunkFeed } from './chunk-feed';
import { connectTo, openDatabase, type TwoFacedConnection } from './connection';
import { asWorkspaceError } from './duckdb-error';
import { encodeRows, type EncodeRequest, type MessageSink } from './encode-rows';
import { checkKey } from './key-check';
import { plainValue } from './plain-value';
import { quoteIdentifier } from './quote';
import { type TextColumn, type TextExpression, TextInserter } from './text-inserter';
import type { WorkspaceOptions } from './workspace-options';

/** A column of a table or view in the workspace. */
export interface WorkspaceColumn {
  readonly name: string;
  /** DuckDB type as SQL, e.g. `DECIMAL(15,2)`. */
  readonly type: string;
  readonly nullable: boolean;
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
  readonly #inserters = new Map<string, TextInserter>();
  readonly #active = new Set<Promise<unknown>>();
  #writes: Promise<unknown> = Promise.resolve();
  #closed = false;

  private constructor(database: Database, connection: TwoFacedConnection, inserts: TwoFacedConnection, folder: string) {
    this.#database = database;
    this.#connection = connection;
    this.#inserts = inserts;
    this.#folder = folder;
    this.#feed = new ChunkFeed(inserts.raw);
  }

  /**
   * Opens an empty database in memory. Close it with `await using` or `close()`.
   *
   * @throws TablecastError WORKSPACE_SQL when DuckDB refuses an option
   */
  static async open(options: WorkspaceOptions): Promise<Workspace> {
    const folder = path.join(options.folder ?? tmpdir(), `workspace-${randomUUID()}`);
    let database: Database | undefined;
    try {
      database = await openDatabase({
        memory_limit: options.memoryLimit,
        temp_directory: folder,
        autoinstall_known_extensions: 'false',
        ...(options.threads === undefined ? {} : { threads: String(options.threads) }),
        ...(options.extensionDirectory === undefined ? {} : { extension_directory: options.extensionDirectory }),
      });
      const connection = await connectTo(database);
      // Casts between TIMESTAMP and TIMESTAMP WITH TIME ZONE must not depend on where the app runs.
      await connection.api.run("SET GLOBAL TimeZone = 'UTC'");
      return new Workspace(database, connection, await connectTo(database), folder);
    } catch (error) {
      if (database !== undefined) duckdb.close_sync(database);
      throw asWorkspaceError(error, 'open the workspace');
    }
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
    await this.#write(`append rows to ${table}`, async () => {
      const inserter = await this.#inserter(table, expressions, columns.length);
      const rows = columns[0]?.length ?? 0;
      if (columns.some((column) => column.length !== rows)) throw pageInvalid(table, 'its columns differ in length');
      if (rows > 0) await inserter.insert(columns, rows);
    });
  }

  /** Runs statements. */
  async run(sql: string, binds: readonly unknown[] = []): Promise<void> {
    await this.#track('run a statement', () => this.#connection.api.run(sql, ...bound(binds)));
  }

  /** Runs a query and returns its rows as plain values, see {@link plainValue}. For small results. */
  async query(sql: string, binds: readonly unknown[] = []): Promise<Record<string, unknown>[]> {
    const reader = await this.#track('run a query', () => this.#connection.api.runAndReadAll(sql, ...bound(binds)));
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
    await this.#track(`check the key of ${table}`, () => checkKey(this.#connection.api, table, keyColumns));
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
    const columns = request.sql === undefined ? await this.columns(request.table) : await this.#describe(`(${request.sql})`);
    return this.#track(`encode the rows of ${request.table}`, async () => {
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
    if (this.#closed) return;
    this.#closed = true;
    await Promise.allSettled(this.#active);
    for (const name of [...this.#inserters.keys()]) this.#forget(name);
    this.#inserts.api.closeSync();
    this.#connection.api.closeSync();
    duckdb.close_sync(this.#database);
    await rm(this.#folder, { recursive: true, force: true });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #inserter(table: string, expressions: readonly (TextExpression | undefined)[], width: number): Promise<TextInserter> {
    const key = inserterKey(table, expressions);
    const known = this.#inserters.get(key);
    if (known?.types.length === width) return known;
    const columns = await this.columns(table);
    if (columns.length !== width) throw pageInvalid(table, `it has ${width} columns, the table ${columns.length}`);
    known?.close();
    const inserter = new TextInserter(this.#inserts, this.#feed, table, columns, expressions);
    this.#inserters.set(key, inserter);
    return inserter;
  }

  #forget(table: string): void {
    for (const [key, inserter] of this.#inserters) {
      if (inserter.table !== table.toLowerCase()) continue;
      inserter.close();
      this.#inserters.delete(key);
    }
  }

  /** Writes happen one after the other, in the order of the calls; a failed one does not stop the next. */
  #write(action: string, work: () => Promise<void>): Promise<void> {
    const turn = this.#writes.then(work);
    this.#writes = turn.catch(() => undefined);
    return this.#track(action, () => turn);
  }

  async #track<T>(action: string, work: () => Promise<T>): Promise<T> {
    if (this.#closed) throw new TablecastError('WORKSPACE_SQL', { action, reason: 'the workspace is closed' });
    const promise = work();
    this.#active.add(promise);
    try {
      return await promise;
    } catch (error) {
      throw asWorkspaceError(error, action);
    } finally {
      this.#active.delete(promise);
    }
  }
}

function bound(binds: readonly unknown[]): [] | [DuckDBValue[]] {
  return binds.length === 0 ? [] : [binds as DuckDBValue[]];
}

function inserterKey(table: string, expressions: readonly (TextExpression | undefined)[]): string {
  return JSON.stringify([table.toLowerCase(), ...expressions.map((expression) => expression?.('?') ?? null)]);
}

function pageInvalid(table: string, reason: string): TablecastError {
  return new TablecastError('PAGE_INVALID', { table, reason });
}
