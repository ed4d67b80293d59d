import { FunctionsHost } from '../../local/functions-host/functions-host';
import { gate } from './functions-app/streaming-app';

describe('the Functions host with HTTP streams', () => {
  const silent = { write: () => undefined };
  let host: FunctionsHost;

  beforeAll(async () => {
    host = await FunctionsHost.start({ folder: __dirname, load: () => gate, log: silent });
  });
  afterAll(async () => {
    await host[Symbol.asyncDispose]();
  });

  test('the first chunk of an answer arrives before the function makes the second', async () => {
    const response = await fetch(`${host.address}/api/chunks/paint?q=1`);
    expect(response.headers.get('x-answer')).toBe('yes');
    const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
    expect((await reader.read()).value).toBe('first for paint 1');
    gate.open();
    expect((await reader.read()).value).toBe(', second');
    expect((await reader.read()).done).toBe(true);
  });

  test('a request body streams into the function', async () => {
    const response = await fetch(`${host.address}/api/count`, {
      method: 'PUT',
      body: 'x'.repeat(1_000_000),
      headers: { 'x-question': 'why' },
    });
    expect(response.status).toBe(201);
    expect(await response.json()).toEqual({ bytes: 1_000_000, header: 'why', url: `${host.address}/api/count` });
  });

  test('a function may answer without reading a long body', async () => {
    const response = await fetch(`${host.address}/api/ignore`, { method: 'PUT', body: 'x'.repeat(5_000_000) });
    expect(await response.text()).toBe('not read');
  });

  test('a function that throws answers 500', async () => {
    expect((await fetch(`${host.address}/api/failing`)).status).toBe(500);
  });
});
