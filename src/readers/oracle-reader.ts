import { SourceAdapter, TablecastError, ValueSchema, type AvroType, type Logger, type SqlDialect } from '../lib/index';
import { augmentFromDictionary, type LoadedColumn } from './oracle-augment';
import type { OracleConnectionSettings } from './oracle-connection-settings';
import { oracleDialect } from './oracle-dialect';
import { OracleDictionary } from './oracle-dictionary';
import { readPosition } from './oracle-position';
import { proposeDeclarations } from './oracle-proposal';
import { OracleSession, type OracleBinds, type OracleValue } from './oracle-session';
import { quoteOracleName, selectStatement, wrapStatement } from './oracle-statement';
import { DeclarationProblem, readingOf, type ColumnReading, type OracleColumn } from './oracle-types';

export interface OracleReaderOptions {
  /** Rows that one round trip to the database brings, at most; wide rows come in smaller pages. A slow network wants more. Default 4000. */
  readonly pageRows?: number;
}

export interface OracleLoadOptions {
  /** Values of the placeholders, e.g. `{ since: '2024-01-31' }` for `:since`. Only these carry what comes from outside: SQL is never put together from it. */
  readonly binds?: OracleBinds;
  /**
   * Types instead of the usual ones, by column: `{ AMOUNT: new AvroDecimal(15, 2) }`. A value that does not fit exactly is an error, except for AvroDouble and
   * AvroFloat, which round.
   */
  readonly declare?: Readonly<Record<string, AvroType>>;
}

interface SchemaName {
  readonly name: string;
  readonly namespace: string;
}

interface LoadedStatement {
  readonly sql: string;
  readonly columns: readonly LoadedColumn[];
}

/**
 * Reads Oracle: the result of a SELECT becomes a table of the workspace, and its columns, with what the data dictionary adds, become the schema.
 * All reads of a run see the database as it was at its first read, or at `position()`. docs/oracle.md says how each type is read.
 *
 * @example
 * const since = await reader.position();
 * await reader.load('SAMPLE_PLAN', 'select * from LIMSPRD.SAMPLE_PLAN', 'SAMPLE_PLAN', 'LABWARE');
 * reader.tableSchema.setDataProductOwnerEmail('lims@example.com');
 */
export class OracleReader extends SourceAdapter {
  readonly #settings: OracleConnectionSettings;
  readonly #pageRows: number;
  #session: Promise<OracleSession> | undefined;
  #dictionary: OracleDictionary | undefined;
  #position: Promise<string> | undefined;
  /** The table read first. */
  #firstRead: string | undefined;
  #loaded: LoadedStatement | undefined;
  #turn: Promise<unknown> = Promise.resolve();

  /** Connects nothing: the first use does. */
  constructor(settings: OracleConnectionSettings, logger: Logger, options: OracleReaderOptions = {}) {
    super(logger);
    this.#settings = settings;
    this.#pageRows = options.pageRows ?? 4000;
  }

  override get dialect(): SqlDialect {
    return oracleDialect;
  }

