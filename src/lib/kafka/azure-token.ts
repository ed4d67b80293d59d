import { DefaultAzureCredential, type TokenCredential } from '@azure/identity';
import { TablecastError } from '../errors';

/** A token as librdkafka's OAUTHBEARER takes it. */
export interface OAuthToken {
  readonly tokenValue: string;
  /** End of its validity, milliseconds since the epoch. */
  readonly lifetime: number;
  readonly principal: string;
}

/** Gives tokens for a scope; asks the credential, which keeps them until shortly before they expire. */
export type TokenSource = (scope: string) => Promise<OAuthToken>;

/**
 * Tokens of the app's own identity (managed identity in Azure, the developer's login elsewhere).
 * @param credential another credential than the default chain
 */
export function azureTokens(credential?: TokenCredential): TokenSource {
  let chosen = credential;
  return async (scope) => {
    // Made at first use: the default chain looks at the environment and costs time that other mechanisms need not pay.
    chosen ??= new DefaultAzureCredential();
    try {
      const token = await chosen.getToken(scope);
      if (token === null) throw new Error('the identity has no token for this scope');
      return { tokenValue: token.token, lifetime: token.expiresOnTimestamp, principal: '' };
    } catch (cause) {
      const reason = cause instanceof Error ? (cause.message.split('\n')[0] ?? cause.name) : String(cause);
      throw new TablecastError('TOKEN_REFUSED', { scope, reason }, { cause });
    }
  };
}
