import { z } from 'zod';
import { TablecastError, type SecretStore } from '../lib/index';

const headerValue = z.string().regex(/^[\t\x20-\x7e]+$/, 'only visible ASCII characters can stand in a header');

const authSchema = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('none') }),
  /** A fixed header, e.g. `X-Api-Key`, or `Authorization` with `Bearer …`. */
  z.strictObject({ type: z.literal('header'), name: z.string().regex(/^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/), value: headerValue }),
  z.strictObject({ type: z.literal('basic'), user: z.string().min(1), password: z.string() }),
  /** OAuth 2 client credentials (RFC 6749, 4.4). */
  z.strictObject({
    type: z.literal('oauth'),
    tokenUrl: z.url({ protocol: /^https?$/ }),
    clientId: z.string().min(1),
    clientSecret: z.string().min(1),
    scope: z.string().min(1).optional(),
    /** Some services want to know for whom the token is. */
    audience: z.string().min(1).optional(),
    /** Where the client's id and secret go in the token request: into a basic header, or into the body. */
    sendIn: z.enum(['header', 'body']).default('header'),
  }),
]);

const secretSchema = z
  .strictObject({
    /** Address below which all pages are. */
    url: z.url({ protocol: /^https?$/ }),
    auth: authSchema.default({ type: 'none' }),
    /** Certificate authority of a service with a private one, as PEM. */
    ca: z.string().min(1).optional(),
  })
  .superRefine(({ url, auth }, context) => {
    const addresses = [{ path: ['url'], url }, ...(auth.type === 'oauth' ? [{ path: ['auth', 'tokenUrl'], url: auth.tokenUrl }] : [])];
    for (const address of addresses) {
      const problem = addressProblem(new URL(address.url), auth.type !== 'none');
      if (problem !== undefined) context.addIssue({ code: 'custom', path: address.path, message: problem });
    }
  });

/** How to log in to a REST service. */
export type RestAuthentication = Readonly<z.infer<typeof authSchema>>;

/** Where a REST service is, and how to log in. */
export type RestConnection = Readonly<z.infer<typeof secretSchema>>;

/**
 * Where a REST reader finds its service: a secret holding a JSON object.
 *
 * | property | meaning |
 * | --- | --- |
 * | `url` | address below which all pages are, e.g. `https://api.example.com/v1`; https, unless it is this machine or needs no login |
 * | `auth` | `{"type": "none"}` (default), `{"type": "header", "name", "value"}`, `{"type": "basic", "user", "password"}`, or `{"type": "oauth", "tokenUrl", "clientId", "clientSecret", "scope"?, "audience"?, "sendIn"?: "header" or "body"}` |
 * | `ca` | certificate authority as PEM, for a service with a private one |
 *
 * @example
 * // secret "StarTek-Source": {"url": "https://startek.example.com/api", "auth": {"type": "header", "name": "X-Api-Key", "value": "…"}}
 * new StarTekReader(new RestConnectionSettings('StarTek-Source'), logger);
 */
export class RestConnectionSettings {
  constructor(readonly secretName: string) {}

  /**
   * Reads the secret anew, so that a changed password counts from the next run on.
   * @throws TablecastError SECRET_MISSING, SECRET_INVALID
   */
  async read(secrets: SecretStore): Promise<RestConnection> {
    const text = await secrets.readSecret(this.secretName);
    let json: unknown;
    try {
      json = JSON.parse(text);
    } catch {
      // The parser's own message quotes the text, and with it the password.
      throw new TablecastError('SECRET_INVALID', { name: this.secretName, reason: 'it is not JSON' });
    }
    const result = secretSchema.safeParse(json);
    if (result.success) return result.data;
    const problems = result.error.issues.map((issue) => `${issue.path.join('.') || 'the object'}: ${issue.message}`);
    throw new TablecastError('SECRET_INVALID', { name: this.secretName, reason: problems.join('; ') });
  }
}

function addressProblem(url: URL, hasCredentials: boolean): string | undefined {
  if (url.username !== '' || url.password !== '') return 'user and password belong into "auth", not into the address';
  const isHere = ['localhost', '127.0.0.1', '[::1]'].includes(url.hostname);
  if (url.protocol === 'http:' && hasCredentials && !isHere) return 'credentials need https';
  return undefined;
}