  /**
   * The position from which the next delta load has to look for changes, as the text of an SCN; to be returned by the runner. All reads after it see one
   * state of the database, which has every change up to the position. Calling it again gives the same position.
   * @throws TablecastError POSITION_AFTER_READ, POSITION_UNREADABLE
   */
  position(): Promise<string> {
    if (this.context.describing) return Promise.resolve('0');
    if (this.#firstRead !== undefined && !this.#position)
      return Promise.reject(new TablecastError('POSITION_AFTER_READ', { table: this.#firstRead }));
    this.#position ??= this.#takePosition();
    return this.#position;
  }

  /**
   * Reads the result of a SELECT into a new table of the workspace and makes `tableSchema` of its columns.
   * With `name`, this is `setSchemaNameForSql`, `load` and `augmentSchema` in one call.
   *
   * @param table name of the table in the workspace
   * @param sql one SELECT, or WITH … SELECT
   * @param name name of the schema; without it, the one set by `setSchemaNameForSql`, or the table's
   * @param namespace namespace of the schema, usually the source system
   * @returns number of rows
   * @throws TablecastError SQL_INVALID, SQL_COLUMN_NAMES, SQL_BINDS, DECLARATION_INVALID, UNSUPPORTED_TYPE before anything is read
   * @throws TablecastError VALUE_INVALID when a value does not fit its declared type
   * @throws TablecastError ORACLE_UNREACHABLE, ORACLE_LOGIN, ORACLE_TABLE_UNKNOWN, … what the database answered
   */
  override load(table: string, sql: string, name?: string, namespace?: string, options: OracleLoadOptions = {}): Promise<number> {
    if (name !== undefined) this.setSchemaNameForSql(name, namespace ?? '');
    const schemaName = this.schemaName;
    // There is one connection: loads that are called at the same time take turns.
    const turn = this.#turn.then(() => this.#loadNow(table, sql, schemaName, options, name !== undefined));
    this.#turn = turn.catch(() => undefined);
    return turn;
  }

  /**
   * Completes `tableSchema` from the data dictionary: comments of table and columns, primary key, foreign keys, types in Oracle's words. Best effort: what
   * does not resolve is noted as UNRESOLVED in the report. What is set already stays. Ask for `tableSchema` again afterwards: texts have their length in
   * characters only in the new one.
   * @throws TablecastError READER_NOT_READY before the first load
   */
  override async augmentSchema(): Promise<void> {
    const schema = this.tableSchema;
    const loaded = this.#loaded;
    if (!loaded) throw new TablecastError('READER_NOT_READY', { reason: 'no SELECT has been loaded yet' });
    const { journal } = this.context;
    const session = await this.#connected();
    const dictionary = this.#dictionaryOf(session);
    this.tableSchema = await journal.time('augment', () => augmentFromDictionary(schema, loaded.sql, loaded.columns, dictionary, journal));
  }

  override async [Symbol.asyncDispose](): Promise<void> {
    const session = await this.#session?.catch(() => undefined);
    this.#session = undefined;
    await session?.[Symbol.asyncDispose]();
    await super[Symbol.asyncDispose]();
  }

  #dictionaryOf(session: OracleSession): OracleDictionary {
    this.#dictionary ??= new OracleDictionary(session);
    return this.#dictionary;
  }

  #connected(): Promise<OracleSession> {
    const { journal, secrets, signal } = this.context;
    this.#session ??= journal.time('connect', async () =>
      OracleSession.open(this.#settings.secretName, await this.#settings.read(secrets), signal),
    );
    return this.#session;
  }

  async #loadNow(
    table: string,
    sql: string,
    schemaName: SchemaName | undefined,
    options: OracleLoadOptions,
    complete: boolean,
  ): Promise<number> {
    const select = selectStatement(table, sql);
    await this.#position;
    const session = await this.#connected();
    this.#firstRead ??= table;
    return this.context.journal.time('read', async () => {
      const rows = await this.#load(session, table, select, schemaName, options);
      if (complete) await this.augmentSchema();
      return rows;
    });
  }

  async #takePosition(): Promise<string> {
    const session = await this.#connected();
    const { scn, warning } = await readPosition(session);
    if (warning !== undefined) this.context.journal.note('POSITION', warning);
    await session.beginSnapshot();
    return scn;
  }

  async #load(
    session: OracleSession,
    table: string,
    select: string,
    schemaName: SchemaName | undefined,
    options: OracleLoadOptions,
  ): Promise<number> {
    const { journal, lineage } = this.context;
    const action = `read ${table}`;
    await session.beginSnapshot();
    const description = await session.describe(select, action);
    checkBinds(table, description.binds, options.binds ?? {});
    const columns = planColumns(table, description.columns, options.declare ?? {});
    const statement = wrapStatement(
      table,
      select,
      columns.map(({ name, reading }) => ({ name, select: reading.select })),
    );
    const schema = new ValueSchema(schemaName?.name ?? table, schemaName?.namespace || undefined);
    for (const { name, reading, nullable } of columns)
      schema.addField(name, reading.type, undefined, nullable, { sourceDataType: reading.sourceDataType });
    await this.prepareLoad(table, schema);
    this.#loaded = {
      sql: select,
      columns: columns.map(({ name }) => ({ name, hasUsualType: !Object.hasOwn(options.declare ?? {}, name) })),
    };

    // Dictionary and parser are asked when something is published of it.
    lineage.loadedBySql(table, {
      // A contract is the same in every environment.
      connection: this.context.describing ? this.#settings.secretName : session.uri,
      dialect: 'oracle',
      sql: select,
      lookup: (name, schemaOfName) => this.#dictionaryOf(session).table(name, schemaOfName),
      columns: columns.map(({ name }) => name),
    });
    if (this.context.describing) return 0;

    const readings = columns.map(({ reading }) => reading);
    const byName = new Map(columns.map(({ name, reading }) => [name, reading]));
    const expressions = readings.map(({ expression }) => expression);
    let rows = 0;
    let appended = Promise.resolve();
    try {
      await session.readPages(statement, options.binds ?? {}, byName, this.#pageRows, action, async (page) => {
        const before = appended;
        // The workspace packs the page at once and stores it while the next one is read.
        appended = this.workspace.appendText(table, textColumnsOf(page, readings), expressions);
        appended.catch(() => undefined);
        await before;
        rows += page.length;
        journal.progress('read', table, rows);
      });
      await appended;
    } finally {
      // Whatever failed, nothing may be under way when the run goes on.
      await appended.catch(() => undefined);
    }
    await proposeDeclarations(
      this.workspace,
      table,
      columns.filter(({ reading }) => reading.isBareNumber === true).map(({ name }) => name),
      journal,
    );
    return rows;
  }
}

