import { OracleError } from '../oracle-error';
import type { Expression, FromItem } from './ast';

/** The conjuncts of a condition. */
export function conjuncts(condition: Expression | null): Expression[] {
  if (condition === null) return [];
  if (condition.kind === 'binary' && condition.operator === 'AND') return [...conjuncts(condition.left), ...conjuncts(condition.right)];
  return [condition];
}

export function conjunction(conditions: readonly Expression[]): Expression | null {
  return conditions.reduce<Expression | null>(
    (left, right) => (left === null ? right : { kind: 'binary', operator: 'AND', left, right, position: right.position }),
    null,
  );
}

/** Every column named in an expression, subqueries not included. */
function columnsOf(expression: Expression): Extract<Expression, { kind: 'column' }>[] {
  if (expression.kind === 'column') return [expression];
  const found: Extract<Expression, { kind: 'column' }>[] = [];
  for (const value of Object.values(expression)) {
    for (const item of [value].flat(2) as unknown[])
      if (typeof item === 'object' && item !== null && 'kind' in item && 'position' in item && item.kind !== 'select')
        found.push(...columnsOf(item as Expression));
  }
  return found;
}

/** Name under which the columns of a FROM item are addressed. */
export const nameOf = (item: FromItem): string | null =>
  item.kind === 'table' ? (item.alias ?? item.name.name) : item.kind === 'query' ? item.alias : null;

/**
 * Turns joins in the old notation (`a.id = b.id(+)`) into LEFT JOINs.
 * @param holderOf the item that has a column of this name, for columns written without their table
 * @throws OracleError 25156 for `(+)` beside JOIN, 1468 for a condition with `(+)` on two tables
 */
export function rewriteOuterJoins(
  from: readonly FromItem[],
  where: Expression | null,
  holderOf: (column: string) => FromItem | null,
): { from: readonly FromItem[]; where: Expression | null } {
  const conditions = conjuncts(where).map((condition) => ({ condition, columns: columnsOf(condition) }));
  if (!conditions.some(({ columns }) => columns.some((column) => column.outer))) return { from, where };
  const itemOf = ({ path }: { readonly path: readonly string[] }): FromItem | null =>
    path.length > 1 ? (from.find((item) => nameOf(item) === path.at(-2)) ?? null) : holderOf(path[0]!);
  const marked = new Map<FromItem, (typeof conditions)[number][]>();
  const rest: Expression[] = [];
  for (const entry of conditions) {
    const [item, second] = new Set(entry.columns.filter((column) => column.outer).map(itemOf));
    if (second !== undefined)
      throw new OracleError(1468, 'a predicate may reference only one outer-joined table', entry.condition.position);
    if (item === undefined || item === null) rest.push(entry.condition);
    else marked.set(item, [...(marked.get(item) ?? []), entry]);
  }
  if (from.some((item) => item.kind === 'join')) throw new OracleError(25156, 'old style outer join (+) cannot be used with ANSI joins');
  const done = new Set(from.filter((item) => !marked.has(item)));
  if (done.size === 0) throw new OracleError(1416, 'two tables cannot be outer-joined to each other');
  let left = [...done].reduce((joined, item) => ({ kind: 'join', type: 'CROSS', left: joined, right: item, on: null, using: null }));
  const waiting = new Map(marked);
  while (waiting.size > 0) {
    // A table is joined once all the tables its conditions name are there.
    const ready = (item: FromItem, entries: typeof conditions): boolean =>
      entries.every(({ columns }) => columns.map(itemOf).every((needed) => needed === null || needed === item || done.has(needed)));
    const [next] = [...waiting].filter(([item, entries]) => ready(item, entries));
    if (next === undefined) throw new OracleError(1416, 'two tables cannot be outer-joined to each other');
    const [item, entries] = next;
    waiting.delete(item);
    left = { kind: 'join', type: 'LEFT', left, right: item, on: conjunction(entries.map(({ condition }) => condition)), using: null };
    done.add(item);
  }
  return { from: [left], where: conjunction(rest) };
}
