import duckdb, { type Connection, type DataChunk, type LogicalType } from '@duckdb/node-bindings';

/** Rows that DuckDB pulls, chunk by chunk, in the middle of a statement. */
export interface ChunkSource {
  /** Types of the columns `c0`, `c1`, … of the source. */
  readonly types: readonly LogicalType[];
  /**
   * Sets the size of the chunk (at most 2048 rows) and fills its vectors; at the end leaves the size at 0. It may be called again after the end: the same
   * statement can run many times.
   */
  fill(chunk: DataChunk): void;
}

const FUNCTION = 'tablecast_feed';

/**
 * A table function through which DuckDB pulls chunks made in JavaScript: `INSERT INTO t SELECT … FROM <feed>`. DuckDB casts and stores on its own
 * threads; the JavaScript thread only fills vectors. (An appender would cast and commit on the JavaScript thread.)
 */
export class ChunkFeed {
  readonly #sources = new Map<number, ChunkSource>();
  #next = 0;
  #failure: unknown;

  constructor(connection: Connection) {
    const feed = duckdb.create_table_function();
    duckdb.table_function_set_name(feed, FUNCTION);
    duckdb.table_function_add_parameter(feed, duckdb.create_logical_type(duckdb.Type.INTEGER));
    duckdb.table_function_set_bind(feed, (info) => {
      const source = this.#sources.get(duckdb.get_int32(duckdb.bind_get_parameter(info, 0)));
      if (source === undefined) {
        duckdb.bind_set_error(info, 'The source of this statement is closed');
        return;
      }
      source.types.forEach((type, index) => {
        duckdb.bind_add_result_column(info, `c${index}`, type);
      });
      duckdb.bind_set_bind_data(info, source);
    });
    duckdb.table_function_set_init(feed, () => undefined);
    duckdb.table_function_set_function(feed, (info, chunk) => {
      try {
        const source = duckdb.function_get_bind_data(info) as ChunkSource;
        duckdb.data_chunk_set_size(chunk, 0);
        source.fill(chunk);
      } catch (error) {
        this.#failure = error;
        duckdb.function_set_error(info, 'The source of this statement failed');
      }
    });
    duckdb.register_table_function(connection, feed);
  }

  /** Makes the source readable as `sql` until `close` is called. */
  open(source: ChunkSource): { readonly sql: string; close(): void } {
    const id = this.#next++;
    this.#sources.set(id, source);
    return { sql: `${FUNCTION}(${id})`, close: () => this.#sources.delete(id) };
  }

  /** The error that a source threw since the last call, if any: DuckDB reports only that there was one. */
  takeFailure(): unknown {
    const failure = this.#failure;
    this.#failure = undefined;
    return failure;
  }
}
