import { once } from 'node:events';
import { startTableStorage, type LocalTableStorage } from '../../local/storage/azurite';
import type { TablecastError } from '../../src/lib/errors';
import { FlowState } from '../../src/lib/state/flow-state';
import { Lease } from '../../src/lib/state/lease';
import { MemoryStore } from '../../src/lib/state/memory-store';
import type { StateStore } from '../../src/lib/state/state-store';
import { TableStorageStore } from '../../src/lib/state/table-storage-store';
import { CuttableStore } from './cuttable-store';
import { recordingLogger } from './recording-logger';

const since = new Date(Date.UTC(2026, 0, 2, 3, 4, 5));

function leaseContract(store: () => StateStore): void {
  let flows = 0;
  const newFlow = (): FlowState => new FlowState(store(), { environment: 'test', functionName: `Flow-${++flows}`, dataflowName: 'x' });
  const acquire = (state: FlowState, run: string, seconds = 60): Promise<Lease> =>
    Lease.acquire(state, { run, since, seconds }, recordingLogger());

  test('of 20 that want the lease at once exactly one gets it, and the others learn who has it', async () => {
    const state = newFlow();
    const results = await Promise.allSettled(Array.from({ length: 20 }, (_, index) => acquire(state, `run-${index}`)));
    const won = results.filter((result) => result.status === 'fulfilled').map((result) => result.value);
    expect(won).toHaveLength(1);
    const lost = results.filter((result) => result.status === 'rejected').map((result) => result.reason as TablecastError);
    for (const error of lost) {
      expect(error).toMatchObject({ code: 'RUN_ACTIVE', status: 409, details: { run: won[0]!.request.run, since: since.toISOString() } });
      expect(Date.parse(String(error.details['until']))).toBeGreaterThan(Date.now());
    }
    await won[0]!.release();
  });

  test('a lease that was given back can be taken again, by several in a row', async () => {
    const state = newFlow();
    for (const run of ['run-1', 'run-2', 'run-3']) {
      const lease = await acquire(state, run);
      expect(await Lease.holder(state)).toMatchObject({ run, expired: false });
      expect(lease.takenOverFrom).toBeUndefined();
      await lease.release();
      await lease.release();
    }
    expect(await Lease.holder(state)).toBeUndefined();
  });

  test('a renewed lease still excludes others, and can be given back', async () => {
    const state = newFlow();
    const lease = await acquire(state, 'run-1');
    await Promise.all([lease.renew(), lease.renew(), lease.renew()]);
    await expect(acquire(state, 'run-2')).rejects.toMatchObject({ code: 'RUN_ACTIVE' });
    await lease.release();
    await (await acquire(state, 'run-2')).release();
  });

  test('a lease is renewed in the background, well beyond its length', async () => {
    const state = newFlow();
    const lease = await acquire(state, 'run-1', 1);
    const first = Date.parse((await Lease.holder(state))!.until);
    for (let until = first; until < first + 2_500;) {
      const holder = await Lease.holder(state);
      expect(holder).toMatchObject({ run: 'run-1', expired: false });
      until = Date.parse(holder!.until);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    expect(lease.signal.aborted).toBe(false);
    await lease.release();
  });

  test('when the holder is cut off, one of 20 takes over, and the first can neither renew nor remove the new lease', async () => {
    const state = newFlow();
    const line = new CuttableStore(store());
    const cutOff = await Lease.acquire(new FlowState(line, state.flow), { run: 'run-cut-off', since, seconds: 1 }, recordingLogger());
    line.cut = true;
    const tryUntilSomebodyHasIt = async (run: string): Promise<Lease | undefined> => {
      while ((await Lease.holder(state))?.run === 'run-cut-off') {
        const lease = await acquire(state, run).catch(() => undefined);
        if (lease) return lease;
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      return undefined;
    };
    const results = await Promise.all(Array.from({ length: 20 }, (_, index) => tryUntilSomebodyHasIt(`run-${index}`)));
    const [holder, ...others] = results.filter((lease) => lease !== undefined);
    expect(others).toEqual([]);
    expect(holder!.takenOverFrom).toBe('run-cut-off');
    expect(cutOff.signal.aborted).toBe(true);

    line.cut = false;
    await expect(cutOff.renew()).rejects.toMatchObject({ code: 'LEASE_LOST' });
    await cutOff.release();
    await holder!.renew();
    await holder!.release();
  });

  test('a holder that slept while another took over learns it at its next renewal', async () => {
    const state = newFlow();
    const sleeper = await acquire(state, 'run-asleep');
    const row = (await state.store.read(state.partition, 'lease'))!;
    await state.store.replace(state.partition, 'lease', { ...row.values, run: 'run-awake' }, row.version);
    await expect(sleeper.renew()).rejects.toThrow(/run-awake has taken it over/);
    expect(sleeper.signal.reason).toMatchObject({ code: 'LEASE_LOST' });
    await sleeper.release();
    expect(await Lease.holder(state)).toMatchObject({ run: 'run-awake' });
  });
}

describe('leases in memory', () => {
  const store = new MemoryStore();
  leaseContract(() => store);
});

describe('leases in Table Storage', () => {
  let storage: LocalTableStorage;

  beforeAll(async () => {
    storage = await startTableStorage();
  });

  afterAll(async () => {
    await storage.close();
  });

  leaseContract(() => new TableStorageStore(storage.connectionString, 'leases'));
});

describe('a holder and its storage', () => {
  const flow = { environment: 'test', functionName: 'Flow', dataflowName: 'x' };

  test('a storage that goes away during the run costs the holder its lease before anybody else could take it', async () => {
    const storage = await startTableStorage();
    const store = new TableStorageStore(storage.connectionString, 'leases');
    const lease = await Lease.acquire(new FlowState(store, flow), { run: 'run-1', since, seconds: 2 }, recordingLogger());
    const lost = once(lease.signal, 'abort');
    await storage.close();
    await lost;
    expect(lease.signal.reason).toMatchObject({ code: 'LEASE_LOST', retry: true });
    await expect(lease.renew()).rejects.toMatchObject({ code: 'LEASE_LOST' });
    await expect(lease.release()).rejects.toMatchObject({ code: 'STATE_UNREACHABLE' });
  });

  test('a lease that somebody removed is lost at the next renewal', async () => {
    const store = new MemoryStore();
    const state = new FlowState(store, flow);
    const lease = await Lease.acquire(state, { run: 'run-1', since, seconds: 60 }, recordingLogger());
    await store.remove(state.partition, 'lease');
    await expect(lease.renew()).rejects.toThrow(/removed/);
    expect(lease.signal.aborted).toBe(true);
    await lease.release();
  });

  test('a write whose answer got lost is recognised as its own', async () => {
    const inner = new MemoryStore();
    /** Writes, and then says that it could not because somebody else was first: what a client sees that repeats an answered request. */
    const forgetful: StateStore = {
      place: 'memory',
      read: inner.read.bind(inner),
      list: inner.list.bind(inner),
      remove: inner.remove.bind(inner),
      insert: async (...row) => {
        await inner.insert(...row);
        return undefined;
      },
      replace: async (partition, row, values, version) => {
        const replaced = await inner.replace(partition, row, values, version);
        return values['seconds'] !== undefined && --lostAnswers >= 0 ? undefined : replaced;
      },
    };
    let lostAnswers = 1;
    const lease = await Lease.acquire(new FlowState(forgetful, flow), { run: 'run-1', since, seconds: 60 }, recordingLogger());
    await lease.renew();
    await lease.renew();
    expect(lease.signal.aborted).toBe(false);
    await lease.release();
    expect(await inner.read(new FlowState(inner, flow).partition, 'lease')).toBeUndefined();
  });
});
