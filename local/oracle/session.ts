import { OracleError, toOracleError } from './oracle-error';
import type { BatchError } from './net/answers';
import { RowSource } from './row-source';
import { compileQuery } from './sql/compile-query';
import { ExpressionCompiler } from './sql/compile-expression';
import type { CompileContext, CompiledQuery, Snapshot } from './sql/context';
import { asNumber } from './sql/convert';
import type { Statement } from './sql/ast';
import type { View } from './store/catalog';
import type { Database, Transaction } from './store/database';
import { applyDefinition } from './store/ddl';
import { RowLocked, insert, merge, remove, update } from './store/dml';
import type { Run } from './store/dml';
import { systemRows } from './store/system-views';
import type { SystemState } from './store/system-views';
import type { BindValue } from './values/bind-value';
import type { LobKeeper } from './values/column-writer';

const ROWS_PER_INSERT = 200;

/** What a session reports about itself to the views of the running system. */
export interface SessionInfo {
  readonly id: number;
  readonly user: string;
}

/** What a session needs from its surroundings. */
export interface SessionHost {
  readonly database: Database;
  readonly service: string;
  readonly sessions: () => readonly SessionInfo[];
}

/** How a call can be stopped from outside. */
export interface Interruptible {
  /** Set while something runs that can be stopped. */
  interrupt: (() => void) | null;
  cancelled: boolean;
}

/** One logged-in user: current schema, transaction, snapshot. */
export class Session implements AsyncDisposable {
  schema: string;
  zoneMinutes = 0;
  private transaction: Transaction | null = null;
  /** The fixed state of a read-only or serializable transaction. */
  private fixedScn: number | null = null;
  private readOnly = false;
  private readonly lobs = new Map<number, string | Buffer>();
  private nextLob = 1;

  constructor(
    private readonly host: SessionHost,
    readonly user: string,
    readonly id: number,
  ) {
    this.schema = user;
  }

  get inTransaction(): boolean {
    return this.transaction !== null;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.rollback();
    this.lobs.clear();
  }

  /** Keeps the content of a LOB for the life of the session. */
  readonly keepLob: LobKeeper = (content, national) => {
    const locator = Buffer.alloc(40);
    const id = this.nextLob++;
    this.lobs.set(id, content);
    locator.writeUInt16BE(38, 0);
    if (national) locator[6] = 0x80;
    locator.writeUInt32BE(id, 10);
    return locator;
  };

  lob(locator: Buffer): string | Buffer {
    const content = this.lobs.get(locator.readUInt32BE(10));
    if (content === undefined) throw new OracleError(22922, 'nonexistent LOB value');
    return content;
  }

  /** Appends to or overwrites a temporary LOB. */
  writeLob(locator: Buffer, offset: number, content: string | Buffer): void {
    const before = this.lob(locator);
    const at = Math.max(0, offset - 1);
    const after =
      typeof content === 'string'
        ? String(before).slice(0, at) + content
        : Buffer.concat([Buffer.from(before as Buffer).subarray(0, at), content]);
    this.lobs.set(locator.readUInt32BE(10), after);
  }

  freeLob(locator: Buffer): void {
    this.lobs.delete(locator.readUInt32BE(10));
  }

  private snapshot(): Snapshot {
    const { database } = this.host;
    if (this.fixedScn !== null) database.checkRetention(this.fixedScn);
    return { scn: this.fixedScn ?? database.scn, transaction: this.transaction?.id ?? null };
  }

  private context(binds: readonly BindValue[] | null, shared?: CompileContext): CompileContext {
    const { database, service } = this.host;
    const snapshot = this.snapshot();
    const now = Date.now() * 1000;
    const context: CompileContext = {
      catalog: database.catalog,
      user: this.user,
      schema: this.schema,
      snapshot,
      currentScn: database.scn,
      now,
      zoneMinutes: this.zoneMinutes,
      sessionId: this.id,
      service,
      binds,
      parameters: shared?.parameters ?? [],
      aliases: shared?.aliases ?? { count: 0 },
      systemRows: (view, user) => systemRows(view, this.systemState(now), user),
      checkRetention: (scn) => {
        database.checkRetention(scn);
      },
      lobText: (locator) => this.lob(locator),
    };
    return context;
  }

