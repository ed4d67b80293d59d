import { EventEmitter } from 'node:events';
import { PartitionLog } from './partition-log';

/** Error codes of the protocol (https://kafka.apache.org/protocol#protocol_error_codes). */
export const errorCode = {
  none: 0,
  offsetOutOfRange: 1,
  corruptMessage: 2,
  unknownTopicOrPartition: 3,
  messageTooLarge: 10,
  invalidTopic: 17,
  unsupportedVersion: 35,
  topicAlreadyExists: 36,
  invalidPartitions: 37,
  policyViolation: 44,
  invalidProducerEpoch: 47,
  invalidTransactionState: 48,
  invalidProducerId: 49,
} as const;

export interface Topic {
  readonly name: string;
  readonly partitions: readonly PartitionLog[];
  readonly compacted: boolean;
}

/** What is known of a transactional id. */
interface Transaction {
  readonly producerId: bigint;
  epoch: number;
  /** Partitions of the open transaction; empty when none is open. */
  readonly partitions: Set<PartitionLog>;
}

/** Topics, producers and transactions of the broker. */
export class ClusterState {
  readonly topics = new Map<string, Topic>();
  /** Emits `change` when readers may find more than before. */
  readonly events = new EventEmitter().setMaxListeners(0);
  readonly #transactions = new Map<string, Transaction>();
  #nextProducerId = 1000n;

  /** @returns an error code */
  createTopic(name: string, partitions: number, config: ReadonlyMap<string, string | null> = new Map()): number {
    if (!/^[a-zA-Z0-9._-]{1,249}$/.test(name)) return errorCode.invalidTopic;
    if (this.topics.has(name)) return errorCode.topicAlreadyExists;
    if (partitions === 0 || partitions < -1) return errorCode.invalidPartitions;
    const compacted = config.get('cleanup.policy') === 'compact';
    this.topics.set(name, {
      name,
      compacted,
      partitions: Array.from({ length: partitions === -1 ? 1 : partitions }, () => new PartitionLog()),
    });
    return errorCode.none;
  }

  partition(topic: string, partition: number): PartitionLog | undefined {
    return this.topics.get(topic)?.partitions[partition];
  }

  /** Gives a producer its id. One that takes over a transactional id gets the next epoch, and what its predecessor left open is aborted. */
  initProducer(transactionalId: string | null): { producerId: bigint; epoch: number } {
    const known = transactionalId === null ? undefined : this.#transactions.get(transactionalId);
    if (known !== undefined) {
      known.epoch += 1;
      this.#end(known, false);
      return { producerId: known.producerId, epoch: known.epoch };
    }
    const producerId = this.#nextProducerId++;
    if (transactionalId !== null) this.#transactions.set(transactionalId, { producerId, epoch: 0, partitions: new Set() });
    return { producerId, epoch: 0 };
  }

  /** @returns an error code */
  addPartition(transactionalId: string, producerId: bigint, epoch: number, log: PartitionLog | undefined): number {
    const fault = this.#fault(transactionalId, producerId, epoch);
    if (fault !== errorCode.none) return fault;
    if (log === undefined) return errorCode.unknownTopicOrPartition;
    this.#transactions.get(transactionalId)?.partitions.add(log);
    return errorCode.none;
  }

  /** @returns an error code */
  endTransaction(transactionalId: string, producerId: bigint, epoch: number, committed: boolean): number {
    const fault = this.#fault(transactionalId, producerId, epoch);
    const transaction = this.#transactions.get(transactionalId);
    if (fault === errorCode.none && transaction !== undefined) this.#end(transaction, committed);
    return fault;
  }

  /** Whether a producer may write to a partition. @returns an error code */
  mayProduce(transactionalId: string | null, producerId: bigint, epoch: number, log: PartitionLog): number {
    if (transactionalId === null) return errorCode.none;
    const fault = this.#fault(transactionalId, producerId, epoch);
    if (fault !== errorCode.none) return fault;
    return this.#transactions.get(transactionalId)?.partitions.has(log) === true ? errorCode.none : errorCode.invalidTransactionState;
  }

  #fault(transactionalId: string, producerId: bigint, epoch: number): number {
    const transaction = this.#transactions.get(transactionalId);
    if (transaction?.producerId !== producerId) return errorCode.invalidProducerId;
    return transaction.epoch === epoch ? errorCode.none : errorCode.invalidProducerEpoch;
  }

  #end({ producerId, epoch, partitions }: Transaction, committed: boolean): void {
    for (const log of partitions) log.end(producerId, epoch, committed);
    partitions.clear();
    this.events.emit('change');
  }
}
