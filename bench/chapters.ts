import path from 'node:path';
import { baselineMissing, runBaseline } from './baseline';
import { runToEnd } from './child';
import type { Measurement } from './measurement';
import { rate, type Chapter, type Verdict } from './report';
import { alternate, type Contender } from './rounds';
import type { Services } from './services';
import { sourceFile } from './source-table';
import type { subjects } from './subject';

export interface BenchOptions {
  readonly rounds: number;
  /** Rows of the source table where nothing else is said. */
  readonly rows: number;
  /** Rows of the memory benchmark. */
  readonly manyRows: number;
  /** Where source files are kept meanwhile. */
  readonly folder: string;
  readonly services: Services;
}

function subject(name: keyof typeof subjects, options: object): Promise<Measurement> {
  return runToEnd<Measurement>(process.execPath, [path.join(__dirname, 'subject.js'), name, JSON.stringify(options)]);
}

function publishing(name: string, file: string, services: Services): Contender {
  return { name, run: () => services.withTopic((kafka, topic) => subject('publish', { file, name: topic, ...kafka })) };
}

function ratio(text: string, value: number, limit: number, direction: Verdict['direction'] = 'at least'): Verdict {
  return { text, value, limit, direction, unit: '×' };
}

/** The chapters of the report, by the name under which `--only` selects them. */
export const chapters: Readonly<Record<string, (options: BenchOptions) => Promise<Chapter>>> = {
  async publish({ rounds, rows, folder, services }) {
    const file = await sourceFile(folder, rows);
    const ours = publishing('tablecast', file, services);
    const python: Contender = {
      name: 'Python: fetchmany, fastavro, confluent_kafka',
      run: () => services.withTopic((kafka, topic) => runBaseline({ file, rows, topic, send: true, ...kafka })),
    };
    const client: Contender = {
      name: 'the client alone: only produce()',
      run: () => services.withTopic((kafka, topic) => subject('produceOnly', { file, name: topic, ...kafka })),
    };
    const missing = baselineMissing();
    const results = await alternate(missing === null ? [ours, client, python] : [ours, client], rounds);
    const speed = (contender: Contender): number => rate(results.get(contender.name)!);
    return {
      title: 'DuckDB to Kafka',
      explanation: `One table of twelve columns into one topic of one partition, in one transaction: a TRUNCATE row, then every row, then the commit. Ours also checks
the key and writes its commit record. The client alone sends the same messages, encoded beforehand, with the same settings.${missing === null ? '' : `\nNot compared with Python: ${missing}.`}`,
      results,
      verdicts: [
        ...(missing === null ? [ratio('against Python', speed(ours) / speed(python), 12)] : []),
        ratio('against the client alone', speed(ours) / speed(client), 0.75),
      ],
    };
  },

  async encode({ rounds, rows, folder, services }) {
    const file = await sourceFile(folder, rows);
    const ours: Contender = { name: 'tablecast', run: () => subject('encode', { file }) };
    const python: Contender = {
      name: 'Python: fetchmany, fastavro',
      run: async () => runBaseline({ file, rows, topic: 'bench-encode', send: false, ...(await services.kafka()) }),
    };
    const missing = baselineMissing();
    const results = await alternate(missing === null ? [ours, python] : [ours], rounds);
    return {
      title: 'DuckDB to Avro messages, not sent',
      explanation: `Key and value of every row of the same table.${missing === null ? '' : ` Not compared with Python: ${missing}.`}`,
      results,
      verdicts: missing === null ? [ratio('against Python', rate(results.get(ours.name)!) / rate(results.get(python.name)!), 30)] : [],
    };
  },

  async oracle({ rounds, rows, services }) {
    const options = await services.oracle(rows);
    const ours: Contender = { name: 'tablecast', run: () => subject('readOracle', options) };
    const text: Contender = { name: 'getRows alone, numbers as text', run: () => subject('getRows', { ...options, asText: true }) };
    const driver: Contender = {
      name: 'getRows alone, the driver’s own types',
      run: () => subject('getRows', { ...options, asText: false }),
    };
    const results = await alternate([ours, text, driver], rounds);
    const speed = (contender: Contender): number => rate(results.get(contender.name)!);
    return {
      title: 'Oracle to DuckDB',
      explanation: `The bulk table of the embedded Oracle server (eight columns, a process of its own) into the workspace, through the real driver, pages of 4000 rows. Exact numbers
come as text; the driver’s own types are floating-point numbers.`,
      results,
      verdicts: [
        ratio('against getRows with exact numbers', speed(ours) / speed(text), 0.8),
        ratio('against getRows with the driver’s own types', speed(ours) / speed(driver), 0.8),
      ],
    };
  },

  async compare({ rounds, rows: half, folder }) {
    const rows = half * 2;
    const file = await sourceFile(folder, rows);
    const ours: Contender = { name: 'tablecast', run: () => subject('compare', { file }) };
    const results = await alternate([ours], rounds);
    return {
      title: 'Comparing with what was published last',
      explanation: `A delta of the strategy snapshot, between reading the source and publishing: checks the key, hashes the rows and writes the new state, reads the old one,
finds what differs. Of each hundred rows one has changed, one is new and one is gone.`,
      results,
      verdicts: [{ text: 'seconds', value: rows / rate(results.get(ours.name)!), unit: 's', limit: 5, direction: 'at most' }],
    };
  },

  async memory({ manyRows, folder, services }) {
    const results = await alternate([publishing('tablecast', await sourceFile(folder, manyRows), services)], 1);
    const peak = Math.max(...[...results.values()].flat().map(({ peakMb }) => peakMb));
    return {
      title: 'Memory',
      explanation:
        'DuckDB to Kafka with many rows: the largest memory of the process, with the workspace limited to 512 MB, from opening it to the commit.',
      results,
      verdicts: [{ text: 'peak', value: peak, unit: 'MB', limit: 1024, direction: 'at most' }],
    };
  },

  async linear({ rounds, rows: allRows, folder, services }) {
    const rows = Math.round(allRows / 2);
    const small = publishing(`tablecast, ${rows.toLocaleString('en')} rows`, await sourceFile(folder, rows), services);
    const large = publishing(`tablecast, ${(rows * 10).toLocaleString('en')} rows`, await sourceFile(folder, rows * 10), services);
    const results = await alternate([small, large], rounds);
    const time = (contender: Contender): number => rows / rate(results.get(contender.name)!);
    return {
      title: 'Ten times the rows',
      explanation: 'DuckDB to Kafka with two sizes of the same table.',
      results,
      verdicts: [ratio('time for ten times the rows', (10 * time(large)) / time(small), 11, 'at most')],
    };
  },
};
