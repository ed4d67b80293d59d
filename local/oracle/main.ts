import { limsUsers, startLimsServer } from './lims';

/**
 * Runs the LIMS server as a process of its own and prints one line of JSON: `connectString`, `user`, `password`.
 * Settings from the environment: ORACLE_PORT, ORACLE_BULK_ROWS.
 */
async function main(): Promise<void> {
  const server = await startLimsServer({
    port: Number(process.env['ORACLE_PORT'] ?? 0),
    bulkRows: Number(process.env['ORACLE_BULK_ROWS'] ?? 0),
  });
  console.log(JSON.stringify({ connectString: server.connectString, user: limsUsers.reader.name, password: limsUsers.reader.password }));
  const stop = (): void => {
    void server[Symbol.asyncDispose]().then(() => process.exit(0));
  };
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
  // A parent that goes away closes the input: then this process ends too.
  process.stdin.once('end', stop);
  process.stdin.resume();
}

void main();
