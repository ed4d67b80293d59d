import type { Dialect } from './dialect';
import { kindOf } from './from-clause';
import type { SqlNode } from './parser';

const readers =
  /^(delta_scan|iceberg_scan|parquet_scan|read_\w+|sniff_csv|parquet_metadata|parquet_schema|st_read|lance_scan|ducklake_scan)$/;
const generators =
  /^(unnest|explode|range|generate_series|generate_subscripts|json_each|json_tree|repeat|repeat_row|table|j_s_o_n_table|x_m_l_table|xmltable|json_table|string_split|regexp_split_to_table)$/;

/** Whether a table function reads files: a physical source with its location. */
export function isReader(name: string): boolean {
  return readers.test(name);
}

/** Whether a table function makes its rows of nothing but its arguments. */
export function isGenerator(name: string): boolean {
  return generators.test(name);
}

/** The URLs or paths in the first argument of a function that reads files: a text or a list of texts. What follows `?` in a URL may be a token. */
export function locationsOf(argument: unknown): readonly string[] {
  const [kind, body] = kindOf((argument ?? {}) as SqlNode);
  if (kind === 'literal') return [String(body['value']).replace(/^(\w+:\/\/[^?]*)\?.*=.*$/s, '$1')];
  if (kind !== 'array_func') return [];
  return (body['expressions'] as readonly unknown[]).flatMap(locationsOf);
}

/** The columns of a function that makes rows of its arguments. */
export function generatedColumns(
  kind: string,
  body: SqlNode,
  { names }: Dialect,
): { readonly names: readonly string[]; readonly complete: boolean } {
  if (kind === 'j_s_o_n_table') return { names: jsonColumns(body['schema'], names.identifier), complete: true };
  const name = kind === 'function' ? String(body['name']).toLowerCase() : kind;
  if (name === 'table') return { names: ['COLUMN_VALUE'], complete: false };
  if (name === 'unnest' || name === 'range' || name === 'generate_series') return { names: [name], complete: true };
  return { names: [], complete: false };
}

function jsonColumns(schema: unknown, identifier: (node: unknown) => string): string[] {
  const [, body] = kindOf((schema ?? {}) as SqlNode);
  return ((body['expressions'] ?? []) as readonly SqlNode[]).flatMap((node) => {
    const [, column] = kindOf(node);
    const name = kindOf((column['this'] ?? {}) as SqlNode);
    return [...(name[0] === 'identifier' ? [identifier(name[1])] : []), ...jsonColumns(column['nested_schema'], identifier)];
  });
}
