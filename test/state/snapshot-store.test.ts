import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  BlobServiceClient,
  generateAccountSASQueryParameters,
  AccountSASPermissions,
  StorageSharedKeyCredential,
} from '@azure/storage-blob';
import { startBlobStorage, type LocalBlobStorage } from '../../local/storage/azurite';
import { readSettings } from '../../src/lib';
import { BlobSnapshotStore } from '../../src/lib/state/blob-snapshot-store';
import { MemorySnapshotStore } from '../../src/lib/state/memory-snapshot-store';
import type { SnapshotStore } from '../../src/lib/state/snapshot-store';

const FLOW = { environment: 'test', functionName: 'TEST_Reader', dataflowName: 'TEST_Reader' };

let folder: string;
let files = 0;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'snapshots-'));
});

afterAll(async () => {
  await rm(folder, { recursive: true });
});

const newFile = (): string => path.join(folder, String(++files));

async function fileOf(content: string | Buffer): Promise<string> {
  const file = newFile();
  await writeFile(file, content);
  return file;
}

async function contentOf(store: SnapshotStore, name: string): Promise<Buffer> {
  const file = newFile();
  await store.load(name, file);
  return readFile(file);
}

/** What every store must do, whatever stands behind it. */
function snapshotStoreContract(newStore: () => SnapshotStore): void {
  test('what was saved comes back, byte for byte; saving again replaces it', async () => {
    const store = newStore();
    const content = Buffer.from(Array.from({ length: 9_000_000 }, (_, index) => (index * 7919) % 256));
    await store.save('one', await fileOf(content));
    expect((await contentOf(store, 'one')).equals(content)).toBe(true);
    await store.save('one', await fileOf('shorter'));
    expect((await contentOf(store, 'one')).toString()).toBe('shorter');
    await store.save('empty', await fileOf(''));
    expect(await contentOf(store, 'empty')).toHaveLength(0);
  });

  test('what is not there is SNAPSHOT_MISSING and names it, before and after the first save', async () => {
    const store = newStore();
    const missing = { code: 'SNAPSHOT_MISSING', status: 409, retry: false };
    await expect(store.load('one', newFile())).rejects.toMatchObject(missing);
    await store.save('other', await fileOf('x'));
    await expect(store.load('one', newFile())).rejects.toMatchObject(missing);
    await expect(store.load('one', newFile())).rejects.toThrow(/The published state one, .* is not in \S+/);
  });

  test('names lists what is there, and remove takes one away, as often as it is called', async () => {
    const store = newStore();
    expect(await store.names()).toEqual([]);
    await store.remove('one');
    for (const name of ['one', '01J00000000000000000000001', '01J00000000000000000000001-backfill'])
      await store.save(name, await fileOf(name));
    expect((await store.names()).sort()).toEqual(['01J00000000000000000000001', '01J00000000000000000000001-backfill', 'one']);
    await store.remove('one');
    await store.remove('one');
    expect(await store.names()).not.toContain('one');
    await expect(store.load('one', newFile())).rejects.toMatchObject({ code: 'SNAPSHOT_MISSING' });
  });
}

describe('snapshots in memory', () => {
  snapshotStoreContract(() => new MemorySnapshotStore());
});

