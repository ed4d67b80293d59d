import { OracleServer } from './server';
import type { OracleServerOptions, OracleUser } from './server';
import { limsRows } from './lims-rows';
import { limsAccess, limsSchema } from './lims-schema';
import { loadVega } from './vega';

/** Users of the LIMS server. */
export const limsUsers = {
  /** Owns the schema. */
  owner: { name: 'LIMSPRD', password: 'lims-owner', privileges: ['SELECT ANY DICTIONARY', 'EXECUTE ON DBMS_FLASHBACK'] },
  /** Reads everything, the system views included. */
  reader: {
    name: 'TABLECAST',
    password: 'reader-secret',
    privileges: ['SELECT ANY TABLE', 'SELECT ANY DICTIONARY', 'FLASHBACK ANY TABLE', 'EXECUTE ON DBMS_FLASHBACK'],
  },
  /** Reads some tables; no system view, no DBMS_FLASHBACK. */
  reporting: { name: 'REPORTING', password: 'report-secret', privileges: [] },
  /** As `reporting`, and TIMESTAMP_TO_SCN is kept from it too. */
  restricted: { name: 'RESTRICTED', password: 'restricted-secret', privileges: ['SELECT ANY TABLE', 'NO TIMESTAMP_TO_SCN'] },
  /** May log in, nothing else. */
  outsider: { name: 'OUTSIDER', password: 'outsider-secret', privileges: [] },
} as const satisfies Record<string, OracleUser>;

/** Options of the LIMS server. */
export interface LimsServerOptions extends Omit<OracleServerOptions, 'users' | 'prepare'> {
  /** Rows of LIMSPRD.BULK; default 0. */
  readonly bulkRows?: number;
  /** Rows of LIMSPRD.SAMPLE; there are five results to a sample. Default 200. */
  readonly samples?: number;
  /** Whether the public data sets are loaded into the schema VEGA; default true. */
  readonly vega?: boolean;
}

/** Rows of LIMSPRD.BULK as DuckDB query: numbers, texts short and long, dates, some NULLs; the same for every call. */
const bulkRows = (rows: number): string => `
  SELECT i, 'C' || lpad(CAST(i % 100000 AS VARCHAR), 8, '0'), 'Sample no. ' || i || ' of ' || (i % 97),
    CASE WHEN i % 50 = 0 THEN NULL ELSE CAST((i * 7919 % 1000000007) / 100.0 AS DECIMAL(12,2)) END,
    i * 31 % 1000003, CAST((i * 104729 % 999999937) / 1000.0 - 400000 AS DECIMAL(15,6)),
    TIMESTAMP '2020-01-01' + to_seconds(i * 61 % 150000000),
    CASE WHEN i % 3 = 0 THEN NULL ELSE 'note ' || (i % 1009) || repeat('.', CAST(i % 30 AS INTEGER)) END
  FROM range(1, ${rows + 1}) r(i)`;

const sampleRows = (rows: number): string => `
  SELECT i, CASE WHEN i % 3 = 0 THEN 'STABILITY' WHEN i % 7 = 0 THEN NULL ELSE 'WATER-DAILY' END, CASE WHEN i % 3 <> 0 AND i % 7 = 0 THEN NULL ELSE 1 END,
    ['U', 'I', 'C', 'A'][CAST(i % 4 + 1 AS INTEGER)], TIMESTAMP '2024-01-01' + to_hours(i), TIMESTAMP '2024-01-01 06:00:00' + to_hours(i) + to_microseconds(i * 1001)
  FROM range(1, ${rows + 1}) r(i)`;

const resultRows = (samples: number): string => `
  SELECT (i - 1) * 5 + k, i, ['PH', 'DENSITY', 'COLOUR', 'TURBIDITY', 'IRON'][CAST(k AS INTEGER)],
    CASE WHEN k = 3 THEN ['clear', 'pale', 'amber'][CAST(i % 3 + 1 AS INTEGER)] ELSE CAST((i * 37 + k * 11) % 1000 / 100.0 AS VARCHAR) END,
    CASE WHEN k = 3 THEN NULL ELSE CAST((i * 37 + k * 11) % 1000 / 100.0 AS DECIMAL(20,6)) END,
    [NULL, 'g/cm3', NULL, 'NTU', 'mg/l'][CAST(k AS INTEGER)], TIMESTAMP '2024-01-02' + to_hours(i) + to_microseconds(k * 7)
  FROM range(1, ${samples + 1}) r(i), range(1, 6) s(k)
  ORDER BY 1`;

/** Sets up the schema LIMSPRD, its rows, the users' rights and the public data sets. */
export async function prepareLims(server: OracleServer, options: LimsServerOptions = {}): Promise<void> {
  const { database } = server;
  await server.run('LIMSPRD', limsSchema);
  await server.run('LIMSPRD', limsRows);
  const samples = options.samples ?? 200;
  await database.fill(server.table('LIMSPRD', 'SAMPLE'), sampleRows(samples));
  await database.fill(server.table('LIMSPRD', 'RESULT'), resultRows(samples));
  await database.fill(server.table('LIMSPRD', 'BULK'), bulkRows(options.bulkRows ?? 0));
  if (options.vega !== false) await loadVega(server);
  database.catalog.addUser('SYS', '', ['DBA']);
  await server.run('SYS', limsAccess);
  // Nobody logs in as SYS.
  database.catalog.users.delete('SYS');
}

/**
 * Starts a server with the LIMS schema.
 * @example
 * await using server = await startLimsServer({ bulkRows: 100_000 });
 */
export function startLimsServer(options: LimsServerOptions = {}): Promise<OracleServer> {
  return OracleServer.start({
    ...options,
    users: [...Object.values(limsUsers), { name: 'VEGA', password: 'vega-owner' }],
    prepare: (server) => prepareLims(server, options),
  });
}
