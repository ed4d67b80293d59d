import { SourceAdapter, TablecastError, type Logger, type ValueSchema } from '../lib/index';
import { RestClient, type RestClientOptions } from './rest-client';
import type { RestConnectionSettings } from './rest-connection-settings';
import type { FieldPath } from './rest-fields';
import { RestLoad, type LoadPlan } from './rest-load';
import { nextPath, withParameters, type RestPaging } from './rest-paging';
import { schemaOfRecords } from './rest-schema';

export interface RestReaderOptions extends RestClientOptions {
  /** Bytes of an answer that may come without completing a record: how large a record can be. Default 16 MB. */
  readonly maxRecordBytes?: number;
  /** Rows of a page that are held in memory, at most; a page with more goes to the workspace in parts. Default 2000. */
  readonly chunkRows?: number;
  /** Characters of a page that are held in memory before it goes to the workspace in parts. Default 4 million. */
  readonly chunkCharacters?: number;
}

/** What to read from a service, and what its answers look like. */
export interface RestRequest {
  /** Below the address in the secret, e.g. `attributes`. */
  readonly path: string;
  /** Parameters of every page, e.g. `{ changedSince: selection.from }`; undefined ones are left out. */
  readonly query?: Readonly<Record<string, string | number | undefined>>;
  /** Further headers, e.g. `{ 'x-tenant': 'lab' }`. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Default: there is one page. */
  readonly paging?: RestPaging;
  /** One JSON document, or one per line. Default `json`. */
  readonly format?: 'json' | 'ndjson';
  /** Path of the array of records in the document, e.g. `data.items`. Default: the document is the array. */
  readonly records?: string;
  /** Path of the number of all records in the document, e.g. `meta.total`: it must stay the same, and as many records must come. */
  readonly total?: string;
  /** Where a column's field is, when it is not at the top of the record under the column's name: `{ CITY: 'address.city' }`. */
  readonly fields?: Readonly<Record<string, FieldPath>>;
  /** Columns of the table. Without a schema it is made of the first records. */
  readonly schema?: ValueSchema;
  /** Without a schema: the primary key of the one that is made. */
  readonly key?: readonly string[];
  /** Without a schema: how many records of the first page it is made of, at most. Default 1000. */
  readonly sampleRecords?: number;
  /** A load with more pages than this is going round in circles. Default 100 000. */
  readonly maxPages?: number;
}

/**
 * Base of readers for REST services that bring their records in pages. A reader of one's own says what to ask for, and `loadRecords` does the rest: it
 * logs in, reads pages in parallel where the paging allows, tries again what failed, and maps the records to columns by name. A page's rows become rows
 * of the table when the page has been read to its end, so nothing is lost or doubled when it has to be read again. docs/rest.md builds one.
 *
 * @example
 * class StationReader extends RestReader {
 *   override load(table: string, schema: ValueSchema): Promise<number> {
 *     return this.loadRecords(table, { path: 'stations', records: 'data', paging: { type: 'page', size: ['limit', 500] }, schema });
 *   }
 * }
 */
export abstract class RestReader extends SourceAdapter {
  readonly #settings: RestConnectionSettings;
  readonly #options: RestReaderOptions;
  #client: Promise<RestClient> | undefined;
  /** Address below which all pages are; it ends with a slash. */
  #base = '';

  /** Connects nothing: the first load does. */
  constructor(settings: RestConnectionSettings, logger: Logger, options: RestReaderOptions = {}) {
    super(logger);
    this.#settings = settings;
    this.#options = { ...options };
  }

