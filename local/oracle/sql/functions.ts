import { OracleError, identifierInvalid } from '../oracle-error';
import type { Expression } from './ast';
import type { CompileContext, Compiled } from './context';
import { quote } from './context';
import { asInstant, asNumber, asText, asTimestamp, comparable, unify } from './convert';
import { addMinutes, formatDatetime, parsePattern, wallClock } from './datetime-format';
import { DATE, NUMBER, isCharacter, isDatetime, isNano, isNumeric, varchar } from './types';
import type { OracleType } from './types';

/** Arguments of a call: translated, and as they were written (formats must be literals). */
export interface Call {
  readonly args: readonly Compiled[];
  readonly expressions: readonly Expression[];
  readonly context: CompileContext;
}

type Translate = (call: Call) => Compiled;

const nullable = (call: Call): boolean => call.args.some((arg) => arg.nullable);

function argument(call: Call, index: number): Compiled {
  const value = call.args[index];
  if (value === undefined) throw new OracleError(938, 'not enough arguments for function');
  return value;
}

function literal(call: Call, index: number): string | null {
  const expression = call.expressions[index];
  if (expression === undefined) return null;
  if (expression.kind === 'string') return expression.text;
  if (expression.kind === 'bind') {
    const bind = call.context.binds?.[expression.index];
    if (bind?.kind === 'string') return bind.text;
    if (call.context.binds === null) return '';
  }
  throw new OracleError(1821, 'date format not recognized (this server wants a literal)');
}

const number = (call: Call, sql: string, isNullable = nullable(call)): Compiled => ({ sql, type: NUMBER, nullable: isNullable });

const numeric =
  (build: (...args: string[]) => string): Translate =>
  (call) =>
    number(call, build(...call.args.map(asNumber)));

const textual =
  (build: (...args: string[]) => string): Translate =>
  (call) => {
    const first = argument(call, 0);
    const args = call.args.map((arg) => (isNumeric(arg.type) ? `CAST(${asNumber(arg)} AS BIGINT)` : asText(arg, call.context)));
    args[0] = asText(first, call.context);
    const type: OracleType =
      first.type.name === 'CLOB' || first.type.name === 'NVARCHAR2'
        ? first.type
        : varchar(isCharacter(first.type) ? (first.type.length ?? 4000) : 64);
    return { sql: `nullif(${build(...args)}, '')`, type, nullable: true };
  };

/** A text that is as long as the second argument says: that is its described length, where the argument is a literal. */
const padded =
  (build: (...args: string[]) => string): Translate =>
  (call) => {
    const value = textual(build)(call);
    const length = call.expressions[1];
    if (value.type.name !== 'VARCHAR2') return value;
    return { ...value, type: varchar(length?.kind === 'number' ? Math.min(Number(length.text), 4000) : 4000) };
  };

/** As Oracle's SUBSTR: 0 is 1, negative counts from the end, no length below 1. */
const substring = (text: string, start = '1', length?: string): string => {
  const from = `(CASE WHEN ${start} = 0 THEN 1 ELSE ${start} END)`;
  return length === undefined
    ? `substr(${text}, ${from})`
    : `CASE WHEN ${length} < 1 THEN NULL ELSE substr(${text}, ${from}, ${length}) END`;
};

