/**
 * Writes the primitive values of the two-task protocol into one growing buffer. `buffer` and `position` are public because the
 * column writers put millions of values in place.
 */
export class TtcWriter {
  buffer: Buffer;
  position = 0;

  constructor(capacity = 8192) {
    this.buffer = Buffer.allocUnsafeSlow(capacity);
  }

  /** Makes sure that `count` more bytes fit. */
  reserve(count: number): void {
    const needed = this.position + count;
    if (needed <= this.buffer.length) return;
    const grown = Buffer.allocUnsafeSlow(Math.max(needed, this.buffer.length * 2));
    this.buffer.copy(grown, 0, 0, this.position);
    this.buffer = grown;
  }

  /** The bytes written so far (a view). */
  written(): Buffer {
    return this.buffer.subarray(0, this.position);
  }

  u8(value: number): this {
    this.reserve(1);
    this.buffer[this.position++] = value;
    return this;
  }

  u16(value: number): this {
    this.reserve(2);
    this.position = this.buffer.writeUInt16BE(value, this.position);
    return this;
  }

  u16le(value: number): this {
    this.reserve(2);
    this.position = this.buffer.writeUInt16LE(value, this.position);
    return this;
  }

  u32(value: number): this {
    this.reserve(4);
    this.position = this.buffer.writeUInt32BE(value, this.position);
    return this;
  }

  /** Unsigned integer with a count byte before it (UB2, UB4 and UB8 look the same). */
  ub(value: number): this {
    this.reserve(9);
    if (value === 0) {
      this.buffer[this.position++] = 0;
      return this;
    }
    let count = 1;
    for (let rest = Math.floor(value / 256); rest > 0; rest = Math.floor(rest / 256)) count++;
    this.buffer[this.position] = count;
    let rest = value;
    for (let index = count; index > 0; index--) {
      this.buffer[this.position + index] = rest % 256;
      rest = Math.floor(rest / 256);
    }
    this.position += count + 1;
    return this;
  }

  raw(bytes: Uint8Array): this {
    this.reserve(bytes.length);
    this.buffer.set(bytes, this.position);
    this.position += bytes.length;
    return this;
  }

  zeros(count: number): this {
    this.reserve(count);
    this.buffer.fill(0, this.position, this.position + count);
    this.position += count;
    return this;
  }

  /** Bytes with their length: one byte up to 252, chunks above. Null and empty are the same. */
  bytes(bytes: Uint8Array | null): this {
    if (bytes === null) return this.u8(0);
    return this.slice(bytes, 0, bytes.length);
  }

  /** As `bytes`, for a part of a larger buffer. */
  slice(source: Uint8Array, start: number, length: number): this {
    this.reserve(length + 16);
    if (length <= 252) {
      this.buffer[this.position++] = length;
      if (length < 24) {
        // A short copy in a loop is cheaper than making a view.
        const { buffer } = this;
        let { position } = this;
        for (let index = start, end = start + length; index < end; index++) buffer[position++] = source[index]!;
        this.position = position;
        return this;
      }
      this.buffer.set(source.subarray(start, start + length), this.position);
      this.position += length;
      return this;
    }
    this.buffer[this.position++] = 254;
    this.ub(length);
    this.buffer.set(source.subarray(start, start + length), this.position);
    this.position += length;
    return this.ub(0);
  }

  text(text: string): this {
    return this.bytes(Buffer.from(text, 'utf8'));
  }

  /** Length, and only if it is not 0 the bytes with their own length again. */
  sized(text: string): this {
    const bytes = Buffer.from(text, 'utf8');
    this.ub(bytes.length);
    if (bytes.length > 0) this.bytes(bytes);
    return this;
  }

  keyValue(key: string, value: string, flags = 0): this {
    return this.sized(key).sized(value).ub(flags);
  }
}
