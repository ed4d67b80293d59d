import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import BlobConfiguration from 'azurite/dist/src/blob/BlobConfiguration';
import BlobServer from 'azurite/dist/src/blob/BlobServer';
import { MemoryExtentChunkStore } from 'azurite/dist/src/common/persistence/MemoryExtentStore';
import TableConfiguration from 'azurite/dist/src/table/TableConfiguration';
import TableServer from 'azurite/dist/src/table/TableServer';

/** Azurite's well-known development account; the key is public. */
const ACCOUNT = 'devstoreaccount1';
const KEY = 'Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==';

/** A service of a storage account, or several. */
export interface LocalStorage extends AsyncDisposable {
  /** For the settings STATE_STORAGE and SNAPSHOT_STORAGE. */
  readonly connectionString: string;
  close(): Promise<void>;
}

export interface LocalTableStorage extends LocalStorage {
  readonly url: string;
}

export interface LocalBlobStorage extends LocalStorage {
  readonly url: string;
}

/** Tables and blobs of one account. */
export interface LocalAccount extends LocalStorage {
  readonly tables: LocalTableStorage;
  readonly blobs: LocalBlobStorage;
}

/** Starts Microsoft's storage emulator in this process: tables only, in memory, on a loopback port (0: a free one). */
export async function startTableStorage(port = 0): Promise<LocalTableStorage> {
  const server = new TableServer(
    new TableConfiguration(
      '127.0.0.1',
      port,
      5,
      ':memory:',
      false,
      false,
      undefined,
      undefined,
      false,
      false,
      '',
      '',
      '',
      undefined,
      false,
      true,
    ),
  );
  return started(server, 'TableEndpoint');
}

/** Starts Microsoft's storage emulator in this process: blobs only, in memory, on a loopback port (0: a free one). */
export async function startBlobStorage(port = 0): Promise<LocalBlobStorage> {
  const server = new BlobServer(
    new BlobConfiguration(
      '127.0.0.1',
      port,
      5,
      ':memory:',
      ':memory:',
      undefined,
      false,
      undefined,
      false,
      undefined,
      false,
      // DuckDB's extension speaks versions of the protocol that Azurite does not list.
      true,
      '',
      '',
      '',
      undefined,
      false,
      true,
      // By default all servers of a process share one.
      new MemoryExtentChunkStore(),
    ),
  );
  return started(server, 'BlobEndpoint');
}

/** Starts both, with one connection string. */
export async function startStorage(): Promise<LocalAccount> {
  const tables = await startTableStorage();
  const blobs = await startBlobStorage();
  const close = async (): Promise<void> => {
    await Promise.all([tables.close(), blobs.close()]);
  };
  const endpoints = `TableEndpoint=${tables.url};BlobEndpoint=${blobs.url};`;
  return { tables, blobs, connectionString: connectionString(endpoints), close, [Symbol.asyncDispose]: close };
}

interface AzuriteServer {
  readonly httpServer: Server;
  start(): Promise<void>;
  close(): Promise<void>;
}

async function started(server: AzuriteServer, endpoint: string): Promise<LocalStorage & { readonly url: string }> {
  await server.start();
  const url = `http://127.0.0.1:${(server.httpServer.address() as AddressInfo).port}/${ACCOUNT}`;
  let closing: Promise<void> | undefined;
  const close = (): Promise<void> => (closing ??= server.close());
  return { url, connectionString: connectionString(`${endpoint}=${url};`), close, [Symbol.asyncDispose]: close };
}

function connectionString(endpoints: string): string {
  return `DefaultEndpointsProtocol=http;AccountName=${ACCOUNT};AccountKey=${KEY};${endpoints}`;
}
