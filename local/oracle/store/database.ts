import { DuckDBInstance } from '@duckdb/node-api';
import type { DuckDBConnection, DuckDBValue } from '@duckdb/node-api';
import { OracleError } from '../oracle-error';
import { storageType } from '../sql/types';
import { Catalog } from './catalog';
import type { Table } from './catalog';
import { addSystemViews } from './system-views';
import { LIVE, PENDING } from './versions';

const FIRST_SCN = 1_000_000;
const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/** A transaction that has changed rows and is neither committed nor rolled back. */
export class Transaction {
  readonly tables = new Set<Table>();
  /** The transaction whose end this one waits for. */
  waitsFor: Transaction | null = null;
  readonly ended: Promise<void>;
  private resolveEnded: () => void = () => undefined;

  constructor(
    readonly id: number,
    readonly startScn: number,
    readonly sessionId: number,
    /** `YYYY-MM-DD HH:MM:SS` in UTC. */
    readonly startTime: string,
  ) {
    this.ended = new Promise((resolve) => {
      this.resolveEnded = resolve;
    });
  }

  /** Number that stands in its row versions until it commits. */
  get mark(): bigint {
    return PENDING + BigInt(this.id);
  }

  end(): void {
    this.resolveEnded();
  }
}

/** Oracle functions that DuckDB lacks, as macros. */
const macros = [
  `CREATE MACRO ora_plain(t) AS CASE WHEN contains(t, 'e') THEN CAST(CAST(t AS DECIMAL(38,10)) AS VARCHAR) ELSE t END`,
  `CREATE MACRO ora_trim(t) AS CASE WHEN contains(t, '.') THEN rtrim(rtrim(t, '0'), '.') ELSE t END`,
  `CREATE MACRO ora_canonical(t) AS ora_trim(ora_plain(t))`,
  // Oracle's text of a number: no zero before the point, none at the end.
  `CREATE MACRO ora_number_text(t) AS regexp_replace(ora_canonical(t), '^(-?)0\\.', '\\1.')`,
  `CREATE MACRO ora_digit(n) AS ('${DIGITS}')[CAST(n % 64 AS INTEGER) + 1]`,
  // Object (6 digits), file (3), block (6), row (3): 64 rows a block.
  `CREATE MACRO ora_rowid(t, n) AS 'AAA' || lpad(left(t[2:], 3), 3, 'A') || 'AAB' || 'A' || ora_digit(n // 1073741824 // 64) || ora_digit(n // 16777216 // 64) || ora_digit(n // 262144 // 64) || ora_digit(n // 4096) || ora_digit(n // 64) || 'AA' || ora_digit(n)`,
];

/** The state of the server: rows in DuckDB, the catalog, the system change number and the open transactions. */
export class Database implements AsyncDisposable {
  readonly catalog = new Catalog();
  readonly transactions = new Map<number, Transaction>();
  /** Number of the last commit. */
  scn = FIRST_SCN;
  /** Snapshots below this number can no longer be read. */
  oldestScn = 0;
  private nextTransaction = 1;
  private nextTable = 1;
  private readonly idle: DuckDBConnection[] = [];
  private turn: Promise<unknown> = Promise.resolve();

  private constructor(
    private readonly instance: DuckDBInstance,
    private readonly writer: DuckDBConnection,
  ) {
    addSystemViews(this.catalog);
  }

  static async open(options: { readonly memoryLimit?: string; readonly threads?: number } = {}): Promise<Database> {
    const instance = await DuckDBInstance.create(':memory:', {
      threads: String(options.threads ?? 2),
      ...(options.memoryLimit === undefined ? {} : { memory_limit: options.memoryLimit }),
      autoinstall_known_extensions: 'false',
      autoload_known_extensions: 'false',
    });
    const writer = await instance.connect();
    await writer.run("SET TimeZone = 'UTC'");
    await writer.run('CREATE SCHEMA store');
    for (const macro of macros) await writer.run(macro);
    return new Database(instance, writer);
  }

  [Symbol.asyncDispose](): Promise<void> {
    for (const connection of this.idle) connection.closeSync();
    this.writer.closeSync();
    this.instance.closeSync();
    return Promise.resolve();
  }

  /** A connection of its own for a query: a second statement on a connection would end a running stream. */
  async acquire(): Promise<DuckDBConnection> {
    const connection = this.idle.pop();
    if (connection !== undefined) return connection;
    const created = await this.instance.connect();
    await created.run("SET TimeZone = 'UTC'");
    return created;
  }

