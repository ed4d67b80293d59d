import { TableClient } from '@azure/data-tables';
import { BlobServiceClient } from '@azure/storage-blob';
import { startStorage } from '../../local/storage/azurite';

test('tables and blobs are there for one connection string, and each account has its own', async () => {
  await using first = await startStorage();
  await using second = await startStorage();
  const table = TableClient.fromConnectionString(first.connectionString, 'things', { allowInsecureConnection: true });
  await table.createTable();
  await table.createEntity({ partitionKey: 'a', rowKey: 'b', value: 7 });
  expect(await table.getEntity('a', 'b')).toMatchObject({ value: 7 });

  const container = BlobServiceClient.fromConnectionString(first.connectionString).getContainerClient('files');
  await container.create();
  await container.getBlockBlobClient('folder/one.bin').uploadData(Buffer.from([1, 2, 3]));
  expect(await container.getBlobClient('folder/one.bin').downloadToBuffer()).toEqual(Buffer.from([1, 2, 3]));

  const other = BlobServiceClient.fromConnectionString(second.connectionString).getContainerClient('files');
  expect(await other.exists()).toBe(false);
});

test('closing twice is closing once', async () => {
  const storage = await startStorage();
  await storage.close();
  await storage[Symbol.asyncDispose]();
});
