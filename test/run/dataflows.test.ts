import { TablecastError } from '../../src/lib/errors';
import type { FlowStatus } from '../../src/lib/run/flow-status';
import { FlowState } from '../../src/lib/state/flow-state';
import { flowUnderTest, type FlowUnderTest } from './flow-under-test';

const dataflows = ['SAMPLE', 'RESULT', 'PRODUCT'];

/** A flow with three dataflows whose first pointers are named after them. */
function flowOfThree(): FlowUnderTest {
  return flowUnderTest({ dataflows, steps: { initialLoad: (run) => Promise.resolve(`${run.dataflowName}-0`) } });
}

const statusOfAll = async (flow: FlowUnderTest): Promise<FlowStatus[]> => (await flow.call('GET')).body as unknown as FlowStatus[];

describe('a flow with several dataflows', () => {
  test.each([
    ['the query', { query: { dataflow: 'RESULT' } }],
    ['the body', { body: '{"dataflow": "RESULT"}' }],
    ['both', { query: { dataflow: 'RESULT' }, body: '{"dataflow": "RESULT"}' }],
  ])('runs the one that %s names, and the others know nothing of it', async (_where, request) => {
    const flow = flowOfThree();
    expect(await flow.call('PUT', request)).toMatchObject({
      status: 200,
      body: { function: 'TEST_Reader', dataflow: 'RESULT', load: 'initial', pointer: { before: null, after: 'RESULT-0' } },
    });
    expect((await flow.call('PATCH', request)).body.pointer).toEqual({ before: 'RESULT-0', after: 'RESULT-0+' });
    expect((await flow.call('POST', { query: { dataflow: 'SAMPLE' } })).body).toMatchObject({ load: 'initial', dataflow: 'SAMPLE' });
  });

  test('shows all of them to a GET without a name, in their order, and one to a GET that names it', async () => {
    const flow = flowOfThree();
    await flow.call('PUT', { query: { dataflow: 'RESULT' } });
    flow.events.length = 0;
    expect(await statusOfAll(flow)).toMatchObject([
      { function: 'TEST_Reader', dataflow: 'SAMPLE', pointer: null, runs: [] },
      { function: 'TEST_Reader', dataflow: 'RESULT', pointer: { value: 'RESULT-0' }, runs: [{ dataflow: 'RESULT', status: 'succeeded' }] },
      { function: 'TEST_Reader', dataflow: 'PRODUCT', pointer: null, runs: [] },
    ]);
    expect((await flow.call('GET', { query: { dataflow: 'RESULT' } })).body).toMatchObject({ dataflow: 'RESULT', active: null });
    expect(flow.events).toEqual([]);
  });

  test.each(['PUT', 'PATCH', 'POST'])('%s without a name is 400, says which there are, and starts nothing', async (method) => {
    const flow = flowOfThree();
    const { status, body } = await flow.call(method);
    expect({ status, code: body.code, retry: body.retry }).toEqual({ status: 400, code: 'DATAFLOW_MISSING', retry: false });
    expect(body.detail).toContain('SAMPLE, RESULT, PRODUCT');
    expect(flow.events).toEqual([]);
  });

  test.each(['PUT', 'PATCH', 'POST', 'GET'])('%s with an unknown name is 404, says which there are, and starts nothing', async (method) => {
    const flow = flowOfThree();
    for (const dataflow of ['result', '', 'constructor', 'TEST_Reader']) {
      const { status, body } = await flow.call(method, { query: { dataflow } });
      expect({ status, code: body.code }).toEqual({ status: 404, code: 'DATAFLOW_UNKNOWN' });
      expect(body.detail).toContain('SAMPLE, RESULT, PRODUCT');
    }
    expect(flow.events).toEqual([]);
  });

  test('may run them at the same time, but none of them twice', async () => {
    const flow = flowOfThree();
    flow.steps.initialLoad = async ({ dataflowName }) => {
      if (dataflowName !== 'SAMPLE') return;
      expect((await flow.call('PUT', { query: { dataflow: 'RESULT' } })).status).toBe(200);
      const { status, body } = await flow.call('PUT', { query: { dataflow: 'SAMPLE' } });
      expect({ status, code: body.code }).toEqual({ status: 409, code: 'RUN_ACTIVE' });
      expect(body.detail).toContain('TEST_Reader/SAMPLE');
      expect((await statusOfAll(flow)).map(({ active }) => active !== null)).toEqual([true, false, false]);
    };
    expect((await flow.call('PUT', { query: { dataflow: 'SAMPLE' } })).status).toBe(200);
  });

  test('names function and dataflow where one of them fails', async () => {
    const { status, body } = await flowOfThree().call('PATCH', { query: { dataflow: 'PRODUCT' } });
    expect({ status, code: body.code }).toEqual({ status: 409, code: 'DELTA_WITHOUT_POINTER' });
    expect(body.detail).toContain('TEST_Reader/PRODUCT');
  });
});

