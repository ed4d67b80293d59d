import { app } from '@azure/functions';
import { TablecastError } from '../errors';

/** Tells the runs under way that they must stop, and lets whoever stops them wait until they have. */
export class Shutdown {
  readonly #controller = new AbortController();
  readonly #runs = new Set<Promise<unknown>>();

  /** Aborted, with RUN_STOPPED as its reason, when the runs must stop. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Makes `stop` wait for this run. */
  track<T>(run: Promise<T>): Promise<T> {
    const forget = (): void => {
      this.#runs.delete(settled);
    };
    const settled: Promise<void> = run.then(forget, forget);
    this.#runs.add(settled);
    return run;
  }

  /** Stops all runs under way, and those that come: they roll back, close, and give their leases back. */
  async stop(): Promise<void> {
    this.#controller.abort(new TablecastError('RUN_STOPPED'));
    await Promise.all(this.#runs);
  }
}

let ofHost: Shutdown | undefined;

/** The shutdown of the Functions host this process belongs to; it waits a few seconds before it ends the process. */
export function hostShutdown(): Shutdown {
  if (!ofHost) {
    const shutdown = (ofHost = new Shutdown());
    app.hook.appTerminate(() => shutdown.stop());
  }
  return ofHost;
}
