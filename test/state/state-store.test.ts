import { AzureNamedKeyCredential, generateAccountSas } from '@azure/data-tables';
import { startTableStorage, type LocalTableStorage } from '../../local/storage/azurite';
import { MemoryStore } from '../../src/lib/state/memory-store';
import { TableStorageStore } from '../../src/lib/state/table-storage-store';
import { stateStoreContract } from './state-store-contract';

describe('state in memory', () => {
  const store = new MemoryStore();
  stateStoreContract(() => store, 200);
});

describe('state in Table Storage', () => {
  let storage: LocalTableStorage;
  let store: TableStorageStore;

  beforeAll(async () => {
    storage = await startTableStorage();
    store = new TableStorageStore(storage.connectionString, 'contract');
  });

  afterAll(async () => {
    await storage.close();
  });

  stateStoreContract(() => store, 60);

  test('reading from a table that does not exist finds nothing and creates nothing', async () => {
    const other = new TableStorageStore(storage.connectionString, 'other');
    expect(await other.read('a', 'b')).toBeUndefined();
    expect(await other.list('a', 'b', { count: 1 })).toEqual([]);
    const version = await store.insert('a', 'b', {});
    expect(await other.replace('a', 'b', {}, version!)).toBeUndefined();
    expect(await other.remove('a', 'b')).toBe(false);
  });

  test('a table that does not exist is created by the first of many writers', async () => {
    const fresh = new TableStorageStore(storage.connectionString, 'fresh');
    const versions = await Promise.all(Array.from({ length: 10 }, (_, index) => fresh.insert('p', `row-${index}`, {})));
    expect(versions.every((version) => version !== undefined)).toBe(true);
  });

  test('a URL with a SAS token opens the table that it was made for', async () => {
    const [name, key] = [/AccountName=([^;]+)/, /AccountKey=([^;]+)/].map((pattern) => pattern.exec(storage.connectionString)![1]!);
    const token = generateAccountSas(new AzureNamedKeyCredential(name!, key!), {
      expiresOn: new Date(Date.now() + 3_600_000),
      permissions: { query: true, add: true, update: true, delete: true, list: true, write: true },
    });
    const bySas = new TableStorageStore(`${storage.url}?${token}`, 'contract');
    await bySas.insert('sas', 'row', { text: 'x' });
    expect((await store.read('sas', 'row'))?.values).toEqual({ text: 'x' });
    expect(bySas.place).not.toContain('sig');
  });

  test('a wrong key is STATE_FORBIDDEN and names the place, not the key', async () => {
    const wrongKey = Buffer.from('not the key of this account').toString('base64');
    const wrong = new TableStorageStore(storage.connectionString.replace(/AccountKey=[^;]+/, `AccountKey=${wrongKey}`), 'contract');
    const failure = wrong.read('a', 'b');
    await expect(failure).rejects.toMatchObject({ code: 'STATE_FORBIDDEN', status: 500 });
    await expect(failure).rejects.toThrow(/127\.0\.0\.1:\d+\/contract/);
    await expect(failure).rejects.not.toThrow(wrongKey);
  });
});

describe('a storage that cannot be used', () => {
  test('nobody listening is STATE_UNREACHABLE, to be tried again', async () => {
    const storage = await startTableStorage();
    await storage.close();
    const store = new TableStorageStore(storage.connectionString, 'gone');
    await expect(store.insert('a', 'b', {})).rejects.toMatchObject({ code: 'STATE_UNREACHABLE', status: 503, retry: true });
    await expect(store.read('a', 'b')).rejects.toMatchObject({ code: 'STATE_UNREACHABLE' });
  });

  test.each(['nonsense', 'AccountName=x;AccountKey=c2VjcmV0', 'https://', ''])(
    '%j as STATE_STORAGE is SETTING_INVALID and is not repeated',
    (text) => {
      const open = (): unknown => new TableStorageStore(text, 'table');
      expect(open).toThrow(/STATE_STORAGE: neither/);
      expect(open).not.toThrow(/c2VjcmV0/);
    },
  );

  test('a URL without a SAS token asks the identity of the app, and says when there is none', async () => {
    const noIdentity = {
      getToken: () => Promise.reject(Object.assign(new Error('no identity here'), { name: 'CredentialUnavailableError' })),
    };
    const store = new TableStorageStore('https://account.table.core.windows.net', 'table', noIdentity);
    await expect(store.read('a', 'b')).rejects.toMatchObject({ code: 'STATE_FORBIDDEN' });
  });
});
