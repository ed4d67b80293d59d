import type { TablecastError } from '../lib/index';

/** A try failed in a way that another one may not: no answer, a lost connection, 429, 5xx, half a body. */
export class TransientFailure extends Error {
  /** @param retryAfter milliseconds that the service asks to wait */
  constructor(
    /** What the load ends with when no try is left. */
    readonly failure: TablecastError,
    readonly retryAfter?: number,
  ) {
    super(failure.message, { cause: failure });
  }
}

/** What is wrong with the content of an answer, for whoever knows which page of which table it is. */
export class BodyProblem extends Error {
  /** @param isCutShort the body ended too early, which another try may mend */
  constructor(
    reason: string,
    readonly isCutShort = false,
    options?: ErrorOptions,
  ) {
    super(reason, options);
  }
}

/** A record of the answer is larger than one may be. */
export class RecordTooLarge extends Error {}

/**
 * Milliseconds that a `Retry-After` header asks to wait: seconds, or an HTTP date (RFC 9110, 10.2.3). Undefined when it is neither.
 *
 * @param most longer waits are cut to this, in milliseconds
 */
export function retryAfterOf(header: string | undefined, now: number, most: number): number | undefined {
  if (header === undefined) return undefined;
  const text = header.trim();
  // Date.parse takes a lot for a date: a bare number, for example, for a year.
  const wanted = /^\d+$/.test(text) ? Number(text) * 1000 : /^[A-Za-z]{3}/.test(text) ? Date.parse(text) - now : NaN;
  return Number.isNaN(wanted) ? undefined : Math.min(Math.max(wanted, 0), most);
}

/** Errors of TLS, most of them a certificate that is not trusted; waiting does not help. */
export function isTlsError(code: string): boolean {
  return /^(ERR_TLS_|ERR_SSL_|CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_)/.test(code);
}

/** What failed, in few words and without addresses that may hold secrets. */
export function connectionProblem(error: unknown): { readonly code: string; readonly reason: string } {
  const { code = '', errors } = error as { code?: string; errors?: readonly { code?: string }[] };
  const known = code || errors?.find((inner) => inner.code)?.code || '';
  return { code: known, reason: reasons[known] ?? (known || 'the connection failed') };
}

const reasons: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'the connection was refused (ECONNREFUSED)',
  ECONNRESET: 'the connection was lost (ECONNRESET)',
  EPIPE: 'the connection was lost (EPIPE)',
  ENOTFOUND: 'the host name is unknown (ENOTFOUND)',
  EAI_AGAIN: 'the host name could not be looked up (EAI_AGAIN)',
  UND_ERR_SOCKET: 'the connection was lost',
  UND_ERR_CONNECT_TIMEOUT: 'the connection did not stand in time',
  UND_ERR_HEADERS_TIMEOUT: 'the answer did not begin in time',
  UND_ERR_BODY_TIMEOUT: 'the answer stopped coming in',
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: 'the answer was cut short',
  Z_BUF_ERROR: 'the compressed answer was cut short',
};
