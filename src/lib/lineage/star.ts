import type { FromClause, NameRules, Origin, RelationColumn } from './from-clause';
import type { SqlNode } from './parser';

/** One of the columns that `*` stands for. */
export interface StarColumn {
  readonly column: RelationColumn;
  readonly origin: Origin | undefined;
  /** The column itself, or all that a FULL JOIN merges into it. */
  readonly members: readonly Origin[];
  readonly name: string | undefined;
  /** From RENAME: the new name as written. */
  readonly label?: string;
  /** From REPLACE: what stands there instead. */
  readonly replacement?: SqlNode;
}

/** The columns that `*` or `table.*` stands for, after EXCLUDE, REPLACE and RENAME; undefined when there is no such table. */
export function expandStar(
  star: SqlNode,
  from: FromClause,
  names: NameRules,
): { readonly columns: readonly StarColumn[]; readonly complete: boolean } | undefined {
  const expanded = from.star(star['table'] ? names.identifier(star['table']) : undefined);
  if (!expanded) return undefined;
  const excluded = new Set(((star['except'] ?? []) as readonly unknown[]).map(names.identifier));
  const replaced = new Map(
    ((star['replace'] ?? []) as readonly SqlNode[]).map((one) => [names.identifier(one['alias']), one['this'] as SqlNode]),
  );
  const renames = new Map(
    ((star['rename'] ?? []) as readonly (readonly [unknown, unknown])[]).map(([old, name]) => [names.identifier(old), name]),
  );
  const columns = expanded.columns
    .filter(({ column }) => column.name === undefined || !excluded.has(column.name))
    .map(({ column, origin, members }): StarColumn => {
      const { name = '' } = column;
      const replacement = replaced.get(name);
      const renamed = renames.get(name) as { readonly name: string } | undefined;
      return {
        column,
        origin,
        members,
        name: renamed ? names.identifier(renamed) : column.name,
        ...(renamed ? { label: renamed.name } : {}),
        ...(replacement ? { replacement } : {}),
      };
    });
  return { columns, complete: expanded.complete };
}
