import { OracleError } from '../oracle-error';
import type { Column, Table } from '../store/catalog';
import type { CompileContext, Compiled } from './context';
import { quote } from './context';
import { addMinutes, wallClock } from './datetime-format';
import { NUMBER, byteLength, decimalOf, isCharacter, isDatetime, isNano, isNumeric, storageType } from './types';
import type { OracleType } from './types';

/** The expression as a number DuckDB can calculate with. */
export function asNumber(value: Compiled): string {
  if (value.type.name === 'BOOLEAN') return `CAST(${value.sql} AS INTEGER)`;
  if (isNumeric(value.type) && value.text !== true) return value.sql;
  if (isNumeric(value.type) || isCharacter(value.type)) return `CAST(${value.sql} AS DOUBLE)`;
  throw new OracleError(932, `inconsistent datatypes: expected NUMBER got ${value.type.name}`);
}

/** The expression as the text Oracle's implicit conversion gives. */
export function asText(value: Compiled, context: CompileContext): string {
  if (isCharacter(value.type)) return value.sql;
  if (isNumeric(value.type)) return `ora_number_text(CAST(${value.sql} AS VARCHAR))`;
  if (isDatetime(value.type)) {
    const clock = wallClock(value, context.zoneMinutes).sql;
    return `strftime(${clock}, '${value.type.name === 'DATE' ? '%Y-%m-%d %H:%M:%S' : isNano(value.type) ? '%Y-%m-%d %H:%M:%S.%n' : '%Y-%m-%d %H:%M:%S.%f'}')`;
  }
  if (value.type.name === 'BOOLEAN') return `CASE WHEN ${value.sql} THEN 'TRUE' WHEN NOT ${value.sql} THEN 'FALSE' END`;
  if (value.type.name === 'INTERVAL DAY TO SECOND') return `CAST(${value.sql} AS VARCHAR)`;
  return `hex(${value.sql})`;
}

/** The wall clock time as TIMESTAMP, for calculations and comparisons. */
export function asTimestamp(value: Compiled, context: CompileContext): string {
  if (isDatetime(value.type)) return wallClock(value, context.zoneMinutes).sql;
  if (isCharacter(value.type)) return `CAST(${value.sql} AS TIMESTAMP)`;
  throw new OracleError(932, `inconsistent datatypes: expected DATE got ${value.type.name}`);
}

const hasZone = (type: OracleType): boolean => type.name === 'TIMESTAMP WITH TIME ZONE' || type.name === 'TIMESTAMP WITH LOCAL TIME ZONE';

/** The instant in UTC; values without a zone are in the session's. */
export function asInstant(value: Compiled, context: CompileContext): string {
  switch (value.type.name) {
    case 'TIMESTAMP WITH TIME ZONE':
      return `(${value.sql}).utc`;
    case 'TIMESTAMP WITH LOCAL TIME ZONE':
      return value.sql;
    default: {
      const clock = asTimestamp(value, context);
      return context.zoneMinutes === 0 ? clock : addMinutes(clock, String(-context.zoneMinutes), isNano(value.type));
    }
  }
}

/** Both sides of a comparison in a common form. */
export function comparable(left: Compiled, right: Compiled, context: CompileContext): readonly [string, string] {
  if (isNumeric(left.type) && isNumeric(right.type)) {
    if (left.text === true && right.text === true && left.literal === undefined) return [asNumber(left), asNumber(right)];
    return [asNumber(left), asNumber(right)];
  }
  if (isNumeric(left.type) || isNumeric(right.type)) return [asNumber(left), asNumber(right)];
  if (isDatetime(left.type) || isDatetime(right.type)) {
    if (hasZone(left.type) || hasZone(right.type)) return [asInstant(left, context), asInstant(right, context)];
    return [asTimestamp(left, context), asTimestamp(right, context)];
  }
  if (isCharacter(left.type) && isCharacter(right.type)) {
    const padded = (type: OracleType): boolean => type.name === 'CHAR' || type.name === 'NCHAR';
    // Blank-padded comparison holds when both sides are CHAR; literals are CHAR.
    if ((padded(left.type) && (padded(right.type) || right.literal !== undefined)) || (padded(right.type) && left.literal !== undefined))
      return [`rtrim(${left.sql}, ' ')`, `rtrim(${right.sql}, ' ')`];
    return [left.sql, right.sql];
  }
  if (isCharacter(left.type) && left.type.name !== right.type.name && !isCharacter(right.type) && right.type.name !== 'BOOLEAN')
    return [`unhex(${left.sql})`, right.sql];
  if (isCharacter(right.type) && left.type.name !== 'BOOLEAN' && !isCharacter(left.type)) return [left.sql, `unhex(${right.sql})`];
  return [left.sql, right.sql];
}

