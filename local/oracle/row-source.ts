import type { DuckDBConnection, DuckDBDataChunk, DuckDBResult } from '@duckdb/node-api';
import type { Variable } from './values/bind-value';
import type { TtcWriter } from './net/ttc-writer';
import type { CompiledQuery } from './sql/context';
import type { CompileContext } from './sql/context';
import { isLob } from './sql/types';
import type { Database } from './store/database';
import { columnWriter } from './values/column-writer';
import type { ColumnWriter, LobKeeper } from './values/column-writer';

/** The rows of a running query, written in pages of any size. */
export class RowSource {
  private writers: ColumnWriter[] = [];
  private chunk: DuckDBDataChunk | null = null;
  private next: Promise<DuckDBDataChunk | null> | null = null;
  private row = 0;
  private rows = 0;
  /** Rows written so far. */
  delivered = 0;
  private finished = false;
  private closed = false;

  private constructor(
    private readonly database: Database,
    private readonly connection: DuckDBConnection,
    private readonly result: DuckDBResult,
    private readonly query: CompiledQuery,
    private readonly keepLob: LobKeeper,
  ) {
    this.define([]);
  }

  /** Starts a query. `onStart` gets the way to interrupt it. */
  static async start(
    database: Database,
    query: CompiledQuery,
    context: CompileContext,
    keepLob: LobKeeper,
    onStart: (interrupt: () => void) => void,
  ): Promise<RowSource> {
    const connection = await database.acquire();
    onStart(() => {
      connection.interrupt();
    });
    try {
      const result = await (context.parameters.length === 0
        ? connection.stream(query.sql)
        : connection.stream(query.sql, context.parameters));
      return new RowSource(database, connection, result, query, keepLob);
    } catch (error) {
      database.release(connection);
      throw error;
    }
  }

  /** Sets the form in which the client wants its LOBs. */
  define(defines: readonly Variable[]): void {
    this.writers = this.query.columns.map((column, index) =>
      columnWriter(column.type, this.result.columnType(index), isLob(column.type) ? (defines[index] ?? null) : null, this.keepLob),
    );
    if (this.chunk !== null) this.load(this.chunk);
  }

  private load(chunk: DuckDBDataChunk): void {
    this.rows = chunk.rowCount;
    this.writers.forEach((writer, index) => {
      writer.load(chunk.chunk, index, this.rows);
    });
  }

  private async advance(): Promise<boolean> {
    for (;;) {
      const chunk = await (this.next ?? this.result.fetchChunk());
      this.next = null;
      if (chunk === null || chunk.rowCount === 0) return false;
      this.chunk = chunk;
      this.row = 0;
      this.load(chunk);
      // The next chunk is made while this one is written.
      this.next = this.result.fetchChunk();
      this.next.catch(() => undefined);
      return true;
    }
  }

  /** Writes up to `count` rows; true when there are no more. */
  async write(writer: TtcWriter, count: number): Promise<boolean> {
    const { writers } = this;
    const columns = writers.length;
    let left = count;
    while (left > 0 && !this.finished) {
      if (this.row >= this.rows && !(await this.advance())) {
        this.finished = true;
        break;
      }
      const end = Math.min(this.rows, this.row + left);
      left -= end - this.row;
      for (let row = this.row; row < end; row++) {
        writer.reserve(64);
        writer.buffer[writer.position++] = 7;
        for (let column = 0; column < columns; column++) writers[column]!.write(writer, row);
      }
      this.row = end;
    }
    this.delivered += count - left;
    if (this.finished) await this.close();
    return this.finished;
  }

  interrupt(): void {
    this.connection.interrupt();
  }

  /** Ends the query and gives its connection back. */
  async close(): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    const isOpen = !this.finished;
    this.finished = true;
    this.chunk = null;
    if (isOpen) {
      // A result that is not read to its end would keep its transaction open; the next statement on the connection ends it.
      this.connection.interrupt();
      await this.next?.catch(() => undefined);
      await this.connection.run('SELECT 1');
    }
    this.database.release(this.connection);
  }
}
