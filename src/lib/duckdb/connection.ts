import { DuckDBConnection } from '@duckdb/node-api';
import duckdb, { type Connection, type Database } from '@duckdb/node-bindings';

/** A connection with both faces: the raw one of the bindings for vectors and table functions, the comfortable one for everything else. */
export interface TwoFacedConnection {
  readonly raw: Connection;
  readonly api: DuckDBConnection;
}

/** Opens a database in memory. */
export async function openDatabase(options: Readonly<Record<string, string>>): Promise<Database> {
  const config = duckdb.create_config();
  for (const [name, value] of Object.entries(options)) duckdb.set_config(config, name, value);
  return duckdb.open(':memory:', config);
}

/** Opens a connection; close it with `api.closeSync()`. */
export async function connectTo(database: Database): Promise<TwoFacedConnection> {
  const raw = await duckdb.connect(database);
  return { raw, api: new DuckDBConnection(raw) };
}
