import type { RunContext } from '../context';

/** First and last offset that a commit wrote to a partition. */
export interface PartitionOffsets {
  readonly minOffset: number | bigint;
  readonly maxOffset: number | bigint;
}

/** What a commit reports. */
export interface RunCommit {
  readonly commitId: string;
  /** Rows published in all topics, TRUNCATE rows included. */
  readonly rows: number;
  /** Offsets by topic and partition. */
  readonly topics: unknown;
}

/** What a run needs of its producer; `KafkaProducer` is the one there is. */
export interface RunProducer extends AsyncDisposable {
  connect(context: RunContext): Promise<void>;
  /** Ends the transaction. When the runner has committed already, or nothing was produced, it returns what there is to report. */
  commit(): Promise<RunCommit | undefined>;
  /** Gives up what is not committed. */
  abort(): Promise<void>;
}
