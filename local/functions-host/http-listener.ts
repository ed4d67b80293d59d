import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { resolveSettings } from './app-settings';
import type { BindingInfo, Cookie, TypedData } from './core-api';
import { mayCall, type AuthLevel, type FunctionKeys } from './function-keys';
import type { RegisteredFunction } from './functions-core';
import type { HttpStream } from './http-stream';
import type { Invocation } from './invocation';
import { RouteTemplate } from './route-template';

/** The largest request body that Azure Functions takes, in bytes. */
const maxBodyBytes = 100 * 1024 * 1024;

/** One HTTP function with its route. */
export interface HttpEndpoint {
  readonly registered: RegisteredFunction;
  readonly binding: BindingInfo;
  readonly route: RouteTemplate;
  readonly methods: readonly string[];
  readonly level: AuthLevel;
}

/** @throws Error when the route cannot be understood or names a setting that is missing */
export function httpEndpoint(registered: RegisteredFunction, binding: BindingInfo, prefix: string): HttpEndpoint {
  const own = typeof binding['route'] === 'string' ? binding['route'] : registered.metadata.name;
  return {
    registered,
    binding,
    route: RouteTemplate.parse(`${prefix}/${resolveSettings(own)}`),
    methods: (binding['methods'] as string[]).map((method) => method.toUpperCase()),
    level: String(binding['authLevel']).toLowerCase() as AuthLevel,
  };
}

export interface HttpListenerOptions {
  readonly port: number;
  readonly endpoints: readonly HttpEndpoint[];
  readonly keys: FunctionKeys;
  readonly stream: HttpStream | undefined;
  readonly invoke: (
    endpoint: HttpEndpoint,
    data: TypedData,
    triggerMetadata: Record<string, TypedData>,
    headers: Record<string, string>,
  ) => Invocation;
  /** Starts a function that is not an HTTP function, by hand; false when there is none of that name. */
  readonly startByHand: (functionName: string) => boolean;
}

/** The front of the host: finds the function of a request, checks method and key, calls it, and writes its answer. */
export class HttpListener implements AsyncDisposable {
  private readonly endpoints: readonly HttpEndpoint[];
  /** E.g. `http://127.0.0.1:7071`. */
  readonly address: string;
  private readonly answering = new Set<Promise<void>>();

  private constructor(
    private readonly options: HttpListenerOptions,
    private readonly server: Server,
  ) {
    this.endpoints = [...options.endpoints].sort((one, other) => one.route.compare(other.route));
    this.address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    server.on('request', (request: IncomingMessage, response: ServerResponse) => {
      this.track(response);
      this.answer(request, response).catch((error: unknown) => {
        // The function's own errors are answered and logged where it is called; here the connection broke.
        response.destroy(error instanceof Error ? error : undefined);
      });
    });
  }

