import { crc32c } from './crc32c';

/**
 * The parts of a record batch (format 2, https://kafka.apache.org/documentation/#recordbatch) that a broker looks at. It keeps batches as they come, and
 * compression is no concern of its own.
 */
export interface RecordBatch {
  /** The whole batch. */
  readonly bytes: Buffer;
  readonly producerId: bigint;
  readonly producerEpoch: number;
  /** Number of the first record among those of its producer and partition; -1 without idempotence. */
  readonly baseSequence: number;
  /** Offset of the last record, counted from the batch's first. */
  readonly lastOffsetDelta: number;
  readonly transactional: boolean;
}

const headerBytes = 61;
const transactionalBit = 0x10;
const controlBit = 0x20;

/** The batches of a produce request. @throws RangeError when there is something else */
export function readBatches(bytes: Buffer): RecordBatch[] {
  const batches: RecordBatch[] = [];
  for (let start = 0; start < bytes.length;) {
    if (bytes.length - start < headerBytes || bytes.readInt8(start + 16) !== 2) throw new RangeError('Not a record batch of format 2');
    const end = start + 12 + bytes.readInt32BE(start + 8);
    // The request's memory goes; the log keeps a copy.
    const batch = Buffer.from(bytes.subarray(start, end));
    if (batch.readUInt32BE(17) !== crc32c(batch.subarray(21))) throw new RangeError('The checksum of a record batch is wrong');
    batches.push({
      bytes: batch,
      producerId: batch.readBigInt64BE(43),
      producerEpoch: batch.readInt16BE(51),
      baseSequence: batch.readInt32BE(53),
      lastOffsetDelta: batch.readInt32BE(23),
      transactional: (batch.readInt16BE(21) & transactionalBit) !== 0,
    });
    start = end;
  }
  return batches;
}

/** Writes the offset of a batch's first record into it. The checksum does not cover it. */
export function setBaseOffset({ bytes }: RecordBatch, offset: bigint): void {
  bytes.writeBigInt64BE(offset, 0);
}

/** The marker that ends a transaction in a partition: a batch with one control record. */
export function endOfTransaction(producerId: bigint, producerEpoch: number, committed: boolean, time: number): RecordBatch {
  // Length 16, attributes, timestamp delta, offset delta; key of 4 bytes: version, type; value of 6 bytes: version, coordinator's epoch; no headers.
  // Lengths are zigzag varints: 16 → 32, 4 → 8, 6 → 12.
  const record = Buffer.from([32, 0, 0, 0, 8, 0, 0, 0, committed ? 1 : 0, 12, 0, 0, 0, 0, 0, 0, 0]);
  const bytes = Buffer.alloc(headerBytes + record.length);
  bytes.writeInt32BE(bytes.length - 12, 8);
  bytes.writeInt8(2, 16);
  bytes.writeInt16BE(transactionalBit | controlBit, 21);
  bytes.writeBigInt64BE(BigInt(time), 27);
  bytes.writeBigInt64BE(BigInt(time), 35);
  bytes.writeBigInt64BE(producerId, 43);
  bytes.writeInt16BE(producerEpoch, 51);
  bytes.writeInt32BE(-1, 53);
  bytes.writeInt32BE(1, 57);
  record.copy(bytes, headerBytes);
  bytes.writeUInt32BE(crc32c(bytes.subarray(21)), 17);
  return { bytes, producerId, producerEpoch, baseSequence: -1, lastOffsetDelta: 0, transactional: true };
}
