import {
  azureTokens,
  fromDuckdbType,
  quoteIdentifier,
  quoteLiteral,
  SourceAdapter,
  TablecastError,
  ValueSchema,
  type Logger,
  type TokenSource,
} from '../lib/index';
import type { LakehouseConnectionSettings } from './lakehouse-connection-settings';
import type { DeltaMetadata, LakehouseLog } from './lakehouse-log';
import { LakehouseSession } from './lakehouse-session';

export interface LakehouseReaderOptions {
  /** Where tokens for Azure Storage come from. Default: the app's own identity. */
  readonly tokens?: TokenSource;
}

/** Which state of a Delta table is read; the newest when nothing is said. */
export interface TimeTravel {
  readonly version?: number;
  /** The state at this time, by the times that the commits carry: a Date, or text such as `2024-01-31T00:00:00Z`. */
  readonly timestamp?: Date | string;
}

export interface LakehouseQueryOptions {
  /**
   * `table` (default): the rows are brought into the workspace now. `view`: they are read from the lakehouse whenever the view is used, only the columns and
   * files that the use needs; for large tables of which a later step takes a small part. Publishing reads a view more than once.
   */
  readonly as?: 'table' | 'view' | undefined;
  /** Values of placeholders such as `$plant`. Only these carry what comes from outside. Not for views. */
  readonly binds?: Readonly<Record<string, string | number | boolean | null>>;
  /** Columns of the primary key: Delta Lake has none. They are checked before anything is published. */
  readonly key?: readonly string[];
}

export interface LakehouseLoadOptions extends LakehouseQueryOptions, TimeTravel {
  /** SQL condition on the table's columns, e.g. `"location" = $location`. Files of other partitions are not read. */
  readonly where?: string;
}

/** What `load` read. */
export interface LoadedVersion {
  /** Path of the Delta table. */
  readonly path: string;
  readonly version: number;
  /** The table's identity, which lasts until it is made anew; undefined when its log does not tell. */
  readonly id: string | undefined;
  /** Workspace tables with the rows as they were at the versions that `compareWith` named, in their order; none for the version that was read. */
  readonly earlier: readonly string[];
}

/** A state of a Delta table. */
export interface DeltaPosition {
  readonly version: number;
  readonly id: string | undefined;
}

/**
 * Reads Delta Lake tables of a lakehouse: OneLake, Azure storage, or a folder. Locations are paths below `url` of the secret. All reads of a run see each table
 * at one version: the newest when the run first looked at it. docs/lakehouse.md tells more.
 *
 * @example
 * await reader.load('WEATHER', 'WEATHER', 'WEATHER', 'LAKEHOUSE', { key: ['location', 'date'] });
 * await reader.loadSql('DAILY', `select p.plant, w.* from ${await reader.scan('WEATHER')} as w join ${await reader.scan('PLANTS')} as p using (location)`);
 */
export class LakehouseReader extends SourceAdapter {
  readonly #settings: LakehouseConnectionSettings;
  readonly #tokens: TokenSource;
  readonly #loaded = new Map<string, LoadedVersion>();
  #session: Promise<LakehouseSession> | undefined;
  #described: { readonly schema: ValueSchema; readonly metadata: DeltaMetadata | undefined } | undefined;
  #compareWith: { readonly position: DeltaPosition; readonly later: readonly number[] } | undefined;

  /** Connects nothing: the first use does. */
  constructor(settings: LakehouseConnectionSettings, logger: Logger, options: LakehouseReaderOptions = {}) {
    super(logger);
    this.#settings = settings;
    this.#tokens = options.tokens ?? azureTokens();
  }

  /**
   * The version of a table that this run reads when nothing else is said: the newest when it is first asked for.
   * @throws TablecastError LAKEHOUSE_TABLE_UNKNOWN, LAKEHOUSE_LOCATION_INVALID, LAKEHOUSE_UNREACHABLE, LAKEHOUSE_FORBIDDEN, EXTENSION_MISSING
   */
  async version(location: string): Promise<number> {
    return this.#newest(await this.#connected(), location);
  }

