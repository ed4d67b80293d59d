import type { ServerResponse } from 'node:http';
import fc from 'fast-check';
import type { RestPaging } from '../../src/readers/rest-paging';
import { itemSchema, items, ReaderRun, rowsOf } from './rest-support';
import { RestService, type Handler } from './rest-service';

type Fault = 'none' | '429' | '503' | 'drop' | 'half' | 'short';

const pagings = (size: number): Record<string, RestPaging> => ({
  page: { type: 'page', size: ['limit', size] },
  offset: { type: 'offset', size: ['limit', size] },
  cursor: { type: 'cursor', next: 'next', size: ['limit', size] },
  link: { type: 'link', size: ['limit', size] },
  'body link': { type: 'link', next: 'next', size: ['limit', size] },
});

interface Source {
  readonly style: string;
  readonly count: number;
  readonly size: number;
  /** What happens to the tries of each page, in turn. */
  readonly faults: readonly (readonly Fault[])[];
  /** Milliseconds until a page is answered. */
  readonly delays: readonly number[];
  /** Where bodies are cut into pieces, as a share of their length. */
  readonly cuts: readonly number[];
}

/** A service that recovers: each page fails as often as `faults` says, and then comes. */
function unreliable({ style, count, size, faults, delays, cuts }: Source): Handler {
  const all = items(count);
  const tries = new Map<number, number>();
  return (url, _request, response) => {
    const number = (name: string): number => Number(url.searchParams.get(name) ?? '0');
    const from = style === 'page' ? (number('page') - 1) * size : style === 'offset' ? number('offset') : number('cursor');
    const page = Math.floor(from / size);
    const attempt = tries.get(page) ?? 0;
    tries.set(page, attempt + 1);
    const fault = faults[page % faults.length]?.[attempt] ?? 'none';
    const next = from + size < count ? from + size : undefined;
    const link = next === undefined ? undefined : `/items?limit=${size}&cursor=${next}`;
    const records = all.slice(from, from + size);
    const document =
      style === 'cursor'
        ? { items: records, next: next ?? null }
        : style === 'body link'
          ? { next: link, items: records }
          : { items: records };
    const headers = style === 'link' && link !== undefined ? { link: `<${link}>; rel="next"` } : {};
    setTimeout(
      () => {
        answer(response, fault, JSON.stringify(document), headers, cuts);
      },
      delays[page % delays.length],
    );
  };
}

function answer(
  response: ServerResponse,
  fault: Fault,
  body: string,
  headers: Readonly<Record<string, string>>,
  cuts: readonly number[],
): void {
  if (fault === 'drop') response.destroy();
  else if (fault === '429') response.writeHead(429, { 'retry-after': '0' }).end();
  else if (fault === '503') response.writeHead(503).end();
  else if (fault === 'short') response.end(body.slice(0, -Math.ceil(body.length / 3)));
  else {
    response.writeHead(200, { ...headers, 'content-length': String(body.length) });
    const end = fault === 'half' ? body.length / 2 : body.length;
    const places = [0, ...cuts.map((share) => Math.floor(share * end)).sort((one, other) => one - other), end];
    const pieces = places.map((place, index) => body.slice(place, places[index + 1] ?? end));
    for (const piece of pieces.slice(0, -1)) response.write(piece);
    if (fault === 'half') response.write(' ', () => response.destroy());
    else response.end();
  }
}

test('whatever the sizes, orders and faults that pass, all rows of the source are there, once', async () => {
  const fault = fc.constantFrom<Fault>('none', '429', '503', 'drop', 'half', 'short');
  const source = fc.record<Source>({
    style: fc.constantFrom(...Object.keys(pagings(1))),
    count: fc.integer({ min: 0, max: 60 }),
    size: fc.integer({ min: 1, max: 25 }),
    faults: fc.array(fc.array(fault, { maxLength: 4 }), { minLength: 1, maxLength: 6 }),
    delays: fc.array(fc.integer({ min: 0, max: 8 }), { minLength: 1, maxLength: 5 }),
    cuts: fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 4 }),
  });
  const options = fc.record({ concurrency: fc.integer({ min: 1, max: 6 }), chunkRows: fc.integer({ min: 1, max: 30 }) });
  await fc.assert(
    fc.asyncProperty(source, options, async (shape, limits) => {
      await using service = await RestService.start(unreliable(shape));
      await using run = await ReaderRun.open(service.url, { ...limits, tries: 5 });
      const rows = await run.reader.load('ITEM', {
        path: 'items',
        records: 'items',
        paging: pagings(shape.size)[shape.style]!,
        schema: itemSchema(),
      });
      expect(rows).toBe(shape.count);
      expect(await run.rows('ITEM')).toEqual(rowsOf(items(shape.count)));
      expect(await run.tables()).toEqual(['ITEM']);
    }),
    { numRuns: 25 },
  );
});

test('a page of any size is held in parts of bounded size, while it still comes in', async () => {
  const count = 80_000;
  for (const format of ['ndjson', 'json'] as const) {
    let sent = 0;
    await using service = await RestService.start((_url, _request, response) => {
      const more = (): void => {
        while (sent < count) {
          const records = Array.from({ length: 500 }, () => {
            sent += 1;
            return `{"ID": ${sent}, "NAME": "${'x'.repeat(100)}", "AMOUNT": ${sent}.25}`;
          });
          const text = format === 'ndjson' ? `${records.join('\n')}\n` : `${sent === 500 ? '[' : ','}${records.join(',')}`;
          if (!response.write(text) && sent < count) return;
        }
        response.off('drain', more);
        response.end(format === 'json' ? ']' : '');
      };
      response.on('drain', more);
      more();
    });
    await using run = await ReaderRun.open(service.url, { chunkRows: 5000 });
    const parts: { readonly rows: number; readonly ahead: number }[] = [];
    const { workspace } = run.run;
    const append = workspace.appendText.bind(workspace);
    let stored = 0;
    jest.spyOn(workspace, 'appendText').mockImplementation((table, columns, ...rest) => {
      const rows = columns[0]?.length ?? 0;
      parts.push({ rows, ahead: sent - stored });
      stored += rows;
      return append(table, columns, ...rest);
    });
    expect(await run.reader.load('ITEM', { path: 'items', format, schema: itemSchema() })).toBe(count);
    expect(await workspace.query('SELECT count(DISTINCT ID)::INTEGER AS ids, sum(AMOUNT)::VARCHAR AS sum FROM ITEM')).toEqual([
      { ids: count, sum: `${(count * (count + 1)) / 2 + count / 4}.00000` },
    ]);
    expect(parts).toHaveLength(count / 5000);
    expect(Math.max(...parts.map(({ rows }) => rows))).toBe(5000);
    // What the service has sent and the workspace has not got is in the buffers of the sockets: it waits for the reader.
    expect(parts[0]?.ahead).toBeLessThan(count);
  }
});

test('wide rows make smaller parts', async () => {
  await using service = await RestService.start((_url, _request, response) => {
    response.end(JSON.stringify(items(100).map((item) => ({ ...item, NAME: 'x'.repeat(1000) }))));
  });
  await using run = await ReaderRun.open(service.url, { chunkCharacters: 10_000 });
  const append = jest.spyOn(run.run.workspace, 'appendText');
  expect(await run.reader.load('ITEM', { path: 'items', schema: itemSchema() })).toBe(100);
  expect(append.mock.calls.map(([, columns]) => columns[0]?.length)).toEqual(Array.from({ length: 10 }, () => 10));
});
