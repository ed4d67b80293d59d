import { dirname, join } from 'node:path';
import type { OracleServer } from './server';

const file = (name: string): string => `'${join(dirname(require.resolve('vega-datasets')), '..', 'data', name).replaceAll("'", "''")}'`;

const tables: readonly { readonly create: string; readonly name: string; readonly rows: () => string; readonly comment: string }[] = [
  {
    name: 'CAR',
    create: `(CAR_ID number(6) constraint CAR_PK primary key, NAME varchar2(60) not null, MILES_PER_GALLON number(5,1), CYLINDERS number(2), DISPLACEMENT number(6,1), HORSEPOWER number(4), WEIGHT_IN_LBS number(6), ACCELERATION number(5,1), MODEL_YEAR date, ORIGIN varchar2(10))`,
    rows: () =>
      `SELECT row_number() OVER (), Name, Miles_per_Gallon, Cylinders, Displacement, Horsepower, Weight_in_lbs, Acceleration, Year, Origin FROM read_json(${file('cars.json')})`,
    comment: 'Cars of the years 1970 to 1982',
  },
  {
    name: 'MOVIE',
    create: `(MOVIE_ID number(6) constraint MOVIE_PK primary key, TITLE varchar2(200), US_GROSS number(12), WORLDWIDE_GROSS number(12), PRODUCTION_BUDGET number(12), RELEASE_DATE varchar2(20), MPAA_RATING varchar2(10), DISTRIBUTOR varchar2(60), MAJOR_GENRE varchar2(40), DIRECTOR varchar2(60), IMDB_RATING number(3,1), IMDB_VOTES number(8))`,
    rows: () =>
      `SELECT row_number() OVER (), json_extract_string(Title, '$'), "US Gross", "Worldwide Gross", "Production Budget", "Release Date", "MPAA Rating", Distributor, "Major Genre", Director, "IMDB Rating", "IMDB Votes" FROM read_json(${file('movies.json')}, sample_size = -1)`,
    comment: 'Films with their takings and ratings',
  },
  {
    name: 'WEATHER',
    create: `(LOCATION varchar2(20), DAY date, PRECIPITATION number(5,1), TEMP_MAX number(4,1), TEMP_MIN number(4,1), WIND number(4,1), WEATHER varchar2(10), constraint WEATHER_PK primary key (LOCATION, DAY))`,
    rows: () => `SELECT * FROM read_csv(${file('weather.csv')})`,
    comment: 'Daily weather of Seattle and New York, 2012 to 2015',
  },
  {
    name: 'AIRPORT',
    create: `(IATA varchar2(4) constraint AIRPORT_PK primary key, NAME varchar2(60), CITY varchar2(40), STATE varchar2(4), COUNTRY varchar2(40), LATITUDE number(10,8), LONGITUDE number(11,8))`,
    rows: () => `SELECT * FROM read_csv(${file('airports.csv')}, all_varchar = true)`,
    comment: 'Airports of the United States',
  },
  {
    name: 'FLIGHT',
    create: `(FLIGHT_ID number(8) constraint FLIGHT_PK primary key, DEPARTURE date not null, DELAY number(5), DISTANCE number(5), ORIGIN varchar2(4) constraint FLIGHT_ORIGIN_FK references VEGA.AIRPORT, DESTINATION varchar2(4) constraint FLIGHT_DESTINATION_FK references VEGA.AIRPORT)`,
    rows: () =>
      `SELECT row_number() OVER (), strptime("date", '%Y/%m/%d %H:%M'), delay, distance, origin, destination FROM read_json(${file('flights-20k.json')}, columns = {"date": 'VARCHAR', delay: 'INTEGER', distance: 'INTEGER', origin: 'VARCHAR', destination: 'VARCHAR'})`,
    comment: 'Flights of the year 2001',
  },
];

/** Loads public data sets of the npm package `vega-datasets` into the schema VEGA, with keys. */
export async function loadVega(server: OracleServer): Promise<void> {
  for (const { name, create, rows, comment } of tables) {
    await server.run('VEGA', [`create table VEGA.${name} ${create}`, `comment on table VEGA.${name} is '${comment}'`]);
    await server.database.fill(server.table('VEGA', name), rows());
  }
}
