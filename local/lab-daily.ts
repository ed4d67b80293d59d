import oracledb, { type Connection } from 'oracledb';
import type { Row } from '../src/lib/schema/row';
import { compareRows, type Cell, type Comparison } from './compare-rows';
import type { LocalLakehouse } from './lakehouse/lakehouse';
import type { RestSource } from './rest/rest-source';

/** Where samples are taken, as the runner has it. */
const nodes: Readonly<Record<string, string>> = { 'WATER-DAILY': 'SEA', STABILITY: 'JFK' };

/** Columns that are computed as floating-point numbers: the last digits depend on the order of the rows. */
const computed = ['MEAN', 'LATITUDE', 'LONGITUDE', 'USUAL_TEMPERATURE', 'USUAL_PRECIPITATION'];

/** Compares what a consumer holds of LAB_DAILY with the same figures computed in another way: grouped by Oracle, joined here. */
export async function compareLabDaily(
  connection: Connection,
  rest: RestSource,
  lakehouse: LocalLakehouse,
  image: { rows(): Iterable<Row> },
): Promise<Comparison> {
  const climate = await usualWeather(lakehouse);
  const { rows = [] } = await connection.execute<(string | null)[]>(
    `select s.PLAN_NAME, r.ANALYSIS, to_char(s.LOGIN_DATE, 'YYYY-MM-DD'), count(*), sum(r.NUMERIC_ENTRY), min(r.NUMERIC_ENTRY), max(r.NUMERIC_ENTRY), min(r.UNITS)
     from LIMSPRD.RESULT r join LIMSPRD.SAMPLE s on s.SAMPLE_NUMBER = r.SAMPLE_NUMBER
     where r.NUMERIC_ENTRY is not null and s.PLAN_NAME is not null
     group by s.PLAN_NAME, r.ANALYSIS, to_char(s.LOGIN_DATE, 'YYYY-MM-DD')`,
    [],
    { outFormat: oracledb.OUT_FORMAT_ARRAY, fetchTypeHandler: () => ({ type: oracledb.STRING }) },
  );
  const source = rows.map(([plan, analysis, day, results, sum, lowest, highest, units]): Row => {
    const node = nodes[String(plan)];
    const attribute = (type: string): string | null => (node === undefined ? null : (rest.rows.get(node, type)?.AttributeValue ?? null));
    const city = attribute('city');
    const weather = climate.get(`${city} ${day?.slice(5)}`);
    return {
      PLAN_NAME: plan,
      ANALYSIS: analysis,
      SAMPLED_ON: day,
      RESULTS: results,
      MEAN: Number(sum) / Number(results),
      LOWEST: Number(lowest),
      HIGHEST: Number(highest),
      UNITS: units,
      NODE: node,
      CITY: city,
      LATITUDE: attribute('latitude'),
      LONGITUDE: attribute('longitude'),
      USUAL_TEMPERATURE: weather?.temperature,
      USUAL_PRECIPITATION: weather?.precipitation,
    };
  });
  const consumer = [...image.rows()].map((row): Row => ({ ...row, LOWEST: Number(row['LOWEST']), HIGHEST: Number(row['HIGHEST']) }));
  return compareRows(source.map(cells), consumer.map(cells));
}

function cells(row: Row): Cell[] {
  const names = Object.keys(row).sort();
  return names.map((name) => {
    const value = row[name] as string | number | bigint | null | undefined;
    if (value === null || value === undefined) return null;
    return computed.includes(name) ? Number(value).toPrecision(10) : String(value);
  });
}

interface Weather {
  readonly temperature: number;
  readonly precipitation: number;
}

/** Means by city and day of the calendar, e.g. `Seattle 02-29`. */
async function usualWeather(lakehouse: LocalLakehouse): Promise<ReadonlyMap<string, Weather>> {
  const days = new Map<string, { count: number; temperature: number; precipitation: number }>();
  for (const row of await lakehouse.weather.rows()) {
    const day = `${row['location']} ${row['date']?.slice(5)}`;
    const sums = days.get(day) ?? { count: 0, temperature: 0, precipitation: 0 };
    sums.count += 1;
    sums.temperature += Number(row['temp_max']);
    sums.precipitation += Number(row['precipitation']);
    days.set(day, sums);
  }
  return new Map(
    [...days].map(([day, { count, temperature, precipitation }]) => [
      day,
      { temperature: temperature / count, precipitation: precipitation / count },
    ]),
  );
}
