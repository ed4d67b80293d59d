import { registeredFlows } from '../src/lib/run/flow-registry';
import { EmbeddedSystem } from './embedded-system';
import { consoleLog } from './functions-host/host-log';
import { limsUsers } from './oracle/lims';
import { alignColumns, Terminal } from './terminal';

/** The port of `func start`; the environment variable PORT names another. */
const port = Number(process.env['PORT'] ?? 7071);

/** Serves the app with everything it needs in this process, until Ctrl-C. */
async function main(): Promise<void> {
  const terminal = new Terminal();
  const { bold, dim } = terminal;
  const stopped = new Promise<void>((resolve) => {
    process.once('SIGINT', resolve);
    process.once('SIGTERM', resolve);
  });
  await using system = await EmbeddedSystem.start({ port, samples: 200, log: consoleLog() });
  const { oracle, rest, lakehouse, broker, registry, storage, host, key } = system;

  terminal.print(`\n${bold('tablecast')}  the app with sources, Kafka and storage of its own, in this process\n`);
  const parts = [
    ['Oracle Net server', oracle.connectString, `user ${limsUsers.owner.name}, password ${limsUsers.owner.password}`],
    ['REST service', rest.url, `${rest.url}/startek/attributes/page (see local/rest/README.md)`],
    ['lakehouse', lakehouse.url, ''],
    ['Kafka broker', broker.bootstrap, ''],
    ['schema registry', registry.url, `${registry.url}/subjects`],
    ['table storage', storage.tables.url, ''],
    ['blob storage', storage.blobs.url, ''],
  ];
  for (const line of alignColumns(parts)) terminal.print(`   ${dim(line)}`);
  terminal.print(`\n${bold('Try')}   ${dim(`KEY='x-functions-key: ${key}'`)}`);
  const lines = registeredFlows().flatMap(({ route }) =>
    calls.map(([method, says]) => [`curl -H "$KEY" -X ${method.padEnd(5)} '${host.address}/api/${route}'`, dim(`# ${says}`)]),
  );
  for (const line of alignColumns(lines)) terminal.print(`   ${line}`);
  terminal.print(`\n   ${dim('Ctrl-C ends it.')}\n`);

  await stopped;
  terminal.print('\nStopping: runs under way are rolled back.');
}

/** What every flow understands. */
const calls = [
  ['PUT', 'initial load'],
  ['PATCH', 'delta load: what changed since'],
  ['GET', 'the last runs and the delta pointer'],
] as const;

main().catch((error: unknown) => {
  const inUse = error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';
  console.error(inUse ? `Port ${port} is in use: end what listens there, or choose another, e.g. PORT=7072.` : error);
  process.exitCode = 1;
});