  release(connection: DuckDBConnection): void {
    this.idle.push(connection);
  }

  /** Runs changes one after the other, each in one transaction of DuckDB: all of it or nothing. */
  async change<T>(
    work: (run: (sql: string, parameters?: readonly DuckDBValue[]) => Promise<Record<string, DuckDBValue>[]>) => Promise<T>,
  ): Promise<T> {
    const run = async (sql: string, parameters: readonly DuckDBValue[] = []): Promise<Record<string, DuckDBValue>[]> => {
      const result = await (parameters.length === 0 ? this.writer.run(sql) : this.writer.run(sql, [...parameters]));
      return result.getRowObjects();
    };
    const step = async (): Promise<T> => {
      await this.writer.run('BEGIN');
      try {
        const result = await work(run);
        await this.writer.run('COMMIT');
        return result;
      } catch (error) {
        await this.writer.run('ROLLBACK').catch(() => undefined);
        throw error;
      }
    };
    const result = this.turn.then(step, step);
    this.turn = result.catch(() => undefined);
    return result;
  }

  begin(sessionId: number): Transaction {
    const startTime = new Date().toISOString().slice(0, 19).replace('T', ' ');
    const transaction = new Transaction(this.nextTransaction++, this.scn, sessionId, startTime);
    this.transactions.set(transaction.id, transaction);
    return transaction;
  }

  /** Makes the changes of a transaction visible under the next system change number. */
  async commit(transaction: Transaction): Promise<void> {
    await this.change(async (run) => {
      const scn = this.scn + 1;
      for (const { stored } of transaction.tables) {
        await run(`UPDATE store.${stored} SET scn_from = ${scn} WHERE scn_from = ${transaction.mark}`);
        await run(`UPDATE store.${stored} SET scn_to = ${scn} WHERE scn_to = ${transaction.mark}`);
      }
    });
    // Published only now: until here no snapshot could have this number.
    this.scn++;
    this.finish(transaction);
  }

  async rollback(transaction: Transaction): Promise<void> {
    await this.change(async (run) => {
      for (const { stored } of transaction.tables) {
        await run(`DELETE FROM store.${stored} WHERE scn_from = ${transaction.mark}`);
        await run(`UPDATE store.${stored} SET scn_to = ${LIVE} WHERE scn_to = ${transaction.mark}`);
      }
    });
    this.finish(transaction);
  }

  private finish(transaction: Transaction): void {
    this.transactions.delete(transaction.id);
    transaction.end();
  }

  /** Name of the next table in the store. */
  nextStored(): string {
    return `t${this.nextTable++}`;
  }

  async createStored(table: Table): Promise<void> {
    const columns = table.columns.map((column) => `${column.stored} ${storageType(column.type)}`).join(', ');
    await this.change(async (run) => {
      await run(`CREATE SEQUENCE store.${table.stored}_rows MINVALUE 0 START 0`);
      await run(
        `CREATE TABLE store.${table.stored} (${columns}, row_number BIGINT DEFAULT nextval('store.${table.stored}_rows'), scn_from BIGINT, scn_to BIGINT)`,
      );
    });
  }

  /**
   * Fills a table with the result of a DuckDB query, as one commit: the way in for large data.
   * @param select one column per column of the table, in its order
   */
  async fill(table: Table, select: string): Promise<number> {
    const names = table.columns.map((column) => column.stored);
    const casts = table.columns.map((column) => `CAST(${column.stored} AS ${storageType(column.type)})`);
    const rows = await this.change((run) =>
      run(
        `INSERT INTO store.${table.stored} (${names.join(', ')}, scn_from, scn_to) SELECT ${casts.join(', ')}, ${this.scn + 1}, ${LIVE} FROM (${select}) source(${names.join(', ')})`,
      ),
    );
    this.scn++;
    return Number(Object.values(rows[0] ?? { count: 0n })[0]);
  }

  /** Forgets the past: snapshots taken before now end with ORA-01555. */
  expireUndo(): void {
    this.oldestScn = this.scn;
  }

  /** @throws OracleError 1555 */
  checkRetention(scn: number): void {
    if (scn < this.oldestScn) throw new OracleError(1555, 'snapshot too old: rollback segment number 1 with name "_SYSSMU1$" too small');
  }
}
