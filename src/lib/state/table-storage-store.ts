import { odata, RestError, TableClient, type TableServiceClientOptions } from '@azure/data-tables';
import { DefaultAzureCredential, type TokenCredential } from '@azure/identity';
import { TablecastError } from '../errors';
import { entityKey } from './entity-key';
import { fromProperties, toProperties } from './split-text';
import type { StateEntity, StateStore } from './state-store';

/** No single operation waits longer than this for the storage, retries included. */
const OPERATION_TIMEOUT_MS = 15_000;

const clientOptions: TableServiceClientOptions = { retryOptions: { maxRetries: 2, retryDelayInMs: 200, maxRetryDelayInMs: 2_000 } };

/** State in one table of Azure Table Storage. The table is created at the first write. */
export class TableStorageStore implements StateStore {
  readonly place: string;
  readonly #client: TableClient;

  /**
   * @param storage a connection string, or the account's table URL such as `https://account.table.core.windows.net`; with a URL that carries no
   *   SAS token the identity of the app is used
   * @throws TablecastError SETTING_INVALID when `storage` is neither
   */
  constructor(storage: string, table: string, credential?: TokenCredential) {
    try {
      this.#client = tableClient(storage, table, credential);
      this.place = `${new URL(this.#client.url).host}/${table}`;
    } catch {
      // The SDK's message may quote the connection string, which holds a key: neither text nor cause is passed on.
      const problem = 'STATE_STORAGE: neither a connection string of a storage account nor the URL of its table service';
      throw new TablecastError('SETTING_INVALID', { problems: [problem] });
    }
  }

  async insert(partition: string, row: string, values: Readonly<Record<string, string>>): Promise<string | undefined> {
    const entity = { partitionKey: entityKey(partition), rowKey: entityKey(row), ...toProperties(values) };
    return this.#withTable(`creating ${row}`, async (abortSignal) => {
      try {
        return requireVersion((await this.#client.createEntity(entity, { abortSignal })).etag);
      } catch (error) {
        if (errorCode(error) === 'EntityAlreadyExists') return undefined;
        throw error;
      }
    });
  }

  async read(partition: string, row: string): Promise<StateEntity | undefined> {
    return this.#do(`reading ${row}`, async (abortSignal) => {
      try {
        let readAt = new Date();
        const onResponse = ({ headers }: { headers: { get(name: string): string | undefined } }): void => {
          readAt = serverTime(headers.get('date'));
        };
        return toEntity(await this.#client.getEntity(entityKey(partition), entityKey(row), { abortSignal, onResponse }), readAt);
      } catch (error) {
        if (isMissing(error)) return undefined;
        throw error;
      }
    });
  }

  async replace(partition: string, row: string, values: Readonly<Record<string, string>>, version: string): Promise<string | undefined> {
    const entity = { partitionKey: entityKey(partition), rowKey: entityKey(row), ...toProperties(values) };
    return this.#do(`changing ${row}`, async (abortSignal) => {
      try {
        return requireVersion((await this.#client.updateEntity(entity, 'Replace', { etag: version, abortSignal })).etag);
      } catch (error) {
        if (isMissing(error) || isChanged(error)) return undefined;
        throw error;
      }
    });
  }

  async remove(partition: string, row: string, version = '*'): Promise<boolean> {
    return this.#do(`removing ${row}`, async (abortSignal) => {
      try {
        await this.#client.deleteEntity(entityKey(partition), entityKey(row), { etag: version, abortSignal });
        return true;
      } catch (error) {
        if (isMissing(error) || isChanged(error)) return false;
        throw error;
      }
    });
  }

  async list(
    partition: string,
    rowPrefix: string,
    { skip = 0, count }: { readonly skip?: number; readonly count: number },
  ): Promise<StateEntity[]> {
    // '~' is greater than every character that a row key can have, so the range is exactly the rows with this prefix.
    const filter = odata`PartitionKey eq ${entityKey(partition)} and RowKey ge ${rowPrefix} and RowKey lt ${`${rowPrefix}~`}`;
    return this.#do(`listing ${rowPrefix}`, async (abortSignal) => {
      const entities: StateEntity[] = [];
      let seen = 0;
      try {
        for await (const entity of this.#client.listEntities({ queryOptions: { filter }, abortSignal })) {
          seen += 1;
          if (seen > skip) entities.push(toEntity(entity, new Date()));
          if (entities.length === count) break;
        }
      } catch (error) {
        if (!isMissing(error)) throw error;
      }
      return entities;
    });
  }

  /** Like `#do`, and creates the table when it is not there yet. */
  async #withTable<T>(action: string, work: (abortSignal: AbortSignal) => Promise<T>): Promise<T> {
    return this.#do(action, async (abortSignal) => {
      try {
        return await work(abortSignal);
      } catch (error) {
        if (errorCode(error) !== 'TableNotFound') throw error;
        await this.#client.createTable({ abortSignal });
        return await work(abortSignal);
      }
    });
  }

  async #do<T>(action: string, work: (abortSignal: AbortSignal) => Promise<T>): Promise<T> {
    try {
      return await work(AbortSignal.timeout(OPERATION_TIMEOUT_MS));
    } catch (error) {
      throw this.#stateError(action, error);
    }
  }

  #stateError(action: string, error: unknown): TablecastError {
    const name = error instanceof Error ? error.name : '';
    const refused = error instanceof RestError && (error.statusCode === 401 || error.statusCode === 403);
    const noIdentity = name === 'CredentialUnavailableError' || name === 'AuthenticationError' || name === 'AggregateAuthenticationError';
    const code = refused || noIdentity ? 'STATE_FORBIDDEN' : 'STATE_UNREACHABLE';
    return new TablecastError(code, { place: this.place, action, reason: reasonOf(error) }, { cause: error });
  }
}

