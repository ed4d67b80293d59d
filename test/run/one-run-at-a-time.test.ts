import { startTableStorage, type LocalTableStorage } from '../../local/storage/azurite';
import { MemoryStore } from '../../src/lib/state/memory-store';
import type { StateStore } from '../../src/lib/state/state-store';
import { TableStorageStore } from '../../src/lib/state/table-storage-store';
import { type FlowUnderTest, flowUnderTest } from './flow-under-test';

const partition = JSON.stringify(['dev', 'TEST_Reader', 'TEST_Reader']);

/** Resolves when the run's signal is aborted, as a reader or producer that is told to stop. */
const untilAborted = (signal: AbortSignal): Promise<never> =>
  new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => {
      reject(new Error('stopped in the middle'));
    });
  });

function oneRunAtATime(store: () => StateStore): void {
  test('of five requests at once one runs, and the others are told which, since when, and until when its lease holds', async () => {
    const flow = flowUnderTest({ store: store() });
    const answers: Promise<Awaited<ReturnType<FlowUnderTest['call']>>>[] = [];
    let refused = 0;
    let letGo = (): void => undefined;
    const othersRefused = new Promise<void>((resolve) => (letGo = resolve));
    flow.steps.initialLoad = () => othersRefused;
    for (let request = 0; request < 5; request += 1) {
      const answer = flow.call('PUT');
      answers.push(answer);
      void answer.then(({ status }) => {
        if (status === 409 && ++refused === 4) letGo();
      });
    }
    const results = await Promise.all(answers);
    const ran = results.filter(({ status }) => status === 200);
    expect(ran).toHaveLength(1);
    for (const { status, body } of results.filter((result) => result !== ran[0])) {
      expect({ status, code: body.code, retry: body.retry }).toEqual({ status: 409, code: 'RUN_ACTIVE', retry: true });
      expect(body.detail).toContain(`run ${ran[0]!.body.id} since ${ran[0]!.body.startedAt}`);
      expect(body.detail).toMatch(/until \d{4}-\d\d-\d\dT/);
    }
    expect((await flow.call('GET')).body['runs']).toHaveLength(1);
  });

  test('a run that lost its lease does not commit, though its runner notices nothing', async () => {
    const flow = flowUnderTest({ store: store() });
    await flow.call('PUT');
    flow.steps.deltaLoad = async () => {
      const lease = (await flow.store.read(partition, 'lease'))!;
      await flow.store.replace(partition, 'lease', { ...lease.values, run: 'the-other-run' }, lease.version);
      return 'must not be saved';
    };
    flow.events.length = 0;
    const { status, body } = await flow.call('PATCH');
    expect({ status, code: body.code }).toEqual({ status: 503, code: 'LEASE_LOST' });
    expect(body.detail).toContain('the-other-run has taken it over');
    expect(flow.events).toContain('abort');
    expect(flow.events).not.toContain('commit');
    expect(flow.events).not.toContain('pointer saved');
    expect((await flow.call('GET')).body).toMatchObject({ active: { run: 'the-other-run' }, pointer: { value: 'pointer-0' } });
    expect((await flow.call('PUT')).body).toMatchObject({ code: 'RUN_ACTIVE' });
    await flow.store.remove(partition, 'lease');
  });

  test('a run whose lease is taken over meanwhile is stopped by its signal', async () => {
    const flow = flowUnderTest({ store: store(), settings: { LEASE_SECONDS: '5' } });
    flow.steps.initialLoad = async (run) => {
      const lease = (await flow.store.read(partition, 'lease'))!;
      await flow.store.replace(partition, 'lease', { ...lease.values, run: 'the-other-run' }, lease.version);
      return untilAborted(run.signal);
    };
    const { body } = await flow.call('PUT');
    expect(body).toMatchObject({ code: 'LEASE_LOST', run: { status: 'failed', commits: [] } });
    await flow.store.remove(partition, 'lease');
  });

  test('the run after one that died takes over and says so', async () => {
    const flow = flowUnderTest({ store: store() });
    await flow.store.insert(partition, 'lease', { run: 'dead-run', since: new Date(0).toISOString(), seconds: '0' });
    for (;;) {
      // Azurite's clock shows whole seconds: the lease may count as held for one more.
      const { status, body } = await flow.call('PUT');
      if (status === 409) continue;
      expect(body.notes).toEqual([{ kind: 'LEASE_TAKEN_OVER', text: expect.stringContaining('dead-run') as string }]);
      break;
    }
  });
}

describe('state in memory', () => {
  oneRunAtATime(() => new MemoryStore());
});

describe('state in Table Storage', () => {
  let storage: LocalTableStorage;
  let tables = 0;

  beforeAll(async () => {
    storage = await startTableStorage();
  });

  afterAll(async () => {
    await storage.close();
  });

  oneRunAtATime(() => new TableStorageStore(storage.connectionString, `runs${++tables}`));
});

describe('the shutdown of the host', () => {
  test('stops the run under way, waits until it is closed, and lets no new one begin', async () => {
    const flow = flowUnderTest();
    const loading = new Promise<void>((resolve) => {
      flow.steps.initialLoad = (run) => {
        resolve();
        return untilAborted(run.signal);
      };
    });
    const answer = flow.call('PUT');
    await loading;
    await flow.shutdown.stop();
    expect(flow.events.slice(-4)).toEqual(['producer closes', 'reader closes', 'run recorded', 'lease given back']);
    const { status, body } = await answer;
    expect({ status, code: body.code, retry: body.retry }).toEqual({ status: 503, code: 'RUN_STOPPED', retry: true });
    expect((await flow.call('PUT')).body.code).toBe('RUN_STOPPED');
  });
});

describe('the timer', () => {
  test('acts as POST without a load', async () => {
    const flow = flowUnderTest();
    await flow.tick();
    await flow.tick();
    expect((await flow.call('GET')).body['runs']).toMatchObject([
      { load: 'delta', trigger: 'timer' },
      { load: 'initial', trigger: 'timer' },
    ]);
  });

  test('leaves a run alone that is still going on, and logs that without an error', async () => {
    const flow = flowUnderTest();
    flow.steps.initialLoad = () => flow.tick();
    expect((await flow.call('PUT')).status).toBe(200);
    expect(flow.log.some((line) => line.startsWith('information') && line.includes('skips this time'))).toBe(true);
    expect(flow.log.filter((line) => /^(error|warning)/.test(line))).toEqual([]);
  });

  test('fails when its run fails, so that the host sees it', async () => {
    const flow = flowUnderTest({ steps: { initialLoad: () => Promise.reject(new Error('no')) } });
    await expect(flow.tick()).rejects.toMatchObject({ code: 'UNEXPECTED' });
  });
});
