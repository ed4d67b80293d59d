import type { NameRules, Relation } from './from-clause';
import type { SqlNode } from './parser';

/** One query of a WITH clause. */
export interface CommonTable<S> {
  readonly query: SqlNode;
  /** The names of its columns, where the clause gives them. */
  readonly columns: readonly string[];
  /** The same as written. */
  readonly labels: readonly string[];
  /** What it sees. */
  readonly scope: S;
  /** Whether the clause allows it to name itself. */
  readonly recursive: boolean;
}

/** What a query sees besides tables: common table expressions, or what was found of one while it names itself. */
export interface CommonTableScope<S> {
  readonly commonTables: ReadonlyMap<string, CommonTable<S> | Relation>;
}

/** The scope within a query, with the common table expressions of its WITH clause. */
export function withCommonTables<S extends CommonTableScope<S>>(query: SqlNode, outer: S, names: NameRules): S {
  const clause = query['with'] as { readonly ctes?: readonly SqlNode[]; readonly recursive?: boolean } | null | undefined;
  if (!clause?.ctes) return outer;
  const commonTables = new Map(outer.commonTables);
  for (const common of clause.ctes) {
    commonTables.set(names.identifier(common['alias']), {
      query: common['this'] as SqlNode,
      columns: ((common['columns'] ?? []) as readonly unknown[]).map(names.identifier),
      labels: ((common['columns'] ?? []) as readonly { readonly name: string }[]).map(({ name }) => name),
      scope: { ...outer, commonTables: new Map(commonTables) },
      recursive: clause.recursive === true,
    });
  }
  return { ...outer, commonTables };
}
