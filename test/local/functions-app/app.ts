import { app, type InvocationContext, type Timer } from '@azure/functions';

/** What the fixture's functions saw, for the tests to look at. */
export const seen = { ticks: [] as Timer[], hooks: [] as string[], onTick: (): void => undefined };

app.hook.appStart(() => void seen.hooks.push('appStart'));
app.hook.appTerminate(() => void seen.hooks.push('appTerminate'));
app.hook.preInvocation(({ invocationContext }) => void seen.hooks.push(`before ${invocationContext.functionName}`));
app.hook.postInvocation(
  ({ invocationContext, error }) =>
    void seen.hooks.push(`after ${invocationContext.functionName}${error === null || error === undefined ? '' : ' failed'}`),
);

app.http('Echo', {
  route: 'things/{kind:alpha}/{id:int?}',
  methods: ['PUT', 'POST', 'GET'],
  authLevel: 'function',
  handler: async (request, context) => {
    context.log('echoing');
    return {
      status: 202,
      headers: { 'X-Answer': 'yes' },
      cookies: [{ name: 'crumb', value: 'a b', path: '/', httpOnly: true, sameSite: 'Strict', maxAge: 60 }],
      jsonBody: {
        method: request.method,
        params: request.params,
        query: Object.fromEntries(request.query),
        path: new URL(request.url).pathname,
        header: request.headers.get('x-question'),
        body: await request.text(),
      },
    };
  },
});
app.http('Special', { route: 'things/special', methods: ['GET'], handler: () => ({ body: 'special' }) });
app.http('Rest', { route: 'files/{*path}', methods: ['GET'], handler: (request) => ({ jsonBody: request.params }) });
app.http('FromSetting', {
  route: '%FIXTURE_ROUTE%/run',
  methods: ['GET'],
  handler: () => ({ body: process.env['FIXTURE_VALUE'] ?? 'nothing' }),
});
app.http('Unroutable', { route: '%FIXTURE_UNSET%/run', handler: () => ({}) });
app.http('Admin', { route: 'admin-only', methods: ['GET'], authLevel: 'admin', handler: () => ({ body: 'admin' }) });
app.http('Silent', { route: 'silent', methods: ['DELETE'], handler: () => undefined as unknown as object });
app.http('Failing', {
  route: 'failing',
  methods: ['GET'],
  handler: () => {
    throw new Error('the fixture fails');
  },
});
app.http('Bytes', {
  route: 'bytes',
  methods: ['GET'],
  handler: () => ({ headers: { 'Content-Type': 'application/octet-stream' }, body: Uint8Array.from([0, 255, 128]) }),
});

const tick = (timer: Timer, context: InvocationContext): void => {
  seen.ticks.push(timer);
  context.log('tick');
  seen.onTick();
};
app.timer('EverySecond', { schedule: '%FIXTURE_SCHEDULE%', handler: tick });
app.timer('Unscheduled', { schedule: '%FIXTURE_UNSET%', handler: tick });
app.timer('FiveFields', { schedule: '0 5 * * *', handler: tick });
