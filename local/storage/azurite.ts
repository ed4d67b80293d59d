import type { AddressInfo } from 'node:net';
import TableConfiguration from 'azurite/dist/src/table/TableConfiguration';
import TableServer from 'azurite/dist/src/table/TableServer';

/** Azurite's well-known development account; the key is public. */
const ACCOUNT = 'devstoreaccount1';
const KEY = 'Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==';

export interface LocalTableStorage extends AsyncDisposable {
  /** For the setting STATE_STORAGE. */
  readonly connectionString: string;
  readonly url: string;
  close(): Promise<void>;
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
  await server.start();
  const url = `http://127.0.0.1:${(server.httpServer.address() as AddressInfo).port}/${ACCOUNT}`;
  let closing: Promise<void> | undefined;
  const close = (): Promise<void> => (closing ??= server.close());
  return {
    url,
    connectionString: `DefaultEndpointsProtocol=http;AccountName=${ACCOUNT};AccountKey=${KEY};TableEndpoint=${url};`,
    close,
    [Symbol.asyncDispose]: close,
  };
}
