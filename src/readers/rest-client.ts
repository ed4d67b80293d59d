import { pipeline } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { createGunzip } from 'node:zlib';
import { ExponentialBackoff, handleType, retry, type IBackoff } from 'cockatiel';
import { Agent, request, type Dispatcher } from 'undici';
import { TablecastError } from '../lib/index';
import { RestAuthorization, type TokenRequest } from './rest-authorization';
import type { RestConnection } from './rest-connection-settings';
import { BodyProblem, connectionProblem, isTlsError, retryAfterOf, TransientFailure } from './rest-failure';
import { RestPace } from './rest-pace';

/** How patiently a service is asked. */
export interface RestClientOptions {
  /** Requests under way at the same time, at most. Default 4. */
  readonly concurrency?: number;
  /** Requests that begin within a second, at most; repeated ones count too. Default: no limit. */
  readonly requestsPerSecond?: number;
  /** How often a page is asked for before the load fails. Default 5. */
  readonly tries?: number;
  /** Seconds before the second try; they double from try to try, with jitter. Default 1. */
  readonly pauseSeconds?: number;
  /** Seconds that a pause between tries has at most, also when the service asks for more by `Retry-After`. Default 60. */
  readonly maxPauseSeconds?: number;
  /** Seconds until the connection must stand. Default 10. */
  readonly connectSeconds?: number;
  /** Seconds until the answer must begin. Default 60. */
  readonly headersSeconds?: number;
  /** Seconds in which something more of the answer must arrive. Default 30. */
  readonly idleSeconds?: number;
  /** Seconds that one page may take from request to last byte. Default 600, as in the guide of the Python library. */
  readonly pageSeconds?: number;
}

/** An answer with status 200, 204, or one of those the caller wants to see. */
export interface RestAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly url: URL;
  /** The content, uncompressed, piece by piece; nothing when the status is not 200. */
  readonly body: AsyncIterable<Uint8Array>;
}

/** One request, and what messages call it. */
export interface RestGet {
  readonly url: URL;
  /** E.g. `page 3 of ATTRIBUTE`. */
  readonly what: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Statuses beside 200 and 204 that are no error. */
  readonly accept: readonly number[];
  /** Told of each try that failed and is followed by another one. */
  readonly onRetry: (reason: string) => void;
}

const maxRedirects = 5;
const maxTokenBytes = 1024 * 1024;

/** Asks one REST service: logs in, keeps its pace, tries again what may succeed later. Follows nothing that leads to another origin. TLS is verified. */
export class RestClient implements AsyncDisposable {
  readonly #secret: string;
  readonly #origin: string;
  readonly #options: Required<RestClientOptions>;
  readonly #agent: Agent;
  readonly #authorization: RestAuthorization;
  readonly #pace: RestPace;

