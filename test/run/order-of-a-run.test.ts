import { TablecastError } from '../../src/lib/errors';
import { flowUnderTest } from './flow-under-test';

const wholeRun = [
  'lease taken',
  'reader made',
  'producer made',
  'reader connects',
  'producer connects',
  'initial load',
  'lease renewed',
  'commit',
  'pointer saved',
  'producer closes',
  'reader closes',
  'run recorded',
  'lease given back',
];

describe('a run', () => {
  test('takes the lease first, commits before it saves the pointer, closes everything, and gives the lease back last', async () => {
    const { call, events } = flowUnderTest();
    const { status, contentType, body } = await call('PUT');
    expect(events).toEqual(wholeRun);
    expect(status).toBe(200);
    expect(contentType).toBe('application/json');
    expect(body).toMatchObject({
      function: 'TEST_Reader',
      dataflow: 'TEST_Reader',
      environment: 'dev',
      trigger: 'http',
      status: 'succeeded',
      load: 'initial',
      commits: [{ rows: 3 }],
      pointer: { before: null, after: 'pointer-0' },
      notes: [],
    });
    expect(body.id).toMatch(/^[0-9A-HJKMNP-TV-Z]{26}$/);
    expect(body.commits[0]!.commitId).toBe(body.id);
    const { total, ...stages } = body.seconds;
    expect(Object.keys(stages).sort()).toEqual(['commit', 'connect', 'save']);
    expect(Object.values(stages).reduce((sum, seconds) => sum + seconds, 0)).toBeLessThanOrEqual(total + 0.005);
    expect(body.problem).toBeUndefined();
  });

  test('without a result leaves the pointer as it is', async () => {
    const { call, steps, events } = flowUnderTest();
    await call('PUT');
    steps.deltaLoad = () => Promise.resolve();
    events.length = 0;
    expect((await call('PATCH')).body.pointer).toEqual({ before: 'pointer-0', after: 'pointer-0' });
    expect(events).toContain('delta load from pointer-0');
    expect(events).not.toContain('pointer saved');
  });

  test('hands reader, producer and runner one context with its id, its start and a signal', async () => {
    const contexts: unknown[] = [];
    const keepContext = (context: unknown): Promise<void> => Promise.resolve(void contexts.push(context));
    const { call } = flowUnderTest({
      steps: {
        connectReader: keepContext,
        connectProducer: keepContext,
        initialLoad: async (run) => {
          await keepContext(run);
          expect(await run.workspace.query('select 1 as one')).toEqual([{ one: 1 }]);
        },
      },
      dataflows: ['orders'],
    });
    const { body } = await call('PUT', { query: { dataflow: 'orders' } });
    expect(contexts).toHaveLength(3);
    expect(new Set(contexts).size).toBe(1);
    expect(contexts[0]).toMatchObject({
      id: body.id,
      functionName: 'TEST_Reader',
      dataflowName: 'orders',
      settings: { ENVIRONMENT: 'dev' },
    });
    expect((contexts[0] as { startedAt: Date }).startedAt.toISOString()).toBe(body.startedAt);
  });
});

describe('a run that fails', () => {
  const broken = (): Promise<never> =>
    Promise.reject(new TablecastError('SECRET_MISSING', { name: 'X', place: 'the environment', variable: 'SECRET_X' }));

  test.each([
    ['when the reader connects', { connectReader: broken }, ['producer closes', 'reader closes']],
    ['when the producer connects', { connectProducer: broken }, ['producer closes', 'reader closes']],
    ['while it loads', { deltaLoad: broken }, ['abort', 'producer closes', 'reader closes']],
    ['while it commits', { commit: broken }, ['abort', 'producer closes', 'reader closes']],
  ])('%s publishes nothing, keeps its pointer, closes everything, is recorded and gives the lease back', async (_when, steps, closing) => {
    const flow = flowUnderTest();
    await flow.call('PUT');
    Object.assign(flow.steps, steps);
    flow.events.length = 0;
    const { status, contentType, body } = await flow.call('PATCH');
    expect(status).toBe(500);
    expect(contentType).toBe('application/problem+json');
    expect(body).toMatchObject({
      code: 'SECRET_MISSING',
      retry: false,
      run: { status: 'failed', commits: [], pointer: { before: 'pointer-0', after: 'pointer-0' } },
    });
    expect(body.fix).toContain('SECRET_X');
    expect(body.instance).toBe(`urn:tablecast:run:${body.run.id}`);
    expect(flow.events).not.toContain('pointer saved');
    expect(flow.events.slice(-closing.length - 2)).toEqual([...closing, 'run recorded', 'lease given back']);
    const { body: state } = await flow.call('GET');
    expect(state).toMatchObject({
      active: null,
      pointer: { value: 'pointer-0' },
      runs: [{ status: 'failed', problem: { code: 'SECRET_MISSING' } }, { status: 'succeeded' }],
    });
  });

  test('with an error of no kind of its own says so, and names the causes in the log only', async () => {
    const flow = flowUnderTest({ steps: { initialLoad: () => Promise.reject(new Error('outer', { cause: new Error('inner') })) } });
    expect((await flow.call('PUT')).body).toMatchObject({ code: 'UNEXPECTED', status: 500 });
    expect(flow.log.join('\n')).toMatch(/UNEXPECTED.*outer.*inner/);
  });

  test('after the runner committed in between reports that commit, and leaves the pointer alone', async () => {
    const flow = flowUnderTest();
    flow.steps.initialLoad = async (_run, producer) => {
      await producer.commit();
      return broken();
    };
    const { body } = await flow.call('PUT');
    expect(body.run).toMatchObject({ status: 'failed', commits: [{ commitId: body.run.id }], pointer: { after: null } });
  });

  test('because its pointer cannot be saved fails before anything is published', async () => {
    const flow = flowUnderTest({ steps: { initialLoad: () => Promise.resolve('x'.repeat(500_000)) } });
    expect((await flow.call('PUT')).body).toMatchObject({ code: 'POINTER_INVALID', run: { commits: [] } });
    expect(flow.events).not.toContain('commit');
  });

  test('to close something still succeeds, because its rows are published', async () => {
    const flow = flowUnderTest({ steps: { closeProducer: () => Promise.reject(new Error('cannot close')) } });
    expect((await flow.call('PUT')).body['status']).toBe('succeeded');
    expect(flow.events.slice(-3)).toEqual(['reader closes', 'run recorded', 'lease given back']);
    expect(flow.log.join('\n')).toContain('cannot close');
  });

  test('keeps its own error when rolling back and closing fail, too', async () => {
    const flow = flowUnderTest({
      steps: { initialLoad: broken, abort: () => Promise.reject(new Error('a')), closeProducer: () => Promise.reject(new Error('b')) },
    });
    expect((await flow.call('PUT')).body.code).toBe('SECRET_MISSING');
    expect(flow.events.slice(-3)).toEqual(['reader closes', 'run recorded', 'lease given back']);
  });
});

