import { createServer } from 'node:net';
import type { Server } from 'node:net';
import { ServerConnection } from './net/connection';
import type { ConnectionHost } from './net/connection';
import { toOracleError } from './oracle-error';
import { Session } from './session';
import type { SessionInfo } from './session';
import { parseStatement } from './sql/parse-statement';
import { Database } from './store/database';
import type { Table } from './store/catalog';

/** A user of the server. */
export interface OracleUser {
  /** In upper case, as it is written unquoted. */
  readonly name: string;
  readonly password: string;
  /** `DBA`, `SELECT ANY TABLE`, `SELECT ANY DICTIONARY`, `FLASHBACK ANY TABLE`, `EXECUTE ON DBMS_FLASHBACK`, `SELECT ON OWNER.NAME`; `NO TIMESTAMP_TO_SCN` takes a function away. */
  readonly privileges?: readonly string[];
}

/** Options of the server. */
export interface OracleServerOptions {
  /** Service name; default `LIMS`. */
  readonly service?: string;
  /** Port on the loopback interface; default 0, any free port. */
  readonly port?: number;
  readonly users?: readonly OracleUser[];
  /** Fills the database before the first client connects. */
  readonly prepare?: (server: OracleServer) => Promise<void>;
  /** Memory DuckDB may use, e.g. `1GB`; default: DuckDB's own. */
  readonly memoryLimit?: string;
  /** Threads DuckDB may use; default 2. */
  readonly threads?: number;
  /** Gets errors that no client should cause; default: the process's error output. */
  readonly report?: (error: unknown) => void;
}

/**
 * A database server that the unmodified `oracledb` driver (thin mode) talks to, for tests and demonstrations. It knows an explicit
 * list of statement forms and answers everything else with ORA-00900.
 * @example
 * await using server = await OracleServer.start({ users: [{ name: 'SCOTT', password: 'tiger', privileges: ['DBA'] }] });
 * const connection = await oracledb.getConnection({ user: 'scott', password: 'tiger', connectString: server.connectString });
 */
export class OracleServer implements AsyncDisposable {
  private readonly connections = new Set<ServerConnection>();
  private readonly openSessions = new Set<SessionInfo>();
  private nextSession = 1;

  private constructor(
    /** The rows, the catalog and the system change number, for tests that need to look behind the curtain. */
    readonly database: Database,
    readonly service: string,
    private readonly listener: Server,
    private readonly report: (error: unknown) => void,
  ) {}

  /** Starts the server on the loopback interface. */
  static async start(options: OracleServerOptions = {}): Promise<OracleServer> {
    const database = await Database.open({
      threads: options.threads ?? 2,
      ...(options.memoryLimit === undefined ? {} : { memoryLimit: options.memoryLimit }),
    });
    const listener = createServer();
    const report =
      options.report ??
      ((error: unknown): void => {
        process.stderr.write(`Oracle Net test server: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
      });
    const server = new OracleServer(database, options.service ?? 'LIMS', listener, report);
    try {
      for (const user of options.users ?? []) database.catalog.addUser(user.name, user.password, user.privileges);
      await options.prepare?.(server);
      listener.on('connection', (socket) => {
        server.connections.add(new ServerConnection(socket, server.connectionHost()));
      });
      await new Promise<void>((resolve, reject) => {
        listener.once('error', reject);
        listener.listen(options.port ?? 0, '127.0.0.1', resolve);
      });
      return server;
    } catch (error) {
      await database[Symbol.asyncDispose]();
      throw error;
    }
  }

  get port(): number {
    const address = this.listener.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  }

  /** Connect string for the driver, e.g. `127.0.0.1:49152/LIMS`. */
  get connectString(): string {
    return `127.0.0.1:${this.port}/${this.service}`;
  }

  /** The system change number of the last commit. */
  get currentScn(): number {
    return this.database.scn;
  }

  private connectionHost(): ConnectionHost {
    return {
      database: this.database,
      service: this.service,
      report: this.report,
      sessions: () => [...this.openSessions],
      nextSessionId: () => this.nextSession++,
      opened: (session) => {
        this.openSessions.add(session);
      },
      closed: (connection, session) => {
        this.connections.delete(connection);
        if (session !== null) this.openSessions.delete(session);
      },
    };
  }

  /**
   * Runs statements as a user, without a connection, and commits.
   * @throws OracleError
   */
  async run(user: string, statements: readonly string[]): Promise<void> {
    await using session = new Session(this.connectionHost(), user, 0);
    for (const sql of statements) {
      const { statement } = parseStatement(sql);
      if (statement.kind === 'query') throw new TypeError('queries go through a connection');
      try {
        await session.run(statement, [], { interrupt: null, cancelled: false }, false);
      } catch (error) {
        throw new Error(`${sql.slice(0, 200)}: ${toOracleError(error).message}`, { cause: error });
      }
    }
    await session.commit();
  }

  /** The table of that name. */
  table(owner: string, name: string): Table {
    const table = this.database.catalog.get(owner, name);
    if (table?.kind !== 'table') throw new TypeError(`there is no table ${owner}.${name}`);
    return table;
  }

  /** Forgets the past: snapshots taken before now end with ORA-01555. */
  expireUndo(): void {
    this.database.expireUndo();
  }

  /** Cuts all connections, as a server that goes down does; new ones are accepted. */
  async dropConnections(): Promise<void> {
    const connections = [...this.connections];
    for (const connection of connections) connection.destroy();
    await Promise.all(connections.map((connection) => connection.closed));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const stopped = new Promise<void>((resolve) => {
      this.listener.close(() => {
        resolve();
      });
    });
    await this.dropConnections();
    await stopped;
    await this.database[Symbol.asyncDispose]();
  }
}