  /** @param secret name of the secret that the connection comes from, for messages */
  constructor(connection: RestConnection, secret: string, options: RestClientOptions, signal: AbortSignal) {
    this.#secret = secret;
    this.#origin = new URL(connection.url).origin;
    this.#options = {
      concurrency: 4,
      requestsPerSecond: Infinity,
      tries: 5,
      pauseSeconds: 1,
      maxPauseSeconds: 60,
      connectSeconds: 10,
      headersSeconds: 60,
      idleSeconds: 30,
      pageSeconds: 600,
      ...options,
    };
    const { connectSeconds, headersSeconds, idleSeconds } = this.#options;
    this.#agent = new Agent({
      connect: { timeout: connectSeconds * 1000, ...(connection.ca === undefined ? {} : { ca: connection.ca }) },
      headersTimeout: headersSeconds * 1000,
      bodyTimeout: idleSeconds * 1000,
    });
    this.#pace = new RestPace(this.#options.requestsPerSecond);
    this.#authorization = new RestAuthorization(connection.auth, (token) => this.#fetchToken(token, signal));
  }

  /** Requests that may be under way at the same time. */
  get concurrency(): number {
    return this.#options.concurrency;
  }

  /**
   * Asks for `url` and lets `read` take the answer, body included; when that fails in a way that may pass, all of it is done again. What `read` does must
   * therefore leave nothing behind when it throws.
   *
   * @param signal ends it, with its reason
   * @throws TablecastError REST_UNREACHABLE, REST_UNAVAILABLE, REST_TLS, REST_AUTHENTICATION, REST_FAILED, REST_LINK_REFUSED
   */
  async get<T>(get: RestGet, signal: AbortSignal, read: (answer: RestAnswer) => Promise<T>): Promise<T> {
    const { tries, pauseSeconds, maxPauseSeconds } = this.#options;
    const policy = retry(handleType(TransientFailure), { maxAttempts: tries - 1 });
    // The pauses are awaited here, not by the policy, which would not end them when the run is stopped.
    let pause: IBackoff<unknown> = new ExponentialBackoff({ initialDelay: pauseSeconds * 1000, maxDelay: maxPauseSeconds * 1000 }).next();
    try {
      return await policy.execute(async ({ attempt }) => {
        if (attempt > 0) {
          await delay(pause.duration, undefined, { signal });
          pause = pause.next(undefined);
        }
        await this.#pace.turn(signal);
        return this.#try(get, signal, read, attempt + 1 < tries);
      });
    } catch (error) {
      // Whatever was under way when the run ended, its reason is what counts.
      signal.throwIfAborted();
      throw error instanceof TransientFailure ? error.failure : error;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#agent.destroy();
  }

  async #try<T>(get: RestGet, signal: AbortSignal, read: (answer: RestAnswer) => Promise<T>, isRepeatable: boolean): Promise<T> {
    try {
      return await withinTime(this.#options.pageSeconds, signal, (limited) => this.#ask(get, limited, read));
    } catch (error) {
      const failure = signal.aborted ? error : this.#asFailure(error, get.url, get.what);
      if (failure instanceof TransientFailure && isRepeatable) {
        get.onRetry(failure.failure.code === 'REST_UNAVAILABLE' ? `status ${String(failure.failure.details['status'])}` : failure.message);
        if (failure.retryAfter !== undefined) this.#pace.pause(failure.retryAfter);
      }
      throw failure;
    }
  }

  async #ask<T>(get: RestGet, signal: AbortSignal, read: (answer: RestAnswer) => Promise<T>): Promise<T> {
    let login = await this.#authorization.headers();
    let answer = await this.#follow(get, login, signal);
    if (answer.statusCode === 401 && (await this.#authorization.renew(login))) {
      await answer.body.dump();
      login = await this.#authorization.headers();
      answer = await this.#follow(get, login, signal);
    }
    const { statusCode: status } = answer;
    if (![200, 204, ...get.accept].includes(status)) {
      await answer.body.dump();
      throw this.#refusal(answer, get.url, get.what);
    }
    if (status !== 200) await answer.body.dump();
    try {
      return await read({ status, headers: flat(answer.headers), url: answer.url, body: decoded(answer) });
    } finally {
      // Whoever has seen enough leaves the rest unread; the connection cannot be used again then.
      if (!answer.body.readableEnded) answer.body.on('error', () => undefined).destroy();
    }
  }

  async #follow(
    get: RestGet,
    login: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ): Promise<Dispatcher.ResponseData & { url: URL }> {
    let { url } = get;
    const headers = { accept: 'application/json, application/x-ndjson', 'accept-encoding': 'gzip', ...get.headers, ...login };
    for (let redirects = 0; ; redirects++) {
      const answer = await request(url, { method: 'GET', headers, dispatcher: this.#agent, signal });
      if (![301, 302, 303, 307, 308].includes(answer.statusCode)) return Object.assign(answer, { url });
      await answer.body.dump();
      const target = this.sameOrigin(flat(answer.headers)['location'] ?? '', url, get.what);
      if (redirects >= maxRedirects) throw this.#linkRefused(url, target.pathname, get.what, `more than ${maxRedirects} redirects`);
      url = target;
    }
  }

  /**
   * Where a link or a redirect leads, if that is on the service itself.
   * @throws TablecastError REST_LINK_REFUSED
   */
  sameOrigin(link: string, base: URL, what: string): URL {
    const target = URL.canParse(link, base.href) ? new URL(link, base.href) : undefined;
    if (link === '' || target === undefined) throw this.#linkRefused(base, '(nowhere)', what, 'it is no address');
    if (target.origin !== this.#origin) throw this.#linkRefused(base, target.origin, what, 'that is another origin');
    return new URL(target.pathname + target.search, target.origin);
  }

  async #fetchToken(token: TokenRequest, signal: AbortSignal): Promise<unknown> {
    const url = new URL(token.url);
    const what = 'a token';
    try {
      return await withinTime(this.#options.headersSeconds, signal, async (limited) => {
        const answer = await request(url, {
          method: 'POST',
          headers: token.headers,
          body: token.body,
          dispatcher: this.#agent,
          signal: limited,
        });
        const text = await limitedText(answer.body);
        if (answer.statusCode === 200) return parsed(text);
        if (![400, 401, 403].includes(answer.statusCode)) throw this.#refusal(answer, url, what);
        const { error } = (parsed(text) ?? {}) as { error?: unknown };
        const reason =
          typeof error === 'string' && /^[a-z_]{1,60}$/.test(error) ? `${answer.statusCode} ${error}` : String(answer.statusCode);
        throw new TablecastError('REST_AUTHENTICATION', { url: shown(url), secret: this.#secret, what, reason });
      });
    } catch (error) {
      throw signal.aborted ? error : this.#asFailure(error, url, what);
    }
  }

  #refusal(answer: Dispatcher.ResponseData, url: URL, what: string): Error {
    const { statusCode: status } = answer;
    const details = { url: shown(url), status, what, secret: this.#secret, tries: this.#options.tries };
    if (status === 401 || status === 403) return new TablecastError('REST_AUTHENTICATION', { ...details, reason: String(status) });
    if (status !== 408 && status !== 429 && status < 500) return new TablecastError('REST_FAILED', details);
    const wait = retryAfterOf(flat(answer.headers)['retry-after'], Date.now(), this.#options.maxPauseSeconds * 1000);
    return new TransientFailure(new TablecastError('REST_UNAVAILABLE', details), wait);
  }

  /** What an error of the connection means; other errors stay as they are. */
  #asFailure(error: unknown, url: URL, what: string): unknown {
    if (error instanceof TablecastError || error instanceof TransientFailure) return error;
    const details = { url: shown(url), what, secret: this.#secret };
    if (error instanceof BodyProblem) {
      const failure = new TablecastError('REST_RESPONSE_INVALID', { ...details, reason: error.message }, { cause: error.cause });
      return error.isCutShort ? new TransientFailure(failure) : failure;
    }
    const { code, reason } = connectionProblem(error);
    if (isTlsError(code)) return new TablecastError('REST_TLS', { ...details, reason: code }, { cause: error });
    if (!(error instanceof OutOfTime) && !/^(UND_ERR|E[A-Z]+$|EAI_|Z_|HPE_|ERR_STREAM)/.test(code)) return error;
    const told = error instanceof OutOfTime ? error.message : reason;
    return new TransientFailure(
      new TablecastError('REST_UNREACHABLE', { ...details, reason: told, tries: this.#options.tries }, { cause: error }),
    );
  }

  #linkRefused(from: URL, target: string, what: string, reason: string): TablecastError {
    return new TablecastError('REST_LINK_REFUSED', { url: shown(from), target, what, reason, secret: this.#secret });
  }
}

/** The address without its query: that may hold what is not for the log. */
export function shown(url: URL): string {
  return url.origin + url.pathname;
}

class OutOfTime extends Error {}

/** Runs `work` with a signal that aborts with the outer one, and when the time is over. */
async function withinTime<T>(seconds: number, outer: AbortSignal, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  outer.throwIfAborted();
  const controller = new AbortController();
  const stop = (): void => {
    controller.abort(outer.reason);
  };
  const timer = setTimeout(() => {
    controller.abort(new OutOfTime(`it was not complete within ${seconds} seconds`));
  }, seconds * 1000);
  outer.addEventListener('abort', stop, { once: true });
  try {
    return await work(controller.signal);
  } finally {
    clearTimeout(timer);
    outer.removeEventListener('abort', stop);
  }
}

async function* nothing(): AsyncGenerator<Uint8Array> {}

function decoded(answer: Dispatcher.ResponseData): AsyncIterable<Uint8Array> {
  if (answer.statusCode !== 200) return nothing();
  const encoding = flat(answer.headers)['content-encoding']?.toLowerCase() ?? 'identity';
  if (encoding === 'identity') return answer.body;
  if (encoding !== 'gzip' && encoding !== 'x-gzip') throw new BodyProblem('it is compressed in a way that was not asked for');
  // The callback takes the error, which the reader of the stream gets as well.
  return pipeline(answer.body, createGunzip(), () => undefined);
}

function flat(headers: Dispatcher.ResponseData['headers']): Readonly<Record<string, string | undefined>> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : value]));
}

async function limitedText(body: AsyncIterable<Uint8Array>): Promise<string> {
  const pieces: Uint8Array[] = [];
  let bytes = 0;
  for await (const piece of body) {
    bytes += piece.length;
    if (bytes > maxTokenBytes) throw new BodyProblem(`it has more than ${maxTokenBytes} bytes`);
    pieces.push(piece);
  }
  return Buffer.concat(pieces).toString('utf8');
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Whoever asked says what is missing.
    return undefined;
  }
}
