import duckdb, { type DataChunk, type LogicalType, type PreparedStatement, type Vector } from '@duckdb/node-bindings';
import { TablecastError } from '../errors';
import type { ChunkFeed, ChunkSource } from './chunk-feed';
import type { TwoFacedConnection } from './connection';
import { quoteIdentifier } from './quote';

/** Rows of one vector: no chunk of DuckDB has more. */
export const CHUNK_ROWS = 2048;

/** A column as the pages bring it, and how it becomes the table's. */
export interface InsertColumn {
  /** The table's column. */
  readonly name: string;
  /** Its DuckDB type as SQL. */
  readonly type: string;
  /** Type of the vectors that the page fills. */
  readonly feedType: LogicalType;
  /** SQL of the value that is stored; stops the statement where it cannot be exact. */
  readonly sql: string;
  /** SQL condition that is true for a value that cannot be stored exactly; undefined when all can, or when it is not known. */
  readonly misfit: string | undefined;
}

/** Fills a vector with `count` (≤ 2048) values of the page, beginning with the row `from`. */
export type ColumnWriter = (vector: Vector, from: number, count: number) => void;

/** The page has a value that cannot be written; its row counts from the first one of the vector. */
export class UnwritableValue extends Error {
  readonly index: number;

  constructor(index: number, reason: string) {
    super(reason);
    this.index = index;
  }
}

/** Inserts pages into one table: one prepared statement that pulls the page chunk by chunk; casting and storing happen on DuckDB's threads. */
export class PageInserter implements ChunkSource {
  readonly types: readonly LogicalType[];
  readonly #connection: TwoFacedConnection;
  readonly #feed: ChunkFeed;
  readonly #source: { readonly sql: string; close(): void };
  readonly #table: string;
  readonly #columns: readonly InsertColumn[];
  #statement: PreparedStatement | undefined;
  #writers: readonly ColumnWriter[] = [];
  #rows = 0;
  #offset = 0;

  /** @param columns in the order of the writers; the `n`th is `c<n>` in SQL */
  constructor(connection: TwoFacedConnection, feed: ChunkFeed, table: string, columns: readonly InsertColumn[]) {
    this.#connection = connection;
    this.#feed = feed;
    this.#table = table;
    this.#columns = columns;
    this.types = columns.map(({ feedType }) => feedType);
    this.#source = feed.open(this);
  }

  /**
   * @param before rows of the table so far: an error names the row by its number in the table
   * @throws TablecastError VALUE_INVALID naming column and row; then nothing of the page is inserted
   */
  async insert(writers: readonly ColumnWriter[], rows: number, before: number): Promise<void> {
    this.#writers = writers;
    this.#rows = rows;
    this.#offset = 0;
    try {
      this.#statement ??= await duckdb.prepare(this.#connection.raw, this.#insertSql());
      await duckdb.execute_prepared(this.#statement);
    } catch (error) {
      const failure = this.#feed.takeFailure();
      if (failure instanceof ColumnFailure) throw this.#invalid(failure.column, `row ${before + failure.row + 1}`, failure.message);
      if (failure !== undefined) throw failure as Error;
      throw (await this.#findMisfit(before).catch(() => undefined)) ?? error;
    } finally {
      this.#writers = [];
    }
  }

  fill(chunk: DataChunk): void {
    const from = this.#offset;
    const count = Math.min(CHUNK_ROWS, this.#rows - from);
    if (count <= 0) return;
    duckdb.data_chunk_set_size(chunk, count);
    this.#writers.forEach((write, index) => {
      try {
        write(duckdb.data_chunk_get_vector(chunk, index), from, count);
      } catch (error) {
        throw error instanceof UnwritableValue ? new ColumnFailure(index, from + error.index, error.message) : error;
      }
    });
    this.#offset = from + count;
  }

  close(): void {
    if (this.#statement !== undefined) duckdb.destroy_prepare_sync(this.#statement);
    this.#statement = undefined;
    this.#source.close();
  }

  #insertSql(): string {
    const names = this.#columns.map(({ name }) => quoteIdentifier(name)).join(', ');
    const values = this.#columns.map(({ sql }) => sql).join(', ');
    return `INSERT INTO ${quoteIdentifier(this.#table)} (${names}) SELECT ${values} FROM ${this.#source.sql}`;
  }

  /** The statement failed: pulls the page again, column by column, until one of them fails. */
  async #findMisfit(before: number): Promise<TablecastError | undefined> {
    for (const [index, { type, sql, misfit }] of this.#columns.entries()) {
      const reason = `it is no exact ${type}`;
      if (misfit !== undefined) {
        this.#offset = 0;
        const from = `FROM (SELECT row_number() OVER () AS i, * FROM ${this.#source.sql})`;
        const reader = await this.#connection.api.runAndReadAll(`SELECT min(i)::INTEGER ${from} WHERE ${misfit}`);
        const row = reader.getRows()[0]?.[0];
        if (typeof row === 'number') return this.#invalid(index, `row ${before + row}`, reason);
        continue;
      }
      this.#offset = 0;
      try {
        await this.#connection.api.run(`SELECT count(CAST(${sql} AS ${type})) FROM ${this.#source.sql}`);
      } catch {
        return this.#invalid(index, 'a row of the last page', reason);
      }
    }
    return undefined;
  }

  #invalid(column: number, row: string, reason: string): TablecastError {
    return new TablecastError('VALUE_INVALID', { table: this.#table, column: this.#columns[column]!.name, row, reason });
  }
}

class ColumnFailure extends Error {
  readonly column: number;
  readonly row: number;

  constructor(column: number, row: number, reason: string) {
    super(reason);
    this.column = column;
    this.row = row;
  }
}
