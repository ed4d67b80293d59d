import type { Dialect } from './dialect';
import { kindOf, type FromClause } from './from-clause';
import type { SqlNode } from './parser';
import { expandStar, type StarColumn } from './star';

/** The columns for which an expression with DuckDB's COLUMNS(…) is repeated. */
export interface MatchedColumns {
  readonly columns: readonly StarColumn[];
  readonly complete: boolean;
  /** Whether the expression is COLUMNS(…) and nothing else. */
  readonly isWhole: boolean;
  /** The expression's text for one of the columns. */
  readonly formula: (text: string, column: StarColumn) => string;
}

/** Which columns COLUMNS(…) in an expression stands for, one after the other; undefined when it is not in it. */
export function columnsMatched(node: SqlNode, from: FromClause, dialect: Dialect): MatchedColumns | undefined {
  const chosen = dialect.usesAliases ? argumentOf(node) : undefined;
  if (!chosen) return undefined;
  const [kind, body] = kindOf(chosen.argument);
  const expanded = expandStar(kind === 'star' ? body : {}, from, dialect.names);
  const pattern = matcher(chosen.argument);
  const columns = (expanded?.columns ?? []).filter((column) => kind === 'star' || pattern?.(labelOf(column)) === true);
  return {
    columns,
    complete: expanded?.complete === true && (kind === 'star' || pattern !== undefined),
    isWhole: chosen.isWhole,
    formula: (text, column) => text.replace(/COLUMNS\((?:[^()']|'[^']*'|\([^()]*\))*\)/gi, () => labelOf(column)),
  };
}

/** The name of a column as the result shows it. */
export function labelOf({ label, column, name }: StarColumn): string {
  return label ?? column.label ?? name ?? '';
}

/** What COLUMNS is given; its form with `*` before it takes all columns into one expression, so it repeats nothing. */
function argumentOf(node: unknown, isWhole = true): { readonly argument: SqlNode; readonly isWhole: boolean } | undefined {
  if (typeof node !== 'object' || node === null) return undefined;
  for (const [kind, body] of Object.entries(node as SqlNode)) {
    if (typeof body !== 'object' || body === null || kind === 'select' || kind === 'subquery') continue;
    if (kind === 'columns') continue;
    if (kind === 'function' && String((body as SqlNode)['name']).toLowerCase() === 'columns')
      return { argument: ((body as SqlNode)['args'] as readonly SqlNode[])[0] ?? {}, isWhole };
    const found = argumentOf(body, false);
    if (found) return found;
  }
  return undefined;
}

/** The columns that `*COLUMNS(…)` puts beside each other as arguments. */
export function columnsUnpacked(chosen: SqlNode, from: FromClause, dialect: Dialect): readonly StarColumn[] {
  const [kind, body] = kindOf(chosen);
  const test = kind === 'star' ? () => true : (matcher(chosen) ?? (() => true));
  return (expandStar(kind === 'star' ? body : {}, from, dialect.names)?.columns ?? []).filter((column) => test(labelOf(column)));
}

/** A test of names: a regular expression or a list of names. A lambda would have to be run by DuckDB. */
function matcher(argument: SqlNode): ((name: string) => boolean) | undefined {
  const [kind, body] = kindOf(argument);
  if (kind === 'literal') {
    try {
      const pattern = new RegExp(String(body['value']));
      return (name) => pattern.test(name);
    } catch {
      return undefined;
    }
  }
  if (kind !== 'array_func') return undefined;
  const names = (body['expressions'] as readonly SqlNode[]).map((one) => String(kindOf(one)[1]['value']).toLowerCase());
  return (name) => names.includes(name.toLowerCase());
}
