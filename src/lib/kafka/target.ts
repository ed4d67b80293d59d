import type { KeySchema, ValueSchema } from '../schema';

/** One table as it is published: its topic and its registered schemas. Made by `KafkaProducer.addTarget`. */
export interface Target {
  readonly name: string;
  /** Table of the workspace. */
  readonly table: string;
  readonly topic: string;
  /** Number of partitions of the topic. */
  readonly partitions: number;
  readonly keySchema: KeySchema;
  readonly valueSchema: ValueSchema;
  /** Ids in the schema registry; each message carries them. */
  readonly keySchemaId: number;
  readonly valueSchemaId: number;
}
