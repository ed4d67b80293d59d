import type { Dialect } from './dialect';
import { kindOf, type FromClause, type FromItem, type Origin } from './from-clause';
import type { SqlNode } from './parser';
import { computed, lineageOfGap, noLineage, together, type Lineage } from './source-columns';

/** Aliases of the same SELECT, and what else a name may mean besides a column. */
export interface NamesBesides {
  readonly dialect: Dialect;
  readonly alias: (name: string) => Lineage | undefined;
  readonly text: (node: SqlNode) => string;
}

/** The lineage of a name in an expression: `column`, `table.column`, `owner.table.column`, `structure.member`, or a table's whole row. */
export function lineageOfReference(node: SqlNode, from: FromClause, besides: NamesBesides): Lineage {
  const found = from.column(node);
  const origins = originsOf(found);
  const own = origins?.every(({ item }) => from.items.includes(item)) === true;
  if (origins && own) return lineageOfOrigins(origins);
  const { dialect } = besides;
  const { name, qualifier } = partsOf(node, dialect);
  const alias = qualifier === undefined && name !== undefined ? besides.alias(name) : undefined;
  if (alias) return alias;
  if (origins) return lineageOfOrigins(origins);
  if (name === undefined) return noLineage;
  const somewhere = openColumn(name, qualifier, from);
  if (somewhere) return somewhere;
  if (dialect.isPseudo(name, qualifier)) return noLineage;
  return memberOrRow(name, qualifier, node, from, besides) ?? lineageOfGap({ fragment: besides.text(node), reason: found?.reason ?? '' });
}

/** What is behind columns of a FROM clause, taken together. */
export function lineageOfOrigins(origins: readonly Origin[]): Lineage {
  return together(...origins.map(({ item, index }) => item.relation.columns[index]?.lineage ?? noLineage));
}

/** The columns that a name was found to be: several for one that a FULL JOIN merges. */
export function originsOf(found: ReturnType<FromClause['column']>): readonly Origin[] | undefined {
  return found?.origin ? [found.origin] : found?.members;
}

/** The FROM item to which a name belongs, in this clause or in one around it. */
export function itemOf(node: SqlNode, from: FromClause, dialect: Dialect): FromItem | undefined {
  const origin = originsOf(from.column(node))?.[0];
  if (origin) return origin.item;
  const { name, qualifier } = partsOf(node, dialect);
  for (let clause: FromClause | undefined = from; clause && name !== undefined; clause = clause.outer) {
    const item = holderOf(name, qualifier, clause);
    if (item) return item;
  }
  return undefined;
}

function partsOf(node: SqlNode, { names }: Dialect): { readonly name?: string; readonly qualifier?: string } {
  const [kind, body] = kindOf(node);
  if (kind === 'paren') return partsOf(body['this'] as SqlNode, { names } as Dialect);
  if (kind !== 'column') return {};
  return { name: names.identifier(body['name']), ...(body['table'] ? { qualifier: names.identifier(body['table']) } : {}) };
}

/** A column of a table whose columns are not all known: the database accepts the statement, so the table must have it. */
function openColumn(name: string, qualifier: string | undefined, from: FromClause): Lineage | undefined {
  for (let clause: FromClause | undefined = from; clause; clause = clause.outer) {
    const item = holderOf(name, qualifier, clause);
    if (!item) continue;
    const column = item.relation.columns.find((one) => one.name === name);
    return column ? (column.lineage ?? noLineage) : item.relation.open?.(name);
  }
  return undefined;
}

function holderOf(name: string, qualifier: string | undefined, clause: FromClause): FromItem | undefined {
  const has = (item: FromItem): boolean => item.relation.columns.some((column) => column.name === name);
  const isOpen = (item: FromItem): boolean => !item.relation.complete && item.relation.open !== undefined;
  if (qualifier !== undefined) {
    const items = clause.items.filter(({ alias }) => alias === qualifier);
    return items.length === 1 && (has(items[0]!) || isOpen(items[0]!)) ? items[0] : undefined;
  }
  const having = clause.items.filter(has);
  if (having.length > 0) return having.length === 1 ? having[0] : undefined;
  const open = clause.items.filter(isOpen);
  return open.length === 1 ? open[0] : undefined;
}

function memberOrRow(
  name: string,
  qualifier: string | undefined,
  node: SqlNode,
  from: FromClause,
  besides: NamesBesides,
): Lineage | undefined {
  if (qualifier !== undefined) {
    const structure: SqlNode = { column: { name: kindOf(node)[1]['table'], table: null } };
    const lineage = lineageOfReference(structure, from, besides);
    return lineage.gaps.size === 0 && lineage !== noLineage ? computed(lineage, 'TRANSFORMATION') : undefined;
  }
  for (let clause: FromClause | undefined = from; clause; clause = clause.outer) {
    const item = clause.items.find(({ alias }) => alias === name);
    if (item) return computed(together(...item.relation.columns.map(({ lineage }) => lineage ?? noLineage)), 'TRANSFORMATION');
  }
  return undefined;
}
