import { OracleError } from '../oracle-error';
import type { Compiled } from './context';
import { quote } from './context';
import { isNano } from './types';

const elements =
  /SYYYY|YYYY|RRRR|YYY|YY|RR|MONTH|MON|MM|DDD|DD|DAY|DY|HH24|HH12|HH|MI|SSSSS|SS|FF[1-9]?|TZH|TZM|AM|PM|A\.M\.|P\.M\.|Q|WW|IW|IYYY|D|J|X|"[^"]*"|[-/,.;: ]|T(?=HH)/giy;

/** Splits a date format into its elements. */
function split(format: string): string[] {
  const parts: string[] = [];
  elements.lastIndex = 0;
  while (elements.lastIndex < format.length) {
    const match = elements.exec(format);
    if (match === null) throw new OracleError(1821, 'date format not recognized');
    parts.push(match[0]);
  }
  return parts;
}

const escapePercent = (text: string): string => text.replaceAll('%', '%%');

/**
 * Wall clock time of a date or timestamp as TIMESTAMP or TIMESTAMP_NS, and the offset in minutes as SQL.
 * @param zoneMinutes offset of the session
 */
export function wallClock(value: Compiled, zoneMinutes: number): { readonly sql: string; readonly offset: string } {
  switch (value.type.name) {
    case 'TIMESTAMP WITH TIME ZONE':
      return { sql: addMinutes(`(${value.sql}).utc`, `(${value.sql}).zone`, isNano(value.type)), offset: `(${value.sql}).zone` };
    case 'TIMESTAMP WITH LOCAL TIME ZONE':
      return {
        sql: zoneMinutes === 0 ? value.sql : addMinutes(value.sql, String(zoneMinutes), isNano(value.type)),
        offset: String(zoneMinutes),
      };
    default:
      return { sql: value.sql, offset: String(zoneMinutes) };
  }
}

/** Adds minutes (SQL) to a TIMESTAMP or TIMESTAMP_NS; DuckDB's own addition would cut nanoseconds. */
export function addMinutes(sql: string, minutes: string, nano: boolean): string {
  return nano ? `make_timestamp_ns(epoch_ns(${sql}) + CAST(${minutes} AS BIGINT) * 60000000000)` : `(${sql} + to_minutes(${minutes}))`;
}