/** Digits before and behind the point that a number may have; null when that is not known. */
export function digitsOf(value: Compiled): readonly [number, number] | null {
  if (value.digits !== undefined) return value.digits;
  if (value.literal !== undefined) {
    const [whole = '', fraction = ''] = value.literal.replace('-', '').split('.');
    return [whole.length, fraction.length];
  }
  const decimal = decimalOf(value.type);
  return decimal === null ? null : [decimal.width - decimal.scale, decimal.scale];
}

/** Digits that hold all of these numbers exactly; null when some are not known. */
function sharedDigits(values: readonly Compiled[]): readonly [number, number] | null {
  const known = values.flatMap((value) => [digitsOf(value) ?? []]).filter((digits) => digits.length === 2);
  if (known.length < values.length) return null;
  return [Math.max(0, ...known.map(([whole = 0]) => whole)), Math.max(0, ...known.map(([, fraction = 0]) => fraction))];
}

/** Brings the branches of a CASE, NVL, UNION … to one type. */
export function unify(
  values: readonly Compiled[],
  context: CompileContext,
): { readonly sqls: readonly string[]; readonly type: OracleType; readonly text: boolean; readonly digits?: readonly [number, number] } {
  const typed = values.filter((value) => value.sql !== 'NULL');
  const first = typed[0]?.type ?? values[0]!.type;
  if (isNumeric(first)) {
    const digits = typed.every((value) => value.type.name === 'NUMBER') ? sharedDigits(typed) : null;
    const text = typed.some((value) => value.text === true) || (digits !== null && digits[0] + digits[1] > 38);
    const same = typed.every((value) => sameType(value.type, first));
    return {
      sqls: values.map((value) => (text && value.sql !== 'NULL' ? numberText(value) : value.sql === 'NULL' ? 'NULL' : asNumber(value))),
      type: same ? first : NUMBER,
      text,
      ...(digits === null ? {} : { digits }),
    };
  }
  if (isCharacter(first)) {
    const length = Math.max(...typed.map((value) => (isCharacter(value.type) ? (value.type.length ?? 4000) : 64)));
    const same = typed.every((value) => sameType(value.type, first));
    const national = typed.some((value) => value.type.name === 'NVARCHAR2' || value.type.name === 'NCHAR');
    const lob = typed.find((value) => value.type.name === 'CLOB' || value.type.name === 'NCLOB');
    const type: OracleType = same ? first : (lob?.type ?? { name: national ? 'NVARCHAR2' : 'VARCHAR2', length });
    return { sqls: values.map((value) => (value.sql === 'NULL' ? 'NULL' : asText(value, context))), type, text: false };
  }
  if (isDatetime(first) && !typed.every((value) => storageType(value.type) === storageType(first))) {
    return {
      sqls: values.map((value) => (value.sql === 'NULL' ? 'NULL' : asTimestamp(value, context))),
      type: { name: 'TIMESTAMP', scale: 6 },
      text: false,
    };
  }
  return { sqls: values.map((value) => value.sql), type: first, text: false };
}

export function sameType(left: OracleType, right: OracleType): boolean {
  return left.name === right.name && left.length === right.length && left.precision === right.precision && left.scale === right.scale;
}

function numberText(value: Compiled): string {
  return value.text === true ? value.sql : `CAST(${value.sql} AS VARCHAR)`;
}

/** Decimal text of a number without exponent and without needless zeros. */
export function canonicalNumber(literal: string): string {
  const match = /^(-?)0*(\d*)\.?(\d*)(?:[eE]([+-]?\d+))?$/.exec(literal);
  if (match === null) return literal;
  let whole = match[2] ?? '';
  let fraction = match[3] ?? '';
  const exponent = Number(match[4] ?? '0');
  if (exponent > 0) {
    fraction = fraction.padEnd(exponent, '0');
    whole += fraction.slice(0, exponent);
    fraction = fraction.slice(exponent);
  } else if (exponent < 0) {
    whole = whole.padStart(-exponent, '0');
    fraction = whole.slice(whole.length + exponent) + fraction;
    whole = whole.slice(0, whole.length + exponent);
  }
  whole = whole.replace(/^0+/, '');
  fraction = fraction.replace(/0+$/, '');
  const text = `${whole === '' ? '0' : whole}${fraction === '' ? '' : `.${fraction}`}`;
  return text === '0' ? '0' : `${match[1] ?? ''}${text}`;
}

function toTimestampScale(sql: string, type: OracleType): string {
  const scale = type.scale ?? 6;
  if (scale > 6) {
    const step = 10 ** (9 - scale);
    return step === 1
      ? `CAST(${sql} AS TIMESTAMP_NS)`
      : `make_timestamp_ns((epoch_ns(CAST(${sql} AS TIMESTAMP_NS)) + ${step / 2}) // ${step} * ${step})`;
  }
  const step = 10 ** (6 - scale);
  return step === 1
    ? `CAST(${sql} AS TIMESTAMP)`
    : `make_timestamp(CAST(floor((epoch_us(CAST(${sql} AS TIMESTAMP)) + ${step / 2}) / ${step}) AS BIGINT) * ${step})`;
}

