import type { Connection } from 'oracledb';
import type { Row } from '../src/lib/schema/row';
import { compareRows, type Cell, type Comparison } from './compare-rows';
import { compareTable } from './compare-table';
import type { EmbeddedSystem } from './embedded-system';
import { compareLabDaily } from './lab-daily';
import type { DeltaChanges } from './lakehouse/local-delta-table';

/** What the demo works on: the parts, and a session at the Oracle database. */
export interface DemoSources extends Pick<EmbeddedSystem, 'rest' | 'lakehouse'> {
  readonly connection: Connection;
}

/** A flow of the demo. */
export interface DemoFlow {
  readonly path: string;
  readonly table: string;
  readonly topic: string;
  /** Whether the demo changes something at its source. */
  readonly changes: boolean;
  /** Compares what a consumer holds with the source, which is read anew, and not by the project's readers. */
  readonly compare: (sources: DemoSources, image: { rows(): Iterable<Row> }) => Promise<Comparison>;
}

const ofOracle =
  (table: string): DemoFlow['compare'] =>
  ({ connection }, image) =>
    compareTable(connection, table, image);

export const demoFlows: readonly DemoFlow[] = [
  {
    path: '/api/LABWARE/run',
    table: 'SAMPLE_PLAN',
    topic: 'demo.RAW.LABWARE.SAMPLE_PLAN',
    changes: true,
    compare: ofOracle('LIMSPRD.SAMPLE_PLAN'),
  },
  {
    path: '/api/LABWARE/results/run',
    table: 'RESULT',
    topic: 'demo.RAW.LABWARE.RESULT',
    changes: true,
    compare: ofOracle('LIMSPRD.RESULT'),
  },
  { path: '/api/VEGA/run', table: 'FLIGHT', topic: 'demo.RAW.VEGA.FLIGHT', changes: false, compare: ofOracle('VEGA.FLIGHT') },
  {
    path: '/api/STARTEK/run',
    table: 'ATTRIBUTE',
    topic: 'demo.RAW.STARTEK.ATTRIBUTE',
    changes: true,
    compare: ({ rest }, image) => {
      const columns = ['Name', 'AttributeType', 'AttributeValue'] as const;
      return Promise.resolve(compareRows(texts(rest.rows, columns), texts(image.rows(), columns)));
    },
  },
  {
    path: '/api/LAKEHOUSE/run',
    table: 'WEATHER',
    topic: 'demo.RAW.LAKEHOUSE.WEATHER',
    changes: true,
    compare: async ({ lakehouse }, image) => {
      const rows = await lakehouse.weather.rows();
      const columns = Object.keys(rows[0] ?? {});
      return compareRows(texts(rows, columns), texts(image.rows(), columns));
    },
  },
  {
    path: '/api/TRANSFORM/run',
    table: 'LAB_DAILY',
    topic: 'demo.APPLICATION.LABWARE.LAB_DAILY',
    changes: true,
    compare: ({ connection, rest, lakehouse }, image) => compareLabDaily(connection, rest, lakehouse, image),
  },
];

const sunnyDay = { location: 'Seattle', precipitation: '0.0', temp_min: '2.2', wind: '3.1', weather: 'sun' };

/** What the demo changes between the loads. Those of Oracle are in one transaction. */
export const demoChanges: readonly {
  readonly table: string;
  /** What is done to its rows. */
  readonly change: 'inserted' | 'updated' | 'deleted';
  /** @returns number of rows */
  readonly apply: (sources: DemoSources) => Promise<number>;
}[] = [
  {
    table: 'SAMPLE_PLAN',
    change: 'inserted',
    apply: statement(
      `insert into LIMSPRD.SAMPLE_PLAN (VERSION, NAME, DESCRIPTION, PRICE, CHANGED_ON) values (3, 'WATER-DAILY', 'third version', 99.95, localtimestamp)`,
    ),
  },
  {
    table: 'SAMPLE_PLAN',
    change: 'updated',
    apply: statement(`update LIMSPRD.SAMPLE_PLAN set STATUS = 'RETIRED' where NAME = 'WATER-DAILY' and VERSION = 2`),
  },
  { table: 'SAMPLE_PLAN', change: 'deleted', apply: statement(`delete from LIMSPRD.SAMPLE_PLAN where NAME = 'EMPTY'`) },
  {
    table: 'RESULT',
    change: 'inserted',
    apply: statement(`insert into LIMSPRD.RESULT values (900001, 1, 'IRON', '0.31', 0.31, 'mg/l', localtimestamp)`),
  },
  {
    table: 'RESULT',
    change: 'updated',
    apply: statement(
      `update LIMSPRD.RESULT set ENTRY = 'amber', CHANGED_ON = localtimestamp where ANALYSIS = 'COLOUR' and SAMPLE_NUMBER <= 250`,
    ),
  },
  {
    table: 'ATTRIBUTE',
    change: 'inserted',
    apply: ({ rest }) => {
      const added = { airport: 'Berlin Brandenburg', city: 'Berlin', country: 'Germany' };
      for (const [type, value] of Object.entries(added)) rest.rows.upsert({ Name: 'BER', AttributeType: type, AttributeValue: value });
      return Promise.resolve(Object.keys(added).length);
    },
  },
  {
    table: 'ATTRIBUTE',
    change: 'updated',
    apply: ({ rest }) => {
      rest.rows.upsert({ Name: 'JFK', AttributeType: 'airport', AttributeValue: 'John F. Kennedy International' });
      return Promise.resolve(1);
    },
  },
  {
    table: 'ATTRIBUTE',
    change: 'deleted',
    apply: ({ rest }) => {
      const gone = [...rest.rows].filter(({ Name }) => Name === 'ROP');
      for (const { Name, AttributeType } of gone) rest.rows.delete(Name, AttributeType);
      return Promise.resolve(gone.length);
    },
  },
  // Each makes a version of the Delta table.
  { table: 'WEATHER', change: 'inserted', apply: version({ upserts: [{ ...sunnyDay, date: '2016-01-01', temp_max: '7.8' }] }) },
  { table: 'WEATHER', change: 'updated', apply: version({ upserts: [{ ...sunnyDay, date: '2012-01-01', temp_max: '12.9' }] }) },
  { table: 'WEATHER', change: 'deleted', apply: version({ deletes: [{ location: 'New York', date: '2012-01-02' }] }) },
];

function statement(sql: string): (sources: DemoSources) => Promise<number> {
  return async ({ connection }) => (await connection.execute(sql)).rowsAffected ?? 0;
}

function version(changes: DeltaChanges): (sources: DemoSources) => Promise<number> {
  return async ({ lakehouse }) => {
    await lakehouse.weather.commit(changes);
    return (changes.upserts?.length ?? 0) + (changes.deletes?.length ?? 0);
  };
}

function texts(rows: Iterable<object>, columns: readonly string[]): Cell[][] {
  return [...rows].map((row) => {
    const values = row as Readonly<Record<string, string | null>>;
    return columns.map((column) => values[column] ?? null);
  });
}