describe('a flow with one runner', () => {
  test('may be called by the name of its dataflow, which is that of the function, and by no other', async () => {
    const flow = flowUnderTest();
    expect((await flow.call('PUT', { query: { dataflow: 'TEST_Reader' } })).body).toMatchObject({ dataflow: 'TEST_Reader' });
    expect(await flow.call('PUT', { query: { dataflow: 'other' } })).toMatchObject({ status: 404, body: { code: 'DATAFLOW_UNKNOWN' } });
  });
});

describe('the timer of a flow with several dataflows', () => {
  const loads = async (flow: FlowUnderTest): Promise<string[][]> =>
    (await statusOfAll(flow)).map(({ runs }) => runs.map(({ load, trigger }) => `${trigger} ${load ?? 'undecided'}`));

  test('runs one after the other, each with the load that fits it', async () => {
    const flow = flowOfThree();
    await flow.call('PUT', { query: { dataflow: 'RESULT' } });
    flow.events.length = 0;
    await flow.tick();
    expect(await loads(flow)).toEqual([['timer initial'], ['timer delta', 'http initial'], ['timer initial']]);
    const turns = flow.events.filter((event) => event === 'lease taken' || event === 'lease given back');
    expect(turns).toEqual(dataflows.flatMap(() => ['lease taken', 'lease given back']));
  });

  test('runs the others when one fails, and then fails, naming it', async () => {
    const flow = flowOfThree();
    flow.steps.initialLoad = ({ dataflowName }) =>
      dataflowName === 'SAMPLE' ? Promise.reject(new TablecastError('TABLE_UNKNOWN', { table: 'T' })) : Promise.resolve('p');
    const failure = await flow.tick().catch((error: unknown) => error);
    expect(failure).toMatchObject({
      code: 'DATAFLOWS_FAILED',
      message: '1 of 3 dataflows of TEST_Reader did not succeed: SAMPLE (TABLE_UNKNOWN)',
      cause: { code: 'TABLE_UNKNOWN' },
    });
    expect((await statusOfAll(flow)).map(({ pointer }) => pointer !== null)).toEqual([false, true, true]);
  });

  test('goes on when the storage fails for one of them before its run begins, and logs why', async () => {
    const flow = flowOfThree();
    const insert = flow.store.insert.bind(flow.store);
    const { partition } = new FlowState(flow.store, { environment: 'dev', functionName: 'TEST_Reader', dataflowName: 'RESULT' });
    flow.store.insert = (where, ...rest) => (where === partition ? Promise.reject(new Error('throttled')) : insert(where, ...rest));
    await expect(flow.tick()).rejects.toMatchObject({ code: 'DATAFLOWS_FAILED' });
    expect(await loads(flow)).toEqual([['timer initial'], [], ['timer initial']]);
    expect(flow.log.join('\n')).toMatch(/error: .*RESULT.*throttled/);
  });

  test('leaves one alone that is still running, and runs the others', async () => {
    const flow = flowOfThree();
    flow.steps.initialLoad = ({ dataflowName }) => (dataflowName === 'RESULT' ? flow.tick() : Promise.resolve());
    expect((await flow.call('PUT', { query: { dataflow: 'RESULT' } })).status).toBe(200);
    expect(await loads(flow)).toEqual([['timer initial'], ['http initial'], ['timer initial']]);
  });

  test('begins no further one once the host shuts down', async () => {
    const flow = flowOfThree();
    flow.steps.initialLoad = () => {
      void flow.shutdown.stop();
      return Promise.reject(new Error('interrupted'));
    };
    await expect(flow.tick()).rejects.toMatchObject({ code: 'DATAFLOWS_FAILED', cause: { code: 'RUN_STOPPED' } });
    expect(await loads(flow)).toEqual([['timer initial'], [], []]);
  });
});