/** Converts an expression to a data type, as CAST and assignments do; the result has the type's form in the store. */
export function convert(value: Compiled, type: OracleType, context: CompileContext): string {
  if (value.sql === 'NULL') return `CAST(NULL AS ${storageType(type)})`;
  switch (type.name) {
    case 'NUMBER': {
      const decimal = decimalOf(type);
      if (decimal === null) {
        if (value.literal !== undefined && isNumeric(value.type)) return quote(canonicalNumber(value.literal));
        if (value.text === true) return value.sql;
        return `ora_canonical(CAST(${isCharacter(value.type) ? value.sql : asNumber(value)} AS VARCHAR))`;
      }
      const number = value.text === true || isCharacter(value.type) ? value.sql : asNumber(value);
      const scale = type.scale ?? 0;
      if (scale < 0) return `CAST(round(CAST(${number} AS DECIMAL(38,0)), ${scale}) AS DECIMAL(${decimal.width},0))`;
      if (scale <= (type.precision ?? 38)) return `CAST(${number} AS DECIMAL(${decimal.width},${decimal.scale}))`;
      return `CAST(CAST(${number} AS DECIMAL(${decimal.width},${decimal.scale})) AS DECIMAL(${decimal.width},${decimal.scale}))`;
    }
    case 'BINARY_FLOAT':
    case 'BINARY_DOUBLE':
      return `CAST(${value.text === true || isCharacter(value.type) ? value.sql : asNumber(value)} AS ${storageType(type)})`;
    case 'CHAR':
    case 'NCHAR': {
      const text = asText(value, context);
      return `CASE WHEN length(${text}) < ${type.length ?? 1} THEN rpad(${text}, ${type.length ?? 1}, ' ') ELSE ${text} END`;
    }
    case 'VARCHAR2':
    case 'NVARCHAR2':
    case 'CLOB':
    case 'NCLOB':
    case 'LONG':
    case 'ROWID':
      return asText(value, context);
    case 'RAW':
    case 'LONG RAW':
    case 'BLOB':
      return isCharacter(value.type) ? `unhex(${value.sql})` : value.sql;
    case 'DATE':
      return `date_trunc('second', CAST(${asTimestamp(value, context)} AS TIMESTAMP))`;
    case 'TIMESTAMP':
      return toTimestampScale(asTimestamp(value, context), type);
    case 'TIMESTAMP WITH LOCAL TIME ZONE':
      return toTimestampScale(asInstant(value, context), type);
    case 'TIMESTAMP WITH TIME ZONE': {
      const zone = value.type.name === 'TIMESTAMP WITH TIME ZONE' ? `(${value.sql}).zone` : String(context.zoneMinutes);
      const utc = toTimestampScale(asInstant(value, context), type);
      return `CASE WHEN ${utc} IS NULL THEN NULL ELSE {utc: ${utc}, zone: CAST(${zone} AS INTEGER)} END`;
    }
    case 'INTERVAL DAY TO SECOND':
      return value.sql;
    case 'BOOLEAN':
      return `CAST(${value.sql} AS BOOLEAN)`;
  }
}

/** Converts an expression for a column and checks that it fits: ORA-12899 for texts, ORA-01438 for numbers. */
export function assign(value: Compiled, column: Column, table: Table, context: CompileContext): string {
  const sql = convert(value, column.type, context);
  const { type } = column;
  if (value.sql === 'NULL') return sql;
  const shown = `"${table.owner}"."${table.name}"."${column.name}"`;
  const limit = type.length;
  if (type.name === 'VARCHAR2' || type.name === 'NVARCHAR2' || type.name === 'CHAR' || type.name === 'NCHAR' || type.name === 'RAW') {
    const size = type.name === 'RAW' ? `octet_length(${sql})` : type.inCharacters === true ? `length(${sql})` : `strlen(${sql})`;
    const most = limit ?? byteLength(type);
    return `CASE WHEN ${size} > ${most} THEN error(${quote(`ORA-12899: value too large for column ${shown} (actual: `)} || ${size} || ', maximum: ${most})') ELSE ${sql} END`;
  }
  const decimal = decimalOf(type);
  if (decimal !== null && type.precision !== undefined && (type.scale ?? 0) > type.precision) {
    const most = `1e${type.precision - (type.scale ?? 0)}`;
    return `CASE WHEN abs(${sql}) >= ${most} THEN error('ORA-01438: value larger than specified precision allowed for this column') ELSE ${sql} END`;
  }
  return sql;
}
