import { LineageWalk } from './lineage-walk';
import { loadParser } from './parser';
import type { Gap, SourceColumn, TableRef } from './source-columns';
import type { TableLookup } from './table-catalog';

export type { DirectSubtype, Gap, IndirectSubtype, SourceColumn, TableRef } from './source-columns';

/** What is known of the tables that a statement may name. */
export interface LineageOptions {
  /** Whose SQL it is. */
  readonly dialect: 'oracle' | 'duckdb';
  /**
   * Finds tables and views. Oracle's names come in the dictionary's spelling, DuckDB's in lower case. A view whose SELECT is given is followed to the
   * tables behind it.
   */
  readonly lookup: TableLookup;
  /** The schema of names without one; undefined stands for the session's. */
  readonly schema?: string;
  /** The columns of what stands in a FROM clause of DuckDB as text, e.g. `delta_scan('…')`; undefined when it cannot stand alone. */
  readonly columnsOf?: (fromItem: string) => Promise<readonly string[] | undefined>;
}

/** One column of the result of a statement. */
export interface TargetColumn {
  /** As the database shows it; for an expression without an alias, its text. */
  readonly name: string;
  /** The text of the expression, spaced and cased uniformly; those of a UNION's queries one after the other. */
  readonly formula: string;
  /** What the column is made of (DIRECT), and what decides about this column only (INDIRECT); DIRECT ones first, then in the order met. */
  readonly sources: readonly SourceColumn[];
}

/** What a statement reads, column by column. The same statement and tables give the same answer in the same order. */
export interface ColumnLineage {
  readonly columns: readonly TargetColumn[];
  /** False when `columns` has gaps, because a `*` could not be expanded. */
  readonly complete: boolean;
  /** What decides about all columns: which rows there are, and which are combined. */
  readonly indirect: readonly SourceColumn[];
  /** Every physical table and table function that is read, each once, in the order met. */
  readonly tables: readonly TableRef[];
  /** What could not be found out: `column` names the target concerned, without it the statement as a whole is meant. */
  readonly unresolved: readonly (Gap & { readonly column?: string })[];
}

/**
 * Finds out which columns of which tables are behind each column that a SELECT yields: through aliases, joins, subqueries, common table expressions, set
 * operations, windows, PIVOT, `*` and views, down to the physical tables. What cannot be told is listed as unresolved; it never throws because of the SQL.
 *
 * @example
 * await columnLineage('select p.NAME, count(*) as SAMPLES from SAMPLE s join PLAN p on p.ID = s.PLAN_ID group by p.NAME', { dialect: 'oracle', lookup });
 * // NAME: PLAN.NAME (DIRECT, IDENTITY); SAMPLES: nothing; all: PLAN.ID and SAMPLE.PLAN_ID (INDIRECT, JOIN), PLAN.NAME (INDIRECT, GROUP_BY)
 */
export async function columnLineage(sql: string, options: LineageOptions): Promise<ColumnLineage> {
  const walk = new LineageWalk(await loadParser(options.dialect === 'oracle' ? 'Oracle' : 'DuckDB'), options);
  const relation = await walk.statement(sql);
  const columns = relation.columns.map(({ name, label, formula, lineage }) => ({
    name: label ?? name ?? '',
    formula: formula?.() ?? '',
    sources: inOrder(lineage?.sources),
    gaps: [...(lineage?.gaps.values() ?? [])],
  }));
  return {
    columns: columns.map(({ name, formula, sources }) => ({ name, formula, sources })),
    complete: relation.complete,
    indirect: inOrder(relation.rows?.sources),
    tables: walk.tables,
    unresolved: [
      ...columns.flatMap(({ name, gaps }) => gaps.map((gap) => ({ column: name, ...gap }))),
      ...(relation.rows?.gaps.values() ?? []),
    ],
  };
}

function inOrder(sources: ReadonlyMap<string, SourceColumn> = new Map()): SourceColumn[] {
  const all = [...sources.values()];
  return [...all.filter(({ kind }) => kind === 'DIRECT'), ...all.filter(({ kind }) => kind === 'INDIRECT')];
}