  private systemState(now: number): SystemState {
    const { database, service } = this.host;
    return {
      catalog: database.catalog,
      service,
      currentScn: database.scn,
      now: new Date(now / 1000).toISOString().slice(0, 19).replace('T', ' '),
      transactions: [...database.transactions.values()],
      sessions: this.host.sessions(),
      viewColumns: (view) => this.viewColumns(view),
    };
  }

  private viewColumns(view: View): CompiledQuery['columns'] {
    const { columns } = compileQuery(view.query, { ...this.context(null), user: view.owner, schema: view.owner });
    return columns.map((column, index) => ({ ...column, name: view.columnNames?.[index] ?? column.name }));
  }

  /** The columns of a query, without running it. */
  describe(statement: Extract<Statement, { kind: 'query' }>): CompiledQuery['columns'] {
    return compileQuery(statement.query, this.context(null)).columns;
  }

  /** Starts a query. */
  async query(
    statement: Extract<Statement, { kind: 'query' }>,
    binds: readonly BindValue[],
    call: Interruptible,
  ): Promise<{ readonly columns: CompiledQuery['columns']; readonly rows: RowSource }> {
    const context = this.context(binds);
    const query = compileQuery(statement.query, context);
    const rows = await RowSource.start(this.host.database, query, context, this.keepLob, (interrupt) => {
      call.interrupt = interrupt;
    });
    return { columns: query.columns, rows };
  }

  /**
   * Runs a statement that is no query, once per row of bind values.
   * @returns how many rows it changed, and with `batchErrors` the rows that failed
   */
  async run(
    statement: Exclude<Statement, { kind: 'query' }>,
    bindRows: readonly (readonly BindValue[])[],
    call: Interruptible,
    batchErrors: boolean,
  ): Promise<{ readonly rowCount: number; readonly errors: readonly BatchError[] }> {
    const none = { rowCount: 0, errors: [] };
    switch (statement.kind) {
      case 'insert':
      case 'update':
      case 'delete':
      case 'merge':
        return this.changeRows(statement, bindRows.length === 0 ? [[]] : bindRows, call, batchErrors);
      case 'commit':
        await this.commit();
        return none;
      case 'rollback':
        await this.rollback();
        return none;
      case 'setTransaction':
        this.setTransaction(statement.readOnly, statement.serializable);
        return none;
      case 'alterSession':
        this.alter(statement.setting, statement.value);
        return none;
      case 'sleep':
        await this.sleep(statement.seconds, bindRows[0] ?? [], call);
        return none;
      default:
        // A definition commits what is open.
        await this.commit();
        await applyDefinition(statement, this.host.database, { user: this.user, schema: this.schema });
        return none;
    }
  }

  private setTransaction(readOnly: boolean, serializable: boolean): void {
    if (this.transaction !== null || this.fixedScn !== null)
      throw new OracleError(1453, 'SET TRANSACTION must be first statement of transaction');
    this.readOnly = readOnly;
    this.fixedScn = readOnly || serializable ? this.host.database.scn : null;
  }

  /** ALTER SESSION: the schema and the time zone have an effect, everything else is accepted. */
  alter(setting: string, value: string): void {
    if (setting === 'CURRENT_SCHEMA') {
      if (!this.host.database.catalog.users.has(value)) throw new OracleError(1435, 'user does not exist');
      this.schema = value;
    } else if (setting === 'TIME_ZONE') {
      const match = /^([+-]?)(\d{1,2}):(\d{2})$/.exec(value);
      if (match !== null) this.zoneMinutes = (match[1] === '-' ? -1 : 1) * (Number(match[2]) * 60 + Number(match[3]));
      else if (/^(UTC|GMT)$/i.test(value)) this.zoneMinutes = 0;
    }
  }

