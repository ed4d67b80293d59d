import { type AccessToken, EnvironmentCredential, ManagedIdentityCredential, type TokenCredential } from '@azure/identity';
import fc from 'fast-check';
import { startKeyVault, type LocalKeyVault } from '../../local/key-vault/key-vault';
import { TablecastError } from '../../src/lib/errors';
import { readSecret, secretStore } from '../../src/lib/secrets/choose-secrets';
import { EnvironmentSecrets, secretVariable } from '../../src/lib/secrets/environment-secrets';
import { KeyVaultSecrets } from '../../src/lib/secrets/key-vault-secrets';
import { readSettings } from '../../src/lib/settings';

const VALUE = 'not-to-be-seen-anywhere';

/** Sets environment variables for the time of a test. */
async function withEnvironment<T>(variables: Readonly<Record<string, string>>, work: () => Promise<T>): Promise<T> {
  const before = { ...process.env };
  Object.assign(process.env, variables);
  try {
    return await work();
  } finally {
    for (const name of Object.keys(variables)) {
      if (before[name] === undefined) Reflect.deleteProperty(process.env, name);
      else process.env[name] = before[name];
    }
  }
}

async function failureOf(work: Promise<unknown>): Promise<TablecastError> {
  const error: unknown = await work.catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(TablecastError);
  const failure = error as TablecastError;
  expect(`${failure.message} ${failure.fix}`).not.toContain(VALUE);
  expect(`${failure.message} ${failure.fix}`).not.toMatch(/\{\w+\}/);
  return failure;
}

describe('secrets in the environment', () => {
  test('a secret is the variable SECRET_ and its name in capitals', async () => {
    const secrets = new EnvironmentSecrets({ SECRET_LABWARE_SOURCE: VALUE });
    expect(await secrets.readSecret('Labware-Source')).toBe(VALUE);
    expect(secretVariable('Labware-Source')).toBe('SECRET_LABWARE_SOURCE');
  });

  test('every name of a secret makes the name of a variable', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), (name) => {
        expect(secretVariable(name)).toMatch(/^SECRET_[A-Z0-9_]+$/);
      }),
    );
  });

  test.each([{}, { SECRET_KAFKA: '' }])('one that is not set, or empty, is SECRET_MISSING and names the variable', async (environment) => {
    const failure = await failureOf(new EnvironmentSecrets(environment).readSecret('Kafka'));
    expect(failure).toMatchObject({ code: 'SECRET_MISSING', status: 500 });
    expect(failure.fix).toContain('SECRET_KAFKA');
  });

  test('a changed variable counts at the next reading', async () => {
    const environment: Record<string, string> = { SECRET_KAFKA: 'a' };
    const secrets = new EnvironmentSecrets(environment);
    expect(await secrets.readSecret('Kafka')).toBe('a');
    environment['SECRET_KAFKA'] = 'b';
    expect(await secrets.readSecret('Kafka')).toBe('b');
  });
});

describe('secrets in a Key Vault', () => {
  let vault: LocalKeyVault;

  beforeEach(async () => {
    vault = await startKeyVault({ 'Labware-Source': VALUE });
  });

  afterEach(async () => {
    await vault.close();
  });

  test('the setting KEY_VAULT_URL chooses the vault, and the managed identity opens it', async () => {
    await withEnvironment({ ...vault.identity, SECRET_LABWARE_SOURCE: 'from the environment' }, async () => {
      const settings = readSettings({ KEY_VAULT_URL: vault.url });
      expect(secretStore(settings).place).toBe(vault.url);
      expect(await secretStore(settings).readSecret('Labware-Source')).toBe(VALUE);
      expect(await readSecret('Labware-Source', settings)).toBe(VALUE);
      expect(await readSecret('Labware-Source', readSettings({}))).toBe('from the environment');
    });
  });

  test('a new version counts at the next reading', async () => {
    await withEnvironment(vault.identity, async () => {
      const secrets = new KeyVaultSecrets(vault.url, new ManagedIdentityCredential());
      expect(await secrets.readSecret('Labware-Source')).toBe(VALUE);
      vault.setSecret('Labware-Source', 'rotated');
      expect(await secrets.readSecret('Labware-Source')).toBe('rotated');
    });
  });

  test('a secret that is not there is SECRET_MISSING and names the vault', async () => {
    await withEnvironment(vault.identity, async () => {
      const failure = await failureOf(new KeyVaultSecrets(vault.url, new ManagedIdentityCredential()).readSecret('Kafka'));
      expect(failure).toMatchObject({ code: 'SECRET_MISSING', details: { name: 'Kafka', place: vault.url } });
      expect(failure.cause).toBeInstanceOf(Error);
    });
  });

  test('an identity without the role, or a disabled secret, is SECRET_FORBIDDEN', async () => {
    await withEnvironment(vault.identity, async () => {
      const secrets = new KeyVaultSecrets(vault.url, new ManagedIdentityCredential());
      vault.allowAccess(false);
      expect(await failureOf(secrets.readSecret('Labware-Source'))).toMatchObject({ code: 'SECRET_FORBIDDEN', retry: false });
      vault.allowAccess(true);
      vault.disableSecret('Labware-Source');
      const failure = await failureOf(secrets.readSecret('Labware-Source'));
      expect(failure.code).toBe('SECRET_FORBIDDEN');
      expect(failure.message).toContain('disabled');
    });
  });

  test('an app without an identity is SECRET_FORBIDDEN', async () => {
    const noIdentity = new EnvironmentCredential();
    const failure = await failureOf(new KeyVaultSecrets(vault.url, noIdentity).readSecret('Labware-Source'));
    expect(failure).toMatchObject({ code: 'SECRET_FORBIDDEN', retry: false });
  });

  test('a vault that does not answer is SECRET_UNREACHABLE, to be tried again', async () => {
    const anyToken: TokenCredential = {
      getToken: (): Promise<AccessToken> => Promise.resolve({ token: 'x', expiresOnTimestamp: Date.now() + 3_600_000 }),
    };
    await vault.close();
    const failure = await failureOf(new KeyVaultSecrets(vault.url, anyToken).readSecret('Labware-Source'));
    expect(failure).toMatchObject({ code: 'SECRET_UNREACHABLE', status: 503, retry: true });
  });
});