  /**
   * A Delta table as SQL to put behind FROM or JOIN in `loadSql`, or in statements of the workspace: `delta_scan('…', version => 3)`.
   * @throws TablecastError as `version`, and LAKEHOUSE_VERSION_GONE
   */
  async scan(location: string, at: TimeTravel = {}): Promise<string> {
    const session = await this.#connected();
    return scanSql(session.log(location), await this.#resolve(session, location, at));
  }

  /**
   * Reads a Delta table into a table (or view) of the workspace and makes `tableSchema` of its columns. With `name`, this is `setSchemaNameForSql`, `load` and
   * `augmentSchema` in one call.
   *
   * @param table name in the workspace; a table with this name is replaced by a table, a view by a view
   * @param location path of the Delta table below the lakehouse's folder, e.g. `WEATHER` or `dbo/WEATHER`
   * @param name name of the schema; without it, the one set by `setSchemaNameForSql`, or the table's
   * @param namespace namespace of the schema, usually the source system
   * @returns the version that was read
   * @throws TablecastError as `scan`; TYPE_UNSUPPORTED for a column without Avro type; COLUMN_UNKNOWN for a key that is no column
   */
  override async load(
    table: string,
    location: string,
    name?: string,
    namespace?: string,
    options: LakehouseLoadOptions = {},
  ): Promise<number> {
    if (name !== undefined) this.setSchemaNameForSql(name, namespace ?? '');
    const { name: schemaName, namespace: schemaNamespace } = this.schemaName ?? { name: table, namespace: '' };
    const session = await this.#connected();
    const log = session.log(location);
    const version = await this.#resolve(session, location, options);
    return this.context.journal.time('read', async () => {
      const metadata = await this.#metadata(session, log, location, version);
      const earlier = await this.#loadEarlier(session, log, table, version, options);
      // What has not changed needs no rows.
      const what = earlier?.length === 0 ? { as: options.as, where: 'false' } : options;
      await this.#bring(session, table, selectSql(log, version, what.where), what, log.path, version);
      this.#loaded.set(table, { path: log.path, version, id: metadata?.id, earlier: earlier ?? [] });
      this.context.journal.note('VERSION', `${table}: version ${version} of ${location}`);
      await this.#describe(table, new ValueSchema(schemaName, schemaNamespace || undefined), options.key, metadata);
      const columns = this.tableSchema.tableFields.map((field) => field.name);
      this.context.lineage.loadedFrom(table, { connection: this.#lineageUri(session), name: location, columns });
      if (name !== undefined) await this.augmentSchema();
      return version;
    });
  }

  /**
   * Makes a table (or view) of the result of a SELECT over Delta tables, which `scan` puts into it, and over tables of the workspace; `tableSchema` has its
   * columns with their types.
   *
   * @returns number of rows; 0 for a view, which has not been read
   * @throws TablecastError WORKSPACE_SQL when DuckDB does not understand the SELECT; else as `load`
   */
  async loadSql(table: string, sql: string, name?: string, namespace?: string, options: LakehouseQueryOptions = {}): Promise<number> {
    if (name !== undefined) this.setSchemaNameForSql(name, namespace ?? '');
    const { name: schemaName, namespace: schemaNamespace } = this.schemaName ?? { name: table, namespace: '' };
    const session = await this.#connected();
    return this.context.journal.time('read', async () => {
      const rows = await this.#bring(session, table, sql, options, table, undefined);
      await this.#describe(table, new ValueSchema(schemaName, schemaNamespace || undefined), options.key, undefined);
      this.context.lineage.loadedBySql(table, {
        connection: this.#lineageUri(session),
        dialect: 'duckdb',
        // Which version is read differs from run to run; the lineage does not.
        sql: sql.replaceAll(/(delta_scan\('(?:[^']|'')*'), version => \d+\)/g, '$1)'),
        kind: options.as ?? 'table',
        columns: this.tableSchema.tableFields.map((field) => field.name),
        columnsOf: (item) => this.#columnsOf(item),
      });
      return rows;
    });
  }

  /**
   * Completes `tableSchema` from what the Delta table says about itself: its description, the comments and types of its columns. What is set already stays.
   * @throws TablecastError READER_NOT_READY before the first load
   */
  override augmentSchema(): Promise<void> {
    const schema = this.tableSchema;
    if (this.#described?.schema !== schema || !this.#described.metadata) return Promise.resolve();
    const { description, columns } = this.#described.metadata;
    if (schema.doc === undefined) schema.setDoc(description);
    for (const { name, type, comment } of columns) {
      const field = schema.field(name);
      field?.setSourceDataType(type);
      if (field?.doc === undefined) field?.setDoc(comment);
    }
    return Promise.resolve();
  }

  /**
   * Has the next loads bring, beside each table, its rows as they were at a position, and at some versions after it: `loaded` then names these tables as
   * `earlier`. Of a table that is still at that position nothing is read: it is empty. For strategies.
   *
   * @param later versions after that of the position
   */
  compareWith(position: DeltaPosition, later: readonly number[] = []): void {
    this.#compareWith = { position, later };
  }

  /** What `load` read into a table of the workspace. */
  loaded(table: string): LoadedVersion | undefined {
    return this.#loaded.get(table);
  }

  #connected(): Promise<LakehouseSession> {
    const { journal } = this.context;
    this.#session ??= journal.time('connect', () => LakehouseSession.open(this.#settings, this.context, this.#tokens));
    return this.#session;
  }

  /** @throws TablecastError LAKEHOUSE_TABLE_UNKNOWN */
  async #newest(session: LakehouseSession, location: string): Promise<number> {
    const log = session.log(location);
    const version = await session.read(`read the log of ${location}`, log.path, undefined, () => log.version());
    if (version === undefined) throw new TablecastError('LAKEHOUSE_TABLE_UNKNOWN', { path: log.path, secret: session.secretName });
    return version;
  }

  /** @throws TablecastError LAKEHOUSE_VERSION_GONE, SQL_BINDS */
  async #resolve(session: LakehouseSession, location: string, { version, timestamp }: TimeTravel): Promise<number> {
    const newest = await this.#newest(session, location);
    const log = session.log(location);
    if (version === undefined && timestamp === undefined) return newest;
    if (timestamp !== undefined) {
      const time = new Date(timestamp);
      if (version !== undefined || Number.isNaN(time.getTime()))
        throw new TablecastError('LAKEHOUSE_LOCATION_INVALID', {
          location,
          reason: version === undefined ? `${String(timestamp)} is no time` : 'both a version and a timestamp are given',
        });
      return session.read(`read the log of ${location}`, log.path, undefined, () => log.versionAt(time));
    }
    await this.#checkVersion(session, log, location, version!, newest);
    return version!;
  }

  async #checkVersion(session: LakehouseSession, log: LakehouseLog, location: string, version: number, newest: number): Promise<void> {
    const gone = (reason: string): TablecastError => new TablecastError('LAKEHOUSE_VERSION_GONE', { path: log.path, version, reason });
    if (!Number.isSafeInteger(version) || version < 0) throw gone('versions are whole numbers from 0');
    if (version > newest) throw gone(`its newest version is ${newest}`);
    const oldest = await session.read(`read the log of ${location}`, log.path, undefined, () => log.oldest());
    if (version < oldest) throw gone(`its log goes back to version ${oldest} only`);
  }

