import { quoteIdentifier } from '../duckdb/quote';
import type { WorkspaceColumn } from '../duckdb/workspace';
import type { WatermarkType } from '../run/sql-dialect';

/** Times before the year 1 and after 9999, whose texts would not be in order. */
const FIRST = `'0000-01-01T00:00:00.000000000'`;
const LAST = `'9999-12-31T23:59:59.999999999'`;

/** `2024-05-06 07:08:09.123456789 +02:00`, as readers write times that are more precise than the workspace's own types. */
const TIME_TEXT = String.raw`^-?\d{4,}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d{1,9})?( ?([+-]\d\d:?\d\d|Z))?$`;

/**
 * SQL of a watermark column's value in a form that sorts as the values do: times as text with nanoseconds (UTC where they have a zone), numbers as DECIMAL(38,9),
 * texts as they are. Null where there is none.
 */
export function comparable({ name, type: duckdbType }: WorkspaceColumn, type: WatermarkType): string {
  const column = `source.${quoteIdentifier(name)}`;
  if (type === 'text') return `CAST(${column} AS VARCHAR)`;
  if (type === 'number') return `TRY_CAST(${column} AS DECIMAL(38,9))`;
  const text = duckdbType === 'VARCHAR' ? fromText(column, type) : fromTime(column, duckdbType);
  return type === 'date' ? `left(${text}, 19)` : text;
}

/** SQL condition for values of a column that are no watermark of the type; undefined when there can be none. */
export function unreadable({ name, type: duckdbType }: WorkspaceColumn, type: WatermarkType): string | undefined {
  const column = `source.${quoteIdentifier(name)}`;
  if (type === 'text') return undefined;
  if (type === 'number') return `${column} IS NOT NULL AND TRY_CAST(${column} AS DECIMAL(38,9)) IS NULL`;
  return duckdbType === 'VARCHAR' ? `NOT regexp_matches(${column}, '${TIME_TEXT}')` : undefined;
}

function fromTime(column: string, duckdbType: string): string {
  const nanos = duckdbType === 'TIMESTAMP_NS';
  const time = nanos ? column : `CAST(${column} AS TIMESTAMP)`;
  const text = nanos ? `strftime(${time}, '%Y-%m-%dT%H:%M:%S.%n')` : `strftime(${time}, '%Y-%m-%dT%H:%M:%S.%f') || '000'`;
  const bounded = `CASE WHEN ${time} > TIMESTAMP '9999-12-31 23:59:59' THEN ${LAST} WHEN ${time} < TIMESTAMP '0001-01-01' THEN ${FIRST} ELSE ${text} END`;
  return nanos ? text : bounded;
}

function fromText(column: string, type: WatermarkType): string {
  const seconds = `replace(left(${column}, 19), ' ', 'T')`;
  const zone = `regexp_extract(${column}, '[+-]\\d\\d:?\\d\\d$')`;
  const utc = `strftime(CAST(CAST(left(${column}, 19) || ${zone} AS TIMESTAMPTZ) AS TIMESTAMP), '%Y-%m-%dT%H:%M:%S')`;
  const time = type === 'timestamptz' ? `CASE WHEN ${zone} = '' THEN ${seconds} ELSE ${utc} END` : seconds;
  const fraction = `rpad(regexp_extract(${column}, '\\.(\\d+)', 1), 9, '0')`;
  return `CASE WHEN starts_with(${column}, '-') THEN ${FIRST} WHEN regexp_matches(${column}, '^\\d{5}') THEN ${LAST} ELSE ${time} || '.' || ${fraction} END`;
}

/** The text of a comparable value, in the form that pointers and binds have. */
export function toWatermarkText(value: string, type: WatermarkType): string {
  if (type === 'number') return value.includes('.') ? value.replace(/\.?0+$/, '') : value;
  return type === 'timestamptz' ? `${value}Z` : value;
}

/** The comparable value of a watermark's text, as SQL literal and as text. */
export function toComparable(text: string, type: WatermarkType): string {
  return type === 'timestamptz' ? text.slice(0, -1) : text;
}

const TIME = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d{9})?(Z)?$/;
const NUMBER = /^-?\d{1,29}(\.\d{1,9})?$/;

/** Whether a text is a watermark of the type. */
export function isWatermark(text: unknown, type: WatermarkType): text is string {
  if (typeof text !== 'string') return false;
  if (type === 'text') return true;
  if (type === 'number') return NUMBER.test(text);
  const [, , fraction, zone] = TIME.exec(text) ?? [];
  return TIME.test(text) && (fraction === undefined) === (type === 'date') && (zone !== undefined) === (type === 'timestamptz');
}

/** The watermark that lies `overlap` (seconds; of numbers, that many) before a watermark. */
export function before(text: string, overlap: number, type: WatermarkType): string {
  if (overlap === 0 || type === 'text') return text;
  if (type === 'number') return fromBillionths(toBillionths(text) - toBillionths(plain(overlap)));
  const [, time = '', fraction = '', zone = ''] = TIME.exec(text) ?? [];
  const moved = Date.parse(`${time}Z`) - overlap * 1000;
  const earliest = Date.parse('0000-01-01T00:00:00Z');
  return `${new Date(Math.max(moved, earliest)).toISOString().slice(0, 19)}${fraction}${zone}`;
}

/** A moment as a watermark; of times without zone, what a clock in the zone shows. */
export function atMoment(moment: Date, type: WatermarkType, timeZone: string): string | undefined {
  if (type === 'number' || type === 'text') return undefined;
  const zone = type === 'timestamptz' ? 'UTC' : timeZone;
  const parts = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  }).formatToParts(moment);
  const part = (wanted: Intl.DateTimeFormatPartTypes): string => parts.find((candidate) => candidate.type === wanted)?.value ?? '';
  const seconds = `${part('year').padStart(4, '0')}-${part('month')}-${part('day')}T${part('hour')}:${part('minute')}:${part('second')}`;
  if (type === 'date') return seconds;
  return toWatermarkText(`${seconds}.${String(moment.getUTCMilliseconds()).padStart(3, '0')}000000`, type);
}

/** A number in digits, without exponent. */
function plain(value: number): string {
  return value.toLocaleString('en-US', { useGrouping: false, maximumFractionDigits: 9 });
}

function toBillionths(text: string): bigint {
  const [, sign, whole = '0', fraction = ''] = /^(-?)(\d+)(?:\.(\d+))?$/.exec(text) ?? [];
  const value = BigInt(whole + fraction.padEnd(9, '0'));
  return sign === '-' ? -value : value;
}

function fromBillionths(value: bigint): string {
  const digits = (value < 0n ? -value : value).toString().padStart(10, '0');
  return toWatermarkText(`${value < 0n ? '-' : ''}${digits.slice(0, -9)}.${digits.slice(-9)}`, 'number');
}
