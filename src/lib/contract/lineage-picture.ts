import type { TableLineage } from './table-contract';

/** More tables than this make no picture. */
const MOST_TABLES = 25;

/** The tables that a table is made of, as a Mermaid flowchart; in words when there are none, or too many. */
export function lineagePicture({ tables }: TableLineage, target: string): string {
  if (tables.length === 0) return 'Its sources are not known.';
  if (tables.length > MOST_TABLES) return `It is made of ${tables.length} tables.`;
  const arrows = tables.map((table, index) => `  s${index}["${label(table)}"] --> t["${label(target)}"]`);
  return ['```mermaid', 'flowchart LR', ...arrows, '```'].join('\n');
}

/** Mermaid's own escapes are entities with # in place of &. */
function label(name: string): string {
  return name.replaceAll(/[^\w .:/-]/g, (character) => `#${character.codePointAt(0)};`);
}
