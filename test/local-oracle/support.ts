import oracledb, { type BindParameters, type Connection, type ExecuteOptions } from 'oracledb';
import { OracleServer, type OracleServerOptions } from '../../local/oracle/server';

/** Starts a server with one user, SCOTT, who may do everything, and runs statements as him. */
export function startServer(statements: readonly string[] = [], options: Partial<OracleServerOptions> = {}): Promise<OracleServer> {
  return OracleServer.start({
    ...options,
    users: [{ name: 'SCOTT', password: 'tiger', privileges: ['DBA'] }, ...(options.users ?? [])],
    prepare: async (server) => {
      await server.run('SCOTT', statements);
      await options.prepare?.(server);
    },
  });
}

/** A connection that closes itself; `query` gives the rows with numbers as text and LOBs whole. */
export class Client implements AsyncDisposable {
  private constructor(readonly connection: Connection) {}

  static async connect(server: OracleServer, user = 'scott', password = 'tiger', parameters = ''): Promise<Client> {
    return new Client(await oracledb.getConnection({ user, password, connectString: server.connectString + parameters }));
  }

  async query(sql: string, binds: BindParameters = [], options: ExecuteOptions = {}): Promise<unknown[][]> {
    const result = await this.connection.execute<unknown[]>(sql, binds, {
      fetchTypeHandler: ({ dbType }) => {
        if (dbType === oracledb.DB_TYPE_NUMBER || dbType === oracledb.DB_TYPE_CLOB || dbType === oracledb.DB_TYPE_NCLOB)
          return { type: oracledb.DB_TYPE_VARCHAR };
        return dbType === oracledb.DB_TYPE_BLOB ? { type: oracledb.DB_TYPE_RAW } : undefined;
      },
      ...options,
    });
    return result.rows ?? [];
  }

  /** The single value of a query. */
  async value(sql: string, binds: BindParameters = []): Promise<unknown> {
    const [row] = await this.query(sql, binds);
    return row?.[0];
  }

  /** Runs a statement that is no query; gives the rows changed. */
  async run(sql: string, binds: BindParameters = [], options: ExecuteOptions = {}): Promise<number> {
    return (await this.connection.execute(sql, binds, options)).rowsAffected ?? 0;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.connection.close();
  }
}
