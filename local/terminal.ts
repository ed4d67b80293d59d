// Select Graphic Rendition: on and off. util.styleText looks at process.stdout, which is not always the stream written to.
const styles = { bold: [1, 22], dim: [2, 22], red: [31, 39], green: [32, 39] } as const;

/** Writes the output of demo and dev: plain text; colour and a rewritten progress line only where somebody looks at a terminal. */
export class Terminal {
  private readonly coloured: boolean;
  private rewritten = false;

  constructor(private readonly stream: NodeJS.WriteStream = process.stdout) {
    // hasColors() knows NO_COLOR, FORCE_COLOR and TERM; a pipe has neither colours nor this method.
    this.coloured = stream.isTTY && stream.hasColors();
  }

  readonly bold = (text: string): string => this.style('bold', text);
  readonly dim = (text: string): string => this.style('dim', text);
  readonly good = (text: string): string => this.style('green', text);
  readonly bad = (text: string): string => this.style('red', text);

  /** Writes lines; a progress line gives way. */
  print(text = ''): void {
    this.clear();
    this.stream.write(`${text}\n`);
  }

  /** Shows a line that the next one replaces. Not shown where lines cannot be replaced. */
  progress(text: string): void {
    if (!this.stream.isTTY) return;
    this.clear();
    this.stream.write(text.slice(0, this.stream.columns - 1));
    this.rewritten = true;
  }

  private clear(): void {
    if (this.rewritten) this.stream.write('\r\u001b[2K');
    this.rewritten = false;
  }

  private style(name: keyof typeof styles, text: string): string {
    const [on, off] = styles[name];
    return this.coloured ? `\u001b[${on}m${text}\u001b[${off}m` : text;
  }
}

/** Rows of cells as lines with aligned columns: numbers, also `1.2 s` and `7 rows`, to the right, text to the left. Colour codes take no width. */
export function alignColumns(rows: readonly (readonly string[])[]): string[] {
  const widths = rows.reduce<number[]>((found, row) => {
    row.forEach((cell, index) => (found[index] = Math.max(found[index] ?? 0, width(cell))));
    return found;
  }, []);
  return rows.map((row) =>
    row
      .map((cell, index) => {
        const padding = ' '.repeat((widths[index] ?? 0) - width(cell));
        return isNumber(cell) ? padding + cell : cell + padding;
      })
      .join('   ')
      .trimEnd(),
  );
}

/** A count with a thin gap between thousands, e.g. `25 003`. */
export function count(value: number | bigint): string {
  return value.toString().replaceAll(/\B(?=(\d{3})+$)/g, ' ');
}

const colours = /\u001b\[\d+m/g;
const width = (cell: string): number => cell.replaceAll(colours, '').length;
const isNumber = (cell: string): boolean => /^-?\d[\d .]*( s| rows)?$/.test(cell.replaceAll(colours, ''));
