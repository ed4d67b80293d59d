/** The parts of Azurite that are started in process; the package has no types of its own. */
declare module 'azurite/dist/src/table/TableConfiguration' {
  // eslint-disable-next-line @typescript-eslint/no-extraneous-class -- only ever handed to the server
  export default class TableConfiguration {
    constructor(
      host: string,
      port: number,
      keepAliveTimeout: number,
      metadataDBPath: string,
      enableDebugLog: boolean,
      enableAccessLog: boolean,
      accessLogWriteStream: NodeJS.WritableStream | undefined,
      debugLogFilePath: string | undefined,
      loose: boolean,
      skipApiVersionCheck: boolean,
      cert: string,
      key: string,
      pwd: string,
      oauth: string | undefined,
      disableProductStyleUrl: boolean,
      isMemoryPersistence: boolean,
    );
  }
}

declare module 'azurite/dist/src/table/TableServer' {
  import type { Server } from 'node:http';
  import type TableConfiguration from 'azurite/dist/src/table/TableConfiguration';

  export default class TableServer {
    constructor(configuration: TableConfiguration);
    readonly httpServer: Server;
    start(): Promise<void>;
    close(): Promise<void>;
  }
}

declare module 'azurite/dist/src/blob/BlobConfiguration' {
  import type { MemoryExtentChunkStore } from 'azurite/dist/src/common/persistence/MemoryExtentStore';

  // eslint-disable-next-line @typescript-eslint/no-extraneous-class -- only ever handed to the server
  export default class BlobConfiguration {
    constructor(
      host: string,
      port: number,
      keepAliveTimeout: number,
      metadataDBPath: string,
      extentDBPath: string,
      persistencePathArray: readonly unknown[] | undefined,
      enableAccessLog: boolean,
      accessLogWriteStream: NodeJS.WritableStream | undefined,
      enableDebugLog: boolean,
      debugLogFilePath: string | undefined,
      loose: boolean,
      skipApiVersionCheck: boolean,
      cert: string,
      key: string,
      pwd: string,
      oauth: string | undefined,
      disableProductStyleUrl: boolean,
      isMemoryPersistence: boolean,
      memoryStore: MemoryExtentChunkStore,
    );
  }
}

declare module 'azurite/dist/src/blob/BlobServer' {
  import type { Server } from 'node:http';
  import type BlobConfiguration from 'azurite/dist/src/blob/BlobConfiguration';

  export default class BlobServer {
    constructor(configuration: BlobConfiguration);
    readonly httpServer: Server;
    start(): Promise<void>;
    close(): Promise<void>;
  }
}

declare module 'azurite/dist/src/common/persistence/MemoryExtentStore' {
  // eslint-disable-next-line @typescript-eslint/no-extraneous-class -- only ever handed to the configuration
  export class MemoryExtentChunkStore {
    constructor(sizeLimit?: number);
  }
}
