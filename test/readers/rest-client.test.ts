import { setMaxListeners } from 'node:events';
import { isTlsError, retryAfterOf } from '../../src/readers/rest-failure';
import { nextLink } from '../../src/readers/rest-link';
import { RestPace } from '../../src/readers/rest-pace';
import { RestConnectionSettings } from '../../src/readers/rest-connection-settings';
import { failing, itemSchema, items, ReaderRun } from './rest-support';
import { RestService, sendJson } from './rest-service';

describe('a Link header', () => {
  test.each([
    ['<https://a.example/x?page=2>; rel="next"', 'https://a.example/x?page=2'],
    ['</x?page=1>; rel=prev, </x?page=3>; rel=next', '/x?page=3'],
    ['</x>; title="a, b; rel=next"; rel="last", <?p=2>;rel="start NEXT"', '?p=2'],
    ['</a,b;c>; rel="next"', '/a,b;c'],
    ['</x>; title="with \\" quote"; REL=Next', '/x'],
    ['</x>; rel="previous"', undefined],
    ['</x>; rel="nextish"', undefined],
    ['no link', undefined],
    [undefined, undefined],
  ])('%s names %s as the next', (header, target) => {
    expect(nextLink(header)).toBe(target);
  });
});

test.each([
  ['0', 0],
  ['7', 7000],
  ['999999', 60_000],
  ['Thu, 01 Jan 1970 00:00:30 GMT', 30_000],
  ['Thu, 01 Jan 1970 01:00:00 GMT', 60_000],
  ['Wed, 31 Dec 1969 23:00:00 GMT', 0],
  ['soon', undefined],
  ['-5', undefined],
  ['', undefined],
  [undefined, undefined],
])('Retry-After: %s means to wait %s ms, at most 60000', (header, wait) => {
  expect(retryAfterOf(header, 0, 60_000)).toBe(wait);
});

test('a Retry-After holds back all requests, not only that which it answers', async () => {
  let refusedAt = 0;
  const times: number[] = [];
  await using service = await RestService.start((url, _request, response) => {
    const page = Number(url.searchParams.get('page'));
    if (page === 1 && refusedAt === 0) {
      refusedAt = performance.now();
      response.writeHead(429, { 'retry-after': '3600' }).end();
      return;
    }
    times.push(performance.now());
    sendJson(response, items(30).slice((page - 1) * 10, page * 10));
  });
  await using run = await ReaderRun.open(service.url, { concurrency: 1, maxPauseSeconds: 0.3 });
  expect(await run.reader.load('ITEM', { path: 'items', paging: { type: 'page' }, schema: itemSchema() })).toBe(30);
  expect(Math.min(...times) - refusedAt).toBeGreaterThan(290);
});

test('a service whose TLS is not to be trusted is not asked twice', async () => {
  expect(
    [
      'DEPTH_ZERO_SELF_SIGNED_CERT',
      'ERR_TLS_CERT_ALTNAME_INVALID',
      'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
      'CERT_HAS_EXPIRED',
      'ECONNRESET',
    ].map(isTlsError),
  ).toEqual([true, true, true, true, false]);
  await using service = await RestService.start(() => undefined);
  await using run = await ReaderRun.open(service.url.replace('http:', 'https:'));
  const error = await run.reader.load('ITEM', { path: 'items', schema: itemSchema() }).catch((problem: unknown) => problem);
  expect(error).toEqual(failing('REST_TLS', { reason: 'ERR_SSL_WRONG_VERSION_NUMBER' }));
  expect(run.run.notes).toEqual([]);
});

test('no more requests begin within a second than are allowed', async () => {
  const pace = new RestPace(100);
  const { signal } = new AbortController();
  setMaxListeners(0, signal);
  const begin = performance.now();
  await Promise.all(Array.from({ length: 21 }, () => pace.turn(signal)));
  expect(performance.now() - begin).toBeGreaterThan(195);
});

test('no more pages are under way than are allowed', async () => {
  let open = 0;
  let most = 0;
  await using service = await RestService.start((url, _request, response) => {
    open += 1;
    most = Math.max(most, open);
    const page = Number(url.searchParams.get('page'));
    setTimeout(() => {
      open -= 1;
      sendJson(response, items(40).slice((page - 1) * 4, page * 4));
    }, 15);
  });
  await using run = await ReaderRun.open(service.url, { concurrency: 3 });
  await run.reader.load('ITEM', { path: 'items', paging: { type: 'page' }, schema: itemSchema() });
  expect(most).toBe(3);
});

test('query and headers of the request are on every page, and what the paging adds', async () => {
  await using service = await RestService.start((url, _request, response) => {
    const page = Number(url.searchParams.get('page'));
    sendJson(response, page === 0 ? items(2) : []);
  });
  await using run = await ReaderRun.open(`${service.url}/api/v1/`, { concurrency: 1 });
  const paging = { type: 'page', first: 0, size: ['limit', 2] } as const;
  const query = { since: '2024-01-01T00:00:00+01:00', until: undefined };
  await run.reader.load('ITEM', { path: '/items', query, headers: { 'X-Tenant': 'lab' }, paging, schema: itemSchema() });
  expect(service.requests).toEqual([0, 1].map((page) => `GET /api/v1/items?since=2024-01-01T00%3A00%3A00%2B01%3A00&limit=2&page=${page}`));
  expect(service.headers.map((headers) => headers['x-tenant'])).toEqual(['lab', 'lab']);
});

