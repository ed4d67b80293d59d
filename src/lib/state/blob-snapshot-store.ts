import { DefaultAzureCredential, type TokenCredential } from '@azure/identity';
import { BlobServiceClient, type ContainerClient, RestError, type StoragePipelineOptions } from '@azure/storage-blob';
import { TablecastError } from '../errors';
import type { Settings } from '../settings';
import { entityKey } from './entity-key';
import type { FlowKey } from './flow-state';
import type { SnapshotStore } from './snapshot-store';

/** A file may be large; nothing else is. */
const TRANSFER_TIMEOUT_MS = 15 * 60_000;
const OPERATION_TIMEOUT_MS = 30_000;

const clientOptions: StoragePipelineOptions = {
  retryOptions: { maxTries: 4, retryDelayInMs: 200, maxRetryDelayInMs: 5_000 },
};

/** Larger files go in blocks, so that a short interruption costs little; they are visible together. */
const BLOCK_BYTES = 8 * 1024 * 1024;

const SUFFIX = '.parquet';

/** Snapshots as blobs `<environment>/<function>/<dataflow>/<name>.parquet` of one container, which is created by the first that is saved. */
export class BlobSnapshotStore implements SnapshotStore {
  readonly #settings: Pick<Settings, 'SNAPSHOT_STORAGE' | 'SNAPSHOT_CONTAINER' | 'STATE_STORAGE'>;
  readonly #prefix: string;
  readonly #credential: TokenCredential | undefined;
  #opened: ContainerClient | undefined;

  /** Looks at the settings at its first use only: a flow that keeps no snapshots needs no storage for them. */
  constructor(
    settings: Pick<Settings, 'SNAPSHOT_STORAGE' | 'SNAPSHOT_CONTAINER' | 'STATE_STORAGE'>,
    { environment, functionName, dataflowName }: FlowKey,
    credential?: TokenCredential,
  ) {
    this.#settings = settings;
    // A segment of a blob's name must not end with a dot.
    this.#prefix = [environment, functionName, dataflowName].map((part) => `${entityKey(part).replaceAll('.', '=002e')}/`).join('');
    this.#credential = credential;
  }

  /** @throws TablecastError SETTING_INVALID when the storage that the settings name cannot hold blobs */
  get place(): string {
    const { url } = this.#container;
    return `${new URL(url).host}/${this.#settings.SNAPSHOT_CONTAINER}/${this.#prefix.slice(0, -1)}`;
  }

  async save(name: string, file: string): Promise<void> {
    await this.#do(`saving ${name}`, TRANSFER_TIMEOUT_MS, async (abortSignal) => {
      const upload = (): Promise<unknown> =>
        this.#blob(name).uploadFile(file, { abortSignal, blockSize: BLOCK_BYTES, maxSingleShotSize: BLOCK_BYTES, concurrency: 4 });
      try {
        await upload();
      } catch (error) {
        if (codeOf(error) !== 'ContainerNotFound') throw error;
        await this.#container.createIfNotExists({ abortSignal });
        await upload();
      }
    });
  }

  async load(name: string, file: string): Promise<void> {
    await this.#do(`reading ${name}`, TRANSFER_TIMEOUT_MS, async (abortSignal) => {
      try {
        await this.#blob(name).downloadToFile(file, undefined, undefined, { abortSignal });
      } catch (error) {
        if (isMissing(error)) throw new TablecastError('SNAPSHOT_MISSING', { name, place: this.place }, { cause: error });
        throw error;
      }
    });
  }

  async names(): Promise<string[]> {
    return this.#do('listing', OPERATION_TIMEOUT_MS, async (abortSignal) => {
      const names: string[] = [];
      try {
        for await (const { name } of this.#container.listBlobsFlat({ prefix: this.#prefix, abortSignal })) {
          if (name.endsWith(SUFFIX)) names.push(name.slice(this.#prefix.length, -SUFFIX.length));
        }
      } catch (error) {
        if (!isMissing(error)) throw error;
      }
      return names;
    });
  }

  async remove(name: string): Promise<void> {
    await this.#do(`removing ${name}`, OPERATION_TIMEOUT_MS, async (abortSignal) => {
      try {
        await this.#blob(name).delete({ abortSignal });
      } catch (error) {
        if (!isMissing(error)) throw error;
      }
    });
  }

  #blob(name: string) {
    return this.#container.getBlockBlobClient(`${this.#prefix}${name}${SUFFIX}`);
  }

  get #container(): ContainerClient {
    this.#opened ??= openContainer(this.#settings, this.#credential);
    return this.#opened;
  }

  async #do<T>(action: string, timeout: number, work: (abortSignal: AbortSignal) => Promise<T>): Promise<T> {
    try {
      return await work(AbortSignal.timeout(timeout));
    } catch (error) {
      if (error instanceof TablecastError) throw error;
      throw this.#storageError(action, error);
    }
  }

  #storageError(action: string, error: unknown): TablecastError {
    const name = error instanceof Error ? error.name : '';
    const refused = error instanceof RestError && (error.statusCode === 401 || error.statusCode === 403);
    const noIdentity = name === 'CredentialUnavailableError' || name === 'AuthenticationError' || name === 'AggregateAuthenticationError';
    const code = refused || noIdentity ? 'SNAPSHOT_FORBIDDEN' : 'SNAPSHOT_UNREACHABLE';
    return new TablecastError(code, { place: this.place, action, reason: reasonOf(error) }, { cause: error });
  }
}

