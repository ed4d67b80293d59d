import type { RunJournal, Workspace } from '../lib/index';

/**
 * Looks at the values of NUMBER columns that are kept as text, because the dictionary does not limit their digits, and notes for each as PROPOSAL which
 * declaration would hold all of them.
 */
export async function proposeDeclarations(
  workspace: Workspace,
  table: string,
  columns: readonly string[],
  journal: RunJournal,
): Promise<void> {
  if (columns.length === 0) return;
  const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;
  const measures = columns.flatMap((name, index) => {
    const digits = `ltrim(${quoted(name)}, '-')`;
    return [
      `count(${quoted(name)})::INTEGER AS n${index}`,
      `coalesce(max(length(ltrim(split_part(${digits}, '.', 1), '0'))), 0)::INTEGER AS w${index}`,
      `coalesce(max(length(split_part(${digits}, '.', 2))), 0)::INTEGER AS f${index}`,
    ];
  });
  const [row] = await workspace.query(`SELECT ${measures.join(', ')} FROM ${quoted(table)}`);
  columns.forEach((name, index) => {
    const [count, whole, fraction] = [row?.[`n${index}`], row?.[`w${index}`], row?.[`f${index}`]].map(Number) as [number, number, number];
    if (count === 0) return;
    journal.note('PROPOSAL', `${table}.${name}: a NUMBER without declared digits is kept as text. ${proposal(name, whole, fraction)}`);
  });
}

/** Text of the proposal for values of so many digits before and after the point. */
export function proposal(name: string, whole: number, fraction: number): string {
  const precision = Math.max(1, whole + fraction);
  if (precision > 38) return `Its values need ${precision} digits, more than a DECIMAL has; new AvroDouble() would round them`;
  const type =
    fraction > 0
      ? `AvroDecimal(${precision}, ${fraction})`
      : precision <= 9
        ? 'AvroInt()'
        : precision <= 18
          ? 'AvroLong()'
          : `AvroDecimal(${precision}, 0)`;
  return `Its values now would fit { declare: { ${/^[A-Z_]\w*$/i.test(name) ? name : JSON.stringify(name)}: new ${type} } }`;
}
