import oracledb from 'oracledb';
import type { BindParameters, Connection, DbType, ExecuteOptions, FetchTypeResponse, Metadata, ResultSet } from 'oracledb';
import { TablecastError } from '../lib/index';
import type { OracleConnectionOptions } from './oracle-connection-settings';
import { asOracleError, isNotReadable, type OracleAction } from './oracle-error';
import { quoteOracleName } from './oracle-statement';
import { isOracleTypeName, type ColumnReading, type OracleColumn } from './oracle-types';

// The driver's types are generic over an object type's attributes, which are not read here.
// eslint-disable-next-line @typescript-eslint/no-empty-object-type
type DescribedColumn = Metadata<{}>;

/** What can be bound to a placeholder. Not a Date: the driver binds it as wall clock of the app's time zone. */
export type OracleBind = string | number | bigint | Uint8Array | null;
export type OracleBinds = Readonly<Record<string, OracleBind>>;

/** A value as the driver gives it for one of our readings. */
export type OracleValue = unknown;

/** What the database says about a query before it runs. */
export interface OracleDescription {
  readonly columns: readonly OracleColumn[];
  /** Names of the placeholders, in the dictionary's spelling. */
  readonly binds: readonly string[];
}

/** One connection to Oracle, for one run: everything that is read through it after `beginSnapshot` is of one moment. */
export class OracleSession implements AsyncDisposable {
  readonly #connection: Connection;
  readonly #about: Omit<OracleAction, 'action' | 'sql'>;
  readonly #stop: () => void;
  #snapshot = false;

  private constructor(
    connection: Connection,
    about: Omit<OracleAction, 'action' | 'sql'>,
    private readonly signal: AbortSignal,
  ) {
    this.#connection = connection;
    this.#about = about;
    this.#stop = () => {
      // The call that runs fails with ORA-01013; when none runs there is nothing to stop.
      connection.break().catch(() => undefined);
    };
    signal.addEventListener('abort', this.#stop);
  }

  /**
   * Logs in.
   * @param signal stops what the session is doing when it is aborted
   * @throws TablecastError ORACLE_UNREACHABLE, ORACLE_SERVICE_UNKNOWN, ORACLE_LOGIN
   */
  static async open(secret: string, options: OracleConnectionOptions, signal: AbortSignal): Promise<OracleSession> {
    const { user, password, connectString, connectTimeout, sdu, walletContent, walletPassword } = options;
    const about = { secret, user, address: addressIn(connectString) };
    const attributes = {
      user,
      password,
      connectString,
      connectTimeout,
      transportConnectTimeout: connectTimeout,
      sdu,
      ...(walletContent === undefined ? {} : { walletContent }),
      ...(walletPassword === undefined ? {} : { walletPassword }),
    };
    signal.throwIfAborted();
    try {
      const connection = await oracledb.getConnection(attributes);
      return new OracleSession(connection, about, signal);
    } catch (error) {
      throw asOracleError(error, { ...about, action: 'connect' }, 'connect');
    }
  }

  /** URI of the database, e.g. `oracle://lims-db:1521/LIMSPRD`. */
  get uri(): string {
    return `oracle://${this.#about.address}`;
  }

  get user(): string {
    return this.#about.user;
  }