  /** Listens on 127.0.0.1; port 0 takes a free one. */
  static async open(options: HttpListenerOptions): Promise<HttpListener> {
    const server = createServer();
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(options.port, '127.0.0.1', resolve);
    });
    return new HttpListener(options, server);
  }

  /** Takes no more requests, waits until those under way are answered, and closes all connections. */
  async [Symbol.asyncDispose](): Promise<void> {
    const closed = new Promise<void>((resolve) => {
      this.server.close(() => {
        resolve();
      });
    });
    await Promise.all(this.answering);
    this.server.closeAllConnections();
    await closed;
  }

  /** Remembers an answer until its last byte is out or its connection is gone. */
  private track(response: ServerResponse): void {
    const closed = new Promise<void>((resolve) => {
      response.once('close', resolve);
    });
    this.answering.add(closed);
    void closed.then(() => this.answering.delete(closed));
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', `http://${request.headers.host ?? 'localhost'}`);
    const method = request.method ?? 'GET';
    const admin = /^\/admin\/functions\/([^/]+)$/.exec(url.pathname)?.[1];
    if (admin !== undefined) {
      this.answerAdmin(request, response, url, decodeURIComponent(admin));
      return;
    }
    const found = this.endpoints.flatMap((endpoint) => {
      const params = endpoint.route.match(url.pathname);
      return params === undefined ? [] : [{ endpoint, params }];
    });
    if (found.length === 0) {
      problem(response, 404, 'Not Found', 'No function has this route');
      return;
    }
    const hit = found.find(({ endpoint }) => endpoint.methods.includes(method));
    if (hit === undefined) {
      const allowed = [...new Set(found.flatMap(({ endpoint }) => endpoint.methods))].sort().join(', ');
      response.setHeader('Allow', allowed);
      problem(response, 405, 'Method Not Allowed', `${method} is not a way to call ${url.pathname}: it takes ${allowed}`);
      return;
    }
    const { endpoint, params } = hit;
    if (!mayCall(request, url, this.options.keys, endpoint.level, endpoint.registered.metadata.name)) {
      problem(response, 401, 'Unauthorized', 'Send the key of the function in the header x-functions-key, or as ?code=');
      return;
    }
    if (this.options.stream === undefined) await this.call(request, response, url, endpoint, params);
    else await this.callStreaming(this.options.stream, request, response, url, endpoint, params);
  }

  private answerAdmin(request: IncomingMessage, response: ServerResponse, url: URL, functionName: string): void {
    if (!mayCall(request, url, this.options.keys, 'admin'))
      problem(response, 401, 'Unauthorized', 'Send the master key in the header x-functions-key');
    else if (request.method !== 'POST') problem(response.setHeader('Allow', 'POST'), 405, 'Method Not Allowed', 'POST starts the function');
    else if (this.options.startByHand(functionName)) response.writeHead(202).end();
    else problem(response, 404, 'Not Found', `No function without an HTTP trigger is named ${functionName}`);
  }

  private async call(
    request: IncomingMessage,
    response: ServerResponse,
    url: URL,
    endpoint: HttpEndpoint,
    params: Record<string, string>,
  ): Promise<void> {
    const body = await readBody(request);
    if (body === undefined) {
      problem(response, 413, 'Payload Too Large', `A request body may have ${maxBodyBytes} bytes`);
      return;
    }
    const headers = flat(request.headers);
    const http = {
      method: request.method ?? 'GET',
      url: url.href,
      headers,
      params,
      query: Object.fromEntries(url.searchParams),
      ...(body.length > 0 && { body: { bytes: body } }),
    };
    try {
      const result = await this.options.invoke(endpoint, { http }, {}, headers).result;
      write(response, result?.http);
    } catch {
      // Logged by the invocation. The caller learns no more than from Azure: an empty 500.
      response.writeHead(500).end();
    }
  }

  private async callStreaming(
    stream: HttpStream,
    request: IncomingMessage,
    response: ServerResponse,
    url: URL,
    endpoint: HttpEndpoint,
    params: Record<string, string>,
  ): Promise<void> {
    const headers = flat(request.headers);
    const metadata: Record<string, TypedData> = {
      Headers: { json: JSON.stringify(headers) },
      Query: { json: JSON.stringify(Object.fromEntries(url.searchParams)) },
    };
    for (const [name, value] of Object.entries(params)) metadata[name] = { string: value };
    const invocation = this.options.invoke(endpoint, { http: {} }, metadata, headers);
    // A function that fails never answers the request that waits for it in the app's own server.
    const failed = new AbortController();
    const result = invocation.result.catch(() => {
      failed.abort();
    });
    try {
      await stream.pass(request, response, invocation.id, failed.signal);
    } catch (error) {
      if (!failed.signal.aborted) throw error;
      if (response.headersSent) response.destroy();
      else response.writeHead(500).end();
    }
    await result;
  }
}

function problem(response: ServerResponse, status: number, title: string, detail: string): void {
  response
    .writeHead(status, { 'Content-Type': 'application/problem+json' })
    .end(JSON.stringify({ type: 'about:blank', title, status, detail }));
}

function flat(headers: IncomingMessage['headers']): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : (value ?? '')]),
  );
}

/** The whole body, or undefined when it is too large. */
async function readBody(request: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size <= maxBodyBytes) chunks.push(chunk);
  }
  return size > maxBodyBytes ? undefined : Buffer.concat(chunks);
}

/** Writes the function's answer; a function that returns nothing answers 204. */
function write(response: ServerResponse, http: TypedData['http']): void {
  if (http === undefined) {
    response.writeHead(204).end();
    return;
  }
  const cookies = (http.cookies ?? []).map(setCookie);
  response.writeHead(Number(http.statusCode ?? '200'), { ...http.headers, ...(cookies.length > 0 && { 'Set-Cookie': cookies }) });
  response.end(http.body?.bytes ?? http.body?.string);
}

const sameSites = { none: undefined, lax: 'Lax', strict: 'Strict', explicitNone: 'None' } as const;

function setCookie(cookie: Cookie): string {
  const sameSite = sameSites[cookie.sameSite ?? 'none'];
  return [
    `${cookie.name}=${encodeURIComponent(cookie.value)}`,
    cookie.maxAge && `Max-Age=${cookie.maxAge.value}`,
    cookie.domain && `Domain=${cookie.domain.value}`,
    cookie.path && `Path=${cookie.path.value}`,
    cookie.expires && `Expires=${new Date(cookie.expires.value.seconds * 1000).toUTCString()}`,
    cookie.httpOnly?.value === true && 'HttpOnly',
    cookie.secure?.value === true && 'Secure',
    sameSite && `SameSite=${sameSite}`,
  ]
    .filter((part) => typeof part === 'string')
    .join('; ');
}