function toCharacter(call: Call): Compiled {
  const value = argument(call, 0);
  const format = call.args.length > 1 ? literal(call, 1) : null;
  if (isDatetime(value.type)) {
    if (format === null) return { sql: asText(value, call.context), type: varchar(64), nullable: value.nullable };
    return {
      sql: formatDatetime(value, format, call.context.zoneMinutes),
      type: varchar(Math.max(format.length + 10, 20)),
      nullable: value.nullable,
    };
  }
  if (isNumeric(value.type)) {
    if (format === null || /^TM9?$/i.test(format)) return { sql: asText(value, call.context), type: varchar(64), nullable: value.nullable };
    const match = /^(FM)?([09]+)(?:[.D]([09]+))?$/i.exec(format);
    if (match === null) throw new OracleError(1481, 'invalid number format model');
    const [, compact, whole = '', fraction = ''] = match;
    const digits = `CAST(CAST(${asNumber(value)} AS DECIMAL(38,${fraction.length})) AS VARCHAR)`;
    const zeros = whole.includes('0') ? whole.length - whole.indexOf('0') : 1;
    const width = zeros + (fraction === '' ? 0 : fraction.length + 1);
    const padded = `(CASE WHEN ${asNumber(value)} < 0 THEN '-' ELSE '' END || lpad(ltrim(${digits}, '-'), CAST(greatest(${width}, length(ltrim(${digits}, '-'))) AS INTEGER), '0'))`;
    const full = whole.length + (fraction === '' ? 0 : fraction.length + 1) + 1;
    return {
      sql: compact === undefined ? `lpad(${padded}, ${full}, ' ')` : padded,
      type: varchar(format.length + 1),
      nullable: value.nullable,
    };
  }
  return {
    sql: asText(value, call.context),
    type: isCharacter(value.type) ? varchar(value.type.length ?? 4000) : varchar(4000),
    nullable: value.nullable,
  };
}

function parseDatetime(call: Call, type: OracleType, fallback: string): Compiled {
  const value = argument(call, 0);
  const isNullable = value.nullable;
  if (isDatetime(value.type) && call.args.length === 1) return { sql: asTimestamp(value, call.context), type, nullable: isNullable };
  const { pattern, nano, zone } = parsePattern(literal(call, 1) ?? fallback);
  const text = asText(value, call.context);
  if (type.name !== 'TIMESTAMP WITH TIME ZONE') {
    const parsed = `strptime(${text}, ${quote(pattern)})`;
    return {
      sql: nano ? `CAST(${parsed} AS TIMESTAMP_NS)` : `CAST(${parsed} AS TIMESTAMP)`,
      type: { ...type, ...(type.name === 'DATE' ? {} : { scale: nano ? 9 : 6 }) },
      nullable: isNullable,
    };
  }
  const clock = zone ? `trim(regexp_replace(${text}, '[+-]?\\d{1,2}:\\d{2}$', ''))` : text;
  const offset = zone
    ? `(CASE WHEN regexp_extract(${text}, '([+-]?)\\d{1,2}:\\d{2}$', 1) = '-' THEN -1 ELSE 1 END * (CAST(regexp_extract(${text}, '(\\d{1,2}):\\d{2}$', 1) AS INTEGER) * 60 + CAST(right(${text}, 2) AS INTEGER)))`
    : String(call.context.zoneMinutes);
  const parsed = `CAST(strptime(${clock}, ${quote(pattern)}) AS ${nano ? 'TIMESTAMP_NS' : 'TIMESTAMP'})`;
  return {
    sql: `CASE WHEN ${text} IS NULL THEN NULL ELSE {utc: ${addMinutes(parsed, `-(${offset})`, nano)}, zone: CAST(${offset} AS INTEGER)} END`,
    type: { name: 'TIMESTAMP WITH TIME ZONE', scale: nano ? 9 : 6 },
    nullable: isNullable,
  };
}

