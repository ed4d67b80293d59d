import { flowUnderTest } from './flow-under-test';

describe('which load a request runs', () => {
  test('PUT is an initial load, PATCH a delta load from the pointer of the last run', async () => {
    const { call } = flowUnderTest();
    expect((await call('PUT')).body.load).toBe('initial');
    const { body } = await call('PATCH');
    expect(body).toMatchObject({ load: 'delta', pointer: { before: 'pointer-0', after: 'pointer-0+' } });
    expect((await call('PATCH')).body.pointer).toEqual({ before: 'pointer-0+', after: 'pointer-0++' });
    expect((await call('PUT')).body).toMatchObject({ load: 'initial', pointer: { before: 'pointer-0++', after: 'pointer-0' } });
  });

  test('POST without a load is initial until there is a pointer, then delta', async () => {
    const { call } = flowUnderTest();
    expect((await call('POST')).body.load).toBe('initial');
    expect((await call('POST', { body: ' {} ' })).body.load).toBe('delta');
  });

  test.each([
    ['query', { query: { load: 'initial' } }],
    ['body', { body: '{"load": "initial"}' }],
    ['both', { query: { load: 'initial' }, body: '{"load": "initial"}' }],
  ])('POST runs the load that its %s names', async (_where, request) => {
    const { call } = flowUnderTest();
    await call('PUT');
    expect((await call('POST', request)).body.load).toBe('initial');
  });

  test('a delta load without a pointer is refused and says what to do', async () => {
    const flow = flowUnderTest();
    for (const answer of [await flow.call('PATCH'), await flow.call('POST', { query: { load: 'delta' } })]) {
      expect(answer).toMatchObject({
        status: 409,
        body: { code: 'DELTA_WITHOUT_POINTER', retry: false, run: { load: 'delta', status: 'failed' } },
      });
      expect(answer.body.fix).toContain('PUT');
    }
    expect(flow.events).not.toContain('reader made');
  });

  test('a flow whose delta is a full load takes PATCH from the start, and its own delta load once there is a pointer', async () => {
    const { call, events } = flowUnderTest({ deltaIsFullLoad: true });
    expect((await call('PATCH')).body).toMatchObject({ load: 'delta', status: 'succeeded' });
    expect(events).toContain('initial load');
    await call('PATCH');
    expect(events).toContain('delta load from pointer-0');
  });

  test('POST without a load is an initial load for a flow whose delta is a full load', async () => {
    expect((await flowUnderTest({ deltaIsFullLoad: true }).call('POST')).body.load).toBe('initial');
  });
});

describe('a request that makes no sense', () => {
  test.each(['DELETE', 'HEAD', 'OPTIONS'])('%s is 405 and names the methods there are', async (method) => {
    const flow = flowUnderTest();
    const answer = await flow.call(method);
    expect(answer).toMatchObject({ status: 405, contentType: 'application/problem+json', body: { code: 'METHOD_NOT_ALLOWED' } });
    expect(answer.headers['allow']).toBe('PUT, POST, GET, PATCH');
    expect(flow.events).toEqual([]);
  });

  test.each([
    ['no JSON', 'POST', { body: '{"load": ' }, 'BODY_INVALID'],
    ['a list', 'POST', { body: '["initial"]' }, 'BODY_INVALID'],
    ['null', 'POST', { body: 'null' }, 'BODY_INVALID'],
    ['a text', 'POST', { body: '"initial"' }, 'BODY_INVALID'],
    ['a misspelt property', 'POST', { body: '{"laod": "initial"}' }, 'BODY_INVALID'],
    ['query and body that differ', 'POST', { query: { load: 'delta' }, body: '{"load": "initial"}' }, 'BODY_INVALID'],
    ['a body whose dataflow is no text', 'POST', { body: '{"dataflow": 7}' }, 'BODY_INVALID'],
    ['dataflows that differ', 'POST', { query: { dataflow: 'a' }, body: '{"dataflow": "b"}' }, 'BODY_INVALID'],
    ['a misspelt parameter', 'POST', { query: { laod: 'initial' } }, 'QUERY_INVALID'],
    ['a filter in the query', 'POST', { query: { load: 'backfill', filter: 'PLANT' } }, 'QUERY_INVALID'],
    ['GET with a load', 'GET', { query: { load: 'initial' } }, 'QUERY_INVALID'],
    ['an unknown load', 'POST', { query: { load: 'full' } }, 'LOAD_UNKNOWN'],
    ['an empty load', 'POST', { query: { load: '' } }, 'LOAD_UNKNOWN'],
    ['a load in capitals', 'POST', { body: '{"load": "INITIAL"}' }, 'LOAD_UNKNOWN'],
    ['a load that is no text', 'POST', { body: '{"load": {"a": 1}}' }, 'LOAD_UNKNOWN'],
    ['PUT with the other load', 'PUT', { query: { load: 'delta' } }, 'BODY_INVALID'],
    ['PATCH with the other load', 'PATCH', { body: '{"load": "initial"}' }, 'BODY_INVALID'],
  ])('%s is 400 and starts nothing', async (_what, method, request, code) => {
    const flow = flowUnderTest();
    const { status, contentType, body } = await flow.call(method, request);
    expect({ status, contentType, code: body.code }).toEqual({ status: 400, contentType: 'application/problem+json', code });
    expect(body).toMatchObject({
      type: `urn:tablecast:problem:${code}`,
      instance: 'urn:tablecast:run:invocation-1',
      status: 400,
      retry: false,
    });
    expect(body.title).not.toBe('');
    expect(body.detail).not.toMatch(/\{\w+\}/);
    expect(flow.events).toEqual([]);
  });
});

