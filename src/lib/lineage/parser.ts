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

let loaded: Promise<SqlParser> | undefined;

/**
 * The SQL parser for Oracle's dialect. It is a WebAssembly module of 22 MB, so it is loaded on first use (0.2 s) and then kept.
 * The package's CommonJS build is used: the other one awaits at its top level, which `require` and Jest cannot load.
 */
export function loadParser(): Promise<SqlParser> {
  loaded ??= load();
  return loaded;
}

async function load(): Promise<SqlParser> {
  const polyglot = createRequire(__filename)('@polyglot-sql/sdk') as typeof Polyglot;
  await polyglot.init();
  return {
    parse(sql) {
      const result = polyglot.parse(sql, polyglot.Dialect.Oracle);
      if (!result.success) return { error: result.error };
      return { statements: result.ast as unknown as readonly SqlNode[] };
    },
    text(node) {
      const result = polyglot.generate([node] as never, polyglot.Dialect.Oracle);
      return result.success ? (result.sql?.[0] ?? '') : '';
    },
  };
}
