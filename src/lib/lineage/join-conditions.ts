import { kindOf, type FromItem } from './from-clause';
import { optionalMark } from './parseable-sql';
import type { SqlNode } from './parser';

const comparisons: ReadonlySet<string> = new Set(['eq', 'neq', 'lt', 'lte', 'gt', 'gte', 'between', 'like', 'null_safe_eq']);
const queries: ReadonlySet<string> = new Set(['select', 'subquery', 'union', 'intersect', 'except', 'exists']);

/** The parts of a condition that must all hold, and whether each matches rows of two tables: a comparison of their columns, or one with `(+)`. */
export function joinConditions(
  condition: SqlNode,
  itemOf: (column: SqlNode) => FromItem | undefined,
): readonly { readonly node: SqlNode; readonly joins: boolean }[] {
  const [kind, body] = kindOf(condition);
  if (kind === 'and') return [body['left'], body['right']].flatMap((side) => joinConditions(side as SqlNode, itemOf));
  if (kind === 'paren') return joinConditions(body['this'] as SqlNode, itemOf);
  if (!comparisons.has(kind)) return [{ node: condition, joins: false }];
  const items = new Set<FromItem>();
  const marks: SqlNode[] = [];
  const visit = (node: unknown): void => {
    if (Array.isArray(node)) node.forEach(visit);
    else if (typeof node === 'object' && node !== null) {
      for (const [key, value] of Object.entries(node as Readonly<Record<string, unknown>>)) {
        if (queries.has(key) || typeof value !== 'object' || value === null) continue;
        if (key === 'column' && 'name' in value) {
          const item = itemOf({ column: value });
          if (item) items.add(item);
          if ((value as SqlNode)['join_mark'] === true) marks.push(value);
        } else {
          if ((value as SqlNode)['name'] === optionalMark) marks.push(value as SqlNode);
          visit(value);
        }
      }
    }
  };
  visit(body);
  return [{ node: condition, joins: marks.length > 0 || items.size > 1 }];
}
