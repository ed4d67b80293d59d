import oracledb, { type Connection, type FetchTypeResponse, type Metadata } from 'oracledb';
import type { Row } from '../src/lib/schema/row';
import { compareRows, type Cell, type Comparison } from './compare-rows';

export type { Comparison };

interface SourceColumn {
  readonly name: string;
  /** SQL that makes text of the column where the driver's own value would lose something. */
  readonly select: string;
  /** What the driver gives, as text. */
  readonly sourceText: (value: unknown) => string;
  /** What the consumer has, as the same text. */
  readonly consumerText: (value: unknown) => string;
}

/**
 * Compares a table at the source with what a consumer holds, every value of every row. The source is read anew, not by the project's reader: plain SQL, with
 * dates as Oracle's own text.
 * @param table its name, or a query in parentheses
 */
export async function compareTable(connection: Connection, table: string, image: { rows(): Iterable<Row> }): Promise<Comparison> {
  const { metaData = [] } = await connection.getStatementInfo(`select * from ${table}`);
  const columns = metaData.map(sourceColumn);
  const source = await readSource(connection, table, columns);
  const consumer = [...image.rows()].map((row) => columns.map(({ name, consumerText }) => cell(row[name], consumerText)));
  return compareRows(source, consumer);
}

async function readSource(connection: Connection, table: string, columns: readonly SourceColumn[]): Promise<Cell[][]> {
  const sql = `select ${columns.map(({ select }) => select).join(', ')} from ${table}`;
  const options = {
    outFormat: oracledb.OUT_FORMAT_ARRAY,
    resultSet: true,
    fetchArraySize: 1000,
    prefetchRows: 1000,
    fetchTypeHandler,
  } as const;
  const { resultSet } = await connection.execute<unknown[]>(sql, [], options);
  if (resultSet === undefined) throw new Error('The query has no result');
  try {
    const rows: Cell[][] = [];
    for (;;) {
      const page = await resultSet.getRows(1000);
      if (page.length === 0) return rows;
      for (const row of page) rows.push(row.map((value, index) => cell(value, columns[index]!.sourceText)));
    }
  } finally {
    await resultSet.close();
  }
}

/** Numbers keep all their digits as text; large objects come whole. */
function fetchTypeHandler({ dbType }: Metadata<unknown>): FetchTypeResponse | undefined {
  if (dbType === oracledb.DB_TYPE_NUMBER || dbType === oracledb.DB_TYPE_CLOB || dbType === oracledb.DB_TYPE_NCLOB)
    return { type: oracledb.STRING };
  return dbType === oracledb.DB_TYPE_BLOB ? { type: oracledb.BUFFER } : undefined;
}

function sourceColumn({ name, dbType, precision = 0 }: Metadata<object>): SourceColumn {
  const quoted = `"${name}"`;
  const time = (select: string, length?: number): SourceColumn => ({
    name,
    select: `to_char(${select})`,
    sourceText: plainText,
    // Beyond microseconds it is text already.
    consumerText: (value) => (typeof value === 'bigint' ? timeText(value, precision > 3 ? 6 : 3).slice(0, length) : plainText(value)),
  });
  const format = `'YYYY-MM-DD HH24:MI:SS.FF${precision > 6 ? precision : precision > 3 ? 6 : 3}'`;
  switch (dbType) {
    case oracledb.DB_TYPE_NUMBER:
      return { name, select: quoted, sourceText: numberText, consumerText: numberText };
    case oracledb.DB_TYPE_DATE:
      return time(`${quoted}, 'YYYY-MM-DD HH24:MI:SS'`, 'YYYY-MM-DD HH:MI:SS'.length);
    case oracledb.DB_TYPE_TIMESTAMP:
      return time(`${quoted}, ${format}`);
    case oracledb.DB_TYPE_TIMESTAMP_TZ:
    case oracledb.DB_TYPE_TIMESTAMP_LTZ:
      return time(`${quoted} at time zone 'UTC', ${format}`);
    default:
      return { name, select: quoted, sourceText: plainText, consumerText: plainText };
  }
}

function cell(value: unknown, toText: (value: unknown) => string): Cell {
  return value === null || value === undefined ? null : toText(value);
}

/** Microseconds or milliseconds since 1970 as `2024-03-31 02:30:00.123456`. */
function timeText(value: bigint, digits: 3 | 6): string {
  const unitsPerSecond = 10n ** BigInt(digits);
  const fraction = ((value % unitsPerSecond) + unitsPerSecond) % unitsPerSecond;
  const seconds = (value - fraction) / unitsPerSecond;
  return `${new Date(Number(seconds) * 1000).toISOString().slice(0, 19).replace('T', ' ')}.${fraction.toString().padStart(digits, '0')}`;
}

/** Bytes in hexadecimal, everything else as it is. */
function plainText(value: unknown): string {
  return Buffer.isBuffer(value) ? value.toString('hex') : String(value);
}

/** Without idle zeros: Oracle writes `.5` and `12.5` for what a DECIMAL(12,2) calls `0.50` and `12.50`. */
function numberText(value: unknown): string {
  const text = plainText(value);
  const [, sign = '', whole = '', fraction = ''] = /^(-?)(\d*)\.?(\d*)$/.exec(text) ?? [undefined, '', text];
  const shortFraction = fraction.replace(/0+$/, '');
  return `${sign}${whole === '' ? '0' : whole}${shortFraction === '' ? '' : `.${shortFraction}`}`;
}