/** `TO_CHAR(date, format)` as DuckDB expression. */
export function formatDatetime(value: Compiled, format: string, zoneMinutes: number): string {
  const nano = isNano(value.type) && value.type.name !== 'DATE';
  const { sql, offset } = wallClock(value, zoneMinutes);
  const parts: string[] = [];
  let pattern = '';
  const flush = (): void => {
    if (pattern !== '') parts.push(`strftime(${sql}, ${quote(pattern)})`);
    pattern = '';
  };
  const add = (expression: string): void => {
    flush();
    parts.push(expression);
  };
  const fill = !/^FM/i.test(format);
  for (const element of split(format.replace(/FX|^FM/gi, ''))) {
    const upper = element.toUpperCase();
    switch (upper) {
      case 'SYYYY':
        add(`(CASE WHEN year(${sql}) < 0 THEN '-' ELSE ' ' END || lpad(CAST(abs(year(${sql})) AS VARCHAR), 4, '0'))`);
        break;
      case 'YYYY':
      case 'RRRR':
        pattern += '%Y';
        break;
      case 'IYYY':
        pattern += '%G';
        break;
      case 'YYY':
        add(`right(strftime(${sql}, '%Y'), 3)`);
        break;
      case 'YY':
      case 'RR':
        pattern += '%y';
        break;
      case 'MM':
        pattern += fill ? '%m' : '%-m';
        break;
      case 'MONTH':
        add(`${fill ? 'rpad' : 'rtrim'}(${element === upper ? 'upper' : ''}(strftime(${sql}, '%B'))${fill ? ", 9, ' '" : ''})`);
        break;
      case 'MON':
        add(`${element === upper ? 'upper' : ''}(strftime(${sql}, '%b'))`);
        break;
      case 'DDD':
        pattern += '%j';
        break;
      case 'DD':
        pattern += fill ? '%d' : '%-d';
        break;
      case 'D':
        add(`CAST(dayofweek(${sql}) + 1 AS VARCHAR)`);
        break;
      case 'DAY':
        add(`${fill ? 'rpad' : 'rtrim'}(${element === upper ? 'upper' : ''}(strftime(${sql}, '%A'))${fill ? ", 9, ' '" : ''})`);
        break;
      case 'DY':
        add(`${element === upper ? 'upper' : ''}(strftime(${sql}, '%a'))`);
        break;
      case 'HH24':
        pattern += fill ? '%H' : '%-H';
        break;
      case 'HH':
      case 'HH12':
        pattern += fill ? '%I' : '%-I';
        break;
      case 'MI':
        pattern += fill ? '%M' : '%-M';
        break;
      case 'SS':
        pattern += fill ? '%S' : '%-S';
        break;
      case 'SSSSS':
        add(`lpad(CAST(hour(${sql}) * 3600 + minute(${sql}) * 60 + second(${sql}) AS VARCHAR), 5, '0')`);
        break;
      case 'Q':
        add(`CAST(quarter(${sql}) AS VARCHAR)`);
        break;
      case 'WW':
        add(`lpad(CAST((dayofyear(${sql}) - 1) // 7 + 1 AS VARCHAR), 2, '0')`);
        break;
      case 'IW':
        pattern += '%V';
        break;
      case 'J':
        add(`CAST(CAST(julian(date_trunc('day', ${sql})) AS BIGINT) AS VARCHAR)`);
        break;
      case 'AM':
      case 'PM':
        pattern += '%p';
        break;
      case 'A.M.':
      case 'P.M.':
        add(`CASE WHEN hour(${sql}) < 12 THEN 'A.M.' ELSE 'P.M.' END`);
        break;
      case 'X':
        pattern += '.';
        break;
      case 'T':
        pattern += 'T';
        break;
      case 'TZH':
        add(`(CASE WHEN ${offset} < 0 THEN '-' ELSE '+' END || lpad(CAST(abs(${offset}) // 60 AS VARCHAR), 2, '0'))`);
        break;
      case 'TZM':
        add(`lpad(CAST(abs(${offset}) % 60 AS VARCHAR), 2, '0')`);
        break;
      default:
        if (upper.startsWith('FF')) {
          if (value.type.name === 'DATE') throw new OracleError(1821, 'date format not recognized');
          const digits = upper.length === 2 ? (value.type.scale ?? 6) : Number(upper[2]);
          const kept = nano ? 9 : 6;
          if (digits === 0) break;
          if (digits === kept && nano) {
            // DuckDB misplaces what follows %n in the same pattern.
            pattern += '%n';
            flush();
          } else if (digits === kept) pattern += '%f';
          else if (digits === 3 && !nano) pattern += '%g';
          else if (digits < kept) add(`left(strftime(${sql}, '${nano ? '%n' : '%f'}'), ${digits})`);
          else pattern += `%f${'0'.repeat(digits - 6)}`;
        } else pattern += escapePercent(element.startsWith('"') ? element.slice(1, -1) : element);
    }
  }
  flush();
  return parts.length === 1 ? parts[0]! : `(${parts.join(' || ')})`;
}

const parsing: Record<string, string> = {
  SYYYY: '%Y',
  YYYY: '%Y',
  RRRR: '%Y',
  YY: '%y',
  RR: '%y',
  MM: '%m',
  MON: '%b',
  MONTH: '%B',
  DD: '%d',
  DDD: '%j',
  HH24: '%H',
  HH12: '%I',
  HH: '%I',
  MI: '%M',
  SS: '%S',
  AM: '%p',
  PM: '%p',
  T: 'T',
  X: '.',
};

/** How a text in an Oracle format is read: DuckDB's pattern, digits of the fraction, whether an offset ends it. */
export function parsePattern(format: string): { readonly pattern: string; readonly nano: boolean; readonly zone: boolean } {
  let pattern = '';
  let nano = false;
  let zone = false;
  for (const element of split(format)) {
    const upper = element.toUpperCase();
    if (upper === 'TZH') zone = true;
    else if (upper === 'TZM' || (zone && upper === ':')) continue;
    else if (upper.startsWith('FF')) {
      nano = Number(upper[2] ?? '6') > 6;
      pattern += nano ? '%n' : '%f';
    } else pattern += parsing[upper] ?? escapePercent(element.startsWith('"') ? element.slice(1, -1) : element);
  }
  return { pattern: pattern.trimEnd(), nano, zone };
}
