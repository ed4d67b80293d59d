import duckdb, { type Vector } from '@duckdb/node-bindings';
import { UnwritableValue } from './page-inserter';

/*
 * DuckDB's string_t, 16 bytes: uint32 length; up to 12 bytes follow at once, zero-padded; longer ones have the first 4 bytes, then a pointer to all of
 * them (DuckDB 1.5, src/include/duckdb/common/types/string_type.hpp). The bindings are pinned because of it.
 */
export const STRING_BYTES = 16;
export const INLINE_BYTES = 12;

/** Longer strings travel one by one, so that a page of large texts needs no second copy of all of them in one piece. */
const LONG_STRING = 4096;

/** With the u flag a whole pair is one character, so only halves match. */
const HALF_PAIR = /\p{Surrogate}/u;
const NOT_UNICODE = 'it has half of a surrogate pair';

const scratch = Buffer.allocUnsafeSlow(2 << 20);
const rows = new Uint8Array(2048 * STRING_BYTES);
const words = new Uint32Array(rows.buffer);
const validity = new Uint8Array(2048 / 8);
const pointer = { low: 0, high: 0 };

/**
 * Writes `count` (≤ 2048) values of a column of text into a VARCHAR vector. One call per value through the bindings costs 150 ns; here all bodies become
 * one string on the vector's heap, whose address the vector tells, and the string_t of every row are made to point into it.
 *
 * @throws UnwritableValue where a value cannot be written as UTF-8
 */
export function writeTexts(vector: Vector, values: readonly (string | null)[], from: number, count: number): void {
  let longest = 0;
  let nulls = 0;
  for (let i = from; i < from + count; i++) {
    const value = values[i];
    if (value == null) nulls++;
    else if (value.length > longest) longest = value.length;
  }
  const whole = from === 0 && count === values.length;
  let texts = whole ? values : values.slice(from, from + count);
  if (longest > LONG_STRING) texts = texts.map((value) => (value !== null && value.length > LONG_STRING ? null : value));
  const joined = texts.join('');
  const most = joined.length * 3;
  const bodies = space((most < scratch.length - STRING_BYTES ? most : Buffer.byteLength(joined)) + INLINE_BYTES + 1);
  const size = bodies.write(joined, 'utf8');
  const ascii = size === joined.length;
  if (!ascii) checkUnicode(joined, size, texts);
  placeOnHeap(vector, size > INLINE_BYTES ? bodies.subarray(0, size) : bodies.subarray(0, INLINE_BYTES + 1).fill(0, size));
  const { low, high } = pointer;
  let position = 0;
  for (let i = 0; i < count; i++) {
    const text = texts[i];
    if (text == null) {
      words[i * 4] = 0;
      continue;
    }
    const length = ascii ? text.length : Buffer.byteLength(text);
    words[i * 4] = length;
    const row = i * STRING_BYTES + 4;
    if (length <= INLINE_BYTES) {
      words[i * 4 + 1] = 0;
      words[i * 4 + 2] = 0;
      words[i * 4 + 3] = 0;
      for (let k = 0; k < length; k++) rows[row + k] = bodies[position + k]!;
    } else {
      rows[row] = bodies[position]!;
      rows[row + 1] = bodies[position + 1]!;
      rows[row + 2] = bodies[position + 2]!;
      rows[row + 3] = bodies[position + 3]!;
      words[i * 4 + 2] = low + position;
      words[i * 4 + 3] = low + position > 0xffffffff ? high + 1 : high;
    }
    position += length;
  }
  if (longest > LONG_STRING) writeLongTexts(vector, values, from, count);
  duckdb.copy_data_to_vector(vector, 0, rows.buffer, 0, count * STRING_BYTES);
  if (nulls > 0) writeNulls(vector, values, from, count);
}

/** Writes `count` (≤ 2048) values of bytes into a BLOB vector. */
export function writeBlobs(vector: Vector, values: readonly (Uint8Array | null)[], from: number, count: number): void {
  let nulls = 0;
  let total = 0;
  for (let i = from; i < from + count; i++) {
    const value = values[i];
    if (value == null) nulls++;
    else if (value.length <= LONG_STRING) total += value.length;
  }
  const bodies = space(total + INLINE_BYTES + 1);
  let position = 0;
  for (let i = from; i < from + count; i++) {
    const value = values[i];
    if (value == null || value.length > LONG_STRING) continue;
    bodies.set(value, position);
    position += value.length;
  }
  placeOnHeap(vector, bodies.subarray(0, Math.max(total, INLINE_BYTES + 1)));
  const { low, high } = pointer;
  position = 0;
  for (let i = 0; i < count; i++) {
    const value = values[from + i];
    if (value == null) {
      words[i * 4] = 0;
      continue;
    }
    if (value.length > LONG_STRING) {
      placeOnHeap(vector, value);
      pointTo(i, value.length, value, 0, pointer.low, pointer.high);
      continue;
    }
    words[i * 4] = value.length;
    words.fill(0, i * 4 + 1, i * 4 + 4);
    if (value.length <= INLINE_BYTES) rows.set(value, i * STRING_BYTES + 4);
    else pointTo(i, value.length, bodies, position, low + position, low + position > 0xffffffff ? high + 1 : high);
    position += value.length;
  }
  duckdb.copy_data_to_vector(vector, 0, rows.buffer, 0, count * STRING_BYTES);
  if (nulls > 0) writeNulls(vector, values, from, count);
}

/** Marks the null (or missing) values of the slice as NULL. */
export function writeNulls(vector: Vector, values: readonly unknown[], from: number, count: number): void {
  writeValidity(vector, count, (row) => values[from + row] != null);
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

/** Copies bytes (more than 12) to the heap of the vector, where they stay as long as the vector, and leaves their address in `pointer`. */
function placeOnHeap(vector: Vector, bytes: Uint8Array): void {
  duckdb.vector_assign_string_element_len(vector, 0, bytes);
  const head = duckdb.vector_get_data(vector, STRING_BYTES);
  const view = new DataView(head.buffer, head.byteOffset, STRING_BYTES);
  pointer.low = view.getUint32(8, true);
  pointer.high = view.getUint32(12, true);
}

function writeLongTexts(vector: Vector, values: readonly (string | null)[], from: number, count: number): void {
  for (let i = 0; i < count; i++) {
    const value = values[from + i];
    if (value == null || value.length <= LONG_STRING) continue;
    if (HALF_PAIR.test(value)) throw new UnwritableValue(i, NOT_UNICODE);
    const bytes = Buffer.from(value, 'utf8');
    placeOnHeap(vector, bytes);
    pointTo(i, bytes.length, bytes, 0, pointer.low, pointer.high);
  }
}

function pointTo(row: number, length: number, source: Uint8Array, position: number, low: number, high: number): void {
  words[row * 4] = length;
  for (let k = 0; k < 4; k++) rows[row * STRING_BYTES + 4 + k] = source[position + k]!;
  words[row * 4 + 2] = low;
  words[row * 4 + 3] = high;
}

function space(bytes: number): Buffer {
  return bytes <= scratch.length ? scratch : Buffer.allocUnsafeSlow(bytes);
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