  /** Best effort: without it, columns are described by their types alone. */
  async #metadata(session: LakehouseSession, log: LakehouseLog, location: string, version: number): Promise<DeltaMetadata | undefined> {
    const found = await session.read(`read the log of ${location}`, log.path, version, () => log.metadata(version));
    if (!found)
      this.context.journal.note('UNRESOLVED', `${location}: the log does not describe version ${version}, so comments are missing`);
    return found;
  }

  /**
   * Brings the rows as they were.
   * @returns their tables; none when the table has not changed since; undefined when nobody asked
   */
  async #loadEarlier(
    session: LakehouseSession,
    log: LakehouseLog,
    table: string,
    version: number,
    options: LakehouseLoadOptions,
  ): Promise<string[] | undefined> {
    if (!this.#compareWith) return undefined;
    const { position, later } = this.#compareWith;
    const anew = (reason: string): TablecastError =>
      new TablecastError('LAKEHOUSE_TABLE_RECREATED', { path: log.path, pointer: position.version, reason });
    if (version < Math.max(position.version, ...later)) throw anew(`its newest version is ${version}`);
    await this.#checkVersion(session, log, table, position.version, version);
    if (position.id !== undefined) {
      const { id } = (await this.#metadata(session, log, table, position.version)) ?? {};
      if (id !== undefined && id !== position.id) throw anew('it has another identity');
    }
    const tables: string[] = [];
    for (const earlier of [position.version, ...later].filter((candidate) => candidate < version)) {
      const name = `${table}__version_${earlier}`;
      await this.#checkVersion(session, log, table, earlier, version);
      await this.#bring(session, name, selectSql(log, earlier, options.where), options, log.path, earlier);
      tables.push(name);
    }
    return tables;
  }

  /** @returns number of rows, 0 for a view */
  async #bring(
    session: LakehouseSession,
    table: string,
    sql: string,
    { as = 'table', binds = {} }: LakehouseQueryOptions,
    path: string,
    version: number | undefined,
  ): Promise<number> {
    const { workspace, context } = this;
    if (as === 'view' && Object.keys(binds).length > 0)
      throw new TablecastError('SQL_BINDS', { table, reason: 'a view takes none; load it as a table' });
    const action = version === undefined ? `read ${table}` : `read ${path} at version ${version}`;
    const statement = context.describing
      ? `CREATE OR REPLACE TABLE ${quoteIdentifier(table)} AS ${sql.replace(/;\s*$/, '')}\nWITH NO DATA`
      : `CREATE OR REPLACE ${as === 'view' ? 'VIEW' : 'TABLE'} ${quoteIdentifier(table)} AS ${sql}`;
    await session.read(action, path, version, () => workspace.run(statement, binds));
    if (as === 'view') return 0;
    const rows = await workspace.rowCount(table);
    context.journal.progress('read', table, rows);
    return rows;
  }

  /** A contract is the same in every environment. */
  #lineageUri({ uri }: LakehouseSession): string {
    return this.context.describing ? this.#settings.secretName : uri;
  }

  async #columnsOf(fromItem: string): Promise<readonly string[] | undefined> {
    try {
      return (await this.workspace.query(`DESCRIBE SELECT * FROM ${fromItem}`)).map((row) => String(row['column_name']).toLowerCase());
    } catch {
      // It cannot stand alone; lineage is best effort.
      return undefined;
    }
  }

  /** Fills the schema with the columns of the workspace table. */
  async #describe(table: string, schema: ValueSchema, key: readonly string[] = [], metadata: DeltaMetadata | undefined): Promise<void> {
    const required = new Set(metadata?.columns.filter(({ nullable }) => !nullable).map(({ name }) => name));
    for (const { name, type } of await this.workspace.columns(table)) {
      // A key is checked for nulls before anything is published.
      const nullable = !required.has(name) && !key.includes(name);
      schema.addField(name, fromDuckdbType(type, name), undefined, nullable, { sourceDataType: type });
    }
    if (key.length > 0) schema.setPks(key);
    this.tableSchema = schema;
    this.#described = { schema, metadata };
  }
}

function scanSql({ path }: LakehouseLog, version: number): string {
  return `delta_scan(${quoteLiteral(path)}, version => ${version})`;
}

function selectSql(log: LakehouseLog, version: number, where: string | undefined): string {
  return `SELECT * FROM ${scanSql(log, version)}${where === undefined ? '' : ` WHERE ${where}`}`;
}
