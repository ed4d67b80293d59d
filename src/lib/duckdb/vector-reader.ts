import duckdb, { type DataChunk, type Vector } from '@duckdb/node-bindings';
import type { ColumnVector, Layout, StringBodies } from '../avro/column-layout';
import { INLINE_BYTES, STRING_BYTES } from './string-vector';

/** Bytes per value; undefined where the values are not read from memory. */
const VALUE_BYTES: Readonly<Record<Layout, number | undefined>> = {
  boolean: 1,
  int32: 4,
  date: 4,
  float32: 4,
  int64: 8,
  float64: 8,
  decimal64: 8,
  'time-millis': 8,
  timestamp: 8,
  decimal128: 16,
  uuid: 16,
  text: STRING_BYTES,
  bytes: STRING_BYTES,
  fixed: STRING_BYTES,
  encoded: undefined,
  null: undefined,
};

/** A gap of less than a page between two bodies: every byte read then lies in a page of memory that holds a live string. */
const MOST_GAP = 4096;
/** Longer bodies are fetched one by one, when their row is encoded. */
const LONG_BODY = 32768;
/** So are the bodies of a chunk once those fetched together have this size. */
const MOST_BYTES = 8 << 20;
/** What copying by 4 bytes may read behind the last body. */
const SLACK = 4;

/** Reads one column of each chunk of a result into memory that JavaScript can see. Keep the chunk referenced until its rows are encoded. */
export class VectorReader {
  readonly #layout: Layout;
  readonly #strings: StringReader | undefined;

  constructor(layout: Layout) {
    this.#layout = layout;
    this.#strings = layout === 'text' || layout === 'bytes' || layout === 'fixed' ? new StringReader() : undefined;
  }

  read(chunk: DataChunk, column: number, count: number): ColumnVector {
    const vector = duckdb.data_chunk_get_vector(chunk, column);
    const validity = readValidity(vector, count);
    const size = VALUE_BYTES[this.#layout];
    if (size === undefined) return { validity, data: NO_DATA };
    const bytes = duckdb.vector_get_data(vector, size * count);
    if (this.#layout === 'boolean') return { validity, data: bytes };
    const data = new Int32Array(bytes.buffer, bytes.byteOffset, (size * count) >> 2);
    return this.#strings === undefined ? { validity, data } : { validity, data, bodies: this.#strings.read(data, validity, count) };
  }
}

const NO_DATA = new Uint8Array(0);

/** The bits of the rows that have a value; null when all have. */
function readValidity(vector: Vector, count: number): Uint8Array | null {
  const words = Math.ceil(count / 64);
  // The types do not say so, but a vector that never had a NULL has no mask.
  const mask = duckdb.vector_get_validity(vector, words * 8) as Uint8Array | null;
  if (mask === null) return null;
  for (let row = 0; row < count; row += 8) {
    const bits = count - row >= 8 ? 0xff : (1 << (count - row)) - 1;
    if ((mask[row >> 3]! & bits) !== bits) return mask;
  }
  return null;
}

/**
 * Fetches the bodies of strings that are not inline. One by one they cost 0.9 µs each; but those of a chunk lie next to each other, up or down, so whole
 * runs are fetched.
 */
class StringReader {
  readonly #starts = new Int32Array(2048);
  readonly #addresses = new Float64Array(2048);
  readonly #runs: { low: number; high: number; firstRow: number }[] = [];
  readonly #pointer = new Uint32Array(2);
  #bytes = Buffer.alloc(1 << 16);
  #view = new DataView(this.#bytes.buffer);

  read(data: Int32Array, validity: Uint8Array | null, count: number): StringBodies {
    this.#findRuns(data, validity, count);
    const total = this.#runs.reduce((sum, { low, high }) => sum + high - low, SLACK);
    if (total > this.#bytes.length) {
      this.#bytes = Buffer.allocUnsafeSlow(total * 2);
      this.#view = new DataView(this.#bytes.buffer);
    }
    const starts = this.#starts;
    let offset = 0;
    for (const [index, { low, high, firstRow }] of this.#runs.entries()) {
      this.#pointer[0] = low;
      this.#pointer[1] = low / 0x100000000;
      this.#bytes.set(duckdb.get_data_from_pointer(this.#pointer.buffer, 0, high - low), offset);
      const lastRow = this.#runs[index + 1]?.firstRow ?? count;
      const base = offset - low;
      // Rows without a body in this run have -1, or are inline and never look.
      for (let row = firstRow; row < lastRow; row++) if (starts[row] === 0) starts[row] = this.#addresses[row]! + base;
      offset += high - low;
    }
    return {
      bytes: this.#bytes,
      view: this.#view,
      starts,
      long: (row) => duckdb.get_data_from_pointer(data.buffer as ArrayBuffer, data.byteOffset + row * STRING_BYTES + 8, data[row * 4]!),
    };
  }

  /** Fills the runs; `starts` is 0 for a row with a body in a run, -1 for all others. */
  #findRuns(data: Int32Array, validity: Uint8Array | null, count: number): void {
    const starts = this.#starts;
    const addresses = this.#addresses;
    this.#runs.length = 0;
    let low = 0;
    let high = -1;
    let firstRow = 0;
    let total = 0;
    for (let row = 0; row < count; row++) {
      starts[row] = -1;
      if (validity !== null && (validity[row >> 3]! & (1 << (row & 7))) === 0) continue;
      const length = data[row * 4]!;
      if (length <= INLINE_BYTES || length > LONG_BODY || total > MOST_BYTES) continue;
      const from = (data[row * 4 + 3]! >>> 0) * 0x100000000 + (data[row * 4 + 2]! >>> 0);
      const to = from + length;
      starts[row] = 0;
      addresses[row] = from;
      total += length;
      if (high >= 0 && from < high + MOST_GAP && to > low - MOST_GAP) {
        if (from < low) low = from;
        if (to > high) high = to;
        continue;
      }
      if (high >= 0) this.#runs.push({ low, high, firstRow });
      low = from;
      high = to;
      firstRow = row;
    }
    if (high >= 0) this.#runs.push({ low, high, firstRow });
  }
}
