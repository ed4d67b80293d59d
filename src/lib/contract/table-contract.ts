import type { ValueSchema } from '../schema';

/** Where the rows of a published table come from. */
export interface TableLineage {
  /** The physical tables, files or resources, by name, e.g. `LIMSPRD.SAMPLE_PLAN`. */
  readonly tables: readonly string[];
  /** By column: what it is computed of. */
  readonly columns: Readonly<Record<string, ColumnSources>>;
  /** What could not be traced, each in one sentence. */
  readonly unresolved: readonly string[];
}

export interface ColumnSources {
  /** The columns whose values it has, e.g. `LIMSPRD.SAMPLE_PLAN.NAME`. */
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