  /**
   * Asks what a query yields, without running it.
   * @throws TablecastError ORACLE_TABLE_UNKNOWN, ORACLE_COLUMN_UNKNOWN, ORACLE_FAILED …
   */
  async describe(sql: string, action: string): Promise<OracleDescription> {
    const info = await this.#work(action, sql, () => this.#connection.getStatementInfo(sql));
    const columns = (info.metaData ?? []).map(columnOf);
    return { columns: await this.#withOwnNames(sql, columns, action), binds: info.bindNames ?? [] };
  }

  /**
   * The driver makes names unique: a second `ID` becomes `ID_1`, which the statement may also have by itself. Asking for a column of that name tells.
   */
  async #withOwnNames(sql: string, columns: readonly OracleColumn[], action: string): Promise<OracleColumn[]> {
    const result: OracleColumn[] = [];
    for (const column of columns) {
      const base = /^(.+)_\d+$/s.exec(column.name)?.[1];
      const suspicious = base !== undefined && !base.includes('"') && result.some(({ name }) => name === base);
      const own = !suspicious || (await this.#canBeNamed(sql, column.name, action));
      result.push(own ? column : { ...column, name: base });
    }
    return result;
  }

  async #canBeNamed(sql: string, name: string, action: string): Promise<boolean> {
    const statement = `SELECT ${quoteOracleName(name)} FROM (\n${sql}\n)`;
    try {
      await this.#work(action, statement, () => this.#connection.getStatementInfo(statement));
      return true;
    } catch (error) {
      // Unknown, or, with a further column of the same name in the view, ambiguous.
      if (error instanceof TablecastError && (error.code === 'ORACLE_COLUMN_UNKNOWN' || error.code === 'ORACLE_FAILED')) return false;
      throw error;
    }
  }

