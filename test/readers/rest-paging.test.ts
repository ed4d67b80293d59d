import type { ServerResponse } from 'node:http';
import type { RestPaging } from '../../src/readers/rest-paging';
import { itemSchema, items, ReaderRun, rowsOf, type Item } from './rest-support';
import { RestService, sendJson, type Handler } from './rest-service';

const source = items(23);
const size = 5;

interface Style {
  readonly paging: RestPaging;
  readonly records?: string;
  readonly answer: (url: URL, response: ServerResponse) => void;
}

function slice(from: number): readonly Item[] {
  return source.slice(from, from + size);
}

const styles: Record<string, Style> = {
  'page number': {
    paging: { type: 'page', size: ['size', size] },
    records: 'data.items',
    answer: (url, response) => {
      sendJson(response, { data: { items: slice((Number(url.searchParams.get('page')) - 1) * size) } });
    },
  },
  offset: {
    paging: { type: 'offset', size: ['limit', size] },
    answer: (url, response) => {
      sendJson(response, slice(Number(url.searchParams.get('offset'))));
    },
  },
  cursor: {
    paging: { type: 'cursor', parameter: 'after', next: 'meta.next' },
    records: 'items',
    answer: (url, response) => {
      const from = Number(url.searchParams.get('after') ?? '0');
      sendJson(response, { items: slice(from), meta: { next: from + size < source.length ? String(from + size) : null } });
    },
  },
  'cursor in a header': {
    paging: { type: 'cursor', next: { header: 'X-Next' } },
    answer: (url, response) => {
      const from = Number(url.searchParams.get('cursor') ?? '0');
      sendJson(response, slice(from), 200, from + size < source.length ? { 'x-next': String(from + size) } : {});
    },
  },
  'Link header': {
    paging: { type: 'link' },
    answer: (url, response) => {
      const from = Number(url.searchParams.get('from') ?? '0');
      const links = [`</items?from=0>; rel="first"`, ...(from + size < source.length ? [`</items?from=${from + size}>; rel="next"`] : [])];
      sendJson(response, slice(from), 200, { link: links.join(', ') });
    },
  },
  'link in the body': {
    paging: { type: 'link', next: 'next' },
    records: 'results',
    answer: (url, response) => {
      const from = Number(url.searchParams.get('from') ?? '0');
      sendJson(response, { next: from + size < source.length ? `${url.origin}/items?from=${from + size}` : null, results: slice(from) });
    },
  },
};

const logins = {
  none: { auth: { type: 'none' }, header: undefined },
  header: { auth: { type: 'header', name: 'X-Api-Key', value: 'key-1' }, header: undefined },
  basic: { auth: { type: 'basic', user: 'lab', password: 'pässword' }, header: `Basic ${Buffer.from('lab:pässword').toString('base64')}` },
  oauth: { auth: { type: 'oauth' }, header: 'Bearer token-1' },
} as const;

describe.each(Object.entries(styles))('pages by %s', (_name, { paging, records, answer }) => {
  test.each(Object.keys(logins) as (keyof typeof logins)[])('come complete with the login %s', async (login) => {
    const { auth, header } = logins[login];
    const handler: Handler = (url, request, response) => {
      if (url.pathname === '/token') {
        sendJson(response, { access_token: 'token-1', token_type: 'Bearer', expires_in: 3600 });
        return;
      }
      const allowed = login === 'header' ? request.headers['x-api-key'] === 'key-1' : request.headers.authorization === header;
      if (allowed) answer(url, response);
      else response.writeHead(401).end();
    };
    await using service = await RestService.start(handler);
    const secret = login === 'oauth' ? { ...auth, tokenUrl: `${service.url}/token`, clientId: 'app', clientSecret: 's' } : auth;
    await using run = await ReaderRun.open(service.url, {}, secret);
    const rows = await run.reader.load('ITEM', { path: 'items', paging, schema: itemSchema(), ...(records !== undefined && { records }) });
    expect(rows).toBe(source.length);
    expect(await run.rows('ITEM')).toEqual(rowsOf(source));
    expect(await run.tables()).toEqual(['ITEM']);
    expect(run.run.notes).toEqual([]);
    expect(service.requests.filter((request) => request.startsWith('POST'))).toHaveLength(login === 'oauth' ? 1 : 0);
  });
});
