import { endOfTransaction, setBaseOffset, type RecordBatch } from './record-batch';

interface StoredBatch {
  readonly batch: RecordBatch;
  readonly firstOffset: bigint;
  readonly lastOffset: bigint;
}

interface AbortedTransaction {
  readonly producerId: bigint;
  readonly firstOffset: bigint;
  readonly lastOffset: bigint;
}

export interface Fetched {
  readonly batches: readonly Buffer[];
  readonly aborted: readonly AbortedTransaction[];
}

/** One partition in memory: its batches, its open and its aborted transactions. */
export class PartitionLog {
  readonly #batches: StoredBatch[] = [];
  readonly #aborted: AbortedTransaction[] = [];
  /** First offset of each open transaction, by producer. */
  readonly #open = new Map<bigint, bigint>();
  /** The last batch of each producer, by which a batch sent again is known. */
  readonly #last = new Map<bigint, StoredBatch>();
  /** Offset of the first record that can be read. */
  startOffset = 0n;
  /** Offset that the next record gets. */
  endOffset = 0n;

  /** Offset up to which every transaction has ended: readers of committed messages read no further. */
  get stableOffset(): bigint {
    return [...this.#open.values()].reduce((least, offset) => (offset < least ? offset : least), this.endOffset);
  }

  /** @returns the offset of the batch's first record; that of the first copy when the producer has sent it again */
  append(batch: RecordBatch): bigint {
    const last = this.#last.get(batch.producerId);
    const again =
      batch.baseSequence >= 0 && last?.batch.baseSequence === batch.baseSequence && last.batch.producerEpoch === batch.producerEpoch;
    if (again) return last.firstOffset;
    const stored = this.#store(batch);
    if (batch.baseSequence >= 0) this.#last.set(batch.producerId, stored);
    if (batch.transactional && !this.#open.has(batch.producerId)) this.#open.set(batch.producerId, stored.firstOffset);
    return stored.firstOffset;
  }

  /** Ends the producer's transaction with a marker. */
  end(producerId: bigint, producerEpoch: number, committed: boolean): void {
    const firstOffset = this.#open.get(producerId);
    const marker = this.#store(endOfTransaction(producerId, producerEpoch, committed, Date.now()));
    this.#open.delete(producerId);
    if (!committed && firstOffset !== undefined) this.#aborted.push({ producerId, firstOffset, lastOffset: marker.lastOffset });
  }

  /** Whole batches from an offset on: up to `maxBytes`, but at least one. */
  fetch(offset: bigint, maxBytes: number, committedOnly: boolean): Fetched {
    const end = committedOnly ? this.stableOffset : this.endOffset;
    const batches: Buffer[] = [];
    let bytes = 0;
    for (let index = this.#find(offset); index < this.#batches.length; index++) {
      const { batch, firstOffset } = this.#batches[index]!;
      if (firstOffset >= end || (bytes > 0 && bytes + batch.bytes.length > maxBytes)) break;
      batches.push(batch.bytes);
      bytes += batch.bytes.length;
    }
    const aborted = committedOnly ? this.#aborted.filter(({ firstOffset, lastOffset }) => lastOffset >= offset && firstOffset < end) : [];
    return { batches, aborted };
  }

  #store(batch: RecordBatch): StoredBatch {
    const firstOffset = this.endOffset;
    setBaseOffset(batch, firstOffset);
    const stored = { batch, firstOffset, lastOffset: firstOffset + BigInt(batch.lastOffsetDelta) };
    this.#batches.push(stored);
    this.endOffset = stored.lastOffset + 1n;
    return stored;
  }

  /** Index of the first batch that reaches up to the offset or beyond it. */
  #find(offset: bigint): number {
    let low = 0;
    let high = this.#batches.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#batches[middle]!.lastOffset < offset) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
