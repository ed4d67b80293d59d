import { DuckDBDataChunk, DuckDBStructValue, type DuckDBValue } from '@duckdb/node-api';
import duckdb, { type DataChunk, type Result } from '@duckdb/node-bindings';
import type { ColumnVector } from '../avro/column-layout';
import { FieldFailure, RowEncoder } from '../avro/row-encoder';
import { type ValueCodec, valueCodec } from '../avro/value-codec';
import { ValueMismatch } from '../avro/value-mismatch';
import { TablecastError } from '../errors';
import type { KeySchema, Row, ValueSchema } from '../schema';
import type { TwoFacedConnection } from './connection';
import { asWorkspaceError } from './duckdb-error';
import { nestedValue } from './nested-value';
import { plainValue } from './plain-value';
import { type PublishPlan, planPublish } from './publish-plan';
import { quoteIdentifier } from './quote';
import { VectorReader } from './vector-reader';

/** Which rows become messages, and how. */
export interface EncodeRequest {
  /** Table or view of the workspace; also the name in messages. Rows come in the order in which they were appended. */
  readonly table: string;
  /** A query to take the rows from instead; with ORDER BY they come in that order. */
  readonly sql?: string | undefined;
  readonly valueSchema: ValueSchema;
  readonly keySchema: KeySchema;
  /** Ids of both schemas in the registry. */
  readonly valueSchemaId: number;
  readonly keySchemaId: number;
  /** Values of the technical fields, the same in all rows. A column of the table with a technical field's name goes before. */
  readonly technical: Row;
  /** Stops between two chunks. */
  readonly signal?: AbortSignal | undefined;
}

/** Takes the messages, in order. */
export interface MessageSink {
  /** Takes one message; both buffers are overwritten after the call. False when there is no room: the same row is offered again after `ready`. */
  write(key: Buffer, value: Buffer): boolean;
  /** Resolves when it is worth trying again; rejects to stop. */
  ready(): Promise<void>;
}

/**
 * Encodes rows as messages and hands them to the sink; see `Workspace.encodeRows`.
 *
 * @param connection used for nothing else meanwhile: another statement on it would end the stream
 */
export async function encodeRows(
  connection: TwoFacedConnection,
  columns: readonly { readonly name: string; readonly type: string }[],
  request: EncodeRequest,
  sink: MessageSink,
): Promise<number> {
  const source = request.sql === undefined ? quoteIdentifier(request.table) : subquery(request.sql);
  const plan = planPublish(request.table, columns, request.valueSchema, request.keySchema, request.technical);
  const rows = new RowStream(request, plan);
  // Without a column the row count is still needed.
  const list = plan.columns.length === 0 ? 'NULL' : plan.columns.map(({ sql }) => sql).join(', ');
  const failed = async (error: unknown): Promise<never> => {
    throw (await findMisfit(connection, source, request, plan).catch(() => undefined)) ?? asWorkspaceError(error, `read ${request.table}`);
  };
  const result = await stream(connection, `SELECT ${list} FROM ${source} AS source`).catch(failed);
  let next = duckdb.fetch_chunk(result);
  try {
    for (;;) {
      const chunk = await next.catch(failed);
      if (chunk === null || duckdb.data_chunk_get_size(chunk) === 0) return rows.count;
      request.signal?.throwIfAborted();
      // DuckDB makes the next chunk while this one is encoded.
      next = duckdb.fetch_chunk(result);
      await rows.write(chunk, sink);
    }
  } finally {
    // What is under way must end before the connection is closed; its error, if any, is known already or no longer matters.
    await next.catch(() => null);
  }
}

/** A query as a table; a semicolon at its end would end the statement around it. */
export function subquery(sql: string): string {
  return `(${sql.replace(/[;\s]+$/, '')}\n)`;
}

async function stream(connection: TwoFacedConnection, sql: string): Promise<Result> {
  const statement = await duckdb.prepare(connection.raw, sql);
  try {
    return await duckdb.execute_prepared_streaming(statement);
  } finally {
    duckdb.destroy_prepare_sync(statement);
  }
}

/** The state of one run over the rows. */
class RowStream {
  count = 0;
  readonly #request: EncodeRequest;
  readonly #plan: PublishPlan;
  readonly #readers: readonly VectorReader[];
  readonly #codecs: readonly (ValueCodec | undefined)[];
  readonly #key: RowEncoder;
  readonly #value: RowEncoder;
  #clock = 0;

  constructor(request: EncodeRequest, plan: PublishPlan) {
    this.#request = request;
    this.#plan = plan;
    this.#readers = plan.columns.map(({ layout }) => new VectorReader(layout));
    this.#codecs = plan.columns.map(({ layout, field }) => (layout === 'encoded' ? valueCodec(field.type, field.nullable) : undefined));
    this.#key = new RowEncoder(request.keySchemaId, plan.keyFields);
    this.#value = new RowEncoder(request.valueSchemaId, plan.valueFields);
  }

