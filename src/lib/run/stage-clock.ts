import type { Stage } from '../context';

/**
 * Divides the time of a run among its stages. Every moment counts for one stage only, the one entered last among those still open, so nested and
 * parallel stages never add up to more than the time that passed.
 */
export class StageClock {
  readonly #milliseconds = new Map<Stage, number>();
  readonly #open: { readonly stage: Stage }[] = [];
  #since = performance.now();

  async time<T>(stage: Stage, work: () => Promise<T>): Promise<T> {
    const entry = { stage };
    this.#attribute();
    this.#open.push(entry);
    try {
      return await work();
    } finally {
      this.#attribute();
      this.#open.splice(this.#open.indexOf(entry), 1);
    }
  }

  /** Seconds by stage, to the millisecond, of the stages entered so far. */
  seconds(): Partial<Record<Stage, number>> {
    this.#attribute();
    return Object.fromEntries([...this.#milliseconds].map(([stage, milliseconds]) => [stage, Math.round(milliseconds) / 1000]));
  }

  #attribute(): void {
    const now = performance.now();
    const current = this.#open.at(-1);
    if (current) this.#milliseconds.set(current.stage, (this.#milliseconds.get(current.stage) ?? 0) + now - this.#since);
    this.#since = now;
  }
}
