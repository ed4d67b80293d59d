import { kindOf, type FromClause, type Origin, type RelationColumn, type RelationKey } from './from-clause';
import type { SqlNode } from './parser';
import { multipliesByItself, withoutParentheses } from './select-projection';

/** The select list of one query. */
export interface Projected {
  readonly from: FromClause;
  readonly columns: readonly RelationColumn[];
  /** For each column, the column of the FROM clause it is, if it is one. */
  readonly origins: readonly (Origin | undefined)[];
  /** For each column, its expression; none where `*` stands for it. */
  readonly expressions: readonly (SqlNode | undefined)[];
  readonly aliases: ReadonlyMap<string, number>;
  readonly complete: boolean;
  readonly text: (node: SqlNode) => string;
}

/** Aggregate functions of DuckDB that have no other meaning. One that is not listed counts as a column of the group, so a key only gets longer. */
export const aggregates: ReadonlySet<string> = new Set(
  (
    'any_value approx_count_distinct approx_quantile approx_top_k arbitrary arg_max arg_max_null arg_min arg_min_null array_agg avg bit_and bit_or ' +
    'bit_xor bitstring_agg bool_and bool_or corr count count_if count_star covar_pop covar_samp entropy favg first fsum geomean geometric_mean ' +
    'group_concat histogram kahan_sum kurtosis kurtosis_pop last list listagg mad max max_by mean median min min_by mode product quantile ' +
    'quantile_cont quantile_disc regr_avgx regr_avgy regr_count regr_intercept regr_r2 regr_slope regr_sxx regr_sxy regr_syy sem skewness ' +
    'stddev stddev_pop stddev_samp string_agg sum sum_no_overflow sumkahan var_pop var_samp variance'
  ).split(' '),
);
const queries: ReadonlySet<string> = new Set(['select', 'subquery', 'exists', 'union', 'intersect', 'except']);

export function isGrouped(select: SqlNode): boolean {
  const clause = select['group_by'] as { readonly expressions?: readonly unknown[]; readonly all?: boolean | null } | null | undefined;
  return clause?.all === true || (clause?.expressions?.length ?? 0) > 0;
}

/** Whether the rows of the FROM clause are aggregated to one row, or there is no FROM clause. */
export function hasOneRow(select: SqlNode): boolean {
  return !select['from'] || Boolean(select['having']) || hasAggregate(select['expressions']);
}

/** Whether something makes several rows of one. */
export function isUnnested(node: unknown): boolean {
  return someNode(
    node,
    (kind, body) => nameOf(kind, body) === 'unnest' || nameOf(kind, body) === 'generate_subscripts' || kind === 'explode',
  );
}

/** After GROUP BY the grouped columns are a key; fewer, when those are a key of a table already and determine the others. */
export function groupKeys(select: SqlNode, projected: Projected): RelationKey[] {
  if (multipliesByItself(select) || !projected.complete) return [];
  const clause = select['group_by'] as { readonly expressions: readonly SqlNode[]; readonly all?: boolean | null };
  const positions =
    clause.all === true
      ? projected.columns.flatMap((_, index) => (hasAggregate(projected.expressions[index]) ? [] : [index]))
      : clause.expressions.map((node) => positionOf(node, projected));
  if (positions.includes(undefined)) return [];
  const columns = [...new Set(positions as number[])];
  return [...keysWithin(columns, projected), { columns, primary: false }];
}

/** The columns of DISTINCT ON. */
export function distinctOnKey(select: SqlNode, projected: Projected): RelationKey | undefined {
  const on = select['distinct_on'] as readonly SqlNode[] | null | undefined;
  return on?.length ? keyOf(on, projected) : undefined;
}

/** `QUALIFY row_number() OVER (PARTITION BY a, b …) = 1` leaves one row for each `a, b`. */
export function qualifiedKeys(select: SqlNode, projected: Projected): RelationKey[] {
  const condition = (select['qualify'] as SqlNode | null | undefined)?.['this'] as SqlNode | undefined;
  return condition ? conjuncts(condition).flatMap((one) => rowNumberKey(one, projected)) : [];
}