/** @throws TablecastError SETTING_INVALID */
function openContainer(
  { SNAPSHOT_STORAGE, SNAPSHOT_CONTAINER, STATE_STORAGE }: Pick<Settings, 'SNAPSHOT_STORAGE' | 'SNAPSHOT_CONTAINER' | 'STATE_STORAGE'>,
  credential: TokenCredential | undefined,
): ContainerClient {
  try {
    const service = serviceClient(SNAPSHOT_STORAGE ?? blobStorageOf(STATE_STORAGE), credential);
    return service.getContainerClient(SNAPSHOT_CONTAINER);
  } catch {
    // The SDK's message may quote the connection string, which holds a key: neither text nor cause is passed on.
    const setting =
      SNAPSHOT_STORAGE === undefined ? 'SNAPSHOT_STORAGE is not set, and STATE_STORAGE, which is used instead,' : 'SNAPSHOT_STORAGE';
    const problem = `${setting} is neither a connection string of a storage account with blobs nor the URL of its blob service`;
    throw new TablecastError('SETTING_INVALID', { problems: [problem] });
  }
}

/** The same account's blobs. */
function blobStorageOf(tableStorage: string): string {
  if (!isUrl(tableStorage)) return tableStorage;
  const url = new URL(tableStorage);
  url.hostname = url.hostname.replace('.table.', '.blob.');
  return url.href;
}

function serviceClient(storage: string, credential: TokenCredential | undefined): BlobServiceClient {
  if (!isUrl(storage)) return BlobServiceClient.fromConnectionString(storage, clientOptions);
  if (new URL(storage).searchParams.has('sig')) return new BlobServiceClient(storage, undefined, clientOptions);
  return new BlobServiceClient(storage, credential ?? new DefaultAzureCredential(), clientOptions);
}

function isUrl(storage: string): boolean {
  return /^https?:\/\//i.test(storage);
}

/** The service's code, e.g. `BlobNotFound`. */
function codeOf(error: unknown): string | undefined {
  return error instanceof RestError ? error.code : undefined;
}

function isMissing(error: unknown): boolean {
  return error instanceof RestError && error.statusCode === 404;
}

/** The first line of the message: the SDK appends the whole request and answer. */
function reasonOf(error: unknown): string {
  if (error instanceof RestError && error.statusCode !== undefined) return `${error.statusCode} ${codeOf(error) ?? ''}`.trim();
  if (error instanceof Error && error.name === 'AbortError') return 'no answer in time';
  return error instanceof Error ? (error.message.split('\n')[0] ?? error.name) : String(error);
}
