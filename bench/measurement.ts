/** What one run of a subject measured. */
export interface Measurement {
  readonly rows: number;
  readonly seconds: number;
  /** Processor time of the process meanwhile, all threads. */
  readonly cpuSeconds: number;
  /** Largest memory of the process, from its start, in MB. */
  readonly peakMb: number;
}

/** Runs the work of a subject and measures it. @param work returns the number of rows */
export async function measure(work: () => Promise<number>): Promise<Measurement> {
  const cpu = process.cpuUsage();
  const start = performance.now();
  const rows = await work();
  const seconds = (performance.now() - start) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  return { rows, seconds, cpuSeconds: (user + system) / 1e6, peakMb: peakMb() };
}

function peakMb(): number {
  return process.resourceUsage().maxRSS / 1024;
}

/** Least, middle and largest of some numbers. */
export interface Spread {
  readonly min: number;
  readonly median: number;
  readonly max: number;
}

export function spread(numbers: readonly number[]): Spread {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  const median = sorted.length % 2 === 1 ? sorted[Math.floor(middle)]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
  return { min: sorted[0]!, median, max: sorted.at(-1)! };
}
