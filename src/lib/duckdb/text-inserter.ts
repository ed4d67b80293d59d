import duckdb, { type DataChunk, type LogicalType, type PreparedStatement, type Type } from '@duckdb/node-bindings';
import { TablecastError } from '../errors';
import type { TwoFacedConnection } from './connection';
import type { ChunkFeed, ChunkSource } from './chunk-feed';
import { quoteIdentifier } from './quote';
import { MalformedText, writeBlobs, writeTexts } from './string-vector';
import { castText } from './text-cast';

/** A column of a page: text for every type; for BLOB columns bytes, or text in hexadecimal. */
export type TextColumn = readonly (string | null)[] | readonly (Uint8Array | string | null)[];

/** SQL that makes the column's value from the SQL of its text, instead of an exact cast: ``(text) => `strptime(${text}, '%d.%m.%Y')` ``. */
export type TextExpression = (text: string) => string;

/** Rows of one vector: no chunk of DuckDB has more. */
const CHUNK_ROWS = 2048;
const VARCHAR = 17 as Type.VARCHAR;
const BLOB = 18 as Type.BLOB;

interface TargetColumn {
  readonly name: string;
  readonly type: string;
}

/** Inserts pages of text into one table: one prepared statement that pulls the page chunk by chunk and casts it on DuckDB's threads. */
export class TextInserter implements ChunkSource {
  readonly types: readonly LogicalType[];
  readonly #connection: TwoFacedConnection;
  readonly #feed: ChunkFeed;
  readonly #source: { readonly sql: string; close(): void };
  readonly #table: string;
  /** Name of the table in lower case: DuckDB ignores case in names. */
  readonly table: string;
  readonly #columns: readonly TargetColumn[];
  readonly #expressions: readonly (TextExpression | undefined)[];
  #statement: PreparedStatement | undefined;
  #page: readonly TextColumn[] = [];
  #rows = 0;
  #offset = 0;
  /** Rows inserted so far: an error names the row by its number in the table. */
  #inserted = 0;

  constructor(
    connection: TwoFacedConnection,
    feed: ChunkFeed,
    table: string,
    columns: readonly TargetColumn[],
    expressions: readonly (TextExpression | undefined)[],
  ) {
    this.#connection = connection;
    this.#feed = feed;
    this.#table = table;
    this.table = table.toLowerCase();
    this.#columns = columns;
    this.#expressions = expressions;
    this.types = columns.map(({ type }) => duckdb.create_logical_type(type === 'BLOB' ? BLOB : VARCHAR));
    this.#source = feed.open(this);
  }

  /** @throws TablecastError VALUE_INVALID naming column and row; then nothing of the page is inserted */
  async insert(page: readonly TextColumn[], rows: number): Promise<void> {
    this.#page = page.map((column, index) => (this.#columns[index]!.type === 'BLOB' ? column.map(toBytes) : column));
    this.#rows = rows;
    try {
      this.#statement ??= await duckdb.prepare(this.#connection.raw, this.#insertSql());
      this.#offset = 0;
      await duckdb.execute_prepared(this.#statement);
      this.#inserted += rows;
    } catch (error) {
      const failure = this.#feed.takeFailure();
      if (failure !== undefined) throw failure as Error;
      throw (await this.#findInvalidValue()) ?? error;
    } finally {
      this.#page = [];
    }
  }

  fill(chunk: DataChunk): number {
    const from = this.#offset;
    const count = Math.min(CHUNK_ROWS, this.#rows - from);
    if (count <= 0) return 0;
    duckdb.data_chunk_set_size(chunk, count);
    this.#page.forEach((column, index) => {
      const vector = duckdb.data_chunk_get_vector(chunk, index);
      const { name, type } = this.#columns[index]!;
      if (type === 'BLOB') {
        writeBlobs(vector, column as readonly (Uint8Array | null)[], from, count);
        return;
      }
      try {
        writeTexts(vector, column as readonly (string | null)[], from, count);
      } catch (error) {
        if (error instanceof MalformedText) throw this.#invalid(name, from + error.index, 'it has half of a surrogate pair');
        throw error;
      }
    });
    this.#offset = from + count;
    return count;
  }

  close(): void {
    if (this.#statement !== undefined) duckdb.destroy_prepare_sync(this.#statement);
    this.#statement = undefined;
    this.#source.close();
  }

  #insertSql(): string {
    const values = this.#columns.map((column, index) => this.#valueSql(column, index));
    return `INSERT INTO ${quoteIdentifier(this.#table)} SELECT ${values.join(', ')} FROM ${this.#source.sql}`;
  }

  #valueSql({ type }: TargetColumn, index: number, otherwise?: 'null'): string {
    const expression = this.#expressions[index];
    if (expression !== undefined) return expression(`c${index}`);
    return type === 'BLOB' ? `c${index}` : castText(`c${index}`, type, otherwise);
  }

  /** The statement failed: pulls the page again, column by column, until one of them cannot be cast. */
  async #findInvalidValue(): Promise<TablecastError | undefined> {
    for (const [index, column] of this.#columns.entries()) {
      const from = `FROM (SELECT row_number() OVER () AS i, * FROM ${this.#source.sql})`;
      this.#offset = 0;
      const failed = await this.#connection.api.run(`SELECT count(CAST(${this.#valueSql(column, index)} AS ${column.type})) ${from}`).then(
        () => false,
        () => true,
      );
      if (!failed) continue;
      this.#offset = 0;
      const exact = `TRY(CAST(${this.#valueSql(column, index, 'null')} AS ${column.type}))`;
      const row = await this.#connection.api
        .runAndReadAll(`SELECT min(i)::INTEGER ${from} WHERE c${index} IS NOT NULL AND ${exact} IS NULL`)
        .then(
          (reader) => reader.getRows()[0]?.[0],
          () => null,
        );
      const reason = `the text is no exact ${column.type}`;
      if (typeof row === 'number') return this.#invalid(column.name, row - 1, reason);
      return new TablecastError('VALUE_INVALID', { table: this.#table, column: column.name, row: 'a row of the last page', reason });
    }
    return undefined;
  }

  #invalid(column: string, index: number, reason: string): TablecastError {
    return new TablecastError('VALUE_INVALID', { table: this.#table, column, row: `row ${this.#inserted + index + 1}`, reason });
  }
}

function toBytes(value: Uint8Array | string | null): Uint8Array | null {
  return typeof value === 'string' ? Buffer.from(value, 'hex') : value;
}
