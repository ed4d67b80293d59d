import type { IncomingMessage, ServerResponse } from 'node:http';
import { once } from 'node:events';
import { AvroInt, AvroNVarchar, ValueSchema } from '../../src/lib';
import type { RestRequest } from '../../src/readers/rest-reader';
import { failing, itemSchema, items, ReaderRun, rowsOf } from './rest-support';
import { RestService, sendJson, type Handler } from './rest-service';

/** Three pages by number, and whatever `fault` does instead of them; it says whether it has answered. */
function pagesWith(fault: (page: number, attempt: number, response: ServerResponse, request: IncomingMessage) => boolean): Handler {
  const attempts = new Map<number, number>();
  return (url, request, response) => {
    const page = Number(url.searchParams.get('page'));
    const attempt = (attempts.get(page) ?? 0) + 1;
    attempts.set(page, attempt);
    if (!fault(page, attempt, response, request)) sendJson(response, items(30).slice((page - 1) * 10, page * 10));
  };
}

const byNumber = (): RestRequest => ({ path: 'items', paging: { type: 'page' }, schema: itemSchema() });
const all = rowsOf(items(30));

/** Half of a page, with a length that promises all of it; then the connection ends. */
function sendHalf(response: ServerResponse): void {
  const body = JSON.stringify(items(30).slice(0, 10));
  response.writeHead(200, { 'content-length': String(body.length) });
  response.write(body.slice(0, body.length / 2), () => response.destroy());
}

describe('a page that comes at the third try', () => {
  const faults: Record<string, (response: ServerResponse) => void> = {
    'after 429 with Retry-After': (response) => void response.writeHead(429, { 'retry-after': '0' }).end(),
    'after 503 with a date in Retry-After': (response) => void response.writeHead(503, { 'retry-after': new Date().toUTCString() }).end(),
    'after 500': (response) => void response.writeHead(500).end('{"detail": "…"}'),
    'after a dropped connection': (response) => void response.destroy(),
    'after half a body': sendHalf,
    'after half a body that looks whole': (response) => void response.end('[{"ID": 1, "NAME": "it'),
  };
  test.each(Object.entries(faults))('%s is read once', async (_name, fault) => {
    await using service = await RestService.start(
      pagesWith((page, attempt, response) => {
        if (page !== 2 || attempt > 2) return false;
        fault(response);
        return true;
      }),
    );
    await using run = await ReaderRun.open(service.url, { chunkRows: 3 });
    expect(await run.reader.load('ITEM', byNumber())).toBe(30);
    expect(await run.rows('ITEM')).toEqual(all);
    expect(await run.tables()).toEqual(['ITEM']);
    expect(run.run.notes).toEqual([expect.stringMatching(/^REPEATED ITEM: 2 requests were repeated: /)]);
  });
});

describe('a page that never comes', () => {
  const faults: Record<string, readonly [fault: (response: ServerResponse) => void, error: unknown, tries: number]> = {
    'by 503': [(response) => void response.writeHead(503).end(), failing('REST_UNAVAILABLE', { status: 503, what: 'page 2 of ITEM' }), 3],
    'by 404': [(response) => void response.writeHead(404).end(), failing('REST_FAILED', { status: 404, what: 'page 2 of ITEM' }), 1],
    'by 403': [(response) => void response.writeHead(403).end(), failing('REST_AUTHENTICATION', { reason: '403' }), 1],
    'by dropped connections': [(response) => void response.destroy(), failing('REST_UNREACHABLE', { what: 'page 2 of ITEM' }), 3],
    'by half a body': [sendHalf, failing('REST_UNREACHABLE'), 3],
    'by half a document': [(response) => void response.end('[{"ID": 1'), failing('REST_RESPONSE_INVALID', { what: 'page 2 of ITEM' }), 3],
    'by HTML': [
      (response) => void response.end('<html>'),
      failing('REST_RESPONSE_INVALID', { reason: 'it is no valid JSON at byte 0' }),
      1,
    ],
    'by a document without records': [
      (response) => void response.end('{"items": []}'),
      failing('REST_RESPONSE_INVALID', { reason: 'the document is no array' }),
      1,
    ],
    'by an unknown compression': [
      (response) => void response.writeHead(200, { 'content-encoding': 'br' }).end('…'),
      failing('REST_RESPONSE_INVALID', { what: 'page 2 of ITEM' }),
      1,
    ],
  };
  test.each(Object.entries(faults))('%s fails the load after its tries', async (_name, [fault, error, tries]) => {
    let count = 0;
    await using service = await RestService.start(
      pagesWith((page, _attempt, response) => {
        if (page !== 2) return false;
        count += 1;
        fault(response);
        return true;
      }),
    );
    await using run = await ReaderRun.open(service.url, { chunkRows: 3 });
    await expect(run.reader.load('ITEM', byNumber())).rejects.toEqual(error);
    expect(count).toBe(tries);
    expect(run.run.notes).toEqual(tries === 1 ? [] : [expect.stringMatching(`^REPEATED ITEM: ${tries - 1} requests were repeated: `)]);
    expect(await run.tables()).toEqual(['ITEM']);
  });

  test('cancels the pages that are under way, and begins no other', async () => {
    let cancelled: Promise<unknown> | undefined;
    await using service = await RestService.start(
      pagesWith((page, _attempt, response) => {
        if (page === 1) {
          response.writeHead(200).write('[');
          cancelled = once(response, 'close');
          return true;
        }
        if (page === 2) response.writeHead(404).end();
        return page === 2;
      }),
    );
    await using run = await ReaderRun.open(service.url, { concurrency: 2 });
    await expect(run.reader.load('ITEM', byNumber())).rejects.toEqual(failing('REST_FAILED'));
    await cancelled;
    expect(service.requests).toHaveLength(2);
  });
});

