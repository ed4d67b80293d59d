/** A table at which lineage ends, in the spelling of its dictionary. */
export interface TableRef {
  /** Its schema; not there where neither the SQL nor the dictionary names one. */
  readonly owner?: string;
  /** Its name; for a table function the function's, e.g. `delta_scan`. */
  readonly name: string;
  /** The database link behind which it is. */
  readonly link?: string;
  /** Where a table function reads: the URLs or paths that it is given, without tokens, e.g. `s3://lake/weather`. */
  readonly locations?: readonly string[];
}

/**
 * What a column has to do with a target, in OpenLineage's words (facet ColumnLineageDatasetFacet). DIRECT: the target's value is made of it. INDIRECT: it
 * decides which value, or whether and how often.
 *
 * | subtype | |
 * | --- | --- |
 * | IDENTITY | its value is taken as it is |
 * | TRANSFORMATION | its value is part of an expression of one row |
 * | AGGREGATION | its value is part of a result made of several rows |
 * | JOIN | rows are matched, or made, by it |
 * | FILTER | rows are chosen by it |
 * | GROUP_BY | rows are put together by it, DISTINCT included |
 * | SORT | rows are put into an order by it, of which something is then taken |
 * | WINDOW | it forms or orders the rows that a window function sees |
 * | CONDITIONAL | it chooses between values: CASE, DECODE, FILTER of an aggregate, FOR of a PIVOT |
 */
export type SourceRole =
  { readonly kind: 'DIRECT'; readonly subtype: DirectSubtype } | { readonly kind: 'INDIRECT'; readonly subtype: IndirectSubtype };

export type DirectSubtype = 'IDENTITY' | 'TRANSFORMATION' | 'AGGREGATION';
export type IndirectSubtype = 'JOIN' | 'GROUP_BY' | 'FILTER' | 'SORT' | 'WINDOW' | 'CONDITIONAL';

/** A column that has a part in a target. One that has several parts is there once for each. */
export type SourceColumn = { readonly table: TableRef; readonly column: string } & SourceRole;

/** A part of the SQL whose columns could not be found out. */
export interface Gap {
  readonly fragment: string;
  /** As the end of a sentence: `is not in the data dictionary`. */
  readonly reason: string;
}

/** What is behind a value, a condition, or the rows of something. */
export interface Lineage {
  /** By a key that is the same for the same column of the same table in the same role; in the order met. */
  readonly sources: ReadonlyMap<string, SourceColumn>;
  readonly gaps: ReadonlyMap<string, Gap>;
}

export const noLineage: Lineage = { sources: new Map(), gaps: new Map() };

/** The lineage of a column of a physical table. */
export function lineageOfColumn(table: TableRef, column: string): Lineage {
  const source: SourceColumn = { table, column, kind: 'DIRECT', subtype: 'IDENTITY' };
  return { sources: new Map([[keyOf(source), source]]), gaps: new Map() };
}

export function lineageOfGap(gap: Gap): Lineage {
  return { sources: new Map(), gaps: new Map([[`${gap.fragment}\n${gap.reason}`, gap]]) };
}

/** Everything that is in one of them. */
export function together(...parts: readonly Lineage[]): Lineage {
  const some = parts.filter((part) => part.sources.size > 0 || part.gaps.size > 0);
  if (some.length < 2) return some[0] ?? noLineage;
  const sources = new Map<string, SourceColumn>();
  const gaps = new Map<string, Gap>();
  for (const part of some) {
    for (const [key, source] of part.sources) sources.set(key, source);
    for (const [key, gap] of part.gaps) gaps.set(key, gap);
  }
  return { sources, gaps };
}

/** The lineage of a value that is computed from a value with this lineage. Of two steps the one that does more counts. */
export function computed(lineage: Lineage, subtype: DirectSubtype): Lineage {
  return mapped(lineage, (source) => (source.kind === 'DIRECT' && does[subtype] > does[source.subtype] ? { ...source, subtype } : source));
}

/** The lineage of something that is decided by a value with this lineage. */
export function decided(lineage: Lineage, subtype: IndirectSubtype): Lineage {
  return mapped(lineage, (source) => (source.kind === 'DIRECT' ? { ...source, kind: 'INDIRECT', subtype } : source));
}

const does: Readonly<Record<DirectSubtype, number>> = { IDENTITY: 0, TRANSFORMATION: 1, AGGREGATION: 2 };

function mapped({ sources, gaps }: Lineage, change: (source: SourceColumn) => SourceColumn): Lineage {
  if (sources.size === 0) return { sources, gaps };
  const result = new Map<string, SourceColumn>();
  for (const source of sources.values()) {
    const changed = change(source);
    result.set(keyOf(changed), changed);
  }
  return { sources: result, gaps };
}

/** The keys of tables: the same few are met again and again. */
const tableKeys = new WeakMap<TableRef, string>();

function keyOf({ table, column, subtype }: SourceColumn): string {
  let key = tableKeys.get(table);
  if (key === undefined) {
    key = JSON.stringify([table.owner, table.name, table.link, table.locations]);
    tableKeys.set(table, key);
  }
  return `${key}\n${column}\n${subtype}`;
}
