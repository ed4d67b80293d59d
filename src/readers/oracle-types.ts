import {
  type AvroType,
  AvroBoolean,
  AvroBytes,
  AvroDecimal,
  AvroDouble,
  AvroFloat,
  AvroInt,
  type AvroKind,
  AvroLocalTimestamp,
  AvroLocalTimestampMicros,
  AvroLong,
  AvroNCLOB,
  AvroNVarchar,
  AvroString,
  AvroTimestamp,
  AvroTimestampMicros,
  AvroVarchar,
} from '../lib/index';

/** Names of Oracle's types as the driver describes columns (`dbType.name` without `DB_TYPE_`). */
export type OracleTypeName =
  | 'BFILE'
  | 'BINARY_DOUBLE'
  | 'BINARY_FLOAT'
  | 'BINARY_INTEGER'
  | 'BLOB'
  | 'BOOLEAN'
  | 'CHAR'
  | 'CLOB'
  | 'CURSOR'
  | 'DATE'
  | 'INTERVAL_DS'
  | 'INTERVAL_YM'
  | 'JSON'
  | 'LONG'
  | 'LONG_NVARCHAR'
  | 'LONG_RAW'
  | 'NCHAR'
  | 'NCLOB'
  | 'NUMBER'
  | 'NVARCHAR'
  | 'OBJECT'
  | 'RAW'
  | 'ROWID'
  | 'TIMESTAMP'
  | 'TIMESTAMP_LTZ'
  | 'TIMESTAMP_TZ'
  | 'UROWID'
  | 'VARCHAR'
  | 'VECTOR'
  | 'XMLTYPE';

/** A column as the database describes it. */
export interface OracleColumn {
  readonly name: string;
  readonly typeName: OracleTypeName;
  /** Of a NUMBER: decimal digits, 0 when not declared. Of a timestamp: digits of the second's fraction. */
  readonly precision: number;
  /** Of a NUMBER: digits after the point; -127 when not declared. */
  readonly scale: number;
  /** Of texts and RAW: the greatest length in bytes. */
  readonly byteSize: number;
  readonly nullable: boolean;
  /** Of objects: the name of their type. */
  readonly objectType: string | undefined;
}

/** How one column comes from Oracle into the workspace and which type it has there. */
export interface ColumnReading {
  readonly type: AvroType;
  /** In Oracle's own words, e.g. `NUMBER(10,2)`. */
  readonly sourceDataType: string;
  /** SQL that replaces the column in the SELECT. */
  readonly select?: string;
  /** What the driver is asked for, when not its own choice: text for numbers and CLOBs, bytes for BLOBs. */
  readonly fetchAs?: 'text' | 'bytes';
  /** Makes text of what the driver gives, when that is neither text nor bytes. */
  readonly toText?: (value: unknown) => string;
  /** DuckDB SQL that makes the value from the SQL of its text; without it the text is cast exactly to the type. */
  readonly expression?: (text: string) => string;
  /** A large object or LONG: nothing says how long its values are. */
  readonly isLarge?: boolean;
  /** A NUMBER whose digits the dictionary does not limit, kept as text: worth a proposal. */
  readonly isBareNumber?: boolean;
}

/** Why a declared type cannot be used: the end of a sentence. */
export class DeclarationProblem extends Error {
  override readonly name = 'DeclarationProblem';
}

type Mapping = (column: OracleColumn, quoted: string, declared: AvroType | undefined) => ColumnReading | undefined;

