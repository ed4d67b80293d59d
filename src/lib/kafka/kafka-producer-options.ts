import type { SubjectNameStrategy } from '../schema';
import type { OffsetRange } from './commit-record';
import type { KafkaSecretSettings } from './kafka-secret-settings';

export interface KafkaProducerOptions {
  /** The system that the rows come from, e.g. `LABWARE`; each row carries it in `__source_system` (at most 30 characters). */
  readonly sourceSystem: string;
  /** Part of the topic names, e.g. `RAW`. */
  readonly zone: string;
  /** Which secret names broker and registry. */
  readonly settings: KafkaSecretSettings;
  /** How schemas are filed in the registry, default `TopicNameStrategy` (one table per topic). */
  readonly subjects?: SubjectNameStrategy;
  /** How long to look for a broker that answers, default 10 seconds. */
  readonly connectTimeoutSeconds?: number;
}

export interface TargetOptions {
  /** Topic to use in place of the one that TOPIC_TEMPLATE makes. */
  readonly topic?: string;
  /** Partitions of the topic when it is created, default TOPIC_PARTITIONS. */
  readonly partitions?: number;
  /** How this target's schemas are filed in the registry, default the producer's. */
  readonly subjects?: SubjectNameStrategy;
}

export interface ProduceOptions {
  /** Partition for all rows. Default: the key decides, so that all rows of a key keep their order. */
  readonly partition?: number;
  /** Whether an empty table may follow a TRUNCATE, default false: consumers would be left with an empty table. */
  readonly allowEmpty?: boolean;
  /** Whether each key may occur once only, default true. Say false for a table of changes, in which a key may have several rows. */
  readonly uniqueKeys?: boolean;
  /** The workspace table whose lineage these rows have, when they are a choice of its rows, or changes of it. Default: the table that is published. */
  readonly lineageOf?: string;
}

export interface PublishOptions extends TargetOptions, ProduceOptions {
  /** Name of the target, default the workspace table's. */
  readonly name?: string;
}

export interface ReplaceOptions extends PublishOptions {
  /** Columns and values, as text, that select the rows to replace, e.g. `{ PLANT: '0100' }`. Default: all rows. */
  readonly filter?: Readonly<Record<string, string>>;
}

/** What a commit made visible. */
export interface CommitResult {
  /** The rows carry it in `__source_transaction`. */
  readonly commitId: string;
  /** Rows by target name, TRUNCATE rows not counted. */
  readonly tables: Readonly<Record<string, number>>;
  /** Sum of `tables`. */
  readonly rows: number;
  /** Messages in all topics: the rows, and a TRUNCATE row for each partition. */
  readonly messages: number;
  /** By topic and partition number. All messages lie within; messages of other producers may, too. */
  readonly topics: Readonly<Record<string, Readonly<Record<string, OffsetRange>>>>;
}