describe('OAuth client credentials', () => {
  /** A service whose tokens are numbered; `accepts` says which token is good for a page. */
  const start = (lifetime: number | undefined, accepts: (token: number, page: number) => boolean) => {
    let issued = 0;
    const forms: string[] = [];
    const service = RestService.start((url, request, response) => {
      if (url.pathname === '/token') {
        issued += 1;
        request.setEncoding('utf8').on('data', (text: string) => forms.push(text));
        request.on('end', () => {
          sendJson(response, { access_token: `t${issued}`, token_type: 'bearer', ...(lifetime !== undefined && { expires_in: lifetime }) });
        });
        return;
      }
      const page = Number(url.searchParams.get('page'));
      const token = Number(/^Bearer t(\d+)$/.exec(request.headers.authorization ?? '')?.[1]);
      if (accepts(token, page)) sendJson(response, items(30).slice((page - 1) * 10, page * 10));
      else response.writeHead(401).end();
    });
    return { service, forms, issued: () => issued };
  };
  const secret = (url: string, more: object = {}): object => ({
    type: 'oauth',
    tokenUrl: `${url}/token`,
    clientId: 'a:b',
    clientSecret: 'p w',
    ...more,
  });
  const request = { path: 'items', paging: { type: 'page' } as const, schema: itemSchema() };

  test('get one token for all pages', async () => {
    const { service: starting, forms, issued } = start(3600, (token) => token === 1);
    await using service = await starting;
    await using run = await ReaderRun.open(service.url, {}, secret(service.url, { scope: 'read all', audience: 'lab' }));
    expect(await run.reader.load('ITEM', request)).toBe(30);
    expect(issued()).toBe(1);
    expect(forms).toEqual(['grant_type=client_credentials&scope=read+all&audience=lab']);
    const login = `Basic ${Buffer.from('a%3Ab:p+w').toString('base64')}`;
    expect(service.headers[0]?.authorization).toBe(login);
  });

  test('get a new token before the old one expires', async () => {
    const { service: starting, issued, forms } = start(0, () => true);
    await using service = await starting;
    await using run = await ReaderRun.open(service.url, { concurrency: 1 }, secret(service.url, { sendIn: 'body' }));
    expect(await run.reader.load('ITEM', request)).toBe(30);
    expect(issued()).toBe(4);
    expect(forms[0]).toBe('grant_type=client_credentials&client_id=a%3Ab&client_secret=p+w');
  });

  test('get a new token once when one is refused, also when pages at the same time had the old one', async () => {
    const { service: starting, issued } = start(3600, (token, page) => token === 2 || (token === 1 && page === 1));
    await using service = await starting;
    await using run = await ReaderRun.open(service.url, {}, secret(service.url));
    expect(await run.reader.load('ITEM', request)).toBe(30);
    expect(issued()).toBe(2);
  });

  test('fail when the new token is refused too, without a further try', async () => {
    const { service: starting, issued } = start(undefined, () => false);
    await using service = await starting;
    await using run = await ReaderRun.open(service.url, { concurrency: 1 }, secret(service.url));
    await expect(run.reader.load('ITEM', request)).rejects.toEqual(
      failing('REST_AUTHENTICATION', { reason: '401', what: 'page 1 of ITEM' }),
    );
    expect(issued()).toBe(2);
  });

  test.each([
    [{ status: 401, body: { error: 'invalid_client', error_description: 'private' } }, 'REST_AUTHENTICATION', '401 invalid_client', 1],
    [{ status: 400, body: 'private' }, 'REST_AUTHENTICATION', '400', 1],
    [{ status: 200, body: { token: 'private' } }, 'REST_RESPONSE_INVALID', 'it has no bearer token in access_token', 1],
    [{ status: 302, body: {} }, 'REST_FAILED', undefined, 1],
    [{ status: 503, body: {} }, 'REST_UNAVAILABLE', undefined, 3],
  ])('say what the token service answered: %j', async ({ status, body }, code, reason, tries) => {
    await using service = await RestService.start((_url, _request, response) => {
      sendJson(response, body, status);
    });
    await using run = await ReaderRun.open(service.url, { concurrency: 1 }, secret(service.url));
    const error = await run.reader.load('ITEM', request).catch((problem: unknown) => problem);
    expect(error).toEqual(failing(code, reason === undefined ? {} : { reason }));
    expect(String(error)).not.toMatch(/private|p w|p\+w/);
    expect(service.requests).toHaveLength(tries);
  });
});

describe('the secret', () => {
  const read = (value: unknown) =>
    new RestConnectionSettings('S').read({
      place: 'the test',
      readSecret: () => Promise.resolve(typeof value === 'string' ? value : JSON.stringify(value)),
    });

  test('needs only an address', async () => {
    expect(await read({ url: 'https://api.example.com' })).toEqual({ url: 'https://api.example.com', auth: { type: 'none' } });
  });

  test.each([
    ['not JSON {secret', /it is not JSON$/],
    [{}, /url/],
    [{ url: 'ftp://example.com' }, /url/],
    [{ url: 'https://user:top-secret@example.com' }, /"auth"/],
    [{ url: 'http://example.com', auth: { type: 'basic', user: 'u', password: 'top-secret' } }, /url: credentials need https/],
    [
      {
        url: 'https://example.com',
        auth: { type: 'oauth', tokenUrl: 'http://login.example.com/token', clientId: 'c', clientSecret: 'top-secret' },
      },
      /auth.tokenUrl: credentials need https/,
    ],
    [{ url: 'https://example.com', auth: { type: 'header', name: 'X-Key', value: 'top-secret\n' } }, /auth.value/],
    [{ url: 'https://example.com', auth: { type: 'bearer', token: 'top-secret' } }, /auth.type/],
  ])('that cannot be used says why, without what is in it: %j', async (value, reason) => {
    const error = await read(value).catch((problem: unknown) => problem);
    expect(error).toEqual(failing('SECRET_INVALID', { reason: expect.stringMatching(reason) as unknown }));
    expect(String(error)).not.toMatch(/top-secret|\{secret/);
  });
});
