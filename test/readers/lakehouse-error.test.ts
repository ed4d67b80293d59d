import { TablecastError } from '../../src/lib';
import { asLakehouseError } from '../../src/readers/lakehouse-error';

/** Messages as DuckDB 1.5.5 gave them. */
const messages: readonly (readonly [string, string])[] = [
  [
    'IO Error: AzureBlobStorageFileSystem Read to az://lake/t/_delta_log/* failed with AuthenticationFailed Reason Phrase: Forbidden',
    'LAKEHOUSE_FORBIDDEN',
  ],
  [
    'IO Error: AzureBlobStorageFileSystem Read to az://lake/t/_delta_log/* failed with InvalidAuthenticationInfo Reason Phrase: Unauthorized',
    'LAKEHOUSE_FORBIDDEN',
  ],
  [
    `IO Error: AzureStorageFileSystem could not open file: 'az://lake/t/_delta_log/a.json', unknown error occurred, this could mean the credentials used were wrong. Original error message: 'Failed to parse xml.'`,
    'LAKEHOUSE_UNREACHABLE',
  ],
  [
    'IO Error: DeltaKernel ObjectStoreError (8): Error interacting with object store: The operation lacked valid authentication credentials for path t/_delta_log/_last_checkpoint: Error performing GET http://127.0.0.1:1/a/lake/t/_delta_log/_last_checkpoint in 1.3ms - Server returned non-2xx status code: 401 Unauthorized: <?xml version="1.0"?><Error><Code>InvalidAuthenticationInfo</Code><Message>Lifetime validation failed. The token is expired.</Message></Error>',
    'LAKEHOUSE_FORBIDDEN',
  ],
  [
    'Invalid Error: Fail to get a new connection for: https://onelake.dfs.fabric.microsoft.com. Could not resolve hostname',
    'LAKEHOUSE_UNREACHABLE',
  ],
  ['Invalid Error: Fail to get a new connection for: http://127.0.0.1:1. Could not connect to server', 'LAKEHOUSE_UNREACHABLE'],
  ['Invalid Error: Error while sending request. Failure when receiving data from the peer', 'LAKEHOUSE_UNREACHABLE'],
  [
    `IO Error: AzureStorageFileSystem could not open file: 'az://lake/t/x.parquet', unknown error occurred, this could mean the credentials used were wrong. Original error message: 'Error while sending request. Failure when receiving data from the peer'`,
    'LAKEHOUSE_UNREACHABLE',
  ],
  [
    'IO Error: DeltaKernel ObjectStoreError (8): Error interacting with object store: Generic MicrosoftAzure error: Error performing GET https://onelake.blob.fabric.microsoft.com/ws/x/_delta_log/_last_checkpoint in 2.3s, after 10 retries, max_retries: 10, retry_timeout: 180s  - HTTP error: error sending request',
    'LAKEHOUSE_UNREACHABLE',
  ],
  [
    `IO Error: AzureBlobStorageFileSystem Read to az://lake/t/* failed with ServerBusy Reason Phrase: Service Unavailable`,
    'LAKEHOUSE_UNREACHABLE',
  ],
  [
    'IO Error: AzureBlobStorageFileSystem Read to az://no/t/_delta_log/* failed with ContainerNotFound Reason Phrase: The specified container does not exist.',
    'LAKEHOUSE_TABLE_UNKNOWN',
  ],
  [
    'IO Error: DeltaKernel InvalidTableLocationError (28): Invalid table location: Path does not exist: "/lake/t/".',
    'LAKEHOUSE_TABLE_UNKNOWN',
  ],
  ['IO Error: DeltaKernel GenericError (5): Generic delta kernel error: No files in log segment', 'LAKEHOUSE_TABLE_UNKNOWN'],
  [
    'IO Error: DeltaKernel GenericError (5): Generic delta kernel error: LogSegment end version 3 not the same as the specified end version 9',
    'LAKEHOUSE_VERSION_GONE',
  ],
  ['IO Error: Cannot open file "/lake/t/part-1.parquet": No such file or directory', 'LAKEHOUSE_VERSION_GONE'],
  [
    `IO Error: AzureStorageFileSystem open file 'az://lake/t/part-1.parquet' failed with code 'BlobNotFound', Reason Phrase: 'The specified blob does not exist.', Message: ''`,
    'LAKEHOUSE_VERSION_GONE',
  ],
  [`IO Error: DeltaKernel UnsupportedError (35): Unsupported: Feature 'fromTheFuture' is not supported`, 'LAKEHOUSE_UNSUPPORTED'],
  ['IO Error: DeltaKernel SchemaError (13): something new', 'LAKEHOUSE_FAILED'],
  ['Binder Error: Referenced column "nope" not found in FROM clause!', 'WORKSPACE_SQL'],
];

test.each(messages)('%s', (message, code) => {
  const cause = new Error(`${message}\n\nLINE 1: SELECT …`);
  const error = new TablecastError('WORKSPACE_SQL', { action: 'run a statement', reason: message }, { cause });
  const result = asLakehouseError(error, { action: 'read it', path: '/tables/Forbidden', version: 3, secret: 'Lake' });
  expect(result).toMatchObject({ code, cause });
  // Every placeholder of the message has found its value.
  expect((result as TablecastError).message).not.toMatch(/\{\w+\}/);
  expect((result as TablecastError).fix).not.toMatch(/\{\w+\}/);
});

test('a name in the path of the table is no reason', () => {
  const message = 'IO Error: Cannot open file "/lake/Forbidden/part-1.parquet": No such file or directory';
  const error = new TablecastError('WORKSPACE_SQL', { action: 'run a statement', reason: message });
  expect(asLakehouseError(error, { action: 'read it', path: '/lake/Forbidden', version: 1, secret: 'Lake' })).toMatchObject({
    code: 'LAKEHOUSE_VERSION_GONE',
  });
});

test('errors that have a code of their own stay as they are', () => {
  const error = new TablecastError('KEY_NULL', {});
  expect(asLakehouseError(error, { action: 'read it', path: '/lake', secret: 'Lake' })).toBe(error);
});
