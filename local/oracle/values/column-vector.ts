import bindings from '@duckdb/node-bindings';
import type { DataChunk, Vector } from '@duckdb/node-bindings';

/** Where the bytes of a text or blob stand. */
export interface ByteColumn {
  /** Buffer that holds the value of a row. */
  readonly buffers: Buffer[];
  readonly starts: Int32Array;
  readonly lengths: Int32Array;
}

const STRING_BYTES = 16;
const INLINE_BYTES = 12;
/** Gaps below a page are read over: every byte then lies in a page that holds a live value. */
const BRIDGED_GAP = 4096;
const LONGEST_IN_RUN = 32 * 1024;

export const columnOf = (chunk: DataChunk, index: number): Vector => bindings.data_chunk_get_vector(chunk, index);

export const childOf = (vector: Vector, index: number): Vector => bindings.struct_vector_get_child(vector, index);

/** Bit set of the values that are not NULL; null when none is NULL. */
export function validityOf(vector: Vector, rows: number): Uint8Array | null {
  const bytes = bindings.vector_get_validity(vector, Math.ceil(rows / 64) * 8) as Uint8Array | null;
  return bytes === null || bytes.length === 0 ? null : bytes;
}

export const isValid = (validity: Uint8Array | null, row: number): boolean =>
  validity === null || (validity[row >> 3]! & (1 << (row & 7))) !== 0;

/** The fixed-size values of a vector as 32-bit words; `bytes` is the size of a value. */
export function wordsOf(vector: Vector, rows: number, bytes: number): Int32Array {
  const data = bindings.vector_get_data(vector, rows * bytes);
  return new Int32Array(data.buffer, data.byteOffset, (rows * bytes) >> 2);
}

export function bytesOf(vector: Vector, rows: number, bytes: number): Uint8Array {
  return bindings.vector_get_data(vector, rows * bytes);
}

/**
 * Finds the bytes of all texts of a vector. Up to 12 bytes stand in the vector itself; longer ones lie next to each other in the
 * chunk's memory and are fetched as whole runs, because a fetch costs as much as encoding several rows. The chunk must stay referenced.
 */
export function byteColumnOf(vector: Vector, rows: number, validity: Uint8Array | null): ByteColumn {
  const data = bindings.vector_get_data(vector, rows * STRING_BYTES);
  const inline = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  const words = new Uint32Array(data.buffer, data.byteOffset, data.byteLength >> 2);
  const buffers = new Array<Buffer>(rows);
  const starts = new Int32Array(rows);
  const lengths = new Int32Array(rows);
  let runFirst = -1;
  let runStart = 0;
  let runEnd = 0;
  let members: number[] = [];
  const flush = (): void => {
    if (runFirst < 0) return;
    const fetched = bindings.get_data_from_pointer(
      data.buffer as ArrayBuffer,
      data.byteOffset + runFirst * STRING_BYTES + 8,
      runEnd - runStart,
    );
    const run = Buffer.from(fetched.buffer, fetched.byteOffset, fetched.byteLength);
    for (const row of members) buffers[row] = run;
    members = [];
    runFirst = -1;
  };
  for (let row = 0; row < rows; row++) {
    if (!isValid(validity, row)) continue;
    const length = words[row * 4]!;
    lengths[row] = length;
    if (length <= INLINE_BYTES) {
      buffers[row] = inline;
      starts[row] = row * STRING_BYTES + 4;
      continue;
    }
    const address = words[row * 4 + 3]! * 0x1_0000_0000 + words[row * 4 + 2]!;
    const joins = runFirst >= 0 && address >= runEnd && address - runEnd < BRIDGED_GAP && length <= LONGEST_IN_RUN;
    if (!joins) {
      flush();
      runFirst = row;
      runStart = address;
    }
    members.push(row);
    starts[row] = address - runStart;
    runEnd = address + length;
  }
  flush();
  return { buffers, starts, lengths };
}
