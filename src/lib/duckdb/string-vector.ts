import duckdb, { type Vector } from '@duckdb/node-bindings';
import { UnwritableValue } from './page-inserter';

/*
 * DuckDB's string_t, 16 bytes: uint32 length; up to 12 bytes follow at once, zero-padded; longer ones have the first 4 bytes, then a pointer to all of
 * them (DuckDB 1.5, src/include/duckdb/common/types/string_type.hpp). The bindings are pinned because of it.
 */
export const STRING_BYTES = 16;
export const INLINE_BYTES = 12;

/** Longer values travel one by one, so that a page of large texts needs no second copy of all of them in one piece. */
const LONG_VALUE = 4096;

/** With the u flag a whole pair is one character, so only halves match. */
const HALF_PAIR = /\p{Surrogate}/u;
const NOT_UNICODE = 'it has half of a surrogate pair';

/** The values of a column as bytes (text as UTF-8). While pages wait, the garbage collector has nothing to do with it, unlike with strings. */
export interface PackedColumn {
  /** All bodies but the long ones, one after the other. */
  readonly bodies: Uint8Array;
  /** Where each body begins, and where the last one ends; null and long values take no space. */
  readonly starts: Uint32Array;
  /** Which rows are NULL; undefined when none is. */
  readonly nulls: ReadonlySet<number> | undefined;
  /** Long values by row. */
  readonly long: ReadonlyMap<number, Uint8Array> | undefined;
}

const scratch = Buffer.allocUnsafeSlow(2 << 20);
const rows = new Uint8Array(2048 * STRING_BYTES);
const words = new Uint32Array(rows.buffer);
const validity = new Uint8Array(2048 / 8);
const pointer = { low: 0, high: 0 };

/**
 * Packs a column of text. All of it is encoded by one call, because one per value costs more than everything else together.
 *
 * @throws UnwritableValue where a value cannot be written as UTF-8
 */
export function packTexts(values: readonly (string | null)[]): PackedColumn {
  const { nulls, longRows } = survey(values);
  const long = longRows && new Map(longRows.map((row) => [row, longText(values[row]!, row)]));
  const texts = long ? values.map((value, row) => (long.has(row) ? null : value)) : values;
  const joined = texts.join('');
  const size = joined.length * 3 <= scratch.length ? scratch.write(joined, 'utf8') : -1;
  const bodies = size < 0 ? Buffer.from(joined, 'utf8') : Uint8Array.prototype.slice.call(scratch, 0, size);
  const ascii = bodies.length === joined.length;
  if (!ascii) checkUnicode(joined, bodies.length, texts);
  const starts = new Uint32Array(values.length + 1);
  let position = 0;
  for (let row = 0; row < texts.length; row++) {
    const text = texts[row];
    if (text != null) position += ascii ? text.length : Buffer.byteLength(text);
    starts[row + 1] = position;
  }
  return { bodies, starts, nulls, long };
}

/** Packs a column of bytes. */
export function packBytes(values: readonly (Uint8Array | null)[]): PackedColumn {
  const { nulls, longRows } = survey(values);
  const long = longRows && new Map(longRows.map((row) => [row, values[row]!]));
  const starts = new Uint32Array(values.length + 1);
  for (let row = 0; row < values.length; row++) {
    starts[row + 1] = starts[row]! + (long?.has(row) === true ? 0 : (values[row]?.length ?? 0));
  }
  const bodies = new Uint8Array(starts[values.length]!);
  for (let row = 0; row < values.length; row++) {
    const value = values[row];
    if (value != null && long?.has(row) !== true) bodies.set(value, starts[row]);
  }
  return { bodies, starts, nulls, long };
}

/**
 * Writes `count` (≤ 2048) values of a packed column into a VARCHAR or BLOB vector. One call per value through the bindings costs 150 ns; here all bodies go
 * to the vector's heap at once, whose address the vector tells, and the string_t of every row are made to point into it.
 */
