/** A value as text that both sides write alike. */
export type Cell = string | null;

export interface Comparison {
  readonly sourceRows: number;
  readonly consumerRows: number;
  /** How many rows one side has that the other has not, counted on both. */
  readonly differences: number;
  /** The first few of them, as text. */
  readonly examples: readonly string[];
}

/** Compares the rows of both sides, every value of every row; their order does not matter, and a row that is there twice counts twice. */
export function compareRows(source: readonly (readonly Cell[])[], consumer: readonly (readonly Cell[])[]): Comparison {
  const left = new Map<string, number>();
  const add = (row: readonly Cell[], by: number): void => {
    const text = JSON.stringify(row);
    left.set(text, (left.get(text) ?? 0) + by);
  };
  for (const row of source) add(row, 1);
  for (const row of consumer) add(row, -1);
  const differing = [...left].filter(([, count]) => count !== 0);
  return {
    sourceRows: source.length,
    consumerRows: consumer.length,
    differences: differing.reduce((sum, [, count]) => sum + Math.abs(count), 0),
    examples: differing
      .slice(0, 3)
      .map(([text, count]) => `only ${count > 0 ? 'at the source' : 'at the consumer'}: ${text.slice(0, 300)}`),
  };
}
