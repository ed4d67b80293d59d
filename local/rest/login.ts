import { randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

/** How a client shows who it is. */
export type LoginType = 'none' | 'header' | 'basic' | 'oauth';

/** Public: the service is on this machine, and only for tests and the demo. */
export const credentials = {
  header: { name: 'X-Api-Key', value: 'startek-key-1' },
  basic: { user: 'tablecast', password: 'startek-pässword' },
  oauth: { clientId: 'tablecast', clientSecret: 'startek-secret+1/%' },
} as const;

export interface TokenAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: Readonly<Record<string, unknown>>;
}

/** Decides whom the service lets in, and gives out its tokens (RFC 6749 and 6750). */
export class Login {
  /** Tokens, and when each ends, as `performance.now()`. */
  readonly #tokens = new Map<string, number>();
  /** How many tokens were given out. */
  issued = 0;

  constructor(
    readonly type: LoginType,
    private readonly tokenSeconds: number,
  ) {}

  /** What `WWW-Authenticate` says to a request that is not let in; undefined for one that is. */
  refusal(headers: IncomingHttpHeaders): string | undefined {
    switch (this.type) {
      case 'none':
        return undefined;
      case 'header':
        return isEqual(headers[credentials.header.name.toLowerCase()], credentials.header.value)
          ? undefined
          : 'ApiKey realm="startek", header="X-Api-Key"';
      case 'basic':
        return isEqual(headers.authorization, basic(credentials.basic.user, credentials.basic.password))
          ? undefined
          : 'Basic realm="startek", charset="UTF-8"';
      case 'oauth':
        return this.#bearerRefusal(headers.authorization);
    }
  }

  /** No token that was given out so far counts any more. */
  expireTokens(): void {
    for (const token of this.#tokens.keys()) this.#tokens.set(token, 0);
  }

  /** The answer of the token endpoint to a form. The client's login is in the form, or in a basic header. */
  token(form: URLSearchParams, authorization: string | undefined): TokenAnswer {
    const { clientId, clientSecret } = credentials.oauth;
    const inHeader = isEqual(authorization, basic(formEncoded(clientId), formEncoded(clientSecret)));
    const inBody = isEqual(form.get('client_id') ?? '', clientId) && isEqual(form.get('client_secret') ?? '', clientSecret);
    if (authorization === undefined ? !inBody : !inHeader)
      return { status: 401, headers: { 'www-authenticate': 'Basic realm="startek"' }, body: { error: 'invalid_client' } };
    if (form.get('grant_type') !== 'client_credentials') return { status: 400, body: { error: 'unsupported_grant_type' } };
    const token = randomBytes(24).toString('base64url');
    this.#tokens.set(token, performance.now() + this.tokenSeconds * 1000);
    this.issued += 1;
    return { status: 200, body: { access_token: token, token_type: 'Bearer', expires_in: this.tokenSeconds } };
  }

  #bearerRefusal(authorization = ''): string | undefined {
    const [, token] = /^Bearer (\S+)$/i.exec(authorization) ?? [];
    if (token === undefined) return 'Bearer realm="startek"';
    if ((this.#tokens.get(token) ?? 0) > performance.now()) return undefined;
    return 'Bearer realm="startek", error="invalid_token", error_description="The access token expired"';
  }
}

function basic(user: string, password: string): string {
  return `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
}

function formEncoded(text: string): string {
  return new URLSearchParams({ t: text }).toString().slice(2);
}

function isEqual(given: string | string[] | undefined, wanted: string): boolean {
  const [a, b] = [Buffer.from(String(given)), Buffer.from(wanted)];
  return a.length === b.length && timingSafeEqual(a, b);
}
