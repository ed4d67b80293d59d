import { TablecastError } from '../errors';

/** How to reach the schema registry. Holds passwords: never log it. */
export interface RegistrySettings {
  /** Name of the secret, for messages. */
  readonly secretName: string;
  /** One or more base addresses without a trailing slash; the next is asked when one does not answer. */
  readonly urls: readonly string[];
  readonly authorization: RegistryAuthorization;
  /** Certificate authority (PEM) to trust beside the system's; not set for the system's alone. */
  readonly ca?: string;
  /** For one attempt, in ms. */
  readonly timeoutMs: number;
}

export type RegistryAuthorization =
  | { readonly kind: 'none' }
  | { readonly kind: 'header'; readonly value: string }
  /** A token of the app's identity, asked of Azure for this scope. */
  | { readonly kind: 'azure'; readonly scope: string };

type Secret = Readonly<Record<string, string | number | boolean | undefined>>;

/**
 * Reads the `schema.registry.*` properties (named as Confluent's clients name them):
 * `url` (several separated by commas), `basic.auth.user.info` (`user:password`), `basic.auth.credentials.source` = `SASL_INHERIT` (the broker's user and
 * password), `bearer.auth.token`, `oauth.scope` (token of the app's identity), `ssl.ca.pem`, `timeout.ms` (default 5000).
 * @throws TablecastError SECRET_INVALID
 */
export function registrySettings(secretName: string, secret: Secret): RegistrySettings {
  const text = (name: string): string | undefined => {
    const value = secret[`schema.registry.${name}`];
    return value === undefined || value === '' ? undefined : String(value);
  };
  const invalid = (reason: string): TablecastError => new TablecastError('SECRET_INVALID', { name: secretName, reason });

  const urls = (text('url') ?? '').split(',').map((url) => url.trim().replace(/\/+$/, ''));
  if (urls.some((url) => !/^https?:\/\/[^\s/@?#]+(?:\/|$)/.test(url) || !URL.canParse(url))) {
    throw invalid('schema.registry.url: expected http(s) addresses, without user and password, separated by commas');
  }
  const timeoutMs = Number(text('timeout.ms') ?? 5000);
  if (!Number.isInteger(timeoutMs) || timeoutMs < 100) throw invalid('schema.registry.timeout.ms: expected milliseconds, at least 100');
  const ca = text('ssl.ca.pem');
  return { secretName, urls, authorization: authorization(), timeoutMs, ...(ca === undefined ? {} : { ca }) };

  function authorization(): RegistryAuthorization {
    const inherited = text('basic.auth.credentials.source') === 'SASL_INHERIT';
    const user = inherited
      ? `${String(secret['sasl.username'] ?? '')}:${String(secret['sasl.password'] ?? '')}`
      : text('basic.auth.user.info');
    const token = text('bearer.auth.token');
    const scope = text('oauth.scope');
    if ([user, token, scope].filter((way) => way !== undefined).length > 1) {
      throw invalid('schema.registry: more than one of basic.auth, bearer.auth.token and oauth.scope');
    }
    if (user !== undefined) {
      if (!/^[^:]+:/.test(user)) throw invalid('schema.registry.basic.auth: expected user:password');
      return { kind: 'header', value: `Basic ${Buffer.from(user).toString('base64')}` };
    }
    if (token !== undefined) return { kind: 'header', value: `Bearer ${token}` };
    if (scope !== undefined) return { kind: 'azure', scope };
    return { kind: 'none' };
  }
}