/** Offset of a zone in minutes for a literal `+02:00`, or a DuckDB expression for a region. */
export function atTimeZone(value: Compiled, zone: Compiled | null, zoneText: string | null, context: CompileContext): Compiled {
  const utc = asInstant(value, context);
  const type: OracleType = { name: 'TIMESTAMP WITH TIME ZONE', scale: value.type.scale ?? (value.type.name === 'DATE' ? 0 : 6) };
  let offset = String(context.zoneMinutes);
  if (zone !== null) {
    const name = zoneText ?? '';
    const match = /^([+-])(\d{1,2}):(\d{2})$/.exec(name);
    if (match !== null) offset = String((match[1] === '-' ? -1 : 1) * (Number(match[2]) * 60 + Number(match[3])));
    else if (/^(UTC|GMT|Z|Etc\/UTC)$/i.test(name)) offset = '0';
    else if (!/^(DBTIMEZONE|SESSIONTIMEZONE)$/.test(name)) {
      try {
        new Intl.DateTimeFormat('en', { timeZone: name });
      } catch {
        throw new OracleError(1882, 'timezone region not found');
      }
      offset = `CAST(date_diff('minute', CAST(${utc} AS TIMESTAMP), timezone(${quote(name)}, timezone('UTC', CAST(${utc} AS TIMESTAMP)))) AS INTEGER)`;
    }
  }
  return { sql: `CASE WHEN ${utc} IS NULL THEN NULL ELSE {utc: ${utc}, zone: ${offset}} END`, type, nullable: value.nullable };
}

const instant = (context: CompileContext): string => `make_timestamp(${context.now})`;

const truncations: Record<string, string> = {
  DD: 'day',
  DDD: 'day',
  J: 'day',
  MM: 'month',
  MON: 'month',
  MONTH: 'month',
  YYYY: 'year',
  YY: 'year',
  YEAR: 'year',
  SYYYY: 'year',
  Q: 'quarter',
  IW: 'week',
  HH24: 'hour',
  HH: 'hour',
  MI: 'minute',
};

function truncate(call: Call): Compiled {
  const value = argument(call, 0);
  if (isDatetime(value.type)) {
    const unit = truncations[(literal(call, 1) ?? 'DD').toUpperCase()];
    if (unit === undefined) throw new OracleError(1898, 'too many precision specifiers');
    return { sql: `CAST(date_trunc('${unit}', ${asTimestamp(value, call.context)}) AS TIMESTAMP)`, type: DATE, nullable: value.nullable };
  }
  const digits = call.args[1] === undefined ? '0' : asNumber(call.args[1]);
  return number(call, `trunc(${asNumber(value)} * power(10, ${digits})) / power(10, ${digits})`);
}

function coalesce(call: Call): Compiled {
  const { sqls, type, text } = unify(call.args, call.context);
  return { sql: `coalesce(${sqls.join(', ')})`, type, nullable: call.args.every((arg) => arg.nullable), text };
}

const aggregateOf =
  (name: string): Translate =>
  (call) => {
    const value = argument(call, 0);
    if (value.text === true) return { sql: `arg_${name}(${value.sql}, ${asNumber(value)})`, type: value.type, nullable: true, text: true };
    return { sql: `${name}(${value.sql})`, type: value.type, nullable: true };
  };

const decode: Translate = (call) => {
  const value = argument(call, 0);
  const rest = call.args.slice(1);
  const results = rest.filter((_, index) => index % 2 === 1 || index === rest.length - 1);
  const { sqls, type, text } = unify(results, call.context);
  const branches: string[] = [];
  for (let index = 0; index + 1 < rest.length; index += 2) {
    const [left, right] = comparable(value, rest[index]!, call.context);
    branches.push(`WHEN ${left} IS NOT DISTINCT FROM ${right} THEN ${sqls[index / 2]!}`);
  }
  const otherwise = rest.length % 2 === 1 ? ` ELSE ${sqls.at(-1)!}` : '';
  return { sql: `CASE ${branches.join(' ')}${otherwise} END`, type, nullable: true, text };
};

function contextValue(call: Call): Compiled {
  const { context } = call;
  const values: Record<string, string> = {
    CURRENT_SCHEMA: context.schema,
    CURRENT_USER: context.user,
    SESSION_USER: context.user,
    DB_NAME: context.service,
    SERVICE_NAME: context.service,
    INSTANCE_NAME: context.service,
    INSTANCE: '1',
    SID: String(context.sessionId),
    SESSIONID: String(context.sessionId),
    DATABASE_ROLE: 'PRIMARY',
    LANGUAGE: 'AMERICAN_AMERICA.AL32UTF8',
  };
  const found = literal(call, 0)?.toUpperCase() === 'USERENV' ? values[(literal(call, 1) ?? '').toUpperCase()] : undefined;
  return { sql: found === undefined ? 'NULL' : quote(found), type: varchar(256), nullable: true };
}