  private async sleep(
    seconds: Extract<Statement, { kind: 'sleep' }>['seconds'],
    binds: readonly BindValue[],
    call: Interruptible,
  ): Promise<void> {
    const context = this.context(binds);
    const compiled = new ExpressionCompiler(context, { sources: [], merged: new Map(), parent: null }, compileQuery).compile(seconds);
    const milliseconds = Number(compiled.literal ?? asNumber(compiled)) * 1000;
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(resolve, milliseconds);
      call.interrupt = () => {
        clearTimeout(timer);
        reject(new OracleError(1013, 'user requested cancel of current operation'));
      };
    });
  }

  private async changeRows(
    statement: Extract<Statement, { kind: 'insert' | 'update' | 'delete' | 'merge' }>,
    bindRows: readonly (readonly BindValue[])[],
    call: Interruptible,
    batchErrors: boolean,
  ): Promise<{ rowCount: number; errors: readonly BatchError[] }> {
    if (this.readOnly) throw new OracleError(1456, 'may not perform insert/delete/update operation inside a READ ONLY transaction');
    const together = statement.kind === 'insert' && statement.values !== null && !batchErrors;
    const errors: BatchError[] = [];
    let rowCount = 0;
    for (let start = 0; start < bindRows.length;) {
      const page = together ? bindRows.slice(start, start + ROWS_PER_INSERT) : bindRows.slice(start, start + 1);
      try {
        rowCount += await this.changeOnce(statement, page, call);
      } catch (error) {
        if (page.length > 1) {
          // One of the rows is wrong: the rows before it stay changed, as Oracle leaves them.
          for (const row of page) rowCount += await this.changeOnce(statement, [row], call);
        } else if (batchErrors) errors.push({ row: start, error: toOracleError(error) });
        else throw error;
      }
      start += page.length;
    }
    return { rowCount, errors };
  }

  private async changeOnce(
    statement: Extract<Statement, { kind: 'insert' | 'update' | 'delete' | 'merge' }>,
    bindRows: readonly (readonly BindValue[])[],
    call: Interruptible,
  ): Promise<number> {
    const { database } = this.host;
    const isFirst = this.transaction === null;
    const transaction = this.transaction ?? database.begin(this.id);
    this.transaction = transaction;
    let count = 0;
    try {
      for (;;) {
        if (call.cancelled) throw new OracleError(1013, 'user requested cancel of current operation');
        try {
          count = await database.change(async (run: Run) => {
            const context = this.context(bindRows[0] ?? []);
            switch (statement.kind) {
              case 'insert': {
                const others = bindRows.slice(1).map((row) => this.context(row, context));
                return insert(statement, [context, ...others], transaction, run);
              }
              case 'update':
                return update(statement, context, transaction, run);
              case 'delete':
                return remove(statement, context, transaction, run);
              case 'merge':
                return merge(statement, context, transaction, run);
            }
          });
          return count;
        } catch (error) {
          if (!(error instanceof RowLocked)) throw error;
          await this.waitFor(error.transaction, call);
        }
      }
    } finally {
      // A first statement that changed nothing leaves no transaction behind.
      if (isFirst && count === 0) await this.rollbackTransaction();
    }
  }

  /**
   * Waits until another transaction has ended.
   * @throws OracleError 60 when that one waits for this session's
   */
  private async waitFor(id: number, call: Interruptible): Promise<void> {
    const other = this.host.database.transactions.get(id);
    const own = this.transaction;
    if (other === undefined || own === null) return;
    for (let next: Transaction | null = other; next !== null; next = next.waitsFor)
      if (next === own) throw new OracleError(60, 'deadlock detected while waiting for resource');
    const stopped = new Promise<void>((resolve) => {
      call.interrupt = resolve;
    });
    own.waitsFor = other;
    await Promise.race([other.ended, stopped]);
    own.waitsFor = null;
  }

  async commit(): Promise<void> {
    const { transaction } = this;
    this.transaction = null;
    this.fixedScn = null;
    this.readOnly = false;
    if (transaction !== null) await this.host.database.commit(transaction);
  }

  async rollback(): Promise<void> {
    this.fixedScn = null;
    this.readOnly = false;
    await this.rollbackTransaction();
  }

  private async rollbackTransaction(): Promise<void> {
    const { transaction } = this;
    this.transaction = null;
    if (transaction !== null) await this.host.database.rollback(transaction);
  }
}
