import fc from 'fast-check';
import { TablecastError } from '../../src/lib/errors';
import type { Filter } from '../../src/lib/run/run-request';
import { type Answer, flowUnderTest, type FlowUnderTest } from './flow-under-test';

/** A flow whose backfill does nothing but keep the filter. */
function flowWithBackfill(): FlowUnderTest & { readonly filters: Filter[] } {
  const filters: Filter[] = [];
  const backfill = (filter: Filter): Promise<void> => Promise.resolve(void filters.push(filter));
  return Object.assign(flowUnderTest({ steps: { backfill } }), { filters });
}

const backfill = (flow: FlowUnderTest, filter: unknown): Promise<Answer> =>
  flow.call('POST', { body: JSON.stringify({ load: 'backfill', filter }) });

describe('a backfill', () => {
  test('hands the filter to the runner, commits, reports the filter, and leaves the pointer alone', async () => {
    const flow = flowWithBackfill();
    await flow.call('PUT');
    flow.events.length = 0;
    const { status, body } = await backfill(flow, { PLANT: '0100', YEAR: 2024 });
    expect(status).toBe(200);
    expect(flow.filters).toEqual([{ PLANT: '0100', YEAR: '2024' }]);
    expect(body).toMatchObject({
      load: 'backfill',
      filter: { PLANT: '0100', YEAR: '2024' },
      commits: [{ commitId: body.id }],
      pointer: { before: 'pointer-0', after: 'pointer-0' },
    });
    expect(flow.events).toEqual([
      'lease taken',
      'reader made',
      'producer made',
      'reader connects',
      'producer connects',
      'backfill',
      'lease renewed',
      'commit',
      'producer closes',
      'reader closes',
      'run recorded',
      'lease given back',
    ]);
    const { body: state } = await flow.call('GET');
    expect(state).toMatchObject({ pointer: { value: 'pointer-0' }, runs: [{ load: 'backfill', filter: { PLANT: '0100' } }, {}] });
    expect((await flow.call('PATCH')).body.pointer).toEqual({ before: 'pointer-0', after: 'pointer-0+' });
  });

  test('leaves the pointer alone even when the runner returns something', async () => {
    const flow = flowWithBackfill();
    await flow.call('PUT');
    flow.steps.backfill = () => Promise.resolve('no pointer' as never);
    expect((await backfill(flow, { PLANT: '0100' })).body.pointer).toEqual({ before: 'pointer-0', after: 'pointer-0' });
  });

  test('may come before any initial load, which is then still to be done', async () => {
    const flow = flowWithBackfill();
    expect((await backfill(flow, { PLANT: '0100' })).body).toMatchObject({ status: 'succeeded', pointer: { before: null, after: null } });
    expect((await flow.call('PATCH')).body.code).toBe('DELTA_WITHOUT_POINTER');
    expect((await flow.call('POST')).body.load).toBe('initial');
  });

  test('takes its load from the query, too, and the dataflow from either', async () => {
    const flow = flowUnderTest({ dataflows: ['SAMPLE', 'RESULT'], steps: { backfill: () => Promise.resolve() } });
    const query = { load: 'backfill', dataflow: 'RESULT' };
    expect((await flow.call('POST', { query, body: '{"filter": {"A": "1"}}' })).body).toMatchObject({
      load: 'backfill',
      dataflow: 'RESULT',
    });
    const body = '{"load": "backfill", "dataflow": "SAMPLE", "filter": {"A": "1"}}';
    expect((await flow.call('POST', { body })).body).toMatchObject({ load: 'backfill', dataflow: 'SAMPLE', filter: { A: '1' } });
  });

  test('that fails publishes nothing, keeps the pointer, and shows the filter in the report', async () => {
    const flow = flowWithBackfill();
    await flow.call('PUT');
    flow.steps.backfill = () => Promise.reject(new TablecastError('EMPTY_TABLE', { table: 'T' }));
    flow.events.length = 0;
    const { status, body } = await backfill(flow, { PLANT: '0100' });
    expect({ status, code: body.code }).toEqual({ status: 422, code: 'EMPTY_TABLE' });
    expect(body.run).toMatchObject({ load: 'backfill', filter: { PLANT: '0100' }, commits: [], pointer: { after: 'pointer-0' } });
    expect(flow.events).toContain('abort');
    expect(flow.events).not.toContain('commit');
  });

  test('of a flow whose runner has none is 422 and says so', async () => {
    const flow = flowUnderTest();
    const { status, body } = await backfill(flow, { PLANT: '0100' });
    expect({ status, code: body.code, retry: body.retry }).toEqual({ status: 422, code: 'BACKFILL_UNSUPPORTED', retry: false });
    expect(body.detail).toContain('TEST_Reader');
    expect(flow.events).not.toContain('commit');
  });

  test('is refused while another run of its dataflow is under way', async () => {
    const flow = flowWithBackfill();
    flow.steps.initialLoad = async () => {
      expect((await backfill(flow, { PLANT: '0100' })).body.code).toBe('RUN_ACTIVE');
    };
    expect((await flow.call('PUT')).status).toBe(200);
  });
});

