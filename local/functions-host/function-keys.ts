import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

export type AuthLevel = 'anonymous' | 'function' | 'admin';

/** The keys callers may show, in the header `x-functions-key` or as `?code=`. */
export interface FunctionKeys {
  /** Opens everything, and is the only key for `/admin` and for functions of level admin. */
  readonly master: string;
  /** Opens every function of level function. */
  readonly host?: string;
  /** Opens one function, by its name. */
  readonly functions?: Readonly<Record<string, string>>;
}

/** Whether the request shows a key that opens the function. Compares in constant time: the answer's delay tells nothing about a key. */
export function mayCall(request: IncomingMessage, url: URL, keys: FunctionKeys, level: AuthLevel, functionName?: string): boolean {
  if (level === 'anonymous') return true;
  const header = request.headers['x-functions-key'];
  const shown = typeof header === 'string' ? header : url.searchParams.get('code');
  if (shown === null || shown === '') return false;
  const accepted =
    level === 'admin' ? [keys.master] : [keys.master, keys.host, functionName === undefined ? undefined : keys.functions?.[functionName]];
  // No early end: every key is compared.
  return accepted.reduce((found, key) => (key !== undefined && key !== '' && equal(shown, key)) || found, false);
}

function equal(one: string, other: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(one), digest(other));
}
