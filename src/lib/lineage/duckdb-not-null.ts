import { kindOf, type FromClause } from './from-clause';
import type { SqlNode } from './parser';

/** Types to which a value that is not NULL is cast, or the cast fails. Texts that are cast to lists or JSON can turn into NULL. */
const plainTypes =
  /^(boolean|bool|tinyint|tiny_int|smallint|small_int|int|integer|bigint|big_int|hugeint|float|double|decimal|numeric|varchar|var_char|text|string|date|time|timestamp|timestamp_tz|timestamptz)$/;

/** Window functions that number rows. */
const numbering: ReadonlySet<string> = new Set(['row_number', 'rank', 'dense_rank', 'n_tile', 'ntile', 'count']);

/** Aggregates that are NULL only for groups without values. */
const ofValues: ReadonlySet<string> = new Set(['min', 'max', 'sum', 'avg', 'any_value', 'first', 'last']);

/**
 * Whether an expression is certain never to be NULL, whatever the rows are.
 * @param grouped whether each row is a group of at least one row
 */
export function isNeverNull(node: SqlNode, from: FromClause, grouped: boolean): boolean {
  const never = (inner: unknown): boolean => isNeverNull(inner as SqlNode, from, grouped);
  const [kind, body] = kindOf(node);
  switch (kind) {
    case 'paren':
      return never(body['this']);
    case 'literal':
    case 'boolean':
    case 'count':
    case 'is_null':
    case 'exists':
      return true;
    case 'column': {
      const origin = from.column(node)?.origin;
      return origin !== undefined && from.items.includes(origin.item) && from.notNull(origin);
    }
    case 'cast': {
      const to = body['to'] as { readonly data_type?: unknown };
      return typeof to.data_type === 'string' && plainTypes.test(to.data_type.toLowerCase()) && never(body['this']);
    }
    case 'coalesce':
      return (body['expressions'] as readonly SqlNode[]).some(never);
    case 'function':
      return String(body['name']).toLowerCase() === 'date_trunc' && (body['args'] as readonly SqlNode[]).every(never);
    case 'window_function':
      return numbering.has(kindOf(body['this'] as SqlNode)[0]);
    default:
      return ofValues.has(kind) && grouped && !body['filter'] && never(body['this']);
  }
}