test('a service that does not answer is unreachable, without its password in the message', async () => {
  const closed = await RestService.start(() => undefined);
  await closed[Symbol.asyncDispose]();
  await using run = await ReaderRun.open(closed.url, {}, { type: 'basic', user: 'lab', password: 'top-secret' });
  const error = await run.reader.load('ITEM', byNumber()).catch((problem: unknown) => problem);
  expect(error).toEqual(failing('REST_UNREACHABLE', { tries: 3, secret: 'Any-Source' }));
  expect(String(error)).not.toContain('top-secret');
});

test('a header that does not come in time, a body that stops, and a page that takes too long are tried again', async () => {
  await using service = await RestService.start(
    pagesWith((page, attempt, response) => {
      if (page !== 1 || attempt > 3) return false;
      if (attempt === 2) response.writeHead(200).write('[');
      if (attempt === 3) {
        const timer = setInterval(() => response.write(' '), 20);
        response.writeHead(200).write('[');
        response.on('close', () => {
          clearInterval(timer);
        });
      }
      return true;
    }),
  );
  await using run = await ReaderRun.open(service.url, { headersSeconds: 0.2, idleSeconds: 0.2, pageSeconds: 2, tries: 4, concurrency: 1 });
  expect(await run.reader.load('ITEM', byNumber())).toBe(30);
  expect(run.run.notes.join('\n')).toMatch(/did not begin in time[^]*stopped coming in[^]*not complete within 2 seconds/);
});

test('the end of the run ends a load at once: in a pause between tries, and in the middle of a page', async () => {
  for (const answer of [
    (response: ServerResponse) => response.writeHead(503).end(),
    (response: ServerResponse) => response.writeHead(200).write('['),
  ]) {
    await using service = await RestService.start((_url, _request, response) => {
      answer(response);
      setImmediate(() => {
        run.run.stop(new Error('the lease was lost'));
      });
    });
    await using run = await ReaderRun.open(service.url, { pauseSeconds: 60, maxPauseSeconds: 60 });
    await expect(run.reader.load('ITEM', byNumber())).rejects.toThrow('the lease was lost');
  }
});

describe('pages that go round in circles', () => {
  const loop = failing('REST_CURSOR_LOOP', { table: 'ITEM' });

  test('by a cursor are an error', async () => {
    const next: Record<string, string> = { '': 'a', a: 'b', b: 'a' };
    await using service = await RestService.start((url, _request, response) => {
      const cursor = url.searchParams.get('cursor') ?? '';
      sendJson(response, { items: [{ ID: cursor.length + (cursor === 'b' ? 5 : 0) }], next: next[cursor] });
    });
    await using run = await ReaderRun.open(service.url);
    const request: RestRequest = { path: 'items', paging: { type: 'cursor', next: 'next' }, records: 'items', schema: itemSchema() };
    await expect(run.reader.load('ITEM', request)).rejects.toEqual(loop);
    expect(service.requests).toHaveLength(3);
  });

  test('by a link to itself are an error', async () => {
    await using service = await RestService.start((_url, _request, response) => {
      sendJson(response, items(3), 200, { link: '<?from=0>; rel=next' });
    });
    await using run = await ReaderRun.open(service.url);
    await expect(run.reader.load('ITEM', { path: 'items', paging: { type: 'link' }, schema: itemSchema() })).rejects.toEqual(loop);
  });

  test('by a service that does not know the parameter are an error', async () => {
    await using service = await RestService.start((_url, _request, response) => {
      sendJson(response, items(3));
    });
    await using run = await ReaderRun.open(service.url);
    await expect(run.reader.load('ITEM', byNumber())).rejects.toEqual(loop);
    expect(service.requests.length).toBeLessThan(10);
  });

  test('without a key end after the most pages that there may be', async () => {
    await using service = await RestService.start((_url, _request, response) => {
      sendJson(response, [{ TEXT: 'same' }]);
    });
    await using run = await ReaderRun.open(service.url);
    const schema = new ValueSchema('NOTE', 'TEST').addField('TEXT', new AvroNVarchar(10));
    const request: RestRequest = { path: 'notes', paging: { type: 'page' }, schema, maxPages: 12 };
    await expect(run.reader.load('NOTE', request)).rejects.toEqual(failing('REST_CURSOR_LOOP', { table: 'NOTE' }));
    expect(service.requests).toHaveLength(12);
  });
});

