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

const nameOf = (item: FromItem): string | null =>
  item.kind === 'table' ? (item.alias ?? item.name.name) : item.kind === 'query' ? item.alias : null;

/**
 * Turns joins in the old notation (`a.id = b.id(+)`) into LEFT JOINs.
 * @throws OracleError 25156 for `(+)` beside JOIN, 1468 for a condition with `(+)` on two tables
 */
export function rewriteOuterJoins(
  from: readonly FromItem[],
  where: Expression | null,
): { from: readonly FromItem[]; where: Expression | null } {
  const conditions = conjuncts(where);
  const marked = new Map<string, Expression[]>();
  const rest: Expression[] = [];
  for (const condition of conditions) {
    const tables = new Set(
      columnsOf(condition).flatMap((column) => (column.outer ? [column.path.length > 1 ? column.path.at(-2)! : ''] : [])),
    );
    if (tables.size > 1) throw new OracleError(1468, 'a predicate may reference only one outer-joined table', condition.position);
    const [table] = tables;
    if (table === undefined) rest.push(condition);
    else marked.set(table, [...(marked.get(table) ?? []), condition]);
  }
  if (marked.size === 0) return { from, where };
  const inner = from.filter((item) => !marked.has(nameOf(item) ?? ''));
  const outer = from.filter((item) => marked.has(nameOf(item) ?? ''));
  if (inner.length === 0 || outer.length !== marked.size)
    throw new OracleError(904, 'outer-joined columns must be qualified by their table');
  let left = inner.reduce((joined, item) => ({ kind: 'join', type: 'CROSS', left: joined, right: item, on: null, using: null }));
  const done = new Set(inner.map(nameOf));
  const waiting = [...outer];
  while (waiting.length > 0) {
    // A table is joined once all the tables its conditions name are there.
    const index = waiting.findIndex((item) =>
      marked
        .get(nameOf(item) ?? '')!
        .every((condition) =>
          columnsOf(condition).every(
            (column) =>
              column.outer ||
              column.path.length < 2 ||
              done.has(column.path.at(-2)!) ||
              !from.some((other) => nameOf(other) === column.path.at(-2)),
          ),
        ),
    );
    const [item] = waiting.splice(Math.max(index, 0), 1);
    const on = conjunction(marked.get(nameOf(item!) ?? '')!);
    left = { kind: 'join', type: 'LEFT', left, right: item!, on, using: null };
    done.add(nameOf(item!));
  }
  return { from: [left], where: conjunction(rest) };
}
