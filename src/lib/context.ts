import type { Workspace } from './duckdb/workspace';
import type { LineageRecorder } from './lineage/lineage-recorder';
import type { Logger } from './logger';
import type { ValueSchema } from './schema';
import type { SecretStore } from './secrets/secret-store';
import type { Settings } from './settings';
import type { SnapshotStore } from './state/snapshot-store';

/** The stages of a run whose seconds the report states, in the order of a run. */
export type Stage = 'connect' | 'read' | 'augment' | 'transform' | 'check' | 'publish' | 'commit' | 'save';

/** What reader and producer tell the run about themselves, for its report and its progress. */
export interface RunJournal {
  /** Runs `work` and adds its duration to the stage. Stages may be entered many times; nested stages are not counted twice. */
  time<T>(stage: Stage, work: () => Promise<T>): Promise<T>;
  /** Something the operator should read in the report, e.g. `UNRESOLVED`, `PROPOSAL`, `SCHEMA_REGISTERED`. */
  note(kind: string, text: string): void;
  /** Rows read into, or published from, a table so far; the run logs it now and then. */
  progress(stage: Stage, table: string, rows: number): void;
}

/** Holds what a run is about to publish against the contract of its flow. */
export interface ContractCheck {
  /** @throws TablecastError CONTRACT_BROKEN, CONTRACT_UNREADABLE */
  check(table: string, schema: ValueSchema): Promise<void>;
}

/** All that one run shares. Made by the run after the lease is held; readers and producers receive it in `connect`. */
export interface RunContext {
  /** ULID, 26 characters; it is also the commit id that the rows carry in `__source_transaction`. */
  readonly id: string;
  readonly functionName: string;
  readonly dataflowName: string;
  /** Transaction time of the run: `__change_time` of all its rows. */
  readonly startedAt: Date;
  /** The delta pointer at the start of the run; missing when there is none. */
  readonly pointer?: string;
  readonly workspace: Workspace;
  /**
   * Whether nothing but the schemas is wanted: readers make their tables, empty, and read no rows; nothing is leased, published or saved. Readers that know
   * their schema without asking their source connect to nothing.
   */
  readonly describing?: boolean;
  /** Asked before a table is published. */
  readonly contract?: ContractCheck;
  /** What was loaded, how, and what was made of it: the source of the lineage document. */
  readonly lineage: LineageRecorder;
  /** Files that this dataflow keeps between its runs. */
  readonly snapshots: SnapshotStore;
  readonly secrets: SecretStore;
  readonly settings: Settings;
  readonly journal: RunJournal;
  readonly logger: Logger;
  /** Aborted when the run must stop: its lease was lost, or the host shuts down. */
  readonly signal: AbortSignal;
}