describe('snapshots in Blob Storage', () => {
  let storage: LocalBlobStorage;
  let containers = 0;

  beforeAll(async () => {
    storage = await startBlobStorage();
  });

  afterAll(async () => {
    await storage.close();
  });

  const settings = (values: Record<string, string> = {}) =>
    readSettings({ SNAPSHOT_STORAGE: storage.connectionString, SNAPSHOT_CONTAINER: `contract${++containers}`, ...values });

  snapshotStoreContract(() => new BlobSnapshotStore(settings(), FLOW));

  test('two dataflows do not see the files of each other, whatever their names are', async () => {
    const shared = settings();
    const flows = ['a', 'a/b', 'a.', 'Ä #?%', 'A'].map((dataflowName) => new BlobSnapshotStore(shared, { ...FLOW, dataflowName }));
    for (const [index, flow] of flows.entries()) await flow.save('one', await fileOf(String(index)));
    for (const [index, flow] of flows.entries()) {
      expect(await flow.names()).toEqual(['one']);
      expect((await contentOf(flow, 'one')).toString()).toBe(String(index));
    }
  });

  test('blobs are named by environment, function, dataflow and commit', async () => {
    const used = settings();
    await new BlobSnapshotStore(used, { ...FLOW, dataflowName: 'SAMPLE' }).save('01J00000000000000000000001', await fileOf('x'));
    const container = BlobServiceClient.fromConnectionString(storage.connectionString).getContainerClient(used.SNAPSHOT_CONTAINER);
    const names: string[] = [];
    for await (const { name } of container.listBlobsFlat()) names.push(name);
    expect(names).toEqual(['test/TEST_Reader/SAMPLE/01J00000000000000000000001.parquet']);
  });

  test('without SNAPSHOT_STORAGE the account of STATE_STORAGE is used', async () => {
    const used = readSettings({ STATE_STORAGE: storage.connectionString, SNAPSHOT_CONTAINER: 'derived' });
    const store = new BlobSnapshotStore(used, FLOW);
    await store.save('one', await fileOf('x'));
    expect(await store.names()).toEqual(['one']);
    const byUrl = new BlobSnapshotStore(readSettings({ STATE_STORAGE: 'https://account.table.core.windows.net' }), FLOW);
    expect(byUrl.place).toBe('account.blob.core.windows.net/tablecast/test/TEST_Reader/TEST_Reader');
  });

  test('a URL with a SAS token opens the container, and the token is in no message', async () => {
    const [name, key] = [/AccountName=([^;]+)/, /AccountKey=([^;]+)/].map((pattern) => pattern.exec(storage.connectionString)![1]!);
    const token = generateAccountSASQueryParameters(
      {
        expiresOn: new Date(Date.now() + 3_600_000),
        permissions: AccountSASPermissions.parse('rwdlac'),
        resourceTypes: 'sco',
        services: 'b',
      },
      new StorageSharedKeyCredential(name!, key!),
    ).toString();
    const store = new BlobSnapshotStore(settings({ SNAPSHOT_STORAGE: `${storage.url}?${token}` }), FLOW);
    await store.save('one', await fileOf('x'));
    expect(await store.names()).toEqual(['one']);
    await expect(store.load('two', newFile())).rejects.not.toThrow(/sig=/);
    expect(store.place).not.toContain('sig');
  });

  test('a wrong key is SNAPSHOT_FORBIDDEN and names the place, not the key', async () => {
    const wrongKey = Buffer.from('not the key of this account').toString('base64');
    const wrong = new BlobSnapshotStore(
      settings({ SNAPSHOT_STORAGE: storage.connectionString.replace(/AccountKey=[^;]+/, `AccountKey=${wrongKey}`) }),
      FLOW,
    );
    const failure = wrong.save('one', await fileOf('x'));
    await expect(failure).rejects.toMatchObject({ code: 'SNAPSHOT_FORBIDDEN', status: 500 });
    await expect(failure).rejects.toThrow(/127\.0\.0\.1:\d+\/contract\d+\/test\/TEST_Reader/);
    await expect(failure).rejects.not.toThrow(wrongKey);
  });
});

describe('a snapshot storage that cannot be used', () => {
  test('nobody listening is SNAPSHOT_UNREACHABLE, to be tried again', async () => {
    const storage = await startBlobStorage();
    await storage.close();
    const store = new BlobSnapshotStore(readSettings({ SNAPSHOT_STORAGE: storage.connectionString }), FLOW);
    await expect(store.names()).rejects.toMatchObject({ code: 'SNAPSHOT_UNREACHABLE', status: 503, retry: true });
  });

  test.each([
    [{ SNAPSHOT_STORAGE: 'nonsense' }, /SNAPSHOT_STORAGE is neither/],
    [{ SNAPSHOT_STORAGE: 'AccountName=x;AccountKey=c2VjcmV0' }, /SNAPSHOT_STORAGE is neither/],
    [
      { STATE_STORAGE: 'AccountName=x;AccountKey=c2VjcmV0;TableEndpoint=http://127.0.0.1/x;' },
      /SNAPSHOT_STORAGE is not set, and STATE_STORAGE/,
    ],
  ])('%j is SETTING_INVALID, but only when it is used', async (values, message) => {
    const store = new BlobSnapshotStore(readSettings(values), FLOW);
    await expect(store.names()).rejects.toMatchObject({ code: 'SETTING_INVALID' });
    await expect(store.names()).rejects.toThrow(message);
    await expect(store.names()).rejects.not.toThrow(/c2VjcmV0/);
  });

  test('a URL without a SAS token asks the identity of the app, and says when there is none', async () => {
    const noIdentity = {
      getToken: () => Promise.reject(Object.assign(new Error('no identity here'), { name: 'CredentialUnavailableError' })),
    };
    const store = new BlobSnapshotStore(readSettings({ SNAPSHOT_STORAGE: 'https://account.blob.core.windows.net' }), FLOW, noIdentity);
    await expect(store.names()).rejects.toMatchObject({ code: 'SNAPSHOT_FORBIDDEN' });
  });
});