function rowNumberKey(condition: SqlNode, projected: Projected): RelationKey[] {
  const [kind, body] = kindOf(condition);
  if (kind !== 'eq') return [];
  const sides = [body['left'] as SqlNode, body['right'] as SqlNode];
  const number = sides.find((side) => kindOf(side)[0] === 'literal' && kindOf(side)[1]['value'] === '1');
  const other = sides.find((side) => side !== number);
  if (!number || !other) return [];
  const place = kindOf(other)[0] === 'column' ? positionOf(other, projected) : undefined;
  const [windowKind, window] = kindOf(place === undefined ? other : (projected.expressions[place] ?? {}));
  if (windowKind !== 'window_function' || !('row_number' in (window['this'] as SqlNode))) return [];
  const key = keyOf(((window['over'] as SqlNode)['partition_by'] ?? []) as readonly SqlNode[], projected);
  return key ? [key] : [];
}

function keyOf(nodes: readonly SqlNode[], projected: Projected): RelationKey | undefined {
  const columns = nodes.map((node) => positionOf(node, projected));
  return projected.complete && !columns.includes(undefined) ? { columns: columns as number[], primary: false } : undefined;
}

/** Keys of tables within grouped columns, where all other grouped columns depend on them. */
function keysWithin(columns: readonly number[], { from, origins }: Projected): RelationKey[] {
  const grouped = columns.map((index) => origins[index]);
  if (grouped.includes(undefined)) return [];
  return from.items.flatMap((item) => {
    if (item.optional || item.madePer) return [];
    const determined = from.determined(item);
    if (!grouped.every((origin) => determined.has(origin!.item))) return [];
    return item.relation.keys.flatMap((key) => {
      const places = key.columns.map((index) => columns.find((_, at) => grouped[at]!.item === item && grouped[at]!.index === index));
      return places.includes(undefined) ? [] : [{ ...key, columns: places as number[] }];
    });
  });
}

/** The projected column that a number, name or expression of GROUP BY, PARTITION BY or DISTINCT ON means. */
function positionOf(node: SqlNode, projected: Projected): number | undefined {
  const { from, origins, expressions, aliases, complete, text } = projected;
  const plain = withoutParentheses(node);
  const [kind, body] = kindOf(plain);
  const at = (index: number): number | undefined => (index < 0 ? undefined : index);
  if (kind === 'literal' && body['literal_type'] === 'number') return complete ? at(Number(body['value']) - 1) : undefined;
  const found = from.column(plain);
  if (found?.origin) {
    const { item, index } = found.origin;
    return at(origins.findIndex((origin) => origin?.item === item && origin.index === index));
  }
  if (kind === 'column' && !body['table'] && found?.name !== undefined)
    return from.items.every((item) => item.relation.complete) ? aliases.get(found.name) : undefined;
  const wanted = text(plain);
  return at(expressions.findIndex((expression) => expression !== undefined && text(expression) === wanted));
}

function conjuncts(condition: SqlNode): SqlNode[] {
  const [kind, body] = kindOf(condition);
  if (kind === 'and') return [...conjuncts(body['left'] as SqlNode), ...conjuncts(body['right'] as SqlNode)];
  return kind === 'paren' ? conjuncts(body['this'] as SqlNode) : [condition];
}

/** Whether an expression aggregates rows; within windows and subqueries that does not count. */
export function hasAggregate(node: unknown): boolean {
  return someNode(node, (kind, body) => aggregates.has(nameOf(kind, body)));
}

/** The name of a function that a node calls: the kind of the node, for functions that the parser knows. */
function nameOf(kind: string, body: SqlNode): string {
  const { name } = body;
  return (kind === 'function' || kind === 'aggregate_function') && typeof name === 'string' ? name.toLowerCase() : kind;
}

/** Whether a node within an expression, those of its subqueries and windows left out, is as asked. */
function someNode(node: unknown, is: (kind: string, body: SqlNode) => boolean): boolean {
  if (Array.isArray(node)) return node.some((one) => someNode(one, is));
  if (typeof node !== 'object' || node === null) return false;
  const entries = Object.entries(node as SqlNode);
  // A node has one entry, named after its kind; others are properties of nodes.
  const isNode = entries.length === 1;
  return entries.some(([kind, body]) => {
    if (typeof body !== 'object' || body === null || queries.has(kind)) return false;
    // sum(x) OVER (…) aggregates no rows; the x may still be an aggregate of the group.
    if (kind === 'window_function')
      return someNode(Object.values((body as SqlNode)['this'] as SqlNode), is) || someNode((body as SqlNode)['over'], is);
    return (isNode && !Array.isArray(body) && is(kind, body as SqlNode)) || someNode(body, is);
  });
}
