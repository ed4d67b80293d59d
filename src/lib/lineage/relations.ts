import { kindOf, type Relation, type RelationColumn, type RelationKey } from './from-clause';
import type { SqlNode } from './parser';
import type { ColumnSource } from './select-projection';
import type { CatalogTable } from './table-catalog';

/** The relation with other names for its first columns, as in `t AS x(a, b)`. */
export function renamed(relation: Relation, names: readonly string[]): Relation {
  if (names.length === 0) return relation;
  return {
    ...relation,
    columns: relation.columns.map((column, index) => ({ ...column, ...(names[index] === undefined ? {} : { name: names[index] }) })),
  };
}

/** The relation after the LIMIT of its query. */
export function limited(relation: Relation, query: SqlNode): Relation {
  const limit = query['limit'] as SqlNode | null | undefined;
  if (!limit) return relation;
  const [kind, body] = kindOf('this' in limit ? (limit['this'] as SqlNode) : limit);
  return kind === 'literal' && body['value'] === '1'
    ? { ...relation, keys: [{ columns: [], primary: false }, ...relation.keys] }
    : relation;
}

/** The relation without rows that are equal in all columns: together they are a key. */
export function distinct(relation: Relation): Relation {
  if (!relation.complete) return relation;
  return { ...relation, keys: [...relation.keys, { columns: relation.columns.map((_, index) => index), primary: false }] };
}

/** Rows of both, columns matched by place. */
export function union(left: Relation, right: Relation, all: boolean): Relation {
  const complete = left.complete && right.complete && left.columns.length === right.columns.length;
  const columns = left.columns.map((column, index) => unitedColumn(column, complete ? right.columns[index] : undefined));
  const both: Relation = { columns, complete, keys: [], gaps: [...left.gaps, ...right.gaps] };
  return all ? both : distinct(both);
}

/** Rows of both, columns matched by name; a column that one of them does not have is NULL there. */
export function unionByName(left: Relation, right: Relation, all: boolean): Relation {
  const complete = left.complete && right.complete;
  const named = (relation: Relation, name: string | undefined): RelationColumn | undefined =>
    complete && name !== undefined ? relation.columns.find((column) => column.name === name) : undefined;
  const columns = [
    ...left.columns.map((column) => unitedColumn(column, named(right, column.name))),
    ...right.columns.filter((column) => !named(left, column.name)).map((column) => unitedColumn(column, undefined)),
  ];
  const both: Relation = { columns, complete, keys: [], gaps: [...left.gaps, ...right.gaps] };
  return all ? both : distinct(both);
}

function unitedColumn(left: RelationColumn, right: RelationColumn | undefined): RelationColumn {
  const name = left.name === undefined ? {} : { name: left.name };
  const notNull = left.notNull === true && right?.notNull === true;
  const sources = [sourcesOf(left), right ? sourcesOf(right) : []];
  if (sources.every((one) => one.length > 0)) {
    const branches = sources.flat().filter((one, index, list) => list.findIndex((other) => sameColumn(one, other)) === index);
    return branches.length === 1 ? { ...name, source: branches[0]!, notNull } : { ...name, branches, notNull };
  }
  const unresolved = left.unresolved ?? right?.unresolved;
  return {
    ...name,
    notNull,
    unresolved: { fragment: unresolved?.fragment ?? left.name ?? '', reason: 'is not handed through by each query of a UNION' },
  };
}

function sourcesOf({ source, branches }: RelationColumn): readonly ColumnSource[] {
  return source ? [source] : (branches ?? []);
}

function sameColumn(one: ColumnSource, other: ColumnSource): boolean {
  return one.table === other.table && one.column === other.column;
}

/** Whether two accounts of a column say the same. */
export function sameFacts(one: RelationColumn, other: RelationColumn | undefined): boolean {
  if (!other || one.notNull !== other.notNull) return false;
  const sources = sourcesOf(one);
  const others = sourcesOf(other);
  return sources.length === others.length && sources.every((source) => others.some((match) => sameColumn(source, match)));
}

/** The keys of a table or view. */
export function keysOf(table: CatalogTable): RelationKey[] {
  const positions = (names: readonly string[]): number[] => names.map((name) => table.columns.indexOf(name));
  return [
    ...(table.primaryKey?.length ? [{ table, columns: positions(table.primaryKey), primary: true }] : []),
    ...table.uniqueKeys.map((names) => ({ table, columns: positions(names), primary: false })),
  ].filter(({ columns }) => !columns.includes(-1));
}

/** `VALUES (…), (…)`: columns col0, col1, … A column of texts that are all different is a key. */
export function valuesOf(body: SqlNode): Relation {
  const rows = body['expressions'] as readonly { readonly expressions: readonly SqlNode[] }[];
  const columns = (rows[0]?.expressions ?? []).map((_, index) => ({
    name: `col${index}`,
    unresolved: { fragment: 'VALUES', reason: 'is a list of constants' },
    notNull: rows.every(({ expressions }) => expressions[index] !== undefined && kindOf(expressions[index])[0] === 'literal'),
  }));
  const differs = (index: number): boolean => {
    const texts = rows
      .map(({ expressions }) => kindOf(expressions[index] ?? {})[1])
      .filter((literal) => literal['literal_type'] === 'string');
    return new Set(texts.map((literal) => literal['value'])).size === rows.length;
  };
  const keys = rows.length === 1 ? [[]] : columns.flatMap((_, index) => (differs(index) ? [[index]] : []));
  return { columns, complete: true, gaps: [], keys: keys.map((key) => ({ columns: key, primary: false })) };
}
