import { DefaultAzureCredential, type TokenCredential } from '@azure/identity';
import { SecretClient } from '@azure/keyvault-secrets';
import { TablecastError } from '../errors';
import { secretVariable } from './environment-secrets';
import type { SecretStore } from './secret-store';

/** Reading one secret never takes longer than this, retries included. */
const READ_TIMEOUT_MS = 20_000;

/** Secrets from an Azure Key Vault, always the newest version, read anew at every call. */
export class KeyVaultSecrets implements SecretStore {
  readonly place: string;
  readonly #client: SecretClient;

  /** @param url the vault, e.g. `https://my-vault.vault.azure.net` */
  constructor(url: string, credential: TokenCredential = new DefaultAzureCredential()) {
    this.place = url;
    const { protocol, hostname } = new URL(url);
    const isLoopback = hostname === '127.0.0.1' || hostname === 'localhost';
    this.#client = new SecretClient(url, credential, {
      // A vault on this machine (tests, the demo) is not below the domain that its challenge names, and speaks plain HTTP.
      disableChallengeResourceVerification: isLoopback,
      allowInsecureConnection: isLoopback && protocol === 'http:',
      retryOptions: { maxRetries: 2, retryDelayInMs: 250, maxRetryDelayInMs: 2_000 },
    });
  }

  async readSecret(name: string): Promise<string> {
    try {
      const { value } = await this.#client.getSecret(name, { abortSignal: AbortSignal.timeout(READ_TIMEOUT_MS) });
      if (value !== undefined && value !== '') return value;
    } catch (error) {
      throw this.#secretError(name, error);
    }
    throw new TablecastError('SECRET_MISSING', { name, place: this.place, variable: secretVariable(name) });
  }

  #secretError(name: string, error: unknown): TablecastError {
    const { name: kind, statusCode, message } = error as { name?: string; statusCode?: number; message?: string };
    const details = { name, place: this.place, variable: secretVariable(name), reason: message?.split('\n')[0] ?? String(error) };
    if (kind === 'AbortError') {
      const reason = `no answer within ${READ_TIMEOUT_MS / 1000} seconds`;
      return new TablecastError('SECRET_UNREACHABLE', { ...details, reason }, { cause: error });
    }
    // The identity library's own errors come before any answer of the vault, so they are asked for first.
    const noIdentity = kind === 'CredentialUnavailableError' || kind === 'AuthenticationError' || kind === 'AggregateAuthenticationError';
    if (noIdentity || statusCode === 401 || statusCode === 403) return new TablecastError('SECRET_FORBIDDEN', details, { cause: error });
    if (statusCode === 404) return new TablecastError('SECRET_MISSING', details, { cause: error });
    return new TablecastError('SECRET_UNREACHABLE', details, { cause: error });
  }
}
