import type { DuckdbColumn, DuckdbProjection } from '../lineage/duckdb-projection';
import { foldDuckdbName } from '../lineage/duckdb-projection';
import type { ColumnSource } from '../lineage/select-projection';
import type { CatalogTable } from '../lineage/table-catalog';
import type { ColumnSemantics, Field } from '../schema';

/** What is known of a column of the workspace beside its type. */
export interface ColumnFacts {
  readonly name: string;
  /** Whether it is certain never to be NULL. */
  readonly notNull: boolean;
  readonly doc?: string | undefined;
  readonly sensitivity?: string | undefined;
  readonly sourceDataType?: string | undefined;
  readonly semantics?: ColumnSemantics | undefined;
  /** Why nothing, or not all, is carried over. */
  readonly unresolved?: string | undefined;
}

/** A table or view of the workspace, with what is known of its columns, in their order. */
export interface KnownTable extends CatalogTable {
  readonly facts: readonly ColumnFacts[];
}

/** What the source's schema says of a column. */
export function factsOfField(name: string, field: Field): ColumnFacts {
  const { doc, sensitivity, sourceDataType, semantics, nullable } = field;
  return { name, doc, sensitivity, sourceDataType, semantics, notNull: !nullable };
}

/** What is known of a column of a step's result: what its sources agree on. */
export function factsOfColumn(name: string, column: DuckdbColumn, projection: DuckdbProjection, names: readonly string[]): ColumnFacts {
  const found = column.sources.map((source) => factsBehind(source, projection, names));
  const [first, ...others] = found;
  if (!first || found.includes(undefined)) {
    const { fragment, reason } = column.unresolved ?? {
      fragment: column.sources[0]?.table.name ?? name,
      reason: 'says nothing of its columns',
    };
    return { name, notNull: column.notNull, unresolved: `${shorten(fragment)} ${reason}` };
  }
  const agreed = <K extends 'doc' | 'sensitivity' | 'sourceDataType' | 'semantics'>(property: K): ColumnFacts[K] =>
    others.every((other) => JSON.stringify(other?.[property]) === JSON.stringify(first[property])) ? first[property] : undefined;
  const facts = {
    doc: agreed('doc'),
    sensitivity: agreed('sensitivity'),
    sourceDataType: agreed('sourceDataType'),
    semantics: agreed('semantics'),
  };
  const differing = Object.keys(facts).filter(
    (property) =>
      found.some((one) => one?.[property as keyof typeof facts] !== undefined) && facts[property as keyof typeof facts] === undefined,
  );
  const unresolved = differing.length > 0 ? `the queries of a UNION differ in ${differing.join(', ')}` : first.unresolved;
  return { name, notNull: column.notNull, ...facts, unresolved };
}

function factsBehind(source: ColumnSource, projection: DuckdbProjection, names: readonly string[]): ColumnFacts | undefined {
  if (!('facts' in source.table)) return undefined;
  const { columns, facts } = source.table as KnownTable;
  const found = facts[columns.indexOf(source.column)];
  if (!found?.semantics) return found;
  const semantics = carriedSemantics(found.semantics, source, projection, names);
  if (semantics) return { ...found, semantics };
  return { ...found, semantics: undefined, unresolved: `the semantics of ${found.name} name columns that are not handed through` };
}

/** Semantics name other columns: the currency of an amount. They stay true when those come along, by the names they have now. */
function carriedSemantics(
  semantics: ColumnSemantics,
  source: ColumnSource,
  projection: DuckdbProjection,
  names: readonly string[],
): ColumnSemantics | undefined {
  const nameNow = (name: string): string | undefined =>
    names[
      projection.columns.findIndex(
        ({ sources: [one] }) => one?.mention === source.mention && one.table === source.table && one.column === foldDuckdbName(name),
      )
    ];
  const now: Record<string, unknown> = { ...semantics };
  for (const property of ['currencyFieldName', 'currencyConversionDate', 'uomFieldName'] as const) {
    const name = semantics[property];
    if (name === undefined) continue;
    now[property] = nameNow(name);
    if (now[property] === undefined) return undefined;
  }
  // The formula is SQL on columns by their names: it is kept where the column has kept its own.
  const ownName = nameNow(source.column);
  if (semantics.aggregationFormula !== undefined && (ownName === undefined || foldDuckdbName(ownName) !== source.column)) return undefined;
  return now as unknown as ColumnSemantics;
}

export function shorten(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ').trim();
  return line.length > 100 ? `${line.slice(0, 99)}…` : line;
}
