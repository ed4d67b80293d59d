import type { Row } from '../schema/row';
import type { ColumnLineageOfTarget, LineageDocument, SourceField, SourceTable, TargetLineage } from './lineage-document';

/** Key row of a lineage document; its schema is that of `impactLineageValueSchema`'s key. */
export function impactKeyRow({ producerName, dataflowName }: LineageDocument): Row {
  return { producer_name: producerName, dataflow_name: dataflowName };
}

/**
 * Value row of a lineage document; its schema is `impactLineageValueSchema`. Maps are sorted by their keys; those of tables are made of name and connection,
 * as the original library makes them for targets. Columns that decide which rows there are stand in the description of their table, not at each column.
 */
export function impactValueRow(document: LineageDocument): Row {
  return { ...impactKeyRow(document), target_tables: map(document.targets.map((target) => [keyOf(target), targetRow(target)])) };
}

function targetRow(target: TargetLineage): Row {
  return {
    target_table_name: target.name,
    target_connection: target.connection,
    source_tables: map(target.tables.map((table) => [keyOf(table), sourceRow(table, target)])),
    target_columns: map(target.columns.map((column) => [column.name, columnRow(column, target)])),
  };
}

function sourceRow(table: SourceTable, { rows, unresolved }: TargetLineage): Row {
  const parts = new Map<string, Set<string>>();
  for (const field of rows) {
    if (field.table !== table.name || field.connection !== table.connection) continue;
    parts.set(field.subtype, (parts.get(field.subtype) ?? new Set()).add(field.column));
  }
  const decides = [...parts].sort().map(([subtype, columns]) => `${subtype}: ${[...columns].join(', ')}`);
  return {
    source_table_name: table.name,
    source_connection: table.connection,
    mapping_formula: table.reads.length === 0 ? `= ${table.name}` : table.reads.join(';\n'),
    mapping_description: textOf([...decides, ...unresolved.map(asUnresolved)]),
  };
}

function columnRow({ name, formula, sources, steps, unresolved }: ColumnLineageOfTarget, target: TargetLineage): Row {
  const byTable = new Map<string, Set<string>>();
  for (const { connection, table, column } of sources) {
    const key = keyOf({ connection, name: table });
    byTable.set(key, (byTable.get(key) ?? new Set()).add(column));
  }
  // What is not known of the whole table may be the reason why a column has no source, or, without any table, can only be said here.
  const gaps = unresolved.length === 0 && (target.tables.length === 0 || formula === '') ? target.unresolved : unresolved;
  return {
    column_name: name,
    mapping_formula: formula,
    mapping_description: textOf([kindOf(formula, sources, gaps), ...decidingOf(sources), ...steps, ...gaps.map(asUnresolved)]),
    column_sources: map([...byTable].map(([key, columns]) => [key, [...columns].map((column) => ({ source_column_name: column }))])),
  };
}

/** In the original library's words. */
function kindOf(formula: string, sources: readonly SourceField[], gaps: readonly string[]): string {
  const direct = sources.filter(({ kind }) => kind === 'DIRECT');
  if (sources.length === 0) return gaps.length > 0 ? '' : 'constant mapping';
  if (formula.startsWith('= ')) return '1:1';
  if (direct.some(({ subtype }) => subtype === 'AGGREGATION')) return 'aggregation';
  return direct.length === 1 && sources.length === 1 ? 'simple mapping' : 'computed';
}

/** What decides about this column only, e.g. `CONDITIONAL: LIMSPRD.SAMPLE.STATUS`. */
function decidingOf(sources: readonly SourceField[]): string[] {
  const found = sources.filter(({ kind }) => kind === 'INDIRECT').map(({ subtype, table, column }) => `${subtype}: ${table}.${column}`);
  return [...new Set(found)];
}

function asUnresolved(reason: string): string {
  return `unresolved: ${reason}`;
}

function textOf(parts: readonly string[]): string | null {
  const text = parts.filter((part) => part !== '').join('\n');
  return text === '' ? null : text;
}

function keyOf({ name, connection }: { readonly name: string; readonly connection: string }): string {
  return `${name}_${connection}`;
}

function map<T>(entries: readonly (readonly [string, T])[]): Map<string, T> {
  return new Map([...entries].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));
}
