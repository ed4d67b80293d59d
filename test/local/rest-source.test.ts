import { startRestSource, type RestSource, type RestSourceOptions } from '../../local/rest/rest-source';

interface Got {
  readonly status: number;
  readonly headers: Headers;
  readonly body: unknown;
}

async function get(source: RestSource, path: string, headers: Readonly<Record<string, string>> = {}): Promise<Got> {
  const response = await fetch(`${source.url}/startek/attributes/${path}`, { headers });
  return { status: response.status, headers: response.headers, body: await response.json() };
}

const open = (options: RestSourceOptions = {}): Promise<RestSource> => startRestSource({ login: 'none', rows: 25, ...options });
const names = (records: unknown): string[] =>
  (records as { Name: string; AttributeType: string }[]).map(({ Name, AttributeType }) => `${Name} ${AttributeType}`);

test('the public data comes as one row per attribute, by name and type', async () => {
  await using source = await open({ rows: Infinity });
  expect(source.rows.size).toBe(3376 * 6);
  expect(source.rows.get('JFK', 'city')?.AttributeValue).toBe('New York');
  expect(source.rows.get('CLD', 'city')?.AttributeValue).toBeNull();
  expect(source.rows.get('53A', 'airport')?.AttributeValue).toBe('Dr. C.P. Savage, Sr.');
});

describe('every style of paging leads through all rows once', () => {
  type Document = Readonly<Record<string, never>> & {
    readonly data: { readonly items: unknown };
    readonly items: unknown;
    readonly results: unknown;
  };
  const walks: Readonly<Record<string, (got: Got, number: number) => readonly [records: unknown, next: string | null | undefined]>> = {
    'page?size=10': ({ body }, number) => [(body as Document).data.items, number < 3 ? `page?size=10&page=${number + 1}` : null],
    'offset?limit=10': ({ body }, number) => [(body as Document).items, number < 3 ? `offset?limit=10&offset=${number * 10}` : null],
    'cursor?limit=10': ({ body }) => {
      const { items, meta } = body as Document & { readonly meta: { readonly next: string | null } };
      return [items, meta.next && `cursor?limit=10&cursor=${meta.next}`];
    },
    'header-cursor?limit=10': ({ headers, body }) => {
      const cursor = headers.get('x-next-cursor');
      return [body, cursor && `header-cursor?limit=10&cursor=${cursor}`];
    },
    'link?limit=10': ({ headers, body }) => [
      body,
      /attributes\/(link[^>]*)>; type="application\/json"; rel="next"/.exec(headers.get('link') ?? '')?.[1],
    ],
    'body-link?limit=10': ({ body }) => {
      const { next, results } = body as Document & { readonly next: string | null };
      return [results, next?.split('/attributes/')[1]];
    },
  };
  test.each(Object.entries(walks))('%s', async (first, step) => {
    await using source = await open();
    const seen: string[] = [];
    for (let path: string | null | undefined = first, number = 1; path; number++) {
      const [records, next]: readonly [unknown, string | null | undefined] = step(await get(source, path), number);
      seen.push(...names(records));
      path = next;
    }
    expect(seen).toEqual(names([...source.rows]));
    expect([...source.triesByPage()]).toEqual([
      [1, 1],
      [2, 1],
      [3, 1],
    ]);
  });

  test('ndjson', async () => {
    await using source = await open();
    const response = await fetch(`${source.url}/startek/attributes/ndjson`);
    const lines = (await response.text()).trimEnd().split('\n');
    expect(names(lines.map((line) => JSON.parse(line) as unknown))).toEqual(names([...source.rows]));
    expect(response.headers.get('content-type')).toBe('application/x-ndjson');
  });
});

test('rows inserted and deleted meanwhile move no page that a cursor leads to', async () => {
  await using source = await open();
  const { body } = await get(source, 'cursor?limit=10');
  const { items, meta } = body as { items: unknown; meta: { next: string } };
  source.rows.upsert({ Name: '0', AttributeType: 'city', AttributeValue: 'new' });
  source.rows.delete(...(names(items).at(-1)?.split(' ') as [string, string]));
  const following = await get(source, `cursor?limit=10&cursor=${meta.next}`);
  expect(names(following.body && (following.body as { items: unknown }).items)[0]).toBe(names([...source.rows])[10]);
});

test('rows can be selected by the time of their last change, half open', async () => {
  await using source = await open();
  source.rows.upsert({ Name: 'A', AttributeType: 'x', AttributeValue: '1' }, '2025-01-01T00:00:00.000Z');
  source.rows.upsert({ Name: 'B', AttributeType: 'x', AttributeValue: '2' }, '2025-01-02T00:00:00.000Z');
  const path = 'link?timestamps=true&updated_since=2025-01-01T00:00:00Z&updated_before=2025-01-02T00:00:00Z';
  expect((await get(source, path)).body).toEqual([
    { Name: 'A', AttributeType: 'x', AttributeValue: '1', UpdatedAt: '2025-01-01T00:00:00.000Z' },
  ]);
  source.rows.upsert({ Name: 'A', AttributeType: 'x', AttributeValue: '3' });
  source.rows.upsert({ Name: 'C', AttributeType: 'x', AttributeValue: '4' });
  expect(Date.parse(source.rows.get('C', 'x')!.UpdatedAt)).toBeGreaterThan(Date.parse(source.rows.get('A', 'x')!.UpdatedAt));
});