/** The page by columns, as the workspace takes them. */
function textColumnsOf(page: readonly (readonly OracleValue[])[], readings: readonly ColumnReading[]): (string | Uint8Array | null)[][] {
  return readings.map(({ toText }, index) =>
    page.map((row) => {
      const value = row[index] ?? null;
      return toText && value !== null ? toText(value) : (value as string | Uint8Array | null);
    }),
  );
}

interface PlannedColumn {
  readonly name: string;
  readonly nullable: boolean;
  readonly reading: ColumnReading;
}

function planColumns(table: string, columns: readonly OracleColumn[], declare: Readonly<Record<string, AvroType>>): PlannedColumn[] {
  if (columns.length === 0) throw new TablecastError('SQL_INVALID', { table, reason: 'it yields no columns' });
  checkNames(table, columns);
  for (const name of Object.keys(declare)) {
    if (!columns.some((column) => column.name === name))
      throw new TablecastError('DECLARATION_INVALID', { table, column: name, reason: 'the SELECT has no such column' });
  }
  return columns.map((column) => {
    const { name, nullable } = column;
    let reading: ColumnReading | undefined;
    try {
      reading = readingOf(column, quoteOracleName(name), Object.hasOwn(declare, name) ? declare[name] : undefined);
    } catch (error) {
      if (error instanceof DeclarationProblem)
        throw new TablecastError('DECLARATION_INVALID', { table, column: name, reason: error.message });
      throw error;
    }
    if (!reading) throw new TablecastError('UNSUPPORTED_TYPE', { table, column: name, type: column.objectType ?? column.typeName });
    return { name, nullable, reading };
  });
}

/** DuckDB does not tell names apart that differ in case only. */
function checkNames(table: string, columns: readonly OracleColumn[]): void {
  const seen = new Map<string, string>();
  for (const { name } of columns) {
    const other = seen.get(name.toLowerCase());
    if (other === name) throw new TablecastError('SQL_COLUMN_NAMES', { table, reason: `${name} occurs more than once` });
    if (other !== undefined)
      throw new TablecastError('SQL_COLUMN_NAMES', { table, reason: `${other} and ${name} differ only in upper and lower case` });
    seen.set(name.toLowerCase(), name);
  }
}

function checkBinds(table: string, needed: readonly string[], given: OracleBinds): void {
  // Placeholders are in upper case unless quoted, like all names; so the binds are compared without case.
  const names = new Set(Object.keys(given).map((name) => name.toUpperCase()));
  const missing = needed.filter((name) => !names.delete(name.toUpperCase()));
  if (missing.length > 0)
    throw new TablecastError('SQL_BINDS', {
      table,
      reason: `no value is given for ${missing.map((name) => `:${name.toLowerCase()}`).join(', ')}`,
    });
  if (names.size > 0)
    throw new TablecastError('SQL_BINDS', {
      table,
      reason: `the SQL does not have ${[...names].map((name) => `:${name.toLowerCase()}`).join(', ')}`,
    });
  for (const [name, value] of Object.entries(given)) {
    if (value !== null && typeof value === 'object' && !((value as unknown) instanceof Uint8Array))
      throw new TablecastError('SQL_BINDS', { table, reason: `the value of :${name} is neither text, number, bytes nor null` });
  }
}