/** The functions this server knows. */
export const functions: Record<string, Translate> = {
  TO_CHAR: toCharacter,
  TO_NCHAR: (call) => ({ ...toCharacter(call), type: { name: 'NVARCHAR2', length: 4000 } }),
  TO_NUMBER: (call) => number(call, `CAST(${asText(argument(call, 0), call.context)} AS DECIMAL(38,10))`),
  TO_DATE: (call) => parseDatetime(call, DATE, 'YYYY-MM-DD HH24:MI:SS'),
  TO_TIMESTAMP: (call) => parseDatetime(call, { name: 'TIMESTAMP', scale: 9 }, 'YYYY-MM-DD HH24:MI:SS.FF'),
  TO_TIMESTAMP_TZ: (call) => parseDatetime(call, { name: 'TIMESTAMP WITH TIME ZONE', scale: 9 }, 'YYYY-MM-DD HH24:MI:SS.FF TZH:TZM'),
  TO_CLOB: (call) => ({ sql: asText(argument(call, 0), call.context), type: { name: 'CLOB' }, nullable: true }),
  TO_NCLOB: (call) => ({ sql: asText(argument(call, 0), call.context), type: { name: 'NCLOB' }, nullable: true }),
  TO_BINARY_DOUBLE: (call) => ({
    sql: `CAST(${asText(argument(call, 0), call.context)} AS DOUBLE)`,
    type: { name: 'BINARY_DOUBLE' },
    nullable: true,
  }),
  TO_BINARY_FLOAT: (call) => ({
    sql: `CAST(${asText(argument(call, 0), call.context)} AS FLOAT)`,
    type: { name: 'BINARY_FLOAT' },
    nullable: true,
  }),
  TO_BLOB: (call) => ({ sql: argument(call, 0).sql, type: { name: 'BLOB' }, nullable: true }),
  EMPTY_CLOB: () => ({ sql: "''", type: { name: 'CLOB' }, nullable: false }),
  EMPTY_BLOB: () => ({ sql: "''::BLOB", type: { name: 'BLOB' }, nullable: false }),
  HEXTORAW: (call) => ({ sql: `unhex(${asText(argument(call, 0), call.context)})`, type: { name: 'RAW', length: 2000 }, nullable: true }),
  RAWTOHEX: (call) => ({ sql: `hex(${argument(call, 0).sql})`, type: varchar(4000), nullable: true }),
  ROWIDTOCHAR: (call) => ({ sql: argument(call, 0).sql, type: varchar(18), nullable: true }),
  CHARTOROWID: (call) => ({ sql: argument(call, 0).sql, type: { name: 'ROWID' }, nullable: true }),
  SYS_EXTRACT_UTC: (call) => {
    const value = argument(call, 0);
    return { sql: asInstant(value, call.context), type: { name: 'TIMESTAMP', scale: value.type.scale ?? 6 }, nullable: value.nullable };
  },
  FROM_TZ: (call) => {
    const value = argument(call, 0);
    const zoned = atTimeZone(
      { ...value, type: { name: 'TIMESTAMP WITH LOCAL TIME ZONE', scale: value.type.scale ?? 6 } },
      argument(call, 1),
      literal(call, 1),
      call.context,
    );
    return {
      ...zoned,
      sql: `{utc: ${addMinutes(`(${zoned.sql}).utc`, `-(${zoned.sql}).zone`, isNano(value.type))}, zone: (${zoned.sql}).zone}`,
    };
  },
  SYSDATE: ({ context }) => ({ sql: `date_trunc('second', ${instant(context)})`, type: DATE, nullable: false }),
  CURRENT_DATE: ({ context }) => ({
    sql: `date_trunc('second', ${instant(context)} + to_minutes(${context.zoneMinutes}))`,
    type: DATE,
    nullable: false,
  }),
  SYSTIMESTAMP: ({ context }) => ({
    sql: `{utc: ${instant(context)}, zone: 0}`,
    type: { name: 'TIMESTAMP WITH TIME ZONE', scale: 6 },
    nullable: false,
  }),
  CURRENT_TIMESTAMP: ({ context }) => ({
    sql: `{utc: ${instant(context)}, zone: ${context.zoneMinutes}}`,
    type: { name: 'TIMESTAMP WITH TIME ZONE', scale: 6 },
    nullable: false,
  }),
  LOCALTIMESTAMP: ({ context }) => ({
    sql: `(${instant(context)} + to_minutes(${context.zoneMinutes}))`,
    type: { name: 'TIMESTAMP', scale: 6 },
    nullable: false,
  }),
  DBTIMEZONE: () => ({ sql: "'+00:00'", type: varchar(6), nullable: false }),
  SESSIONTIMEZONE: ({ context }) => {
    const size = Math.abs(context.zoneMinutes);
    const two = (value: number): string => String(value).padStart(2, '0');
    return {
      sql: `'${context.zoneMinutes < 0 ? '-' : '+'}${two(Math.floor(size / 60))}:${two(size % 60)}'`,
      type: varchar(75),
      nullable: false,
    };
  },
  USER: ({ context }) => ({ sql: quote(context.user), type: varchar(128), nullable: false }),
  UID: ({ context }) => ({ sql: String(context.sessionId), type: NUMBER, nullable: false }),
  SYS_CONTEXT: contextValue,
  NVL: coalesce,
  COALESCE: coalesce,
  NVL2: (call) => {
    const { sqls, type, text } = unify(call.args.slice(1), call.context);
    return { sql: `CASE WHEN ${argument(call, 0).sql} IS NOT NULL THEN ${sqls[0]!} ELSE ${sqls[1]!} END`, type, nullable: true, text };
  },
  NULLIF: (call) => {
    const [left, right] = comparable(argument(call, 0), argument(call, 1), call.context);
    const value = argument(call, 0);
    return { ...value, sql: `CASE WHEN ${left} = ${right} THEN NULL ELSE ${value.sql} END`, nullable: true };
  },
  DECODE: decode,
  GREATEST: (call) => {
    const { sqls, type, text } = unify(call.args, call.context);
    return {
      sql: `CASE WHEN ${sqls.map((sql) => `${sql} IS NULL`).join(' OR ')} THEN NULL ELSE greatest(${sqls.join(', ')}) END`,
      type,
      nullable: nullable(call),
      text,
    };
  },
  LEAST: (call) => {
    const { sqls, type, text } = unify(call.args, call.context);
    return {
      sql: `CASE WHEN ${sqls.map((sql) => `${sql} IS NULL`).join(' OR ')} THEN NULL ELSE least(${sqls.join(', ')}) END`,
      type,
      nullable: nullable(call),
      text,
    };
  },
  UPPER: textual((text) => `upper(${text})`),
  LOWER: textual((text) => `lower(${text})`),
  INITCAP: textual(
    (text) => `list_aggregate(list_transform(string_split(lower(${text}), ' '), lambda w: upper(w[1]) || w[2:]), 'string_agg', ' ')`,
  ),
  TRIM: textual((text) => `trim(${text}, ' ')`),
  LTRIM: textual((text, set = "' '") => `ltrim(${text}, ${set})`),
  RTRIM: textual((text, set = "' '") => `rtrim(${text}, ${set})`),
  LPAD: padded((text, length = '1', fill = "' '") => `lpad(${text}, CAST(${length} AS INTEGER), ${fill})`),
  RPAD: padded((text, length = '1', fill = "' '") => `rpad(${text}, CAST(${length} AS INTEGER), ${fill})`),
  SUBSTR: textual(substring),
  REPLACE: textual((text, from = "''", to = "''") => `replace(${text}, ${from}, coalesce(${to}, ''))`),
  CONCAT: textual((left, right = 'NULL') => `concat(${left}, ${right})`),
  CHR: (call) => ({ sql: `chr(CAST(${asNumber(argument(call, 0))} AS INTEGER))`, type: varchar(4), nullable: nullable(call) }),
  LENGTH: (call) =>
    number(
      call,
      `nullif(${isCharacter(argument(call, 0).type) ? 'length' : 'octet_length'}(${isCharacter(argument(call, 0).type) || argument(call, 0).type.name === 'RAW' ? argument(call, 0).sql : asText(argument(call, 0), call.context)}), 0)`,
      true,
    ),
  LENGTHB: (call) => number(call, `nullif(strlen(${asText(argument(call, 0), call.context)}), 0)`, true),
  'DBMS_LOB.GETLENGTH': (call) =>
    number(call, `${isCharacter(argument(call, 0).type) ? 'length' : 'octet_length'}(${argument(call, 0).sql})`),
  'DBMS_LOB.SUBSTR': (call) => ({
    sql: `substr(${argument(call, 0).sql}, CAST(${call.args[2] === undefined ? '1' : asNumber(call.args[2])} AS BIGINT), CAST(${asNumber(argument(call, 1))} AS BIGINT))`,
    type: varchar(4000),
    nullable: true,
  }),
  INSTR: (call) => number(call, `instr(${asText(argument(call, 0), call.context)}, ${asText(argument(call, 1), call.context)})`),
  ASCII: (call) => number(call, `ascii(${asText(argument(call, 0), call.context)})`),
  ABS: numeric((value = '') => `abs(${value})`),
  SIGN: numeric((value = '') => `sign(${value})`),
  CEIL: numeric((value = '') => `ceil(${value})`),
  FLOOR: numeric((value = '') => `floor(${value})`),
  MOD: numeric((left = '', right = '') => `CASE WHEN ${right} = 0 THEN ${left} ELSE ${left} % ${right} END`),
  POWER: numeric((left = '', right = '') => `power(${left}, ${right})`),
  SQRT: numeric((value = '') => `sqrt(${value})`),
  EXP: numeric((value = '') => `exp(${value})`),
  LN: numeric((value = '') => `ln(${value})`),
  ROUND: (call) => {
    const value = argument(call, 0);
    if (isDatetime(value.type))
      return { sql: `date_trunc('day', ${asTimestamp(value, call.context)} + INTERVAL 12 HOUR)`, type: DATE, nullable: value.nullable };
    return number(call, `round(${asNumber(value)}${call.args[1] === undefined ? '' : `, CAST(${asNumber(call.args[1])} AS INTEGER)`})`);
  },
  TRUNC: truncate,
  ADD_MONTHS: (call) => ({
    sql: `(${asTimestamp(argument(call, 0), call.context)} + to_months(CAST(${asNumber(argument(call, 1))} AS INTEGER)))`,
    type: DATE,
    nullable: nullable(call),
  }),
  LAST_DAY: (call) => ({
    sql: `(CAST(last_day(${asTimestamp(argument(call, 0), call.context)}) AS TIMESTAMP) + (${asTimestamp(argument(call, 0), call.context)} - date_trunc('day', ${asTimestamp(argument(call, 0), call.context)})))`,
    type: DATE,
    nullable: nullable(call),
  }),
  MONTHS_BETWEEN: (call) =>
    number(call, `date_diff('month', ${asTimestamp(argument(call, 1), call.context)}, ${asTimestamp(argument(call, 0), call.context)})`),
  NUMTODSINTERVAL: (call) => ({
    sql: `to_microseconds(CAST(${asNumber(argument(call, 0))} * ${{ DAY: 86_400, HOUR: 3600, MINUTE: 60, SECOND: 1 }[(literal(call, 1) ?? '').toUpperCase()] ?? 1} * 1000000 AS BIGINT))`,
    type: { name: 'INTERVAL DAY TO SECOND' },
    nullable: nullable(call),
  }),
  ORA_HASH: (call) =>
    number(call, `(hash(${argument(call, 0).sql}) % ${call.args[1] === undefined ? '4294967296' : `(${asNumber(call.args[1])} + 1)`})`),
  STANDARD_HASH: (call) => ({
    sql: `unhex(md5(${asText(argument(call, 0), call.context)}))`,
    type: { name: 'RAW', length: 16 },
    nullable: false,
  }),
  TIMESTAMP_TO_SCN: (call) => {
    if (call.context.catalog.users.get(call.context.user)?.privileges.has('NO TIMESTAMP_TO_SCN') === true)
      throw identifierInvalid('"TIMESTAMP_TO_SCN"');
    return number(call, String(call.context.currentScn), false);
  },
  'DBMS_FLASHBACK.GET_SYSTEM_CHANGE_NUMBER': (call) => {
    const { catalog, user, currentScn } = call.context;
    if (!catalog.holds(user, 'EXECUTE ON DBMS_FLASHBACK')) throw identifierInvalid('"DBMS_FLASHBACK"."GET_SYSTEM_CHANGE_NUMBER"');
    return number(call, String(currentScn), false);
  },
};
functions['SYS.DBMS_FLASHBACK.GET_SYSTEM_CHANGE_NUMBER'] = functions['DBMS_FLASHBACK.GET_SYSTEM_CHANGE_NUMBER']!;