test('a parameter that stands twice in the query is refused', async () => {
  const flow = flowUnderTest();
  const { status, body } = await flow.call('POST', { query: [...Object.entries({ load: 'initial' }), ['load', 'delta']] });
  expect({ status, code: body.code }).toEqual({ status: 400, code: 'QUERY_INVALID' });
});

test('a function key in the query is no parameter of the flow', async () => {
  expect((await flowUnderTest().call('PUT', { query: { code: 'key', clientId: 'default' } })).status).toBe(200);
});

describe('GET', () => {
  test('of a flow that never ran says so', async () => {
    const flow = flowUnderTest();
    expect((await flow.call('GET')).body).toEqual({
      function: 'TEST_Reader',
      dataflow: 'TEST_Reader',
      environment: 'dev',
      active: null,
      pointer: null,
      runs: [],
    });
    expect(flow.events).toEqual([]);
  });

  test('answers the last runs, newest first, and the pointer, and opens neither reader nor producer', async () => {
    const flow = flowUnderTest();
    const ids = [(await flow.call('PUT')).body.id, (await flow.call('PATCH')).body.id, (await flow.call('PATCH')).body.id];
    flow.events.length = 0;
    const { status, body } = await flow.call('GET');
    expect(status).toBe(200);
    expect((body['runs'] as { id: string }[]).map((run) => run.id)).toEqual(ids.reverse());
    expect(body['pointer']).toMatchObject({ value: 'pointer-0++', run: ids[0] });
    expect(flow.events).toEqual([]);
  });

  test('names the run under way', async () => {
    const flow = flowUnderTest();
    flow.steps.initialLoad = async (run) => {
      const { body } = await flow.call('GET');
      expect(body['active']).toMatchObject({ run: run.id, expired: false });
    };
    expect((await flow.call('PUT')).status).toBe(200);
  });

  test('shows a very long pointer of the history by its beginning', async () => {
    const flow = flowUnderTest({ steps: { initialLoad: () => Promise.resolve('x'.repeat(100_000)) } });
    expect((await flow.call('PUT')).body.pointer.after).toHaveLength(100_000);
    const { body } = await flow.call('GET');
    expect((body.pointer as unknown as { value: string }).value).toHaveLength(100_000);
    expect((body['runs'] as { pointer: { after: string } }[])[0]!.pointer.after).toMatch(/^x{1000}… \(100000 characters\)$/);
  });

  test('keeps as many runs as HISTORY_RUNS says', async () => {
    const flow = flowUnderTest({ settings: { HISTORY_RUNS: '2' } });
    for (let run = 0; run < 4; run += 1) await flow.call('PUT');
    expect((await flow.call('GET')).body['runs']).toHaveLength(2);
  });
});