describe('the filter of a backfill', () => {
  test('reaches the runner as it was written, whatever its names and texts', async () => {
    const flow = flowWithBackfill();
    const column = fc.oneof(
      fc.string({ minLength: 1, unit: 'grapheme' }),
      fc.constantFrom('__proto__', 'constructor', 'load', 'A"B', "A'; --"),
    );
    const value = fc.oneof(fc.string({ unit: 'grapheme' }), fc.maxSafeInteger());
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(column, value), { minLength: 1, maxLength: 5 }), async (entries) => {
        const given = Object.fromEntries(entries);
        const { body } = await backfill(flow, given);
        const expected = Object.entries(given).map(([name, content]) => [name, String(content)]);
        expect(Object.entries(flow.filters.at(-1)!)).toEqual(expected);
        expect(Object.entries(body['filter'] as Filter)).toEqual(expected);
      }),
      { numRuns: 20 },
    );
  });

  test.each([
    ['is missing', undefined, /initial load/],
    ['is empty', {}, /all rows.*initial load/],
    ['is null', null, /not a JSON object/],
    ['is a list', [{ PLANT: '0100' }], /not a JSON object/],
    ['is a text', "PLANT = '0100'", /not a JSON object/],
    ['has null as a value', { PLANT: null }, /PLANT is null/],
    ['has true as a value', { PLANT: true }, /PLANT is true or false/],
    ['has a list as a value', { PLANT: ['0100'] }, /PLANT is a list/],
    ['has an object as a value', { PLANT: { from: 1 } }, /PLANT is an object/],
    ['has a fraction, whose text is not clear', { AMOUNT: 1.5 }, /AMOUNT.*write it as text/],
    ['has a number too large to be exact', { ID: 2 ** 53 }, /ID.*write it as text/],
    ['names no column', { '': '0100' }, /without a name/],
    ['is very long', { PLANT: 'x'.repeat(20_000) }, /20005 characters/],
  ])('that %s is refused, and nothing starts', async (_what, filter, reason) => {
    const flow = flowWithBackfill();
    const { status, body } = await backfill(flow, filter);
    expect({ status, code: body.code }).toEqual({ status: 400, code: 'FILTER_INVALID' });
    expect(body.detail).toMatch(reason);
    expect(flow.events).toEqual([]);
  });

  test.each([
    ['PUT', {}],
    ['PATCH', {}],
    ['POST', {}],
    ['POST', { load: 'initial' }],
    ['POST', { load: 'delta' }],
  ])('beside another load is refused, and nothing starts: %s %j', async (method, body) => {
    const flow = flowWithBackfill();
    const answer = await flow.call(method, { body: JSON.stringify({ ...body, filter: { PLANT: '0100' } }) });
    expect(answer).toMatchObject({ status: 400, body: { code: 'FILTER_INVALID' } });
    expect(answer.body.detail).toContain('only a backfill');
    expect(flow.events).toEqual([]);
  });

  test.each(['PUT', 'PATCH'])('is of no use to %s, which is never a backfill', async (method) => {
    const flow = flowWithBackfill();
    const body = JSON.stringify({ load: 'backfill', filter: { PLANT: '0100' } });
    expect((await flow.call(method, { body })).body.code).toBe('BODY_INVALID');
    expect(flow.events).toEqual([]);
  });
});
