import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { closeServer } from '../../local/close-server';

/** Answers one request; the address is that of the request, parsed. */
export type Handler = (url: URL, request: IncomingMessage, response: ServerResponse) => void | Promise<void>;

/** A service whose every answer a test decides. */
export class RestService implements AsyncDisposable {
  /** Requests so far, as `GET /path?query`. */
  readonly requests: string[] = [];
  /** Headers of the requests, in their order. */
  readonly headers: IncomingMessage['headers'][] = [];

  private constructor(
    readonly url: string,
    private readonly server: Server,
  ) {}

  static async start(handler: Handler): Promise<RestService> {
    const server = createServer((request, response) => {
      const url = new URL(request.url ?? '/', service.url);
      service.requests.push(`${request.method} ${url.pathname}${url.search}`);
      service.headers.push(request.headers);
      Promise.resolve(handler(url, request, response)).catch(() => response.destroy());
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const service = new RestService(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, server);
    return service;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await closeServer(this.server);
  }
}

/** Sends a value as JSON. */
export function sendJson(response: ServerResponse, value: unknown, status = 200, headers: Readonly<Record<string, string>> = {}): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(value));
}
