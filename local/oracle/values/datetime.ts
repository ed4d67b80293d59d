import type { TtcWriter } from '../net/ttc-writer';

const DAY_SECONDS = 86_400;

/** Days since 1970-01-01 of a date of the proleptic Gregorian calendar. */
export function daysFromCivil(year: number, month: number, day: number): number {
  const shifted = month <= 2 ? year - 1 : year;
  const era = Math.floor(shifted / 400);
  const yearOfEra = shifted - era * 400;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146_097 + dayOfEra - 719_468;
}

const civil = { year: 0, month: 0, day: 0 };

/** Year, month, day of days since 1970-01-01 (one shared object: read it at once). */
export function civilFromDays(days: number): typeof civil {
  const shifted = days + 719_468;
  const era = Math.floor(shifted / 146_097);
  const dayOfEra = shifted - era * 146_097;
  const yearOfEra = ((dayOfEra - ((dayOfEra / 1460) | 0) + ((dayOfEra / 36_524) | 0) - ((dayOfEra / 146_096) | 0)) / 365) | 0;
  const dayOfYear = dayOfEra - (365 * yearOfEra + ((yearOfEra / 4) | 0) - ((yearOfEra / 100) | 0));
  const shiftedMonth = ((5 * dayOfYear + 2) / 153) | 0;
  civil.day = dayOfYear - (((153 * shiftedMonth + 2) / 5) | 0) + 1;
  civil.month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9;
  civil.year = yearOfEra + era * 400 + (civil.month <= 2 ? 1 : 0);
  return civil;
}

/** Writes the seven bytes of a DATE, without a length. `seconds` counts from 1970-01-01 00:00:00 of the wall clock. */
export function writeDateBytes(writer: TtcWriter, seconds: number): void {
  const days = Math.floor(seconds / DAY_SECONDS);
  const time = seconds - days * DAY_SECONDS;
  const date = civilFromDays(days);
  writer.reserve(16);
  const { buffer, position } = writer;
  const century = (date.year / 100) | 0;
  buffer[position] = century + 100;
  buffer[position + 1] = date.year - century * 100 + 100;
  buffer[position + 2] = date.month;
  buffer[position + 3] = date.day;
  const hour = (time / 3600) | 0;
  const minute = ((time - hour * 3600) / 60) | 0;
  buffer[position + 4] = hour + 1;
  buffer[position + 5] = minute + 1;
  buffer[position + 6] = time - hour * 3600 - minute * 60 + 1;
  writer.position = position + 7;
}

/** A date or timestamp as the client sent it. */
export interface WireDatetime {
  /** `YYYY-MM-DD HH:MM:SS.nnnnnnnnn`, years before 1 with a minus sign; wall clock, or UTC when `zoneMinutes` is set. */
  readonly text: string;
  /** Nanoseconds within the second. */
  readonly nanoseconds: number;
  /** Offset of the zone in minutes, for TIMESTAMP WITH TIME ZONE. */
  readonly zoneMinutes: number | null;
}

const two = (value: number): string => String(value).padStart(2, '0');

/** Reads 7 (DATE), 11 (TIMESTAMP) or 13 bytes (TIMESTAMP WITH TIME ZONE). */
export function readDatetime(bytes: Buffer): WireDatetime {
  const year = (bytes[0]! - 100) * 100 + (bytes[1]! - 100);
  const nanoseconds = bytes.length >= 11 ? bytes.readUInt32BE(7) : 0;
  const yearText = year < 0 ? `-${String(-year).padStart(4, '0')}` : String(year).padStart(4, '0');
  const time = `${two(bytes[4]! - 1)}:${two(bytes[5]! - 1)}:${two(bytes[6]! - 1)}`;
  const zoneMinutes = bytes.length >= 13 ? (bytes[11]! - 20) * 60 + (bytes[12]! - 60) : null;
  return {
    text: `${yearText}-${two(bytes[2]!)}-${two(bytes[3]!)} ${time}.${String(nanoseconds).padStart(9, '0')}`,
    nanoseconds,
    zoneMinutes,
  };
}
