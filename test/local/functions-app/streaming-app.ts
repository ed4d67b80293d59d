import { ReadableStream } from 'node:stream/web';
import { app } from '@azure/functions';

app.setup({ enableHttpStream: true });

/** Lets a test hold back the second chunk of `Chunks`. */
export const gate = { open: (): void => undefined };

app.http('Chunks', {
  route: 'chunks/{name}',
  methods: ['GET'],
  handler: (request) => {
    const second = new Promise<void>((resolve) => (gate.open = resolve));
    const chunks = async function* () {
      yield Buffer.from(`first for ${request.params['name'] ?? ''} ${request.query.get('q') ?? ''}`);
      await second;
      yield Buffer.from(', second');
    };
    return { headers: { 'X-Answer': 'yes' }, body: ReadableStream.from(chunks()) };
  },
});
app.http('Count', {
  route: 'count',
  methods: ['PUT'],
  handler: async (request) => {
    let bytes = 0;
    for await (const chunk of request.body ?? []) bytes += (chunk as Uint8Array).length;
    return { status: 201, jsonBody: { bytes, header: request.headers.get('x-question'), url: request.url } };
  },
});
app.http('Ignore', { route: 'ignore', methods: ['PUT'], handler: () => ({ body: 'not read' }) });
app.http('Failing', {
  route: 'failing',
  methods: ['GET'],
  handler: () => {
    throw new Error('the fixture fails');
  },
});
