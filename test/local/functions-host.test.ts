import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FunctionsHost } from '../../local/functions-host/functions-host';
import { memoryScheduleStore } from '../../local/functions-host/schedule-store';
import { seen } from './functions-app/app';

const folder = mkdtempSync(join(tmpdir(), 'functions-host-'));
writeFileSync(join(folder, 'host.json'), '{"version":"2.0","extensions":{"http":{"routePrefix":"v1"}}}');
writeFileSync(
  join(folder, 'local.settings.json'),
  '{"IsEncrypted":false,"Values":{"FIXTURE_ROUTE":"from-file","FIXTURE_VALUE":"value from the file"}}',
);
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const keys = { master: 'master-key', host: 'host-key', functions: { Echo: 'echo-key' } };

describe('the Functions host', () => {
  const lines: string[] = [];
  const log = { write: (level: string, source: string, message: string) => void lines.push(`${level} ${source}: ${message}`) };
  const schedules = memoryScheduleStore();
  let host: FunctionsHost;

  const start = (settings: Record<string, string> = {}) =>
    FunctionsHost.start({
      folder,
      load: () => seen, // registered when it was imported
      keys,
      log,
      schedules,
      settings: { FIXTURE_SCHEDULE: '0 0 3 * * *', ...settings },
    });
  const call = (path: string, init?: RequestInit) => fetch(`${host.address}${path}`, init);

  beforeEach(async () => {
    lines.length = 0;
    seen.ticks.length = 0;
    seen.hooks.length = 0;
    host = await start();
  });
  afterEach(async () => {
    await host[Symbol.asyncDispose]();
    seen.onTick = () => undefined;
  });

  test('a request reaches its function with route parameters, query, headers and body, and its answer comes back whole', async () => {
    const response = await call('/v1/things/paint/7?color=deep%20red', {
      method: 'POST',
      body: 'schön',
      headers: { 'x-functions-key': 'echo-key', 'x-question': 'why' },
    });
    expect(response.status).toBe(202);
    expect(response.headers.get('x-answer')).toBe('yes');
    expect(response.headers.get('set-cookie')).toBe('crumb=a%20b; Max-Age=60; Path=/; HttpOnly; SameSite=Strict');
    expect(await response.json()).toEqual({
      method: 'POST',
      params: { kind: 'paint', id: '7' },
      query: { color: 'deep red' },
      path: '/v1/things/paint/7',
      header: 'why',
      body: 'schön',
    });
  });

  test('bytes come back as they are', async () => {
    expect(new Uint8Array(await (await call('/v1/bytes')).arrayBuffer())).toEqual(Uint8Array.from([0, 255, 128]));
  });

  test('an optional parameter may be left out, and a constraint that does not hold is another route', async () => {
    const headers = { 'x-functions-key': 'echo-key' };
    expect(await (await call('/v1/things/paint', { headers })).json()).toMatchObject({ params: { kind: 'paint' } });
    expect((await call('/v1/things/paint/blue', { headers })).status).toBe(404);
    expect((await call('/v1/things/7', { headers })).status).toBe(404);
  });

  test('the more specific route wins, whatever the order of registration', async () => {
    expect(await (await call('/V1/Things/SPECIAL')).text()).toBe('special');
  });

  test('a rest parameter takes the slashes too', async () => {
    expect(await (await call('/v1/files/a/b%20c/d')).json()).toEqual({ path: 'a/b c/d' });
  });

  test('a route outside the prefix of host.json is not found', async () => {
    const response = await call('/api/things/special');
    expect(response.status).toBe(404);
    expect(response.headers.get('content-type')).toBe('application/problem+json');
  });

  test('another method than the registered ones gets 405 with those that are allowed', async () => {
    const response = await call('/v1/things/paint', { method: 'DELETE', headers: { 'x-functions-key': 'echo-key' } });
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'GET, POST, PUT']);
  });

  test.each([
    ['no key', '/v1/things/paint', {}, 401],
    ['a wrong key', '/v1/things/paint', { 'x-functions-key': 'echo-key-not' }, 401],
    ['an empty key', '/v1/things/paint?code=', {}, 401],
    ['its own key in the header', '/v1/things/paint', { 'x-functions-key': 'echo-key' }, 202],
    ['its own key as code', '/v1/things/paint?code=echo-key', {}, 202],
    ['the host key', '/v1/things/paint', { 'x-functions-key': 'host-key' }, 202],
    ['the master key', '/v1/things/paint', { 'x-functions-key': 'master-key' }, 202],
    ['only the host key at level admin', '/v1/admin-only', { 'x-functions-key': 'host-key' }, 401],
    ['the master key at level admin', '/v1/admin-only', { 'x-functions-key': 'master-key' }, 200],
    ['no key at level anonymous', '/v1/things/special', {}, 200],
  ])('with %s: %s', async (_, path, headers: Record<string, string>, status) => {
    expect((await call(path, { headers })).status).toBe(status);
  });

  test('a function that returns nothing answers 204, one that throws 500 without details', async () => {
    expect((await call('/v1/silent', { method: 'DELETE' })).status).toBe(204);
    const failed = await call('/v1/failing');
    expect([failed.status, await failed.text()]).toEqual([500, '']);
    expect(lines.some((line) => line.includes('error Failing: failed') && line.includes('the fixture fails'))).toBe(true);
  });

  test('%NAME% in a route is an app setting, and functions read the Values of local.settings.json', async () => {
    expect(await (await call('/v1/from-file/run')).text()).toBe('value from the file');
  });

  test('app settings are gone from the environment when the host has stopped', async () => {
    expect(process.env['FIXTURE_VALUE']).toBe('value from the file');
    await host[Symbol.asyncDispose]();
    expect(process.env['FIXTURE_VALUE']).toBeUndefined();
  });

  test('a function that cannot be served is logged and left out; the others work', () => {
    expect(lines).toEqual(
      expect.arrayContaining([
        'error host: Unroutable is not served: "%FIXTURE_UNSET%" does not resolve: the app setting FIXTURE_UNSET is not set',
        'error host: Unscheduled is not served: "%FIXTURE_UNSET%" does not resolve: the app setting FIXTURE_UNSET is not set',
        expect.stringMatching(/^error host: FiveFields is not served: /),
      ]),
    );
    expect(host.functions.map(({ name }) => name).sort()).toEqual([
      'Admin',
      'Bytes',
      'Echo',
      'EverySecond',
      'Failing',
      'FromSetting',
      'Rest',
      'Silent',
      'Special',
    ]);
  });

  test('hooks run around the app and each invocation', async () => {
    await call('/v1/things/special');
    await call('/v1/failing');
    await host[Symbol.asyncDispose]();
    expect(seen.hooks).toEqual(['appStart', 'before Special', 'after Special', 'before Failing', 'after Failing failed', 'appTerminate']);
  });

  test('the log names function and duration, and never a key', async () => {
    await call('/v1/things/paint?code=echo-key', { headers: { 'x-functions-key': 'echo-key' } });
    expect(lines).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^information Echo: started, invocation /),
        'information Echo: echoing',
        expect.stringMatching(/^information Echo: ended after \d+ ms$/),
      ]),
    );
    expect(lines.join('\n')).not.toContain('echo-key');
  });

  test('a timer runs by its schedule of six fields', async () => {
    await host[Symbol.asyncDispose]();
    const ticked = new Promise<void>((resolve) => (seen.onTick = resolve));
    host = await start({ FIXTURE_SCHEDULE: '* * * * * *' });
    await ticked;
    expect(seen.ticks[0]).toMatchObject({ isPastDue: false, schedule: { adjustForDST: true } });
  });

  test('POST to /admin/functions starts a timer by hand, with the master key only', async () => {
    const post = (key: string, name = 'EverySecond') =>
      call(`/admin/functions/${name}`, { method: 'POST', headers: { 'x-functions-key': key } });
    const ticked = new Promise<void>((resolve) => (seen.onTick = resolve));
    expect((await post('host-key')).status).toBe(401);
    expect((await post('master-key', 'Echo')).status).toBe(404);
    expect((await post('master-key')).status).toBe(202);
    await ticked;
    expect(seen.ticks).toHaveLength(1);
  });

  test('a run missed while the host was down starts at once and says that it is past due', async () => {
    await host[Symbol.asyncDispose]();
    schedules.write('EverySecond', {
      Last: '2020-01-01T03:00:00.000Z',
      Next: '2020-01-02T03:00:00.000Z',
      LastUpdated: '2020-01-01T03:00:01.000Z',
    });
    const ticked = new Promise<void>((resolve) => (seen.onTick = resolve));
    host = await start();
    await ticked;
    expect(seen.ticks[0]).toMatchObject({
      isPastDue: true,
      scheduleStatus: { last: '2020-01-01T03:00:00.000Z', next: '2020-01-02T03:00:00.000Z' },
    });
  });

  test('day of month and weekday of a schedule must both hold', async () => {
    await host[Symbol.asyncDispose]();
    host = await start({ FIXTURE_SCHEDULE: '0 0 0 13 * 5' });
    const next = host.functions.find(({ name }) => name === 'EverySecond')?.timer?.next;
    expect([next?.getUTCDate(), next?.getUTCDay()]).toEqual([13, 5]);
  });

  test('stopping waits for the answers under way', async () => {
    const answer = call('/v1/things/paint', { method: 'PUT', headers: { 'x-functions-key': 'echo-key' }, body: 'x'.repeat(100_000) });
    await new Promise<void>((resolve) => {
      const look = () => {
        if (lines.some((line) => line.includes('Echo: started'))) resolve();
        else setImmediate(look);
      };
      look();
    });
    await host[Symbol.asyncDispose]();
    expect(await (await answer).json()).toMatchObject({ body: 'x'.repeat(100_000) });
    await expect(call('/v1/things/special')).rejects.toThrow();
  });

  test('two functions cannot have one name, and a port that is taken is an error that leaves nothing open', async () => {
    await expect(FunctionsHost.start({ folder, load: () => undefined, port: Number(new URL(host.address).port), log })).rejects.toThrow(
      'EADDRINUSE',
    );
  });
});