describe('a way out of the service', () => {
  const secret = { type: 'header', name: 'Authorization', value: 'Bearer top-secret' };

  test.each(['next link', 'redirect'])('by a %s is not taken', async (way) => {
    await using elsewhere = await RestService.start((_url, _request, response) => {
      sendJson(response, []);
    });
    await using service = await RestService.start((_url, _request, response) => {
      if (way === 'redirect') response.writeHead(307, { location: `${elsewhere.url}/items?a=1` }).end();
      else sendJson(response, { items: items(2), next: `${elsewhere.url}/items?page=2` });
    });
    await using run = await ReaderRun.open(service.url, {}, secret);
    const request: RestRequest = { path: 'items', records: 'items', paging: { type: 'link', next: 'next' }, schema: itemSchema() };
    await expect(run.reader.load('ITEM', request)).rejects.toEqual(failing('REST_LINK_REFUSED', { target: elsewhere.url }));
    expect(elsewhere.requests).toEqual([]);
  });

  test('is not a redirect within it, which keeps the login; endless ones end', async () => {
    await using service = await RestService.start((url, request, response) => {
      if (url.pathname === '/items') response.writeHead(302, { location: '/new/items' }).end();
      else if (url.pathname === '/endless') response.writeHead(302, { location: '/endless' }).end();
      else sendJson(response, request.headers.authorization === secret.value ? items(2) : []);
    });
    await using run = await ReaderRun.open(service.url, {}, secret);
    expect(await run.reader.load('ITEM', { path: 'items', schema: itemSchema() })).toBe(2);
    await expect(run.reader.load('ITEM', { path: 'endless', schema: itemSchema() })).rejects.toEqual(failing('REST_LINK_REFUSED'));
  });

  test('is not a path of the reader either', async () => {
    await using run = await ReaderRun.open('http://127.0.0.1:1/api');
    for (const path of ['https://example.com/items', '../items'])
      await expect(run.reader.load('ITEM', { path, schema: itemSchema() })).rejects.toEqual(failing('REST_REQUEST_INVALID'));
  });
});

describe('a source that changes while it is read', () => {
  const changed = failing('REST_SOURCE_CHANGED', { table: 'ITEM' });
  const request: RestRequest = { path: 'items', paging: { type: 'page' }, records: 'items', total: 'total', schema: itemSchema() };

  test('names another total, or has another number of records', async () => {
    for (const totals of [
      [30, 31, 31, 31],
      [31, 31, 31, 31],
    ]) {
      await using service = await RestService.start((url, _request, response) => {
        const page = Number(url.searchParams.get('page'));
        sendJson(response, { items: items(30).slice((page - 1) * 10, page * 10), total: totals[page - 1] });
      });
      await using run = await ReaderRun.open(service.url, { concurrency: 1 });
      await expect(run.reader.load('ITEM', request)).rejects.toEqual(changed);
    }
  });

  test('has records behind a page without any', async () => {
    await using service = await RestService.start(
      pagesWith((page, _attempt, response) => {
        if (page === 2) sendJson(response, []);
        return page === 2;
      }),
    );
    await using run = await ReaderRun.open(service.url, { concurrency: 3 });
    await expect(run.reader.load('ITEM', byNumber())).rejects.toEqual(changed);
  });
});

test('an offset that does not fit the pages that come is an error: records would be skipped, or come twice', async () => {
  for (const size of [3, 7]) {
    await using service = await RestService.start((url, _request, response) => {
      const from = Number(url.searchParams.get('offset'));
      sendJson(response, items(30).slice(from, from + size));
    });
    await using run = await ReaderRun.open(service.url);
    const request: RestRequest = { path: 'items', paging: { type: 'offset', size: ['limit', 5] }, schema: itemSchema() };
    await expect(run.reader.load('ITEM', request)).rejects.toEqual(
      failing('REST_RESPONSE_INVALID', { what: expect.stringMatching(/^page \d of ITEM$/) as unknown }),
    );
  }
});