export function writePacked(vector: Vector, { bodies, starts, nulls, long }: PackedColumn, from: number, count: number): void {
  const begin = starts[from]!;
  const end = starts[from + count]!;
  // Fewer bytes than that are all within the string_t themselves.
  if (end - begin > INLINE_BYTES) placeOnHeap(vector, bodies.subarray(begin, end));
  const { low, high } = pointer;
  for (let i = 0; i < count; i++) {
    const start = starts[from + i]!;
    const length = starts[from + i + 1]! - start;
    words[i * 4] = length;
    const body = i * STRING_BYTES + 4;
    if (length <= INLINE_BYTES) {
      words[i * 4 + 1] = 0;
      words[i * 4 + 2] = 0;
      words[i * 4 + 3] = 0;
      for (let k = 0; k < length; k++) rows[body + k] = bodies[start + k]!;
    } else {
      rows[body] = bodies[start]!;
      rows[body + 1] = bodies[start + 1]!;
      rows[body + 2] = bodies[start + 2]!;
      rows[body + 3] = bodies[start + 3]!;
      const address = low + start - begin;
      words[i * 4 + 2] = address;
      words[i * 4 + 3] = address > 0xffffffff ? high + 1 : high;
    }
  }
  if (long) {
    for (let i = 0; i < count; i++) {
      const value = long.get(from + i);
      if (value !== undefined) writeLong(vector, i, value);
    }
  }
  duckdb.copy_data_to_vector(vector, 0, rows.buffer, 0, count * STRING_BYTES);
  if (nulls) writeValidity(vector, count, (row) => !nulls.has(from + row));
}

/** Marks the rows without value as NULL. */
export function writeValidity(vector: Vector, count: number, hasValue: (row: number) => boolean): void {
  validity.fill(0xff);
  for (let row = 0; row < count; row++) {
    if (!hasValue(row)) validity[row >> 3]! &= ~(1 << (row & 7));
  }
  duckdb.vector_ensure_validity_writable(vector);
  duckdb.copy_data_to_vector_validity(vector, 0, validity.buffer, 0, Math.ceil(count / 64) * 8);
}

function survey(values: readonly ({ readonly length: number } | null)[]): {
  nulls: Set<number> | undefined;
  longRows: number[] | undefined;
} {
  let nulls: Set<number> | undefined;
  let longRows: number[] | undefined;
  for (let row = 0; row < values.length; row++) {
    const value = values[row];
    if (value == null) (nulls ??= new Set()).add(row);
    else if (value.length > LONG_VALUE) (longRows ??= []).push(row);
  }
  return { nulls, longRows };
}

function longText(text: string, row: number): Uint8Array {
  if (HALF_PAIR.test(text)) throw new UnwritableValue(row, NOT_UNICODE);
  return Buffer.from(text, 'utf8');
}

/** Copies bytes (more than 12) to the heap of the vector, where they stay as long as the vector, and leaves their address in `pointer`. */
function placeOnHeap(vector: Vector, bytes: Uint8Array): void {
  duckdb.vector_assign_string_element_len(vector, 0, bytes);
  const head = duckdb.vector_get_data(vector, STRING_BYTES);
  const view = new DataView(head.buffer, head.byteOffset, STRING_BYTES);
  pointer.low = view.getUint32(8, true);
  pointer.high = view.getUint32(12, true);
}

function writeLong(vector: Vector, row: number, value: Uint8Array): void {
  placeOnHeap(vector, value);
  words[row * 4] = value.length;
  for (let k = 0; k < 4; k++) rows[row * STRING_BYTES + 4 + k] = value[k]!;
  words[row * 4 + 2] = pointer.low;
  words[row * 4 + 3] = pointer.high;
}

/** Half surrogates would be replaced silently, and two halves at the border of two values would merge into one character. */
function checkUnicode(joined: string, size: number, texts: readonly (string | null)[]): void {
  let sum = 0;
  for (const text of texts) if (text != null) sum += Buffer.byteLength(text);
  if (sum === size && !HALF_PAIR.test(joined)) return;
  throw new UnwritableValue(
    texts.findIndex((text) => text != null && HALF_PAIR.test(text)),
    NOT_UNICODE,
  );
}
