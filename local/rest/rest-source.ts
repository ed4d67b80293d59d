import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { closeServer } from '../close-server';
import { sendBody, sendJson, sendProblem, sendStatus } from './answers';
import { AttributeRows, type StoredAttribute } from './attribute-rows';
import { Faults, type FaultKind, type Misbehaviour } from './faults';
import { credentials, Login, type LoginType } from './login';
import { BadRequest, cursorTo, pageStyles, windowOf, type PageStyle } from './page-styles';

export interface RestSourceOptions {
  /** 0, the default, takes a free one. */
  readonly port?: number;
  /** Default `oauth`. */
  readonly login?: LoginType;
  /** How long a token holds. Default 3600. */
  readonly tokenSeconds?: number;
  /** How many of the rows of the public data the service starts with. Default: all. */
  readonly rows?: number;
}

/** A request that the service has got. */
export interface SeenRequest {
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  /** Page, counted from 1; `token` for the token endpoint; undefined when the request was for neither or was refused before. */
  page: number | 'token' | undefined;
  /** Status of the answer; undefined as long as there is none, and for a dropped connection. */
  status: number | undefined;
}

/** Starts the service on a loopback port. */
export async function startRestSource(options: RestSourceOptions = {}): Promise<RestSource> {
  return RestSource.start(options);
}

/** A REST service with public data, in this process. README.md describes its addresses; `misbehave` makes it fail. */
export class RestSource implements AsyncDisposable {
  /** What the service holds; may be changed at any time. */
  readonly rows: AttributeRows;
  /** Every request so far, also those that failed. */
  readonly requests: SeenRequest[] = [];
  /** Greatest number of requests that were under way at the same time. */
  mostAtOnce = 0;

  readonly #server: Server;
  readonly #login: Login;
  readonly #faults = new Faults();
  #underWay = 0;