  async write(chunk: DataChunk, sink: MessageSink): Promise<void> {
    const count = duckdb.data_chunk_get_size(chunk);
    const columns = this.#readers.map((reader, index) => {
      const vector = reader.read(chunk, index, count);
      const codec = this.#codecs[index];
      return codec === undefined ? vector : { ...vector, encoded: this.#encodeNested(chunk, index, codec, count) };
    });
    if (this.#plan.clock !== undefined) columns[this.#plan.clock] = this.#times(count);
    this.#key.bind(columns);
    this.#value.bind(columns);
    for (let row = 0; row < count; row++) {
      const key = this.#encode(this.#key, this.#plan.keyFields, chunk, row);
      const value = this.#encode(this.#value, this.#plan.valueFields, chunk, row);
      while (!sink.write(key, value)) await sink.ready();
      this.count++;
    }
    // The chunk's strings need not wait for the garbage collector, which does not see their size.
    duckdb.data_chunk_reset(chunk);
  }

  #encode(encoder: RowEncoder, fields: PublishPlan['keyFields'], chunk: DataChunk, row: number): Buffer {
    try {
      return encoder.row(row);
    } catch (error) {
      if (!(error instanceof FieldFailure)) throw error;
      const field = fields[error.field];
      const column = field !== undefined && 'column' in field ? field.column : 0;
      throw this.#invalid(chunk, column, row, error.message);
    }
  }

  /** Times of sending in microseconds, different for each row. */
  #times(count: number): ColumnVector {
    this.#clock = Math.max(this.#clock, Date.now() * 1000);
    const data = new Int32Array(count * 2);
    for (let row = 0; row < count; row++) {
      const time = this.#clock++;
      data[row * 2] = time % 0x100000000;
      data[row * 2 + 1] = time / 0x100000000;
    }
    return { validity: null, data };
  }

  #encodeNested(chunk: DataChunk, index: number, codec: ValueCodec, count: number): Uint8Array[] {
    const vector = new DuckDBDataChunk(chunk).getColumnVector(index);
    const { field } = this.#plan.columns[index]!;
    const encoded: Uint8Array[] = [];
    let last: DuckDBValue | undefined;
    for (let row = 0; row < count; row++) {
      try {
        const value = vector.getItem(row);
        // Most rows of an audited table carry the same: PASS.
        if (isSameStructure(value, last)) {
          encoded.push(encoded[row - 1]!);
          continue;
        }
        encoded.push(codec.type.toBuffer(codec.convert(nestedValue(value, vector.type, field.type))));
        last = value;
      } catch (error) {
        if (!(error instanceof ValueMismatch)) throw error;
        throw this.#invalid(chunk, index, row, error.message);
      }
    }
    return encoded;
  }

  #invalid(chunk: DataChunk, column: number, row: number, reason: string): TablecastError {
    const { table, keySchema } = this.#request;
    const values = new DuckDBDataChunk(chunk);
    const key = keySchema.fields.flatMap((field) => {
      const index = this.#plan.columns.findIndex(({ name }) => name.toLowerCase() === field.name.toLowerCase());
      return index < 0 ? [] : [[field.name, values.getColumnVector(index).getItem(row)] as const];
    });
    return invalid(table, this.#plan.columns[column]?.name ?? keySchema.fields[0]!.name, key, this.count + 1, reason);
  }
}

/** Whether both are the same structure of plain values. What is nested deeper counts as different, which costs time only. */
function isSameStructure(one: DuckDBValue, other: DuckDBValue | undefined): boolean {
  if (!(one instanceof DuckDBStructValue) || !(other instanceof DuckDBStructValue)) return false;
  for (const name in one.entries) if (!Object.is(one.entries[name], other.entries[name])) return false;
  return true;
}

function invalid(
  table: string,
  column: string,
  key: readonly (readonly [name: string, value: DuckDBValue])[],
  number: number | undefined,
  reason: string,
): TablecastError {
  const text = key.map(([name, value]) => `${name} ${String(plainValue(value))}`).join(', ');
  return new TablecastError('VALUE_INVALID', { table, column, row: text === '' ? `row ${number ?? 'unknown'}` : `key ${text}`, reason });
}

/** The statement stopped on a value that does not fit: finds column and key. */
async function findMisfit(
  connection: TwoFacedConnection,
  source: string,
  request: EncodeRequest,
  plan: PublishPlan,
): Promise<TablecastError | undefined> {
  const keys = request.keySchema.hasPrimaryKey ? request.keySchema.fields.map(({ name }) => name) : [];
  const list = [...keys.map(quoteIdentifier), '1'].map((name) => `CAST(${name} AS VARCHAR)`).join(', ');
  for (const { name, field, misfit } of plan.columns) {
    if (misfit === undefined) continue;
    const reader = await connection.api.runAndReadAll(`SELECT ${list} FROM ${source} AS source WHERE ${misfit} LIMIT 1`);
    const row = reader.getRows()[0];
    if (row === undefined) continue;
    const key = keys.map((keyName, index) => [keyName, row[index] ?? null] as const);
    return invalid(request.table, name, key, undefined, `it does not fit ${field.type.toString()}`);
  }
  return undefined;
}
