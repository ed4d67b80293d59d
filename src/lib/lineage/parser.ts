import { createRequire } from 'node:module';
import type * as Polyglot from '@polyglot-sql/sdk';

/** A node of the parser's tree: one key naming the kind of node, e.g. `{select: {…}}`, `{column: {…}}`. */
export type SqlNode = Readonly<Record<string, unknown>>;

/** The part of the parser that lineage uses. */
export interface SqlParser {
  /** The trees of the statements in the text, or the parser's complaint. */
  parse(sql: string): { readonly statements: readonly SqlNode[] } | { readonly error: string };
  /** The text of a tree, for messages. */
  text(node: SqlNode): string;
}

/** Whose SQL it is: source SQL is in Oracle's dialect, transformations are in DuckDB's. */
export type SqlDialectName = 'Oracle' | 'DuckDB';

let loaded: Promise<typeof Polyglot> | undefined;

/**
 * The SQL parser for a dialect. It is a WebAssembly module of 22 MB, so it is loaded on first use (0.2 s) and then kept.
 * The package's CommonJS build is used: the other one awaits at its top level, which `require` and Jest cannot load.
 */
export async function loadParser(dialectName: SqlDialectName = 'Oracle'): Promise<SqlParser> {
  loaded ??= load();
  const polyglot = await loaded;
  const dialect = polyglot.Dialect[dialectName];
  return {
    parse(sql) {
      const result = polyglot.parse(sql, dialect);
      if (!result.success) return { error: result.error };
      const trees = result.ast as unknown as readonly SqlNode[];
      return { statements: /--|\/\*/.test(sql) ? (withoutComments(trees) as readonly SqlNode[]) : trees };
    },
    text(node) {
      const result = polyglot.generate([node] as never, dialect);
      return result.success ? (result.sql?.[0] ?? '') : '';
    },
  };
}

/** A tree without the comments of the text, which the parser hangs on, or puts around, the nodes beside them. */
function withoutComments(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(withoutComments);
  if (typeof node !== 'object' || node === null) return node;
  if ('annotated' in node) return withoutComments((node.annotated as SqlNode)['this']);
  return Object.fromEntries(Object.entries(node).map(([key, value]) => [key, /comments$/.test(key) ? [] : withoutComments(value)]));
}

async function load(): Promise<typeof Polyglot> {
  const polyglot = createRequire(__filename)('@polyglot-sql/sdk') as typeof Polyglot;
  await polyglot.init();
  return polyglot;
}