  private constructor({ rows, login = 'oauth', tokenSeconds = 3600 }: RestSourceOptions) {
    this.rows = AttributeRows.airports(rows);
    this.#login = new Login(login, tokenSeconds);
    this.#server = createServer((request, response) => {
      this.#underWay += 1;
      this.mostAtOnce = Math.max(this.mostAtOnce, this.#underWay);
      response.once('close', () => (this.#underWay -= 1));
      const seen: SeenRequest = { method: request.method ?? '', path: request.url ?? '/', page: undefined, status: undefined };
      this.requests.push(seen);
      response.once('finish', () => (seen.status = response.statusCode));
      this.#answer(request, response, seen).catch((error: unknown) => {
        if (error instanceof BadRequest) sendProblem(response, 400, error.message);
        else response.destroy();
      });
    });
  }

  static async start(options: RestSourceOptions): Promise<RestSource> {
    const source = new RestSource(options);
    source.#server.listen(options.port ?? 0, '127.0.0.1');
    await once(source.#server, 'listening');
    return source;
  }

  /** E.g. `http://127.0.0.1:41234`. */
  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** What a reader's secret holds to be let in. */
  get credentials(): { readonly url: string; readonly auth: Readonly<Record<string, string>> } {
    const { type } = this.#login;
    const details =
      type === 'none' ? {} : type === 'oauth' ? { ...credentials.oauth, tokenUrl: `${this.url}/oauth/token` } : credentials[type];
    return { url: this.url, auth: { type, ...details } };
  }

  /** How many tokens were given out. */
  get tokens(): number {
    return this.#login.issued;
  }

  /** How many connections clients keep open. */
  get connections(): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#server.getConnections((error, count) => {
        if (error) reject(error);
        else resolve(count);
      });
    });
  }

  /** Adds something that goes wrong from now on; of several for one page the first counts until it is used up. */
  misbehave(misbehaviour: Misbehaviour): void {
    this.#faults.add(misbehaviour);
  }

  /** Everything goes well again, and the counts begin anew. */
  behave(): void {
    this.#faults.clear();
    this.requests.length = 0;
    this.mostAtOnce = this.#underWay;
  }

  /** No token that was given out so far is accepted any more. */
  expireTokens(): void {
    this.#login.expireTokens();
  }

  /** How often each page was asked for, also in vain. */
  triesByPage(): Map<number | 'token', number> {
    const tries = new Map<number | 'token', number>();
    for (const { page } of this.requests) if (page !== undefined) tries.set(page, (tries.get(page) ?? 0) + 1);
    return tries;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#server.listening) await closeServer(this.#server);
  }

  async #answer(request: IncomingMessage, response: ServerResponse, seen: SeenRequest): Promise<void> {
    const { pathname, searchParams } = new URL(request.url ?? '/', this.url);
    if (pathname === '/oauth/token') return this.#answerToken(request, response, seen);
    const [, name = ''] = /^\/startek\/attributes\/([a-z-]+)$/.exec(pathname) ?? [];
    const style = Object.hasOwn(pageStyles, name) ? pageStyles[name] : undefined;
    if (style === undefined) {
      sendProblem(response, 404, `There is nothing at ${pathname}`);
      return;
    }
    if (request.method !== 'GET') {
      sendProblem(response, 405, 'Only GET is allowed', { allow: 'GET' });
      return;
    }
    const refusal = this.#login.refusal(request.headers);
    if (refusal !== undefined) {
      sendProblem(response, 401, 'Log in first', { 'www-authenticate': refusal });
      return;
    }

    const rows = this.rows.sorted(timeOf(searchParams, 'updated_since'), timeOf(searchParams, 'updated_before'));
    const window = windowOf(style, searchParams, rows);
    seen.page = Number.isFinite(window.size) ? Math.floor(window.start / window.size) + 1 : 1;
    const fault = this.#faults.next(seen.page);
    if (fault?.fault === 'status') {
      sendStatus(response, fault.status, fault.retryAfter);
      return;
    }
    if (fault?.fault === 'drop') return void response.destroy();
    if (fault?.fault === 'token') {
      this.expireTokens();
      const challenge = 'Bearer realm="startek", error="invalid_token", error_description="The access token was revoked"';
      sendProblem(response, 401, 'Log in again', { 'www-authenticate': challenge });
      return;
    }
    if (fault?.fault === 'slow') await delay(fault.milliseconds);

    const { body, headers } = this.#page(style, `${this.url}${pathname}`, searchParams, rows, fault);
    response.setHeader('content-type', style.isNdjson === true ? 'application/x-ndjson' : 'application/json');
    for (const [header, value] of Object.entries(headers)) response.setHeader(header, value);
    await sendBody(request, response, body, fault);
  }

  /** Body and headers of a page. */
  #page(
    style: PageStyle,
    address: string,
    query: URLSearchParams,
    rows: readonly StoredAttribute[],
    fault: FaultKind | undefined,
  ): { readonly body: string; readonly headers: Readonly<Record<string, string>> } {
    const window = windowOf(style, query, rows);
    const { size } = window;
    const isNumbered = style === pageStyles['page'] || style === pageStyles['offset'];
    const start = fault?.fault === 'loop' && isNumbered ? 0 : window.start;
    const end = fault?.fault === 'empty' ? start : Math.min(start + size, rows.length);
    const next = fault?.fault === 'loop' ? start : end < rows.length && fault?.fault !== 'empty' ? end : undefined;
    const records: unknown[] = rows
      .slice(start, end)
      .map((row) => (query.get('timestamps') === 'true' ? row : { ...row, UpdatedAt: undefined }));
    if (fault?.fault === 'wrong type' && records.length > 0) {
      const last = records.at(-1) as Record<string, unknown>;
      records[records.length - 1] = { ...last, [fault.field ?? 'AttributeValue']: fault.value ?? { unit: 'none' } };
    }
    const { document, headers = {} } = style.answer({
      start,
      size,
      records,
      total: rows.length,
      next,
      address: (place) => {
        const parameters = new URLSearchParams(query);
        for (const [name, value] of Object.entries(style.parameters(place, rows, size))) parameters.set(name, value);
        return `${address}?${parameters.toString()}`;
      },
      cursor: (place) => cursorTo(place, rows),
    });
    const body = style.isNdjson === true ? records.map((record) => `${JSON.stringify(record)}\n`).join('') : JSON.stringify(document);
    return { body, headers };
  }

  async #answerToken(request: IncomingMessage, response: ServerResponse, seen: SeenRequest): Promise<void> {
    seen.page = 'token';
    const form = new URLSearchParams(await textOf(request));
    const fault = this.#faults.next('token');
    if (fault?.fault === 'status') {
      sendStatus(response, fault.status, fault.retryAfter);
      return;
    }
    if (fault?.fault === 'drop') return void response.destroy();
    if (request.method !== 'POST') {
      sendProblem(response, 405, 'Only POST is allowed', { allow: 'POST' });
      return;
    }
    if (!request.headers['content-type']?.startsWith('application/x-www-form-urlencoded')) {
      sendJson(response, 400, { error: 'invalid_request' });
      return;
    }
    const { status, headers, body } = this.#login.token(form, request.headers.authorization);
    sendJson(response, status, body, { 'cache-control': 'no-store', ...headers });
  }
}

async function textOf(request: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(piece as Buffer);
  return Buffer.concat(pieces).toString();
}

function timeOf(query: URLSearchParams, name: string): Date | undefined {
  const text = query.get(name);
  if (text === null) return undefined;
  const time = new Date(text);
  if (Number.isNaN(time.getTime())) throw new BadRequest(`${name} must be a time, e.g. 2024-01-31T12:00:00Z`);
  return time;
}
