import { setTimeout as delay } from 'node:timers/promises';

/** Spaces the requests to one service: no more than so many a second, and none while the service has asked for a pause. */
export class RestPace {
  #free = 0;
  #pausedUntil = 0;

  /** @param requestsPerSecond Infinity for no limit */
  constructor(private readonly requestsPerSecond: number) {}

  /** Waits for the turn of one request; rejects when `signal` aborts. */
  async turn(signal: AbortSignal): Promise<void> {
    const begin = Math.max(performance.now(), this.#free);
    this.#free = begin + 1000 / this.requestsPerSecond;
    for (;;) {
      const wait = Math.max(begin, this.#pausedUntil) - performance.now();
      if (wait <= 0) return;
      await delay(wait, undefined, { signal });
    }
  }

  /** No request begins within the next milliseconds. */
  pause(milliseconds: number): void {
    this.#pausedUntil = Math.max(this.#pausedUntil, performance.now() + milliseconds);
  }
}
