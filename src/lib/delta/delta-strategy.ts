import type { RunContext } from '../context';
import type { KafkaProducer, PublishOptions } from '../kafka/kafka-producer';
import type { NewPointer } from '../run/function-runner';
import type { RunReader } from '../run/run-reader';
import type { Filter } from '../run/run-request';
import type { ValueSchema } from '../schema';
import type { Selection } from './selection';

/** What a runner's `load` has brought into the workspace. */
export interface LoadedTable {
  /** Table or view of the workspace; also the name of the target, unless `options.name` is another. */
  readonly table: string;
  readonly schema: ValueSchema;
  /** How it is published, e.g. `{ allowEmpty: true }` where a source without rows is no mistake. */
  readonly options?: PublishOptions;
}

/** One load of a run, as a strategy sees it. */
export interface DeltaTask<R extends RunReader = RunReader> {
  readonly producer: KafkaProducer;
  readonly reader: R;
  readonly run: RunContext;
  /** Columns by whose values the flow's backfills select rows. */
  readonly backfillBy: readonly string[];
  /** Brings the selected rows into the workspace. Called once. */
  load(selection: Selection): Promise<LoadedTable>;
}

/**
 * How a flow finds out what changed: which rows a load reads, what of them is published, and what the pointer says. Strategies of the library: `full`,
 * `watermark`, `snapshot`; `scn` comes with the Oracle reader.
 */
export interface DeltaStrategy<R extends RunReader = RunReader> {
  /** For messages, e.g. `snapshot`. */
  readonly name: string;
  /** Whether a delta load may run without a pointer, because it reads everything anyway; default false. */
  readonly deltaIsFullLoad?: boolean;
  /** DuckDB SQL condition on the loaded table: rows for which it holds count as deleted, and are left out of initial loads and backfills. */
  readonly deletedWhen?: string;
  /** Publishes everything; what it returns becomes the pointer. */
  initialLoad(task: DeltaTask<R>): Promise<NewPointer>;
  /** Publishes what changed since the pointer; what it returns becomes the new one, and nothing leaves it as it is. */
  deltaLoad(task: DeltaTask<R>, pointer: string): Promise<NewPointer>;
  /** Called when a backfill has replaced rows, before its commit: what the strategy keeps about published rows no longer holds for these. */
  backfilled?(task: DeltaTask<R>, loaded: LoadedTable, filter: Filter): Promise<void>;
}
