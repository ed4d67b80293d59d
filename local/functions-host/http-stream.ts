import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { Agent, request as httpRequest, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { closeServer } from '../close-server';
import type { ProgrammingModel } from './core-api';

/** Headers that hold between two neighbours only and are not passed on (RFC 9110, 7.6.1). */
const hopByHop = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'host',
]);

/**
 * With `app.setup({enableHttpStream: true})` the app opens an HTTP server of its own, and requests and responses stream through it.
 * This is the host's side: it asks the app for that server, passes requests on to it, and closes it at the end.
 */
export class HttpStream implements AsyncDisposable {
  // Connections are kept: with "Connection: close" the app's server resets one whose request it has not read to the end, and the answer is lost.
  private readonly agent = new Agent({ keepAlive: true });

  private constructor(
    private readonly address: URL,
    private readonly servers: readonly Server[],
  ) {}

  /** Asks the app for its capabilities; the stream is undefined when the app has not switched streaming on. */
  static async open(model: ProgrammingModel): Promise<HttpStream | undefined> {
    // The library keeps no handle on the server it opens, so nobody could close it: take it from the channel on which Node announces it.
    const servers: Server[] = [];
    const note = (message: unknown) => servers.push((message as { server: Server }).server);
    subscribe('tracing:net.server.listen:asyncStart', note);
    try {
      const { HttpUri: address } = await model.getCapabilities({});
      return address === undefined ? undefined : new HttpStream(new URL(address), servers);
    } finally {
      unsubscribe('tracing:net.server.listen:asyncStart', note);
    }
  }

  /** Passes one request on to the app under its invocation id and streams the app's answer back. */
  async pass(request: IncomingMessage, response: ServerResponse, invocationId: string, signal: AbortSignal): Promise<void> {
    const outgoing = httpRequest(new URL(request.url ?? '/', this.address), {
      method: request.method ?? 'GET',
      signal,
      agent: this.agent,
      headers: {
        ...withoutHopByHop(request.headers),
        host: this.address.host,
        'x-ms-invocation-id': invocationId,
        'x-forwarded-host': request.headers.host ?? 'localhost',
        'x-forwarded-proto': 'http',
      },
    });
    const answered = new Promise<IncomingMessage>((resolve, reject) => {
      outgoing.once('response', resolve);
      outgoing.once('error', reject);
    });
    request.once('error', (error) => outgoing.destroy(error));
    // Not a pipeline, which would break the caller's connection when the app answers without reading all of the body.
    outgoing.on('error', () => request.unpipe(outgoing).resume());
    request.pipe(outgoing);
    const incoming = await answered;
    response.writeHead(incoming.statusCode ?? 500, withoutHopByHop(incoming.headers));
    response.flushHeaders();
    await pipeline(incoming, response);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.agent.destroy();
    await Promise.all(this.servers.map(closeServer));
  }
}

function withoutHopByHop(headers: IncomingMessage['headers']): Record<string, string | string[]> {
  return Object.fromEntries(
    Object.entries(headers).filter((entry): entry is [string, string | string[]] => entry[1] !== undefined && !hopByHop.has(entry[0])),
  );
}