test('a status for pages behind the last one is an end only where the reader says so', async () => {
  await using service = await RestService.start(
    pagesWith((page, _attempt, response) => {
      if (page > 3) response.writeHead(404).end();
      return page > 3;
    }),
  );
  await using run = await ReaderRun.open(service.url);
  expect(await run.reader.load('ITEM', { ...byNumber(), paging: { type: 'page', endStatus: 404 } })).toBe(30);
  await expect(run.reader.load('ITEM', byNumber())).rejects.toEqual(failing('REST_FAILED', { status: 404 }));
});

test('an empty source gives an empty table, for the producer to judge', async () => {
  await using service = await RestService.start((url, _request, response) => {
    if (url.pathname === '/nothing') response.writeHead(204).end();
    else sendJson(response, []);
  });
  await using run = await ReaderRun.open(service.url);
  expect(await run.reader.load('ITEM', byNumber())).toBe(0);
  expect(await run.reader.load('ITEM', { ...byNumber(), path: 'nothing' })).toBe(0);
  await expect(run.reader.load('ITEM', { path: 'items' })).rejects.toEqual(failing('EMPTY_TABLE'));
});

describe('a value', () => {
  const load = async (record: object, chunkRows = 100): Promise<unknown> => {
    const page = [...items(30).slice(10, 16), record, ...items(30).slice(17, 20)];
    await using service = await RestService.start(
      pagesWith((number, _attempt, response) => {
        if (number === 2) sendJson(response, page);
        return number === 2;
      }),
    );
    await using run = await ReaderRun.open(service.url, { chunkRows });
    const error = await run.reader.load('ITEM', byNumber()).catch((problem: unknown) => problem);
    expect(await run.tables()).toEqual(['ITEM']);
    return error;
  };
  const place = { table: 'ITEM', row: 'page 2, record 7' };

  test.each([100, 4, 1])('of a wrong type names page, record and column, in chunks of %i rows', async (chunkRows) => {
    expect(await load({ ID: 'x', NAME: 'private' }, chunkRows)).toEqual(failing('VALUE_INVALID', { ...place, column: 'ID' }));
    expect(await load({ ID: 17, AMOUNT: '1.123456' }, chunkRows)).toEqual(failing('VALUE_INVALID', { ...place, column: 'AMOUNT' }));
    expect(await load({ ID: 17, AMOUNT: true }, chunkRows)).toEqual(failing('VALUE_INVALID', { ...place, column: 'AMOUNT' }));
  });

  test('that must be there and is not names them too', async () => {
    expect(await load({ NAME: 'x' })).toEqual(
      failing('VALUE_INVALID', { ...place, column: 'ID', reason: 'the record does not have the field' }),
    );
    expect(await load({ ID: null })).toEqual(failing('VALUE_INVALID', { ...place, column: 'ID' }));
    expect(await load([1])).toEqual(failing('VALUE_INVALID', { ...place, reason: 'the record is no object' }));
  });
});

test('malformed JSON names the page and the byte, and nothing of the content', async () => {
  await using service = await RestService.start((_url, _request, response) => {
    response.end('[{"ID": 1, "NAME": "a"}, {"ID": 2, "NAME": "private" "x"}]');
  });
  await using run = await ReaderRun.open(service.url);
  const error = await run.reader.load('ITEM', byNumber()).catch((problem: unknown) => problem);
  expect(error).toEqual(
    failing('REST_RESPONSE_INVALID', { what: expect.stringMatching(/^page 1/) as unknown, reason: 'it is no valid JSON at byte 53' }),
  );
  expect(String(error)).not.toContain('private');
});

test('a record that outgrows the limit is an error, however it is sent', async () => {
  const endless = (response: ServerResponse): void => {
    response.write('[{"ID": 1}, {"ID": 2, "NAME": "');
    const more = (): void => {
      while (!response.destroyed && response.write('x'.repeat(10_000)));
    };
    response.on('drain', more);
    more();
  };
  await using service = await RestService.start((_url, _request, response) => {
    endless(response);
  });
  await using run = await ReaderRun.open(service.url, { maxRecordBytes: 200_000 });
  const schema = new ValueSchema('ITEM', 'TEST').addField('ID', new AvroInt());
  await expect(run.reader.load('ITEM', { path: 'items', schema })).rejects.toEqual(
    failing('REST_RECORD_TOO_LARGE', { limit: 200_000, record: 1 }),
  );
});
