import type { ValueSchema } from '../schema';

/** Where the rows of a published table come from. */
export interface TableLineage {
  /** The physical tables, files or resources, by name, e.g. `LIMSPRD.SAMPLE_PLAN`; where there are several systems, with the secret that leads to it. */
  readonly tables: readonly string[];
  /** By column: what it is computed of. */
  readonly columns: Readonly<Record<string, ColumnSources>>;
  /** Columns that decide which rows there are, or which are combined, e.g. `FILTER LIMSPRD.SAMPLE_PLAN.STATUS`. */
  readonly rows: readonly string[];
  /** What could not be traced, each in one sentence. */
  readonly unresolved: readonly string[];
}

export interface ColumnSources {
  /** The columns that it is made of, e.g. `LIMSPRD.SAMPLE_PLAN.NAME`, or that choose its value, e.g. `LIMSPRD.SAMPLE_PLAN.STATUS (CONDITIONAL)`. */
  readonly sources: readonly string[];
  /** The SQL that computes it, when it is no plain copy. */
  readonly formula?: string;
}

/** What a flow promises about one of its tables. */
export interface TableContract {
  readonly schema: ValueSchema;
  readonly lineage?: TableLineage;
}

/** Which table of which flow. */
export interface ContractName {
  readonly functionName: string;
  readonly dataflowName: string;
  /** Name of the target. */
  readonly table: string;
}

/** For messages: the flow, its dataflow when it has several, and the table. */
export function contractLabel({ functionName, dataflowName, table }: ContractName): string {
  return [functionName, ...(dataflowName === functionName ? [] : [dataflowName]), table].join(' ');
}
