import type { Row } from '../schema';

/** First and last offset of a commit in one partition. */
export interface OffsetRange {
  readonly minOffset: number;
  readonly maxOffset: number;
}

/** What a commit did to one topic. */
export interface TopicCommit {
  readonly topic: string;
  /** Full names of the value records written to it. */
  readonly schemaNames: readonly string[];
  /**
   * By partition number. All messages of the commit lie within the range; messages of others that wrote meanwhile may lie there too. Who has read each
   * partition up to `maxOffset` has the whole commit.
   */
  readonly offsets: ReadonlyMap<number, OffsetRange>;
}

/** One commit, as its record on the commit topic tells it. */
export interface Commit {
  readonly commitId: string;
  readonly producerName: string;
  readonly committedAt: Date;
  /** Messages of the commit in all topics, the TRUNCATE rows of each partition included, the commit record itself not. */
  readonly recordCount: number;
  readonly topics: readonly TopicCommit[];
}

/** Key row of the commit record; its schema is `commitKeySchema`. */
export function commitKeyRow({ commitId, producerName }: Commit): Row {
  return { commit_id: commitId, producer_name: producerName };
}

/** Value row of the commit record; its schema is `commitValueSchema`. */
export function commitValueRow(commit: Commit): Row {
  return {
    commit_id: commit.commitId,
    producer_name: commit.producerName,
    commit_epoch_ns: BigInt(commit.committedAt.getTime()) * 1_000_000n,
    record_count: commit.recordCount,
    rollback: false,
    topics: Object.fromEntries(
      commit.topics.map(({ topic, schemaNames, offsets }) => [
        topic,
        {
          topic_name: topic,
          schema_names: [...schemaNames],
          offsets: Object.fromEntries(
            [...offsets].map(([partition, { minOffset, maxOffset }]) => [
              String(partition),
              { min_offset: BigInt(minOffset), max_offset: BigInt(maxOffset), partition },
            ]),
          ),
        },
      ]),
    ),
  };
}
