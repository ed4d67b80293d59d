import { startRestSource } from '../../local/rest/rest-source';
import type { RestRequest } from '../../src/readers/rest-reader';
import { attributeSchema } from './attribute-reader';
import { failing, ReaderRun } from './rest-support';

const size = 50;
const rows = 230;
const limit = ['limit', size] as const;

/** How to read each of the source's styles. */
const styles: Record<string, Partial<RestRequest>> = {
  page: { records: 'data.items', total: 'meta.total', paging: { type: 'page', size: ['size', size] } },
  offset: { records: 'items', total: 'total', paging: { type: 'offset', size: limit } },
  cursor: { records: 'items', paging: { type: 'cursor', next: 'meta.next', size: limit } },
  'header-cursor': { paging: { type: 'cursor', next: { header: 'X-Next-Cursor' }, size: limit } },
  link: { paging: { type: 'link', size: limit } },
  'body-link': { records: 'results', total: 'count', paging: { type: 'link', next: 'next', size: limit } },
  ndjson: { format: 'ndjson', paging: { type: 'link', size: limit } },
};

describe.each(Object.entries(styles))('pages in the style %s', (style, how) => {
  const request: RestRequest = { path: `startek/attributes/${style}`, ...how, schema: attributeSchema() };

  test.each(['none', 'header', 'basic', 'oauth'] as const)('come complete with the login %s', async (login) => {
    await using source = await startRestSource({ login, rows });
    const { url, auth } = source.credentials;
    await using run = await ReaderRun.open(url, {}, auth);
    expect(await run.reader.load('ATTRIBUTE', request)).toBe(rows);
    const wanted = source.rows.sorted().map((row) => JSON.stringify([row.Name, row.AttributeType, row.AttributeValue]));
    expect(await run.rows('ATTRIBUTE')).toEqual(wanted.sort());
    expect(await run.tables()).toEqual(['ATTRIBUTE']);
    expect(run.run.notes).toEqual([]);
    expect(source.tokens).toBe(login === 'oauth' ? 1 : 0);
  });

  test('come complete when page 2 fails twice and then its token', async () => {
    await using source = await startRestSource({ rows });
    source.misbehave({ fault: 'status', status: 429, retryAfter: 0, page: 2, times: 1 });
    source.misbehave({ fault: 'drop in body', page: 2, times: 1 });
    source.misbehave({ fault: 'token', page: 2, times: 1 });
    const { url, auth } = source.credentials;
    await using run = await ReaderRun.open(url, { chunkRows: 20 }, auth);
    expect(await run.reader.load('ATTRIBUTE', request)).toBe(rows);
    expect(await run.rows('ATTRIBUTE')).toHaveLength(rows);
    expect(source.triesByPage().get(2)).toBe(4);
  });

  test('that loop, or have a wrong type, are errors', async () => {
    await using source = await startRestSource({ rows, login: 'none' });
    await using run = await ReaderRun.open(source.url);
    source.misbehave({ fault: 'wrong type', page: 2 });
    const place = { column: 'AttributeValue', row: `page 2, record ${size}` };
    await expect(run.reader.load('ATTRIBUTE', request)).rejects.toEqual(failing('VALUE_INVALID', place));
    source.behave();
    source.misbehave({ fault: 'loop', page: 2 });
    await expect(run.reader.load('ATTRIBUTE', request)).rejects.toEqual(failing('REST_CURSOR_LOOP'));
  });
});