  /**
   * Reads all pages of a request into a new table of the workspace.
   *
   * @returns number of rows
   * @throws TablecastError REST_REQUEST_INVALID, SECRET_INVALID before anything is read
   * @throws TablecastError REST_UNREACHABLE, REST_UNAVAILABLE when a page did not come after all tries
   * @throws TablecastError REST_TLS, REST_AUTHENTICATION, REST_FAILED, REST_LINK_REFUSED
   * @throws TablecastError REST_RESPONSE_INVALID, REST_RECORD_TOO_LARGE, REST_CURSOR_LOOP, REST_SOURCE_CHANGED, REST_SCHEMA_CHANGED
   * @throws TablecastError VALUE_INVALID with page and record, when a value does not fit its column exactly or a required one is missing
   * @throws TablecastError EMPTY_TABLE when there are no records to make a schema of
   */
  protected async loadRecords(table: string, request: RestRequest): Promise<number> {
    const { journal, signal } = this.context;
    signal.throwIfAborted();
    if (this.context.describing && request.schema) {
      checkFields(table, request.schema, request.fields ?? {});
      await this.#prepare(table, request.schema, request);
      return 0;
    }
    const client = await this.#connected();
    const plan = this.#plan(table, request);
    return journal.time('read', async () => {
      const load = new RestLoad(plan, client, this.context);
      const { sampleRecords = 1000 } = request;
      const schema = request.schema ?? (await this.#schemaOf(load, table, request.key ?? [], sampleRecords));
      checkFields(table, schema, plan.fields);
      await this.#prepare(table, schema, request);
      if (this.context.describing) return 0;
      const { chunkRows: rows = 2000, chunkCharacters: characters = 4_000_000 } = this.#options;
      return load.run(schema, { rows, characters }, request.schema === undefined ? sampleRecords : undefined);
    });
  }

  override async [Symbol.asyncDispose](): Promise<void> {
    const client = await this.#client?.catch(() => undefined);
    this.#client = undefined;
    await client?.[Symbol.asyncDispose]();
    await super[Symbol.asyncDispose]();
  }

  async #prepare(table: string, schema: ValueSchema, { path, fields = {} }: RestRequest): Promise<void> {
    await this.prepareLoad(table, schema);
    this.context.lineage.loadedFrom(table, {
      // A contract is the same in every environment.
      connection: this.context.describing ? this.#settings.secretName : this.#base.replace(/\/$/, ''),
      name: path.replace(/^\/+/, ''),
      columns: schema.tableFields.map(({ name }) => name),
      fields: new Map(Object.entries(fields).map(([column, field]) => [column, typeof field === 'string' ? field : field.join('.')])),
    });
  }

  #connected(): Promise<RestClient> {
    const { journal, secrets, signal } = this.context;
    this.#client ??= journal.time('connect', async () => {
      const connection = await this.#settings.read(secrets);
      this.#base = connection.url.replace(/[?#].*/, '').replace(/\/*$/, '/');
      return new RestClient(connection, this.#settings.secretName, this.#options, signal);
    });
    return this.#client;
  }

  async #schemaOf(load: RestLoad, table: string, key: readonly string[], count: number): Promise<ValueSchema> {
    const records = await load.sample(count);
    if (records.length === 0) throw new TablecastError('EMPTY_TABLE', { table });
    return schemaOfRecords(records, this.schemaName?.name ?? table, this.schemaName?.namespace || undefined, key);
  }

  #plan(table: string, request: RestRequest): LoadPlan {
    const { path, query = {}, headers = {}, paging = { type: 'none' }, format = 'json', records = '', total, fields = {} } = request;
    const invalid = (reason: string): TablecastError => new TablecastError('REST_REQUEST_INVALID', { table, reason });
    const url = URL.canParse(path.replace(/^\/+/, ''), this.#base) ? new URL(path.replace(/^\/+/, ''), this.#base) : undefined;
    if (!url?.href.startsWith(this.#base)) throw invalid('its path does not lead below the address in the secret');
    const inDocument = [records, nextPath(paging), total].filter((value) => value !== undefined && value !== '') as string[];
    for (const inner of inDocument) {
      if (format === 'ndjson') throw invalid(`there is no document around the records of NDJSON that could have ${inner}`);
      if (!/^[^.*]+(\.[^.*]+)*$/.test(inner)) throw invalid(`"${inner}" is no path of names separated by dots`);
    }
    return {
      table,
      url: withParameters(url, query),
      headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value])),
      paging,
      format,
      records,
      total,
      fields,
      maxRecordBytes: this.#options.maxRecordBytes ?? 16 * 1024 * 1024,
      maxPages: request.maxPages ?? 100_000,
    };
  }
}

function checkFields(table: string, schema: ValueSchema, fields: Readonly<Record<string, FieldPath>>): void {
  const unknown = Object.keys(fields).find((column) => !schema.tableFields.some(({ name }) => name === column));
  if (unknown !== undefined)
    throw new TablecastError('REST_REQUEST_INVALID', {
      table,
      reason: `fields names the column ${unknown}, which the schema does not have`,
    });
}
