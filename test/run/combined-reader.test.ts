import type { RunContext } from '../../src/lib/context';
import { CombinedReader } from '../../src/lib/run/combined-reader';
import type { RunReader } from '../../src/lib/run/run-reader';

/** A reader that writes what is done to it into `events`, and can be made to fail. */
class WatchedReader implements RunReader {
  constructor(
    readonly name: string,
    private readonly events: string[],
    private readonly failing: 'connect' | 'close' | 'nothing' = 'nothing',
  ) {}

  connect(context: RunContext): Promise<void> {
    this.events.push(`${this.name} connects for ${context.id}`);
    return this.failing === 'connect' ? Promise.reject(new Error(`${this.name} is away`)) : Promise.resolve();
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.events.push(`${this.name} closes`);
    return this.failing === 'close' ? Promise.reject(new Error(`${this.name} hangs`)) : Promise.resolve();
  }
}

const run = { id: 'RUN' } as RunContext;

describe('a reader of several sources', () => {
  test('connects them in their order with the same run, gives them by name, and closes the last first', async () => {
    const events: string[] = [];
    {
      await using reader = new CombinedReader({ lims: new WatchedReader('lims', events), plants: new WatchedReader('plants', events) });
      await reader.connect(run);
      expect(reader.sources.plants.name).toBe('plants');
    }
    expect(events).toEqual(['lims connects for RUN', 'plants connects for RUN', 'plants closes', 'lims closes']);
  });

  test('connects no further one when one cannot be reached, and still closes all', async () => {
    const events: string[] = [];
    const reader = new CombinedReader({ lims: new WatchedReader('lims', events, 'connect'), plants: new WatchedReader('plants', events) });
    await expect(reader.connect(run)).rejects.toThrow('lims is away');
    await reader[Symbol.asyncDispose]();
    expect(events).toEqual(['lims connects for RUN', 'plants closes', 'lims closes']);
  });

  test.each([
    ['one', { a: 'close', b: 'nothing' }, ['a hangs']],
    ['two', { a: 'close', b: 'close' }, ['b hangs', 'a hangs']],
  ] as const)('closes all when %s cannot be closed, and says so', async (_count, { a, b }, messages) => {
    const events: string[] = [];
    const reader = new CombinedReader({ a: new WatchedReader('a', events, a), b: new WatchedReader('b', events, b) });
    const failure: unknown = await reader[Symbol.asyncDispose]().catch((error: unknown) => error);
    const failures = failure instanceof AggregateError ? (failure.errors as Error[]) : [failure as Error];
    expect(failures.map(({ message }) => message)).toEqual(messages);
    expect(events).toEqual(['b closes', 'a closes']);
  });
});
