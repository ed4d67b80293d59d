import type { SourceRole } from './source-columns';

/**
 * What a dataflow publishes and where that comes from, down to columns of physical tables. The same flow over the same tables gives the same document to the
 * byte: lists are sorted, but for columns, which are in the order of the target's schema.
 */
export interface LineageDocument {
  /** Name of the function. */
  readonly producerName: string;
  readonly dataflowName: string;
  readonly targets: readonly TargetLineage[];
}

/** A published table. */
export interface TargetLineage {
  /** Topic; behind it, after a colon, the record's name where a topic may hold several tables. */
  readonly name: string;
  /** e.g. `kafka://broker:9092`. */
  readonly connection: string;
  readonly columns: readonly ColumnLineageOfTarget[];
  readonly tables: readonly SourceTable[];
  /** Columns that decide which rows there are, or which are combined: they bear on all columns of the target. */
  readonly rows: readonly SourceField[];
  /** What could not be found out about the target as a whole. */
  readonly unresolved: readonly string[];
}

/** A column of a published table. */
export interface ColumnLineageOfTarget {
  readonly name: string;
  /** How it is made; of a column that is handed through every step, the source's name. */
  readonly formula: string;
  readonly sources: readonly SourceField[];
  /** How columns of steps in between are made that the formula names, e.g. `DAILY.TOTAL: SUM(AMOUNT)`. */
  readonly steps: readonly string[];
  readonly unresolved: readonly string[];
}

/** A physical table, or whatever stands for one: a resource of a service, a file. */
export interface SourceTable {
  /** URI of the system that holds it, without credentials, e.g. `oracle://lims-db:1521/LIMSPRD`. */
  readonly connection: string;
  /** With its schema, e.g. `LIMSPRD.SAMPLE`. */
  readonly name: string;
  /** The flow's own SELECTs that read it; none where it is read without SQL. */
  readonly reads: readonly string[];
}

/** A column of a physical table and its part in a target, in OpenLineage's words. */
export type SourceField = { readonly connection: string; readonly table: string; readonly column: string } & SourceRole;
