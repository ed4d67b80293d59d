/** Oracle's data types as this server knows them. */
export type TypeName =
  | 'NUMBER'
  | 'VARCHAR2'
  | 'NVARCHAR2'
  | 'CHAR'
  | 'NCHAR'
  | 'LONG'
  | 'RAW'
  | 'LONG RAW'
  | 'DATE'
  | 'TIMESTAMP'
  | 'TIMESTAMP WITH TIME ZONE'
  | 'TIMESTAMP WITH LOCAL TIME ZONE'
  | 'INTERVAL DAY TO SECOND'
  | 'BINARY_FLOAT'
  | 'BINARY_DOUBLE'
  | 'CLOB'
  | 'NCLOB'
  | 'BLOB'
  | 'BOOLEAN'
  | 'ROWID';

/** A data type with its parameters. */
export interface OracleType {
  readonly name: TypeName;
  /** Length of character types (characters or bytes, as declared) and RAW (bytes). */
  readonly length?: number;
  /** The length counts characters (`VARCHAR2(40 CHAR)`). */
  readonly inCharacters?: boolean;
  /** Digits of a NUMBER; not set for a bare NUMBER. */
  readonly precision?: number;
  /** Digits right of the point of a NUMBER (may be negative), or fractional digits of the seconds of a timestamp. */
  readonly scale?: number;
  /** Declared as FLOAT(b): binary precision. */
  readonly floatBits?: number;
}

export const NUMBER: OracleType = { name: 'NUMBER' };
export const DATE: OracleType = { name: 'DATE' };
export const BOOLEAN: OracleType = { name: 'BOOLEAN' };
export const ROWID: OracleType = { name: 'ROWID' };
export const varchar = (length: number): OracleType => ({ name: 'VARCHAR2', length: Math.max(1, Math.min(length, 32767)) });

/** Digits a DECIMAL needs for a NUMBER(p,s), or null when the NUMBER is kept as exact text. */
export function decimalOf(type: OracleType): { readonly width: number; readonly scale: number } | null {
  if (type.name !== 'NUMBER' || type.precision === undefined) return null;
  const scale = type.scale ?? 0;
  const width = scale < 0 ? type.precision - scale : Math.max(type.precision, scale);
  return width <= 38 ? { width, scale: Math.max(scale, 0) } : null;
}

/** Whether a value of this type is kept in nanoseconds. */
export const isNano = (type: OracleType): boolean => (type.scale ?? 6) > 6;

/** The DuckDB type in which the store keeps a column. */
export function storageType(type: OracleType): string {
  switch (type.name) {
    case 'NUMBER': {
      const decimal = decimalOf(type);
      return decimal === null ? 'VARCHAR' : `DECIMAL(${decimal.width},${decimal.scale})`;
    }
    case 'DATE':
      return 'TIMESTAMP';
    case 'TIMESTAMP':
    case 'TIMESTAMP WITH LOCAL TIME ZONE':
      return isNano(type) ? 'TIMESTAMP_NS' : 'TIMESTAMP';
    case 'TIMESTAMP WITH TIME ZONE':
      return `STRUCT(utc ${isNano(type) ? 'TIMESTAMP_NS' : 'TIMESTAMP'}, zone INTEGER)`;
    case 'INTERVAL DAY TO SECOND':
      return 'INTERVAL';
    case 'RAW':
    case 'LONG RAW':
    case 'BLOB':
      return 'BLOB';
    case 'BINARY_FLOAT':
      return 'FLOAT';
    case 'BINARY_DOUBLE':
      return 'DOUBLE';
    case 'BOOLEAN':
      return 'BOOLEAN';
    default:
      return 'VARCHAR';
  }
}

/** Whether the store keeps values of this NUMBER type as text. */
export const isTextNumber = (type: OracleType): boolean => type.name === 'NUMBER' && decimalOf(type) === null;

export const isCharacter = (type: OracleType): boolean =>
  type.name === 'VARCHAR2' ||
  type.name === 'NVARCHAR2' ||
  type.name === 'CHAR' ||
  type.name === 'NCHAR' ||
  type.name === 'CLOB' ||
  type.name === 'NCLOB' ||
  type.name === 'LONG' ||
  type.name === 'ROWID';

export const isNumeric = (type: OracleType): boolean =>
  type.name === 'NUMBER' || type.name === 'BINARY_FLOAT' || type.name === 'BINARY_DOUBLE';

export const isDatetime = (type: OracleType): boolean =>
  type.name === 'DATE' ||
  type.name === 'TIMESTAMP' ||
  type.name === 'TIMESTAMP WITH TIME ZONE' ||
  type.name === 'TIMESTAMP WITH LOCAL TIME ZONE';

export const isLob = (type: OracleType): boolean => type.name === 'CLOB' || type.name === 'NCLOB' || type.name === 'BLOB';

/** `DATA_TYPE` of the data dictionary. */
export function dictionaryName(type: OracleType): string {
  if (type.floatBits !== undefined) return 'FLOAT';
  switch (type.name) {
    case 'TIMESTAMP':
      return `TIMESTAMP(${type.scale ?? 6})`;
    case 'TIMESTAMP WITH TIME ZONE':
      return `TIMESTAMP(${type.scale ?? 6}) WITH TIME ZONE`;
    case 'TIMESTAMP WITH LOCAL TIME ZONE':
      return `TIMESTAMP(${type.scale ?? 6}) WITH LOCAL TIME ZONE`;
    case 'INTERVAL DAY TO SECOND':
      return 'INTERVAL DAY(2) TO SECOND(6)';
    default:
      return type.name;
  }
}

/** Bytes a column of this type may need, as the data dictionary's `DATA_LENGTH` and the describe message give it. */
export function byteLength(type: OracleType): number {
  switch (type.name) {
    case 'NUMBER':
      return 22;
    case 'VARCHAR2':
    case 'CHAR':
      return Math.min((type.length ?? 1) * (type.inCharacters === true ? 4 : 1), 32767);
    case 'NVARCHAR2':
    case 'NCHAR':
      return Math.min((type.length ?? 1) * 2, 32767);
    case 'RAW':
      return type.length ?? 2000;
    case 'DATE':
      return 7;
    case 'TIMESTAMP':
    case 'TIMESTAMP WITH LOCAL TIME ZONE':
    case 'INTERVAL DAY TO SECOND':
      return 11;
    case 'TIMESTAMP WITH TIME ZONE':
      return 13;
    case 'BINARY_FLOAT':
      return 4;
    case 'BINARY_DOUBLE':
      return 8;
    case 'CLOB':
    case 'NCLOB':
    case 'BLOB':
      return 4000;
    case 'ROWID':
      return 10;
    case 'BOOLEAN':
      return 1;
    case 'LONG':
    case 'LONG RAW':
      return 0;
  }
}
