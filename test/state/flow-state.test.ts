import fc from 'fast-check';
import { ulid } from 'ulid';
import { startTableStorage, type LocalTableStorage } from '../../local/storage/azurite';
import { checkPointer, FlowState } from '../../src/lib/state/flow-state';
import { MemoryStore } from '../../src/lib/state/memory-store';
import type { StateStore } from '../../src/lib/state/state-store';
import { TableStorageStore } from '../../src/lib/state/table-storage-store';

function flowStateContract(store: () => StateStore): void {
  let flows = 0;
  const newFlow = (): FlowState =>
    new FlowState(store(), { environment: 'test', functionName: `Flow/${++flows}`, dataflowName: 'a#b?c\\d' });

  test('a flow has no pointer at first, then the one that was saved, then the one after it', async () => {
    const state = newFlow();
    expect(await state.readPointer()).toBeUndefined();
    await state.savePointer('first', 'run-1', undefined);
    const first = await state.readPointer();
    expect(first).toMatchObject({ value: 'first', run: 'run-1' });
    await state.savePointer('', 'run-2', first);
    expect(await state.readPointer()).toMatchObject({ value: '', run: 'run-2' });
  });

  test('a run that read an older pointer cannot put it back over a newer one', async () => {
    const state = newFlow();
    await state.savePointer('1', 'run-1', undefined);
    const asReadByTwo = await state.readPointer();
    await state.savePointer('2', 'run-2', asReadByTwo);
    await expect(state.savePointer('1b', 'run-3', asReadByTwo)).rejects.toMatchObject({ code: 'LEASE_LOST' });
    await expect(state.savePointer('1c', 'run-4', undefined)).rejects.toThrow(/run-2/);
    expect(await state.readPointer()).toMatchObject({ value: '2' });
  });

  test('saving what is already saved by the same run succeeds, as when an answer got lost', async () => {
    const state = newFlow();
    await state.savePointer('1', 'run-1', undefined);
    await expect(state.savePointer('1', 'run-1', undefined)).resolves.toBeUndefined();
  });

  test('the lineage document is the one saved last; one too long to keep counts as another than any', async () => {
    const state = newFlow();
    expect(await state.readLineage()).toBeUndefined();
    await state.saveLineage('first');
    await state.saveLineage('second');
    expect(await state.readLineage()).toBe('second');
    await state.saveLineage('x'.repeat(480_001));
    expect(await state.readLineage()).toBe('');
  });

  test('flows whose names differ only in characters that keys forbid have pointers of their own', async () => {
    const names = ['a/b', 'a\\b', 'a#b', 'a?b', 'a b', 'a', 'A'];
    const states = names.map((functionName) => new FlowState(store(), { environment: 'names', functionName, dataflowName: 'x' }));
    for (const [index, state] of states.entries()) await state.savePointer(names[index]!, 'run', undefined);
    expect(await Promise.all(states.map(async (state) => (await state.readPointer())?.value))).toEqual(names);
  });

  test('the history holds the newest runs first, and no more than it is told to keep', async () => {
    const state = newFlow();
    const ids = Array.from({ length: 8 }, (_, index) => ulid(Date.UTC(2026, 0, 1) + index * 1000));
    for (const id of ids) await state.saveRun({ id, report: `{"id":"${id}"}` }, 5);
    const newest = ids.reverse().slice(0, 5);
    expect((await state.lastRuns(100)).map((run) => run.id)).toEqual(newest);
    expect((await state.lastRuns(2)).map((run) => run.report)).toEqual(newest.slice(0, 2).map((id) => `{"id":"${id}"}`));
    expect(await newFlow().lastRuns(5)).toEqual([]);
  });
}

describe('flow state in memory', () => {
  const store = new MemoryStore();
  flowStateContract(() => store);
});

describe('flow state in Table Storage', () => {
  let storage: LocalTableStorage;

  beforeAll(async () => {
    storage = await startTableStorage();
  });

  afterAll(async () => {
    await storage.close();
  });

  flowStateContract(() => new TableStorageStore(storage.connectionString, 'flows'));
});

test('a pointer that cannot be saved is refused before anything depends on it', () => {
  expect(() => {
    checkPointer('x'.repeat(480_000), 'F');
  }).not.toThrow();
  expect(() => {
    checkPointer('x'.repeat(480_001), 'F');
  }).toThrow(/480001 characters/);
  fc.assert(
    fc.property(fc.string(), fc.string(), (before, after) => {
      expect(() => {
        checkPointer(`${before}\ud800${after}`, 'F');
      }).toThrow(/well-formed/);
      expect(() => {
        checkPointer(`${before}😀${after}`, 'F');
      }).not.toThrow();
    }),
  );
});