function tableClient(storage: string, table: string, credential?: TokenCredential): TableClient {
  const options = { ...clientOptions, allowInsecureConnection: /http:\/\/|DefaultEndpointsProtocol=http;/i.test(storage) };
  if (!/^https?:\/\//i.test(storage)) return TableClient.fromConnectionString(storage, table, options);
  if (new URL(storage).searchParams.has('sig')) return new TableClient(storage, table, options);
  return new TableClient(storage, table, credential ?? new DefaultAzureCredential(), options);
}

function toEntity(
  { partitionKey: _partition, rowKey, etag, timestamp, ...properties }: Readonly<Record<string, unknown>> & { etag: string },
  readAt: Date,
): StateEntity {
  return {
    row: String(rowKey),
    values: fromProperties(properties),
    version: etag,
    writtenAt: new Date(String(timestamp)),
    readAt,
  };
}

/** The `Date` header of an answer has whole seconds, rounded down: an age computed from it is never too great. */
function serverTime(header: string | undefined): Date {
  const time = header === undefined ? NaN : Date.parse(header);
  return Number.isNaN(time) ? new Date() : new Date(time);
}

function requireVersion(etag: string | undefined): string {
  if (etag === undefined) throw new Error('the storage returned no etag');
  return etag;
}

/** The `odata.error` code of the service, e.g. `EntityAlreadyExists`. */
function errorCode(error: unknown): string | undefined {
  if (!(error instanceof RestError)) return undefined;
  const details = error.details as { odataError?: { code?: string } } | undefined;
  return details?.odataError?.code ?? error.code;
}

function isMissing(error: unknown): boolean {
  return error instanceof RestError && error.statusCode === 404;
}

function isChanged(error: unknown): boolean {
  return error instanceof RestError && error.statusCode === 412;
}

/** The first line of the message: the SDK appends the whole request and answer. */
function reasonOf(error: unknown): string {
  if (error instanceof RestError && error.statusCode !== undefined) return `${error.statusCode} ${errorCode(error) ?? ''}`.trim();
  if (error instanceof Error && error.name === 'AbortError') return `no answer within ${OPERATION_TIMEOUT_MS / 1000} seconds`;
  return error instanceof Error ? (error.message.split('\n')[0] ?? error.name) : String(error);
}