/** For every type of Oracle how its columns are read; undefined: they cannot be. docs/oracle.md is this table in words. */
const mappings: Record<OracleTypeName, Mapping> = {
  VARCHAR: (column, _, declared) => text(`VARCHAR2(${column.byteSize})`, new AvroNVarchar(Math.max(1, column.byteSize)), declared),
  NVARCHAR: (column, _, declared) => text(`NVARCHAR2(${column.byteSize})`, new AvroNVarchar(Math.max(1, column.byteSize)), declared),
  CHAR: (column, _, declared) => text(`CHAR(${column.byteSize})`, new AvroNVarchar(Math.max(1, column.byteSize)), declared),
  NCHAR: (column, _, declared) => text(`NCHAR(${column.byteSize})`, new AvroNVarchar(Math.max(1, column.byteSize)), declared),
  LONG: (_, __, declared) => ({ ...text('LONG', new AvroNCLOB(), declared), isLarge: true }),
  LONG_NVARCHAR: (_, __, declared) => ({ ...text('LONG', new AvroNCLOB(), declared), isLarge: true }),
  CLOB: (_, __, declared) => ({ ...text('CLOB', new AvroNCLOB(), declared), fetchAs: 'text', isLarge: true }),
  NCLOB: (_, __, declared) => ({ ...text('NCLOB', new AvroNCLOB(), declared), fetchAs: 'text', isLarge: true }),
  XMLTYPE: (_, quoted, declared) => ({
    ...text('XMLTYPE', new AvroNCLOB(), declared),
    select: `XMLSERIALIZE(CONTENT ${quoted} AS CLOB)`,
    fetchAs: 'text',
    isLarge: true,
  }),
  JSON: (_, quoted, declared) => ({
    ...text('JSON', new AvroNCLOB(), declared),
    select: `JSON_SERIALIZE(${quoted} RETURNING CLOB)`,
    fetchAs: 'text',
    isLarge: true,
  }),
  ROWID: (_, __, declared) => text('ROWID', new AvroVarchar(18), declared),
  UROWID: (_, __, declared) => text('UROWID', new AvroVarchar(5267), declared),
  NUMBER: number,
  BINARY_INTEGER: (_, __, declared) => ({ ...text('BINARY_INTEGER', new AvroInt(), declared), fetchAs: 'text' }),
  // The shortest text of a double that reads back as itself; a float widened to a double is still exactly that float.
  BINARY_FLOAT: (_, __, declared) => ({ ...text('BINARY_FLOAT', new AvroFloat(), declared), toText: String }),
  BINARY_DOUBLE: (_, __, declared) => ({ ...text('BINARY_DOUBLE', new AvroDouble(), declared), toText: String }),
  BOOLEAN: (_, __, declared) => ({ ...text('BOOLEAN', new AvroBoolean(), declared), toText: String }),
  DATE: (_, quoted, declared) => localTime('DATE', quoted, 0, declared),
  TIMESTAMP: ({ precision }, quoted, declared) => localTime(`TIMESTAMP(${precision})`, quoted, precision, declared),
  TIMESTAMP_TZ: ({ precision }, quoted, declared) => instant(`TIMESTAMP(${precision}) WITH TIME ZONE`, quoted, precision, declared),
  TIMESTAMP_LTZ: ({ precision }, quoted, declared) => instant(`TIMESTAMP(${precision}) WITH LOCAL TIME ZONE`, quoted, precision, declared),
  INTERVAL_YM: (_, quoted, declared) => ({
    ...text('INTERVAL YEAR TO MONTH', new AvroVarchar(30), declared),
    select: `TO_CHAR(${quoted})`,
  }),
  INTERVAL_DS: (_, quoted, declared) => ({
    ...text('INTERVAL DAY TO SECOND', new AvroVarchar(40), declared),
    select: `TO_CHAR(${quoted})`,
  }),
  RAW: ({ byteSize }, _, declared) => bytes(`RAW(${byteSize})`, declared),
  LONG_RAW: (_, __, declared) => ({ ...bytes('LONG RAW', declared), isLarge: true }),
  BLOB: (_, __, declared) => ({ ...bytes('BLOB', declared), fetchAs: 'bytes', isLarge: true }),
  BFILE: () => undefined,
  CURSOR: () => undefined,
  OBJECT: () => undefined,
  VECTOR: () => undefined,
};

/**
 * How a column is read.
 * @param quoted the column as SQL
 * @param declared the type that the flow wants instead of the usual one
 * @returns undefined for a type that cannot be read
 * @throws DeclarationProblem when the declared type does not go with the column's
 */
export function readingOf(column: OracleColumn, quoted: string, declared?: AvroType): ColumnReading | undefined {
  return mappings[column.typeName](column, quoted, declared);
}

/** Whether the name is one of the map's. */
export function isOracleTypeName(name: string): name is OracleTypeName {
  return Object.hasOwn(mappings, name);
}

/** All names of the map. */
export const oracleTypeNames = Object.keys(mappings) as readonly OracleTypeName[];

const textKinds: ReadonlySet<AvroKind> = new Set(['STRING', 'VARCHAR', 'NVARCHAR', 'CLOB', 'NCLOB', 'URI']);
/** What a text can be cast to without losing anything unnoticed. */
const castKinds: ReadonlySet<AvroKind> = new Set([
  ...textKinds,
  'BOOLEAN',
  'BYTE',
  'SHORT',
  'INT',
  'LONG',
  'FLOAT',
  'DOUBLE',
  'decimal',
  'uuid',
]);
const maximalDigits = 38;

/** A column that arrives as text, or as something whose text is exact. */
function text(sourceDataType: string, usual: AvroType, declared: AvroType | undefined): ColumnReading {
  if (declared && !castKinds.has(declared.kind)) throw new DeclarationProblem(`${declared.toString()} cannot be made of ${sourceDataType}`);
  return { type: declared ?? usual, sourceDataType };
}

function bytes(sourceDataType: string, declared: AvroType | undefined): ColumnReading {
  if (declared && declared.kind !== 'BYTES') throw new DeclarationProblem(`${declared.toString()} cannot be made of ${sourceDataType}`);
  return { type: new AvroBytes(), sourceDataType };
}

/**
 * NUMBER(p,s) exactly: a whole number of up to 9 digits is an INT, of up to 18 a LONG, others are DECIMALs. A negative scale means that many more digits
 * before the point; a scale above the precision means zeros after the point. More than 38 digits, and NUMBER without precision, stay text.
 */
