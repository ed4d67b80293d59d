import oracledb, { type Connection } from 'oracledb';
import { callFlow } from './call-flow';
import { compareTable } from './compare-table';
import { readTable } from './consumer/table-image';
import { EmbeddedSystem } from './embedded-system';
import type { HostLog } from './functions-host/host-log';
import { limsUsers } from './oracle/lims';
import { alignColumns, count, Terminal } from './terminal';

/**
 * The main job on embedded parts: publish tables of an Oracle database, change rows there, publish what changed, and compare what a consumer of the topics
 * holds with the source. Exit status 0 when every value is equal, else 1.
 */

const flows = [
  { path: '/api/LABWARE/run', table: 'SAMPLE_PLAN', source: 'LIMSPRD.SAMPLE_PLAN', topic: 'demo.RAW.LABWARE.SAMPLE_PLAN', changes: true },
  { path: '/api/LABWARE/results/run', table: 'RESULT', source: 'LIMSPRD.RESULT', topic: 'demo.RAW.LABWARE.RESULT', changes: true },
  { path: '/api/VEGA/run', table: 'FLIGHT', source: 'VEGA.FLIGHT', topic: 'demo.RAW.VEGA.FLIGHT', changes: false },
] as const;

const changes: readonly { readonly what: string; readonly sql: string }[] = [
  {
    what: 'SAMPLE_PLAN  inserted',
    sql: `insert into LIMSPRD.SAMPLE_PLAN (VERSION, NAME, DESCRIPTION, PRICE, CHANGED_ON) values (3, 'WATER-DAILY', 'third version', 99.95, localtimestamp)`,
  },
  { what: 'SAMPLE_PLAN  updated', sql: `update LIMSPRD.SAMPLE_PLAN set STATUS = 'RETIRED' where NAME = 'WATER-DAILY' and VERSION = 2` },
  { what: 'SAMPLE_PLAN  deleted', sql: `delete from LIMSPRD.SAMPLE_PLAN where NAME = 'EMPTY'` },
  { what: 'RESULT       inserted', sql: `insert into LIMSPRD.RESULT values (900001, 1, 'IRON', '0.31', 0.31, 'mg/l', localtimestamp)` },
  {
    what: 'RESULT       updated',
    sql: `update LIMSPRD.RESULT set ENTRY = 'amber', CHANGED_ON = localtimestamp where ANALYSIS = 'COLOUR' and SAMPLE_NUMBER <= 250`,
  },
];

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
    terminal.print(`${bold('tablecast')}  Oracle → DuckDB → Kafka, everything in this process`);
    terminal.print();
    await using system = await EmbeddedSystem.start({ port: 0, samples: 10_000, log, settings: { PROGRESS_SECONDS: '0.1' } });
    process.once('SIGINT', () => {
      // A second Ctrl-C ends the process at once.
      void system[Symbol.asyncDispose]().finally(() => process.exit(130));
    });
    const { oracle, broker, registry, storage, host } = system;
    const parts = [
      ['Oracle Net server', oracle.connectString],
      ['Kafka broker', broker.bootstrap],
      ['schema registry', registry.url],
      ['table storage', storage.url],
      ['Functions host', host.address],
    ];
    for (const line of alignColumns(parts)) terminal.print(`   ${dim(line)}`);

    const load = async (method: 'PUT' | 'PATCH', chosen: readonly (typeof flows)[number][]): Promise<boolean> => {
      const lines: string[][] = [];
      for (const { path, table } of chosen) {
        doing = `${method} ${path}`;
        lastRows = '';
        const answer = await callFlow(system, method, path);
        if (!answer.ok) {
          const { code, detail, fix } = answer.problem;
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
          dim(`pointer ${pointer.before ?? 'none'} → ${pointer.after ?? 'none'}`),
        ]);
      }
      for (const line of alignColumns(lines)) terminal.print(`   ${line}`);
      return true;
    };

    terminal.print(`\n${bold('1  Initial loads')}`);
    if (!(await load('PUT', flows))) return 'failed';

    terminal.print(`\n${bold('2  Changes at the source')}`);
    doing = 'changing rows';
    const { name: user, password } = limsUsers.owner;
    const owner = await oracledb.getConnection({ user, password, connectString: oracle.connectString });
    try {
      for (const line of await applyChanges(owner)) terminal.print(`   ${line}`);
    } finally {
      await owner.close();
    }

    terminal.print(`\n${bold('3  Delta loads')}`);
    if (
      !(await load(
        'PATCH',
        flows.filter((flow) => flow.changes),
      ))
    )
      return 'failed';

    terminal.print(`\n${bold('4  What a consumer of the topics holds, beside the source')}`);
    doing = 'comparing';
    lastRows = '';
    const reader = await oracledb.getConnection({
      user: limsUsers.reader.name,
      password: limsUsers.reader.password,
      connectString: oracle.connectString,
    });
    const table: string[][] = [['table', 'source', 'consumer', 'messages', ''].map(dim)];
    const examples: string[] = [];
    try {
      for (const { table: name, source, topic } of flows) {
        const image = await readTable({ bootstrap: broker.bootstrap, registry: registry.url, topic });
        const compared = await compareTable(reader, source, image);
        const verdict = compared.differences === 0 ? good('equal') : bad(`${count(compared.differences)} rows differ`);
        table.push([name, count(compared.sourceRows), count(compared.consumerRows), count(image.messages), verdict]);
        examples.push(...compared.examples.map((example) => `${name}, ${example}`));
      }
    } finally {
      await reader.close();
    }
    for (const line of [...alignColumns(table), ...examples]) terminal.print(`   ${line}`);
    doing = 'closing';
    return examples.length === 0 ? 'equal' : 'different';
  } finally {
    clearInterval(ticker);
    terminal.progress('');
  }
}

/** Applies the changes in one transaction. @returns what was done, by statement */
async function applyChanges(connection: Connection): Promise<string[]> {
  const done: string[][] = [];
  for (const { what, sql } of changes) {
    const { rowsAffected = 0 } = await connection.execute(sql);
    done.push([what, count(rowsAffected)]);
  }
  await connection.commit();
  return alignColumns(done);
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
  equal: ['Equal:', 'every value of every row is at the consumer as it is at the source.'],
  different: ['Different:', 'the consumer does not hold what the source holds.'],
  failed: ['Failed:', 'a load ended with the problem above; nothing of it is visible to a consumer.'],
};

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