describe('when the storage fails at the end of a run', () => {
  const unreachable = (): Promise<never> =>
    Promise.reject(new TablecastError('STATE_UNREACHABLE', { place: 'x', action: 'y', reason: 'gone' }));

  test('a pointer that cannot be saved after the commit is said so, with the commit', async () => {
    const flow = flowUnderTest();
    const insert = flow.store.insert.bind(flow.store);
    flow.store.insert = (partition, row, values) => (row === 'pointer' ? unreachable() : insert(partition, row, values));
    const { status, body } = await flow.call('PUT');
    expect(status).toBe(500);
    expect(body).toMatchObject({
      code: 'POINTER_NOT_SAVED',
      retry: true,
      run: { status: 'failed', commits: [{ commitId: body.run.id }], pointer: { before: null, after: null } },
    });
    expect(body.detail).toContain('gone');
    expect(flow.events.slice(-2)).toEqual(['run recorded', 'lease given back']);
  });

  test('a pointer that another run changed meanwhile is not overwritten', async () => {
    const flow = flowUnderTest();
    await flow.call('PUT');
    flow.steps.deltaLoad = async () => {
      const partition = JSON.stringify(['dev', 'TEST_Reader', 'TEST_Reader']);
      const current = (await flow.store.read(partition, 'pointer'))!;
      await flow.store.replace(partition, 'pointer', { value: 'newer', run: 'other' }, current.version);
      return 'mine';
    };
    expect((await flow.call('PATCH')).body).toMatchObject({ code: 'POINTER_NOT_SAVED' });
    expect((await flow.call('GET')).body['pointer']).toMatchObject({ value: 'newer' });
  });

  test('a history that cannot be written changes neither success nor failure', async () => {
    const flow = flowUnderTest();
    const insert = flow.store.insert.bind(flow.store);
    flow.store.insert = (partition, row, values) => (row.startsWith('run-') ? unreachable() : insert(partition, row, values));
    expect((await flow.call('PUT')).status).toBe(200);
    expect(flow.log.join('\n')).toContain('could not be added to the history');
    flow.steps.deltaLoad = () => Promise.reject(new TablecastError('LOAD_UNKNOWN', { load: 'x' }));
    expect((await flow.call('PATCH')).body.code).toBe('LOAD_UNKNOWN');
    expect((await flow.call('GET')).body['active']).toBeNull();
  });

  test('a storage that does not answer at the start is 503, and nothing is opened', async () => {
    const flow = flowUnderTest();
    flow.store.insert = unreachable;
    expect(await flow.call('PUT')).toMatchObject({ status: 503, body: { code: 'STATE_UNREACHABLE', retry: true } });
    expect(flow.events).toEqual([]);
  });

  test('a wrong setting is a clear problem, and nothing is opened', async () => {
    const flow = flowUnderTest({ settings: { LEASE_SECONDS: 'soon', WORKSPACE_MEMORY_LIMIT: 'much' } });
    const { status, body } = await flow.call('PUT');
    expect(status).toBe(500);
    expect(body.detail).toMatch(/WORKSPACE_MEMORY_LIMIT.*LEASE_SECONDS/s);
    expect(flow.events).toEqual([]);
  });
});
