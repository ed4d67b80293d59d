import {
  DeltaRunner,
  snapshot,
  Transformation,
  type CombinedReader,
  type LoadedTable,
  type RowRule,
  type RunContext,
  type Selection,
} from '../lib';
import type { LakehouseReader } from '../readers/lakehouse-reader';
import type { OracleReader } from '../readers/oracle-reader';
import type { StarTekReader } from '../readers/startek-reader';
import { StarTekSchema } from '../readers/startek-schema';

/** The three sources of the daily results. */
export type TransformReader = CombinedReader<{
  readonly lims: OracleReader;
  readonly startek: StarTekReader;
  readonly lakehouse: LakehouseReader;
}>;

/** Numeric results with the day on which their sample was taken. */
const measurement = `
  select s.PLAN_NAME, s.LOGIN_DATE::date as SAMPLED_ON, r.ANALYSIS, r.NUMERIC_ENTRY, r.UNITS
  from RESULT r
  join SAMPLE s on s.SAMPLE_NUMBER = r.SAMPLE_NUMBER
  where r.NUMERIC_ENTRY is not null and s.PLAN_NAME is not null`;

/** Which of StarTek's nodes samples are taken at, by plan. */
const samplingPoint = `
  select PLAN_NAME, NODE
  from (values ('WATER-DAILY', 'SEA'), ('STABILITY', 'JFK')) as points(PLAN_NAME, NODE)`;

/** One row for each node, instead of one for each of its attributes. */
const node = `
  select
    Name as NODE,
    max(AttributeValue) filter (AttributeType = 'city') as CITY,
    try_cast(max(AttributeValue) filter (AttributeType = 'latitude') as double) as LATITUDE,
    try_cast(max(AttributeValue) filter (AttributeType = 'longitude') as double) as LONGITUDE
  from ATTRIBUTE
  group by Name`;

/** The usual weather of each day of the calendar. */
const climate = `
  select location as CITY, month(date) as MONTH, day(date) as DAY, avg(temp_max) as TEMPERATURE, avg(precipitation) as PRECIPITATION
  from WEATHER
  group by all`;

const labDaily = `
  with daily as (
    select
      PLAN_NAME, ANALYSIS, SAMPLED_ON,
      count(*) as RESULTS, avg(NUMERIC_ENTRY) as MEAN, min(NUMERIC_ENTRY) as LOWEST, max(NUMERIC_ENTRY) as HIGHEST, min(UNITS) as UNITS
    from MEASUREMENT
    group by PLAN_NAME, ANALYSIS, SAMPLED_ON
  )
  select d.*, p.NODE, n.CITY, n.LATITUDE, n.LONGITUDE, c.TEMPERATURE as USUAL_TEMPERATURE, c.PRECIPITATION as USUAL_PRECIPITATION
  from daily d
  left join SAMPLING_POINT p on p.PLAN_NAME = d.PLAN_NAME
  left join NODE n on n.NODE = p.NODE
  left join CLIMATE c on c.CITY = n.CITY and c.MONTH = month(d.SAMPLED_ON) and c.DAY = day(d.SAMPLED_ON)
  order by SAMPLED_ON, PLAN_NAME, ANALYSIS`;

/** What the steps compute, and what its source does not describe, in words. */
const descriptions = {
  PLAN_NAME: 'Plan by which the samples were taken',
  ANALYSIS: 'What was measured, e.g. PH',
  SAMPLED_ON: 'Day on which the samples were taken',
  RESULTS: 'Number of numeric results',
  MEAN: 'Mean of the results',
  LOWEST: 'Lowest result',
  HIGHEST: 'Highest result',
  UNITS: 'Unit of measure of the results',
  NODE: 'Node of StarTek where the samples are taken',
  CITY: 'City of the node, according to StarTek',
  LATITUDE: 'Latitude of the node in degrees',
  LONGITUDE: 'Longitude of the node in degrees',
  USUAL_TEMPERATURE: 'Mean highest temperature of this day of the calendar in the city, in degrees Celsius',
  USUAL_PRECIPITATION: 'Mean precipitation of this day of the calendar in the city, in mm',
};

const rules: readonly RowRule[] = [
  // An instrument that reports less than nothing is out of order: nobody should see its results before they were looked at.
  { name: 'NOT_NEGATIVE', when: 'LOWEST < 0', result: 'FAIL', text: "'lowest result ' || LOWEST", quality: 0, stop: true },
  { name: 'PH_RANGE', when: "ANALYSIS = 'PH' and HIGHEST > 14", result: 'FAIL', text: "'pH ' || HIGHEST", quality: 0 },
  { name: 'FEW_RESULTS', when: 'RESULTS < 3', result: 'WARN', text: "'only ' || RESULTS || ' results'", quality: 50 },
  { name: 'WEATHER_KNOWN', when: 'USUAL_TEMPERATURE is null', result: 'WARN', quality: 80 },
];

/**
 * The laboratory's results of each day, with the place where the samples were taken and its usual weather: joined from Oracle, a REST service and the
 * lakehouse. Nothing tells which days a change touches, so each load builds the table anew, and a delta publishes what differs from what was published last.
 */
export class TransformRunner extends DeltaRunner<TransformReader> {
  protected override readonly strategy = snapshot();

  protected override async load({ sources }: TransformReader, _selection: Selection, run: RunContext): Promise<LoadedTable> {
    const { lims, startek, lakehouse } = sources;
    const steps = new Transformation(run);

    await lims.load('SAMPLE', 'select SAMPLE_NUMBER, PLAN_NAME, LOGIN_DATE from LIMSPRD.SAMPLE', 'SAMPLE', 'LABWARE');
    steps.source('SAMPLE', lims.tableSchema);
    await lims.load('RESULT', 'select * from LIMSPRD.RESULT', 'RESULT', 'LABWARE');
    steps.source('RESULT', lims.tableSchema);
    await startek.load('ATTRIBUTE', new StarTekSchema());
    steps.source('ATTRIBUTE', startek.tableSchema);
    await lakehouse.load('WEATHER', 'WEATHER', 'WEATHER', 'LAKEHOUSE', { key: ['location', 'date'] });
    steps.source('WEATHER', lakehouse.tableSchema);

    await steps.view('MEASUREMENT', measurement);
    await steps.view('SAMPLING_POINT', samplingPoint);
    await steps.table('NODE', node);
    await steps.table('CLIMATE', climate);
    await steps.table('LAB_DAILY', labDaily);
    await steps.audit('LAB_DAILY', rules);

    const schema = await steps.schemaOf('LAB_DAILY', 'LAB_DAILY', 'LABWARE', descriptions);
    schema
      .setDoc('Results of the laboratory by plan, analysis and day, with place and usual weather')
      .setDataProductOwnerEmail('lims@example.com')
      .setRepoUrl('https://github.com/example/lab-daily')
      .setSourceSystemUri('https://labware.example.com')
      .setTicketsUrl('https://tickets.example.com/lab-daily')
      .setDataClassification('INTERNAL');
    return { table: 'LAB_DAILY', schema };
  }
}