test.each(['page?page=0', 'page?size=ten', 'offset?offset=-1', 'cursor?cursor=nonsense', 'link?updated_since=yesterday'])(
  '%s is refused with 400',
  async (path) => {
    await using source = await open();
    expect(await get(source, path)).toMatchObject({ status: 400, body: { detail: expect.any(String) as unknown } });
  },
);

describe('whoever does not log in gets 401 and is told how', () => {
  test.each([
    ['header', /^ApiKey /],
    ['basic', /^Basic realm=/],
    ['oauth', /^Bearer realm="startek"$/],
  ] as const)('with %s', async (login, challenge) => {
    await using source = await open({ login });
    const refused = await get(source, 'page');
    expect(refused.status).toBe(401);
    expect(refused.headers.get('www-authenticate')).toMatch(challenge);
    expect(source.credentials).toMatchObject({ url: source.url, auth: { type: login } });
  });

  test('a token is had for id and secret, in the header or in the form, and ends when its time is over', async () => {
    await using source = await open({ login: 'oauth' });
    const { tokenUrl = '', clientId = '', clientSecret = '' } = source.credentials.auth;
    const ask = async (form: Record<string, string>, headers = {}): Promise<[number, Record<string, string>]> => {
      const response = await fetch(tokenUrl, { method: 'POST', body: new URLSearchParams(form), headers });
      return [response.status, (await response.json()) as Record<string, string>];
    };
    const grant = { grant_type: 'client_credentials' };
    const encode = (text: string): string => new URLSearchParams({ t: text }).toString().slice(2);
    const authorization = `Basic ${Buffer.from(`${encode(clientId)}:${encode(clientSecret)}`).toString('base64')}`;
    expect(await ask(grant)).toEqual([401, { error: 'invalid_client' }]);
    expect(await ask({ ...grant, client_id: clientId, client_secret: 'wrong' })).toEqual([401, { error: 'invalid_client' }]);
    expect(await ask({ grant_type: 'password' }, { authorization })).toEqual([400, { error: 'unsupported_grant_type' }]);
    expect((await ask({ ...grant, client_id: clientId, client_secret: clientSecret }))[0]).toBe(200);
    const [status, { access_token: token, expires_in: lifetime }] = await ask(grant, { authorization });
    expect([status, lifetime]).toEqual([200, 3600]);
    const bearer = { authorization: `Bearer ${token}` };
    expect((await get(source, 'page', bearer)).status).toBe(200);
    source.expireTokens();
    const expired = await get(source, 'page', bearer);
    expect([expired.status, expired.headers.get('www-authenticate')]).toEqual([401, expect.stringContaining('error="invalid_token"')]);
  });
});

describe('asked to, it misbehaves', () => {
  test('on one page for some tries', async () => {
    await using source = await open();
    source.misbehave({ fault: 'status', status: 503, retryAfter: new Date(0), page: 2, times: 2 });
    const statuses: number[] = [];
    for (const page of [1, 2, 2, 2]) statuses.push((await get(source, `page?size=10&page=${page}`)).status);
    expect(statuses).toEqual([200, 503, 503, 200]);
    expect(source.triesByPage().get(2)).toBe(3);
    expect(source.requests.map(({ status }) => status)).toEqual(statuses);
  });

  test.each(['drop', 'drop in body'] as const)('with a connection that ends: %s', async (fault) => {
    await using source = await open();
    source.misbehave({ fault });
    await expect(get(source, 'page')).rejects.toThrow();
  });

  test.each(['half body', 'malformed'] as const)('with something that is no JSON: %s', async (fault) => {
    await using source = await open();
    source.misbehave({ fault });
    await expect(get(source, 'page')).rejects.toThrow(/JSON/);
    source.behave();
    expect((await get(source, 'page')).status).toBe(200);
  });

  test('with half of a page and then nothing, until the client goes away', async () => {
    await using source = await open();
    source.misbehave({ fault: 'stall' });
    const controller = new AbortController();
    const response = await fetch(`${source.url}/startek/attributes/page`, { signal: controller.signal });
    const reading = response.text();
    controller.abort();
    await expect(reading).rejects.toThrow('abort');
  });

  test('with another type, no rows, and pages in a circle', async () => {
    await using source = await open();
    source.misbehave({ fault: 'wrong type', page: 1 });
    source.misbehave({ fault: 'empty', page: 2 });
    source.misbehave({ fault: 'loop', page: 3 });
    const first = (await get(source, 'link?limit=5')).body as { AttributeValue: unknown }[];
    expect(first.map(({ AttributeValue }) => typeof AttributeValue)).toEqual([...Array<string>(4).fill('string'), 'object']);
    const second = await get(source, 'link?limit=5&offset=5');
    expect([second.body, second.headers.get('link')]).toEqual([[], expect.not.stringContaining('rel="next"')]);
    const third = await get(source, 'body-link?limit=5&offset=10');
    expect(third.body).toMatchObject({ next: `${source.url}/startek/attributes/body-link?limit=5&offset=10` });
    expect((await get(source, 'page?size=5&page=3')).body).toMatchObject({
      data: { items: [...source.rows].slice(0, 5).map(({ UpdatedAt: _, ...row }) => row) },
    });
  });

  test('and counts what comes at once', async () => {
    await using source = await open();
    source.misbehave({ fault: 'slow', milliseconds: 20 });
    await Promise.all([1, 2, 3].map((page) => get(source, `page?size=5&page=${page}`)));
    expect(source.mostAtOnce).toBe(3);
  });
});
