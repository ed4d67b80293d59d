import { z } from 'zod';
import type { RestAuthentication } from './rest-connection-settings';
import { BodyProblem } from './rest-failure';

type OAuth = Extract<RestAuthentication, { readonly type: 'oauth' }>;

/** What the token endpoint answered (RFC 6749, 5.1). */
const tokenSchema = z.object({
  access_token: z.string().regex(/^[\x21-\x7e]+$/),
  token_type: z
    .string()
    .regex(/^bearer$/i)
    .optional(),
  expires_in: z.coerce.number().min(0).optional(),
});

/** A request for a token. */
export interface TokenRequest {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** A token, or one that is on its way. */
interface Token {
  readonly header: Promise<string>;
  /** When it is to be replaced, as `performance.now()`. */
  renewAt: number;
}

/** Headers that log in to a service. Tokens are fetched once for all requests and replaced before they expire. */
export class RestAuthorization {
  readonly #auth: RestAuthentication;
  readonly #fetchToken: (request: TokenRequest) => Promise<unknown>;
  #token: Token | undefined;

  /** @param fetchToken sends the request and returns the JSON of the answer */
  constructor(auth: RestAuthentication, fetchToken: (request: TokenRequest) => Promise<unknown>) {
    this.#auth = auth;
    this.#fetchToken = fetchToken;
  }

  async headers(): Promise<Readonly<Record<string, string>>> {
    const auth = this.#auth;
    switch (auth.type) {
      case 'none':
        return {};
      case 'header':
        return { [auth.name.toLowerCase()]: auth.value };
      case 'basic':
        return { authorization: basic(auth.user, auth.password) };
      case 'oauth':
        return { authorization: await this.#currentToken(auth).header };
    }
  }

  /**
   * A request with these headers was answered with 401: the token may have been revoked, or have expired early.
   * @returns whether other headers can be had
   */
  async renew(refused: Readonly<Record<string, string>>): Promise<boolean> {
    if (this.#auth.type !== 'oauth') return false;
    const token = this.#token;
    // Another request may have renewed it already.
    if (token !== undefined && (await token.header.catch(() => undefined)) === refused['authorization'] && this.#token === token) {
      this.#token = undefined;
    }
    return true;
  }

  #currentToken(auth: OAuth): Token {
    if (this.#token === undefined || performance.now() >= this.#token.renewAt) this.#token = this.#newToken(auth);
    return this.#token;
  }

  #newToken(auth: OAuth): Token {
    const fetch = async (): Promise<string> => {
      const asked = performance.now();
      const answer = tokenSchema.safeParse(await this.#fetchToken(tokenRequest(auth)));
      // Nothing of the answer goes into the message: it may be a token of another kind.
      if (!answer.success) throw new BodyProblem('it has no bearer token in access_token');
      // A minute before it expires, or when four fifths of a short life are over.
      const lifetime = (answer.data.expires_in ?? Infinity) * 1000;
      token.renewAt = asked + Math.max(lifetime - 60_000, lifetime * 0.8);
      return `Bearer ${answer.data.access_token}`;
    };
    const token: Token = { header: Promise.resolve().then(fetch), renewAt: Infinity };
    token.header.catch(() => {
      if (this.#token === token) this.#token = undefined;
    });
    return token;
  }
}

function tokenRequest({ tokenUrl, clientId, clientSecret, scope, audience, sendIn }: OAuth): TokenRequest {
  const form = new URLSearchParams({ grant_type: 'client_credentials' });
  if (scope !== undefined) form.set('scope', scope);
  if (audience !== undefined) form.set('audience', audience);
  if (sendIn === 'body') {
    form.set('client_id', clientId);
    form.set('client_secret', clientSecret);
  }
  // In the header, id and secret are form-encoded first (RFC 6749, 2.3.1).
  const login = sendIn === 'header' ? { authorization: basic(formEncoded(clientId), formEncoded(clientSecret)) } : {};
  const headers = { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json', ...login };
  return { url: tokenUrl, headers, body: form.toString() };
}

function formEncoded(text: string): string {
  return new URLSearchParams({ t: text }).toString().slice(2);
}

function basic(user: string, password: string): string {
  return `Basic ${Buffer.from(`${user}:${password}`, 'utf8').toString('base64')}`;
}
