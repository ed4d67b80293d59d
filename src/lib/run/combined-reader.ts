import type { RunContext } from '../context';
import type { RunReader } from './run-reader';

/**
 * Several sources for one flow. All of them load into the same workspace, where the runner joins what they brought; so each table has a name of its own.
 * Every source is read as it is at its own time: no two systems share a transaction.
 *
 * @example
 * reader: (logger) => new CombinedReader({ lims: new OracleReader(lims, logger), plants: new OracleReader(plants, logger) }),
 * // in the runner
 * await reader.sources.lims.load('SAMPLE', 'select * from LIMSPRD.SAMPLE', 'SAMPLE', 'LABWARE');
 */
export class CombinedReader<T extends Readonly<Record<string, RunReader>>> implements RunReader {
  /** The readers by the names given to them. */
  readonly sources: T;

  constructor(sources: T) {
    this.sources = Object.freeze({ ...sources });
  }

  /** Connects one after the other, so that none is still connecting when another one's failure closes them all. */
  async connect(context: RunContext): Promise<void> {
    for (const source of Object.values(this.sources)) await source.connect(context);
  }

  /** Closes every source, the last first, also when closing another one fails. */
  async [Symbol.asyncDispose](): Promise<void> {
    const failures: unknown[] = [];
    for (const source of Object.values(this.sources).reverse()) {
      try {
        await source[Symbol.asyncDispose]();
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 1) throw new AggregateError(failures, `${failures.length} sources could not be closed`);
    if (failures.length === 1) throw failures[0];
  }
}
