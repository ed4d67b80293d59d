import { readSettings, type Settings } from '../settings';
import { EnvironmentSecrets } from './environment-secrets';
import { KeyVaultSecrets } from './key-vault-secrets';
import type { SecretStore } from './secret-store';

/** Where the app's secrets are: the Key Vault of the setting KEY_VAULT_URL, or the environment when it is not set. */
export function secretStore(settings: Settings): SecretStore {
  return settings.KEY_VAULT_URL === undefined ? new EnvironmentSecrets() : new KeyVaultSecrets(settings.KEY_VAULT_URL);
}

/**
 * Reads one secret of the app, outside of a run; inside one, `context.secrets` is at hand.
 * @throws TablecastError SECRET_MISSING, SECRET_FORBIDDEN, SECRET_UNREACHABLE
 */
export function readSecret(name: string, settings: Settings = readSettings()): Promise<string> {
  return secretStore(settings).readSecret(name);
}
