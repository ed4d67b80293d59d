import oracledb from 'oracledb';
import { callFlow } from './call-flow';
import { readTable } from './consumer/table-image';
import { demoChanges, demoFlows, type DemoFlow, type DemoSources } from './demo-flows';
import { EmbeddedSystem } from './embedded-system';
import type { HostLog } from './functions-host/host-log';
import { loadApp } from './load-app';
import { limsUsers } from './oracle/lims';
import { alignColumns, count, Terminal } from './terminal';

/**
 * All flows on embedded parts: publish tables of an Oracle database, a REST service and a lakehouse, and one made of all three; change rows there, publish
 * what changed, and compare what a consumer of the topics holds with the sources. Exit status 0 when every value is equal, else 1.
 */

type Outcome = 'equal' | 'different' | 'failed';

async function demo(terminal: Terminal): Promise<Outcome> {
  const { bold, dim, good, bad } = terminal;
  let doing = 'starting';
  let lastRows = '';
  const started = performance.now();
  const seconds = (since: number): string => `${((performance.now() - since) / 1000).toFixed(1)} s`;
  // The flows log how far they are; the demo shows it while they work.
  const log: HostLog = {
    write: (_level, _source, message) => {
      lastRows = /: (read|publish) \w+, \d+ rows/.exec(message)?.[0].slice(1) ?? lastRows;
    },
  };
  const ticker = setInterval(() => {
    terminal.progress(dim(`   ${doing} … ${seconds(started)}${lastRows}`));
  }, 100);

  try {
    terminal.print(`${bold('tablecast')}  Oracle, REST, lakehouse → DuckDB → Kafka, everything in this process`);
    terminal.print();
    await using system = await EmbeddedSystem.start({
      port: 0,
      samples: 10_000,
      log,
      settings: { PROGRESS_SECONDS: '0.1' },
      load: async () => {
        loadApp();
        await import('./flights.js'); // a flow of the demo's own
      },
    });
    process.once('SIGINT', () => {
      // A second Ctrl-C ends the process at once.
      void system[Symbol.asyncDispose]().finally(() => process.exit(130));
    });
    const { oracle, rest, lakehouse, broker, registry, storage, host } = system;
    const parts = [
      ['Oracle Net server', oracle.connectString],
      ['REST service', rest.url],
      ['lakehouse', lakehouse.url],
      ['Kafka broker', broker.bootstrap],
      ['schema registry', registry.url],
      ['table storage', storage.tables.url],
      ['blob storage', storage.blobs.url],
      ['Functions host', host.address],
    ];
    for (const line of alignColumns(parts)) terminal.print(`   ${dim(line)}`);

    let flows = demoFlows;
    const load = async (method: 'PUT' | 'PATCH', chosen: readonly DemoFlow[]): Promise<boolean> => {
      const lines: string[][] = [];
      for (const flow of chosen) {
        const { path, table } = flow;
        doing = `${method} ${path}`;
        lastRows = '';
        const answer = await callFlow(system, method, path);
        if (!answer.ok) {
          const { code, detail, fix } = answer.problem;
          if (code === 'EXTENSION_MISSING') {
            // Neither DuckDB's own server nor PyPI could be reached at the setup; everything else works without.
            flows = flows.filter((other) => other !== flow);
            terminal.print(dim(`   ${table} is left out: DuckDB’s extensions are not there, see node scripts/setup.mjs`));
            continue;
          }
          terminal.print(bad(`   ${method} ${path}  ${answer.status} ${code}`));
          terminal.print(`   ${detail}\n   ${bold('Fix:')} ${fix}`);
          return false;
        }
        const { seconds: spent, commits, pointer } = answer.report;
        const rows = commits.reduce((sum, commit) => sum + commit.rows, 0);
        lines.push([
          method,
          path,
          String(answer.status),
          table,
          `${count(rows)} rows`,
          `${spent.total.toFixed(2)} s`,
          dim(`pointer ${short(pointer.before)} → ${short(pointer.after)}`),
        ]);
      }
      for (const line of alignColumns(lines)) terminal.print(`   ${line}`);
      return true;
    };

    terminal.print(`\n${bold('1  Initial loads')}`);
    if (!(await load('PUT', demoFlows))) return 'failed';

    terminal.print(`\n${bold('2  Changes at the sources')}`);
    doing = 'changing rows';
    const connect = ({ name: user, password }: { readonly name: string; readonly password: string }) =>
      oracledb.getConnection({ user, password, connectString: oracle.connectString });
    const owner = await connect(limsUsers.owner);
    try {
      const sources: DemoSources = { connection: owner, rest, lakehouse };
      const done = new Map<string, string[]>();
      for (const { table, change, apply } of demoChanges) {
        const rows = await apply(sources);
        done.set(table, [...(done.get(table) ?? [table]), `${count(rows)} ${change}`]);
      }
      await owner.commit();
      for (const line of alignColumns([...done.values()])) terminal.print(`   ${line}`);
    } finally {
      await owner.close();
    }

    terminal.print(`\n${bold('3  Delta loads')}`);
    const changed = flows.filter((flow) => flow.changes);
    if (!(await load('PATCH', changed))) return 'failed';

    terminal.print(`\n${bold('4  What a consumer of the topics holds, beside the sources')}`);
    doing = 'comparing';
    lastRows = '';
    const table: string[][] = [['table', 'source', 'consumer', 'messages', ''].map(dim)];
    const examples: string[] = [];
    const connection = await connect(limsUsers.reader);
    try {
      for (const { table: name, topic, compare } of flows) {
        const image = await readTable({ bootstrap: broker.bootstrap, registry: registry.url, topic });
        const compared = await compare({ connection, rest, lakehouse }, image);
        const verdict = compared.differences === 0 ? good('equal') : bad(`${count(compared.differences)} rows differ`);
        table.push([name, count(compared.sourceRows), count(compared.consumerRows), count(image.messages), verdict]);
        examples.push(...compared.examples.map((example) => `${name}, ${example}`));
      }
    } finally {
      await connection.close();
    }
    for (const line of [...alignColumns(table), ...examples]) terminal.print(`   ${line}`);
    doing = 'closing';
    return examples.length === 0 ? 'equal' : 'different';
  } finally {
    clearInterval(ticker);
    terminal.progress('');
  }
}

/** Some pointers are long: they name a commit, or a table's identity. Commits of one day begin alike. */
function short(pointer: string | null): string {
  if (pointer === null) return 'none';
  return pointer.length > 12 ? `${pointer.slice(0, 3)}…${pointer.slice(-6)}` : pointer;
}

async function main(): Promise<void> {
  const terminal = new Terminal();
  const started = performance.now();
  const outcome = await demo(terminal);
  const total = terminal.dim(`${((performance.now() - started) / 1000).toFixed(1)} s`);
  terminal.print(`\n${terminal[outcome === 'equal' ? 'good' : 'bad'](verdicts[outcome][0])} ${verdicts[outcome][1]} ${total}`);
  process.exitCode = outcome === 'equal' ? 0 : 1;
}

const verdicts: Readonly<Record<Outcome, readonly [string, string]>> = {
  equal: ['Equal:', 'every value of every row is at the consumer as it is at the sources.'],
  different: ['Different:', 'the consumer does not hold what the sources hold.'],
  failed: ['Failed:', 'a load ended with the problem above; nothing of it is visible to a consumer.'],
};

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
