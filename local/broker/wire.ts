/** Reads and writes the primitive types of the Kafka protocol in its non-flexible versions (https://kafka.apache.org/protocol#protocol_types). */

export class WireReader {
  #position = 0;

  constructor(private readonly buffer: Buffer) {}

  int8(): number {
    return this.buffer.readInt8(this.#advance(1));
  }

  int16(): number {
    return this.buffer.readInt16BE(this.#advance(2));
  }

  int32(): number {
    return this.buffer.readInt32BE(this.#advance(4));
  }

  int64(): bigint {
    return this.buffer.readBigInt64BE(this.#advance(8));
  }

  bool(): boolean {
    return this.int8() !== 0;
  }

  nullableString(): string | null {
    const length = this.int16();
    if (length < 0) return null;
    const start = this.#advance(length);
    return this.buffer.toString('utf8', start, start + length);
  }

  string(): string {
    return this.nullableString() ?? '';
  }

  /** A view on the request's bytes. */
  bytes(): Buffer {
    const length = Math.max(0, this.int32());
    const start = this.#advance(length);
    return this.buffer.subarray(start, start + length);
  }

  nullableArray<T>(item: () => T): T[] | null {
    const length = this.int32();
    return length < 0 ? null : Array.from({ length }, item);
  }

  array<T>(item: () => T): T[] {
    return this.nullableArray(item) ?? [];
  }

  #advance(bytes: number): number {
    const start = this.#position;
    this.#position += bytes;
    if (this.#position > this.buffer.length) throw new RangeError('The request is shorter than its fields');
    return start;
  }
}

export class WireWriter {
  readonly #parts: Buffer[] = [];

  int8(value: number): this {
    const buffer = Buffer.alloc(1);
    buffer.writeInt8(value);
    return this.raw(buffer);
  }

  int16(value: number): this {
    const buffer = Buffer.alloc(2);
    buffer.writeInt16BE(value);
    return this.raw(buffer);
  }

  int32(value: number): this {
    const buffer = Buffer.alloc(4);
    buffer.writeInt32BE(value);
    return this.raw(buffer);
  }

  int64(value: bigint): this {
    const buffer = Buffer.alloc(8);
    buffer.writeBigInt64BE(value);
    return this.raw(buffer);
  }

  bool(value: boolean): this {
    return this.int8(value ? 1 : 0);
  }

  string(value: string | null): this {
    if (value === null) return this.int16(-1);
    const text = Buffer.from(value);
    return this.int16(text.length).raw(text);
  }

  bytes(parts: readonly Buffer[]): this {
    this.int32(parts.reduce((sum, part) => sum + part.length, 0));
    for (const part of parts) this.raw(part);
    return this;
  }

  array<T>(items: readonly T[], item: (value: T) => unknown): this {
    this.int32(items.length);
    for (const value of items) item(value);
    return this;
  }

  raw(buffer: Buffer): this {
    this.#parts.push(buffer);
    return this;
  }

  /** The response as it goes out, with its length in front. */
  framed(): Buffer {
    const body = Buffer.concat(this.#parts);
    const frame = Buffer.alloc(4);
    frame.writeInt32BE(body.length);
    return Buffer.concat([frame, body]);
  }
}
