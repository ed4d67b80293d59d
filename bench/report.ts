import { spread, type Measurement } from './measurement';

/** A demand on the medians, e.g. "at least 12 × the baseline". */
export interface Verdict {
  readonly text: string;
  readonly value: number;
  readonly unit: '×' | 'MB' | 's';
  readonly limit: number;
  readonly direction: 'at least' | 'at most';
}

/** One comparison: what was measured and what it was to show. */
export interface Chapter {
  readonly title: string;
  readonly explanation: string;
  readonly results: ReadonlyMap<string, readonly Measurement[]>;
  readonly verdicts: readonly Verdict[];
}

export function isMet({ value, limit, direction }: Verdict): boolean {
  return direction === 'at least' ? value >= limit : value <= limit;
}

export function rate(measurements: readonly Measurement[]): number {
  return spread(measurements.map(({ rows, seconds }) => rows / seconds)).median;
}

/** The page docs/benchmarks.md. */
export function reportPage(machine: string, chapters: readonly Chapter[]): string {
  return `# Benchmarks

Made by \`npm run bench\`; do not edit. Machine: ${machine}.

Each figure comes from a process of its own. The contenders of a chapter take turns, so that whatever else the machine does meets all of them;
read the ratios. Speeds are rows per second: least, median and largest of the rounds.

${chapters.map(chapterText).join('\n')}`;
}

function chapterText({ title, explanation, results, verdicts }: Chapter): string {
  const lines = [...results].map(([name, measurements]) => {
    const speed = spread(measurements.map(({ rows, seconds }) => rows / seconds));
    const cpu = spread(measurements.map(({ rows, cpuSeconds }) => (cpuSeconds / rows) * 1e6)).median;
    const peak = Math.max(...measurements.map(({ peakMb }) => peakMb));
    const cells = [
      name,
      whole(measurements[0]?.rows ?? 0),
      whole(speed.min),
      `**${whole(speed.median)}**`,
      whole(speed.max),
      cpu.toFixed(1),
      whole(peak),
      String(measurements.length),
    ];
    return `| ${cells.join(' | ')} |`;
  });
  const demands = verdicts.map((verdict) => {
    const value = verdict.unit === 'MB' ? `${whole(verdict.value)} MB` : `${verdict.value.toFixed(2)} ${verdict.unit}`;
    return `- ${verdict.text}: **${value}** (${verdict.direction} ${verdict.limit} ${verdict.unit}: ${isMet(verdict) ? 'met' : 'NOT met'})`;
  });
  return `## ${title}

${explanation}

| | rows | min | median | max | CPU µs a row | peak MB | rounds |
| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |
${lines.join('\n')}

${demands.join('\n')}
`;
}

function whole(number: number): string {
  return Math.round(number).toLocaleString('en');
}
