import { ValueMismatch } from './value-mismatch';

const DECIMAL = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,4}))?$/;
const DATE = /^(\d{4,6})-(\d\d)-(\d\d)$/;
const TIME = /^(\d\d):(\d\d):(\d\d)(?:\.(\d+))?$/;
const ZONE = /(Z|[+-]\d\d(?::?\d\d)?)$/;
const DAY = 86_400_000;

/** A number, bigint, or number as text, as whole number of the decimal's last digit: "12.3" with scale 2 is 1230n. */
export function parseDecimal(value: unknown, precision: number, scale: number): bigint {
  if (typeof value !== 'string' && typeof value !== 'bigint' && typeof value !== 'number')
    throw new ValueMismatch('it is not a decimal number');
  const match = DECIMAL.exec(String(value).trim());
  const [, sign, whole = '', fraction = '', exponent = '0'] = match ?? [];
  if (match === null || whole + fraction === '') throw new ValueMismatch('it is not a decimal number');
  const shift = scale - fraction.length + Number(exponent);
  let digits = (whole + fraction).replace(/^0+(?=\d)/, '');
  if (shift >= 0) digits = digits === '0' ? digits : digits + '0'.repeat(shift);
  else {
    const kept = Math.max(0, digits.length + shift);
    if (/[1-9]/.test(digits.slice(kept))) throw new ValueMismatch(`it has more than ${scale} digits after the point`);
    digits = digits.slice(0, kept);
  }
  if (digits.length > precision) throw new ValueMismatch(`it has more than ${precision} digits`);
  const unscaled = BigInt(digits || '0');
  return sign === '-' ? -unscaled : unscaled;
}

/** Days since 1970-01-01 of a number of days, a Date at midnight UTC, or `2024-01-31`. */
export function parseDate(value: unknown): unknown {
  if (value instanceof Date) {
    if (!Number.isInteger(value.getTime() / DAY)) throw new ValueMismatch('it is not midnight in UTC, and a date has no time');
    return value.getTime() / DAY;
  }
  if (typeof value !== 'string') return value;
  const match = DATE.exec(value);
  if (match === null) throw new ValueMismatch('it is not a date');
  return daysOf(match);
}

/** Milliseconds (digits 3) or microseconds (6) since midnight of a number of them, or `23:59:59.123`. */
export function parseTime(value: unknown, digits: 3 | 6): unknown {
  return typeof value === 'string' ? timeOf(value, digits) : value;
}

/** Milliseconds (digits 3) or microseconds (6) since the epoch of a number of them, a Date, or `2024-01-31 23:59:59.123` (`T` and a zone allowed; UTC). */
export function parseTimestamp(value: unknown, digits: 3 | 6): unknown {
  if (value instanceof Date) {
    if (Number.isNaN(value.getTime())) throw new ValueMismatch('it is not a date');
    return BigInt(value.getTime()) * (digits === 6 ? 1000n : 1n);
  }
  if (typeof value !== 'string') return value;
  const [day = '', rest = '00:00:00'] = value.split(/[ T]/, 2);
  const match = DATE.exec(day);
  if (match === null) throw new ValueMismatch('it is not a date and time');
  const zone = ZONE.exec(rest)?.[0] ?? '';
  const unit = digits === 6 ? 1_000_000n : 1000n;
  return BigInt(daysOf(match)) * 86_400n * unit + timeOf(rest.slice(0, rest.length - zone.length), digits) - zoneSeconds(zone) * unit;
}

function zoneSeconds(zone: string): bigint {
  if (zone === '' || zone === 'Z') return 0n;
  const digits = zone.slice(1).replace(':', '').padEnd(4, '0');
  const seconds = BigInt(digits.slice(0, 2)) * 3600n + BigInt(digits.slice(2)) * 60n;
  return zone.startsWith('-') ? -seconds : seconds;
}

function daysOf([, year, month, day]: RegExpExecArray): number {
  const date = new Date(0);
  date.setUTCFullYear(Number(year), Number(month) - 1, Number(day));
  if (date.getUTCMonth() !== Number(month) - 1 || date.getUTCDate() !== Number(day)) throw new ValueMismatch('there is no such day');
  return date.getTime() / DAY;
}

function timeOf(text: string, digits: 3 | 6): bigint {
  const match = TIME.exec(text);
  if (match === null) throw new ValueMismatch('it is not a time');
  const [, hours = '', minutes = '', seconds = '', fraction = ''] = match;
  if (Number(hours) > 24 || Number(minutes) > 59 || Number(seconds) > 59) throw new ValueMismatch('it is not a time');
  if (/[1-9]/.test(fraction.slice(digits))) throw new ValueMismatch(`it has more than ${digits} digits after the second`);
  const whole = (BigInt(hours) * 60n + BigInt(minutes)) * 60n + BigInt(seconds);
  return whole * (digits === 6 ? 1_000_000n : 1000n) + BigInt(fraction.slice(0, digits).padEnd(digits, '0'));
}
