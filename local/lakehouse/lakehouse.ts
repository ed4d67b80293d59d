import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { quoteLiteral } from '../../src/lib';
import { LocalDeltaTable, type DeltaRow } from './local-delta-table';

/** A lakehouse in a folder. */
export interface LocalLakehouse extends AsyncDisposable {
  /** The folder, for `url` of the secret. */
  readonly url: string;
  /** Daily weather of Seattle and New York, 2012 to 2015: 2,922 rows with the key location, date; partitioned by location. */
  readonly weather: LocalDeltaTable;
}

/** Makes a lakehouse in a folder of its own, which is removed when it is closed. */
export async function startLakehouse(): Promise<LocalLakehouse> {
  const url = await mkdtemp(join(tmpdir(), 'tablecast-lakehouse-'));
  const weather = await LocalDeltaTable.create(
    join(url, 'WEATHER'),
    {
      name: 'WEATHER',
      description: 'Daily weather of Seattle and New York',
      columns: [
        { name: 'location', type: 'string', nullable: false, comment: 'City' },
        { name: 'date', type: 'date', nullable: false, comment: 'Day, local time of the city' },
        { name: 'precipitation', type: 'decimal(5,1)', comment: 'Rain and melted snow in millimetres' },
        { name: 'temp_max', type: 'decimal(4,1)', comment: 'Highest temperature in degrees Celsius' },
        { name: 'temp_min', type: 'decimal(4,1)', comment: 'Lowest temperature in degrees Celsius' },
        { name: 'wind', type: 'decimal(4,1)', comment: 'Average wind speed in metres per second' },
        { name: 'weather', type: 'string', comment: 'What the day was like: sun, rain, fog, snow or drizzle' },
      ],
      key: ['location', 'date'],
      partitionBy: ['location'],
    },
    await weatherRows(),
  );
  return {
    url,
    weather,
    async [Symbol.asyncDispose]() {
      await weather[Symbol.asyncDispose]();
      await rm(url, { recursive: true, force: true });
    },
  };
}

/** The rows of the public data set in the npm package `vega-datasets`, all values as text. */
async function weatherRows(): Promise<DeltaRow[]> {
  const file = join(dirname(require.resolve('vega-datasets')), '..', 'data', 'weather.csv');
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  try {
    const rows = await connection.runAndReadAll(`SELECT * FROM read_csv(${quoteLiteral(file)}, all_varchar = true)`);
    return rows.getRowObjects() as DeltaRow[];
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}