/** The aggregate functions; they may stand before OVER too. */
export const aggregates: Record<string, Translate> = {
  COUNT: (call) => number(call, `count(${argument(call, 0).sql})`, false),
  SUM: (call) => number(call, `sum(${asNumber(argument(call, 0))})`, true),
  AVG: (call) => number(call, `avg(${asNumber(argument(call, 0))})`, true),
  MIN: aggregateOf('min'),
  MAX: aggregateOf('max'),
  STDDEV: (call) => number(call, `stddev_samp(${asNumber(argument(call, 0))})`, true),
  VARIANCE: (call) => number(call, `var_samp(${asNumber(argument(call, 0))})`, true),
  MEDIAN: (call) => number(call, `median(${asNumber(argument(call, 0))})`, true),
};

/** Functions that only stand before OVER. */
export const windowFunctions: Record<string, Translate> = {
  ROW_NUMBER: (call) => number(call, 'row_number()', false),
  RANK: (call) => number(call, 'rank()', false),
  DENSE_RANK: (call) => number(call, 'dense_rank()', false),
  LAG: (call) => ({ ...argument(call, 0), sql: `lag(${call.args.map((arg) => arg.sql).join(', ')})`, nullable: true }),
  LEAD: (call) => ({ ...argument(call, 0), sql: `lead(${call.args.map((arg) => arg.sql).join(', ')})`, nullable: true }),
};

/** EXTRACT(field FROM value). */
export function extract(field: string, value: Compiled, context: CompileContext): Compiled {
  const fields: Record<string, string> = { YEAR: 'year', MONTH: 'month', DAY: 'day', HOUR: 'hour', MINUTE: 'minute' };
  const clock = asTimestamp(value, context);
  const { offset } = wallClock(value, context.zoneMinutes);
  if (field === 'SECOND')
    return { sql: `(epoch_us(CAST(${clock} AS TIMESTAMP)) % 60000000 / 1000000.0)`, type: NUMBER, nullable: value.nullable };
  if (field === 'TIMEZONE_HOUR') return { sql: `trunc(${offset} / 60)`, type: NUMBER, nullable: value.nullable };
  if (field === 'TIMEZONE_MINUTE') return { sql: `${offset} % 60`, type: NUMBER, nullable: value.nullable };
  const name = fields[field];
  if (name === undefined) throw new OracleError(907, 'missing right parenthesis');
  return { sql: `${name}(${isNano(value.type) ? `CAST(${clock} AS TIMESTAMP)` : clock})`, type: NUMBER, nullable: value.nullable };
}