function number(column: OracleColumn, _quoted: string, declared: AvroType | undefined): ColumnReading {
  const { precision, scale } = column;
  const bare = precision === 0 || scale === -127;
  const sourceDataType = !bare ? `NUMBER(${precision},${scale})` : precision > 0 ? `FLOAT(${precision})` : 'NUMBER';
  const digits = scale < 0 ? precision - scale : Math.max(precision, scale);
  const kept = bare || digits > maximalDigits;
  const usual = kept ? new AvroString() : scale <= 0 ? wholeNumber(digits) : new AvroDecimal(digits, scale);
  const reading = { ...text(sourceDataType, usual, declared), fetchAs: 'text' } as const;
  if (!textKinds.has(reading.type.kind)) {
    // Oracle has rounded it to the column's own scale when it was stored: only a declared type needs DuckDB's closer look.
    const cast = (value: string): string => `CAST(${value} AS ${reading.type.duckdbType()})`;
    return declared ? reading : { ...reading, expression: cast };
  }
  // Oracle writes .5 and -.5; others want the zero.
  const expression = (value: string): string =>
    `CASE WHEN starts_with(${value}, '.') THEN '0' || ${value} WHEN starts_with(${value}, '-.') THEN '-0' || substr(${value}, 2) ELSE ${value} END`;
  return { ...reading, expression, ...(declared ? {} : { isBareNumber: true }) };
}

function wholeNumber(digits: number): AvroType {
  return digits <= 9 ? new AvroInt() : digits <= 18 ? new AvroLong() : new AvroDecimal(digits, 0);
}

/** Oracle's text of a date: a sign or a blank, the year in four digits, always in this order whatever the session's settings are. */
const dateFormat = 'SYYYY-MM-DD HH24:MI:SS';

/** DATE and TIMESTAMP: what a clock on the wall shows, no zone. */
function localTime(sourceDataType: string, quoted: string, precision: number, declared: AvroType | undefined): ColumnReading {
  return datetime(
    sourceDataType,
    quoted,
    quoted,
    '',
    precision,
    declared,
    precision > 3 ? new AvroLocalTimestampMicros() : new AvroLocalTimestamp(),
  );
}

/** Timestamps with a zone: the instant in UTC; as text with their own offset. */
function instant(sourceDataType: string, quoted: string, precision: number, declared: AvroType | undefined): ColumnReading {
  const usual = precision > 3 ? new AvroTimestampMicros() : new AvroTimestamp();
  return datetime(sourceDataType, `${quoted} AT TIME ZONE 'UTC'`, quoted, ' TZH:TZM', precision, declared, usual);
}

function datetime(
  sourceDataType: string,
  value: string,
  original: string,
  zone: string,
  precision: number,
  declared: AvroType | undefined,
  usual: AvroType,
): ColumnReading {
  if (declared?.kind === 'date') {
    if (zone !== '') throw new DeclarationProblem(`${declared.toString()} cannot be made of ${sourceDataType}`);
    return { type: declared, sourceDataType, select: toChar(value, precision, ''), expression: dayOnly };
  }
  if (declared && !textKinds.has(declared.kind)) throw new DeclarationProblem(`${declared.toString()} cannot be made of ${sourceDataType}`);
  if (declared || precision > 6) {
    const length = 21 + precision + zone.length;
    return {
      type: declared ?? new AvroVarchar(length),
      sourceDataType,
      select: toChar(original, precision, zone),
      expression: (text) => `ltrim(${text})`,
    };
  }
  const type = usual.duckdbType();
  const fraction = precision === 0 ? 0 : precision <= 3 ? 3 : 6;
  return {
    type: usual,
    sourceDataType,
    select: toChar(value, fraction, ''),
    expression: (text) => castDate(text, type),
  };
}

function toChar(value: string, fraction: number, zone: string): string {
  return `TO_CHAR(${value}, '${dateFormat}${fraction === 0 ? '' : `.FF${fraction}`}${zone}')`;
}

/**
 * Oracle counts … -2, -1, 1, 2 …, so its -44 is 44 BC. DuckDB reads -44 as the year before -43, that is 45 BC, but understands `0044-03-15 (BC)`.
 * Two casts instead of one cast of a CASE: the usual value is then read where it lies.
 */
function castDate(text: string, type: string): string {
  const beforeChrist = `substr(${text}, 2, 10) || ' (BC)' || substr(${text}, 12)`;
  return `CASE WHEN starts_with(${text}, '-') THEN CAST(${beforeChrist} AS ${type}) ELSE CAST(${text} AS ${type}) END`;
}

function dayOnly(text: string): string {
  const day = `substr(${text}, 1, 11)`;
  const midnight = `regexp_matches(substr(${text}, 12), '^ 00:00:00[.0]*$')`;
  return `CASE WHEN ${midnight} OR ${text} IS NULL THEN ${castDate(day, 'DATE')} ELSE CAST(error('The value has a time of day') AS DATE) END`;
}