  /** All rows of a small query, values as text. */
  async query(sql: string, binds: OracleBinds, action: string): Promise<(string | null)[][]> {
    const result = await this.#work(action, sql, () =>
      this.#connection.execute<unknown[]>(sql, bound(binds), { ...arrays, fetchArraySize: 500, fetchTypeHandler: asText }),
    );
    return (result.rows ?? []).map((row) =>
      row.map((value) => (value === null || value === undefined ? null : String(value as string | number))),
    );
  }

  /** Like `query`, but undefined when the user may not read what it names. */
  async queryIfReadable(sql: string, binds: OracleBinds, action: string): Promise<(string | null)[][] | undefined> {
    try {
      return await this.query(sql, binds, action);
    } catch (error) {
      if (error instanceof TablecastError && isNotReadable(error.cause)) return undefined;
      throw error;
    }
  }

  /** From here on all reads see the database as it is now, until the session ends. */
  async beginSnapshot(): Promise<void> {
    if (this.#snapshot) return;
    // It must be the first statement of its transaction.
    await this.#work('begin a transaction', undefined, () => this.#connection.commit());
    const sql = 'SET TRANSACTION READ ONLY';
    await this.#work('begin a read-only transaction', sql, () => this.#connection.execute(sql));
    this.#snapshot = true;
  }

  /**
   * Runs a query and hands over its rows page by page. The next page is under way while `append` works on the one before.
   * @param readings how its columns are read, by their names
   * @param rows rows of a page at most; fewer when they are wide
   * @param append gets a page
   * @returns number of rows
   */
  async readPages(
    sql: string,
    binds: OracleBinds,
    readings: ReadonlyMap<string, ColumnReading>,
    rows: number,
    action: string,
    append: (page: OracleValue[][]) => Promise<void>,
  ): Promise<number> {
    const fetchTypeHandler = ({ name }: DescribedColumn): FetchTypeResponse | undefined => {
      const fetchAs = readings.get(name)?.fetchAs;
      return fetchAs === 'text' ? { type: oracledb.DB_TYPE_VARCHAR } : fetchAs === 'bytes' ? { type: oracledb.DB_TYPE_RAW } : undefined;
    };
    // Nothing tells how long large objects are before some were read.
    let size = [...readings.values()].some(({ isLarge }) => isLarge) ? Math.min(rows, 50) : rows;
    const options = { ...arrays, resultSet: true, prefetchRows: size, fetchArraySize: size, fetchTypeHandler } satisfies ExecuteOptions;
    const result = await this.#work(action, sql, () => this.#connection.execute<OracleValue[]>(sql, bound(binds), options));
    const set = result.resultSet as ResultSet<OracleValue[]>;
    const next = (count: number): Promise<OracleValue[][]> => this.#work(action, sql, () => set.getRows(count));
    let total = 0;
    let pending: Promise<OracleValue[][]> | undefined = next(size);
    try {
      while (pending) {
        const page: OracleValue[][] = await pending;
        this.signal.throwIfAborted();
        const full: boolean = page.length >= size;
        const bytes = bytesOf(page);
        size = Math.max(1, Math.min(rows, Math.floor((pageBytes * page.length) / Math.max(1, bytes))));
        pending = full ? next(size) : undefined;
        // Should the append fail first, nobody awaits this call any more.
        pending?.catch(() => undefined);
        if (page.length > 0) await append(page);
        total += page.length;
      }
      return total;
    } finally {
      await pending?.catch(() => undefined);
      await set.close().catch(() => undefined);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.signal.removeEventListener('abort', this.#stop);
    // A connection that is lost already cannot be closed; what matters is that nothing stays open.
    await this.#connection.close().catch(() => undefined);
  }

  async #work<T>(action: string, sql: string | undefined, work: () => Promise<T>): Promise<T> {
    this.signal.throwIfAborted();
    try {
      return await work();
    } catch (error) {
      // Stopped by us: the reason says more than ORA-01013.
      this.signal.throwIfAborted();
      throw asOracleError(error, { ...this.#about, action, ...(sql === undefined ? {} : { sql }) }, 'work');
    }
  }
}

function bound(binds: OracleBinds): BindParameters {
  // The driver takes bytes only as Buffer; @types/oracledb does not know yet that it takes bigint.
  return Object.fromEntries(
    Object.entries(binds).map(([name, value]) => [name, value instanceof Uint8Array ? Buffer.from(value) : value]),
  ) as BindParameters;
}

const arrays = { outFormat: oracledb.OUT_FORMAT_ARRAY } as const;

function asText({ dbType }: DescribedColumn): FetchTypeResponse | undefined {
  return dbType === oracledb.DB_TYPE_NUMBER || dbType === oracledb.DB_TYPE_CLOB ? { type: oracledb.DB_TYPE_VARCHAR } : undefined;
}

/** Bytes of a page that is wanted at most. */
const pageBytes = 4 * 1024 * 1024;

/** About how many bytes the values of a page hold, from some of its rows. */
function bytesOf(page: readonly (readonly OracleValue[])[]): number {
  const step = Math.max(1, Math.floor(page.length / 16));
  let bytes = 0;
  let sampled = 0;
  for (let index = 0; index < page.length; index += step, sampled++) {
    for (const value of page[index]!) if (typeof value === 'string' || value instanceof Uint8Array) bytes += value.length;
  }
  return sampled === 0 ? 0 : Math.ceil((bytes * page.length) / sampled);
}

function columnOf(metadata: DescribedColumn): OracleColumn {
  const { name } = metadata;
  const typeName = typeNameOf(metadata.dbType);
  const { precision = 0, scale = 0, byteSize = 0, nullable = true } = metadata;
  return { name, typeName, precision, scale, byteSize, nullable, objectType: metadata.dbTypeName };
}

function typeNameOf(type: DbType | number | undefined): OracleColumn['typeName'] {
  const name = typeof type === 'object' ? type.name.replace('DB_TYPE_', '') : '';
  if (isOracleTypeName(name)) return name;
  throw new TablecastError('UNEXPECTED', { reason: `the driver describes a column with the unknown type ${name || String(type)}` });
}

/** The address in a connect string, for messages: no user, no parameters. */
function addressIn(connectString: string): string {
  if (!connectString.includes('(')) return connectString.split('?')[0] ?? connectString;
  const part = (key: string): string => new RegExp(`\\(\\s*${key}\\s*=\\s*([^)\\s]+)`, 'i').exec(connectString)?.[1] ?? '?';
  return `${part('HOST')}:${part('PORT')}/${part('SERVICE_NAME')}`;
}
