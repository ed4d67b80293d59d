/** A name within a DuckDB type's text, quoted: `a"b` becomes `"a""b"`. */
export function quoteDuckdbName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
