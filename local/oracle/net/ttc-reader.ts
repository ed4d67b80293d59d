/** Reads the primitive values of the two-task protocol from one complete request. */
export class TtcReader {
  position = 0;

  constructor(readonly buffer: Buffer) {}

  get atEnd(): boolean {
    return this.position >= this.buffer.length;
  }

  u8(): number {
    return this.buffer.readUInt8(this.position++);
  }

  u16(): number {
    this.position += 2;
    return this.buffer.readUInt16BE(this.position - 2);
  }

  /** Integer with a count byte before it; the top bit of the count is the sign. */
  ub(): number {
    const count = this.u8();
    let value = 0;
    for (let index = count & 0x7f; index > 0; index--) value = value * 256 + this.u8();
    return (count & 0x80) === 0 ? value : -value;
  }

  raw(length: number): Buffer {
    if (this.position + length > this.buffer.length) throw new RangeError('request ends within a value');
    const bytes = this.buffer.subarray(this.position, this.position + length);
    this.position += length;
    return bytes;
  }

  skip(count: number): void {
    this.position += count;
  }

  /** Bytes with their length, or null. */
  bytes(): Buffer | null {
    const length = this.u8();
    if (length === 0 || length === 255) return null;
    if (length !== 254) return this.raw(length);
    const chunks: Buffer[] = [];
    for (;;) {
      const size = this.ub();
      if (size === 0) return Buffer.concat(chunks);
      chunks.push(this.raw(size));
    }
  }

  text(): string {
    return this.bytes()?.toString('utf8') ?? '';
  }

  sized(): string {
    return this.ub() > 0 ? this.text() : '';
  }
}
