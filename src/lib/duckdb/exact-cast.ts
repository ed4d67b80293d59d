import type { Layout } from '../avro/column-layout';
import type { AvroKind, AvroType } from '../schema';
import { quoteLiteral } from './quote';
import { castText } from './text-cast';

/** How a column is read for its Avro type. */
export interface ColumnCast {
  /** SQL expression whose vector has the layout; it never rounds or cuts: what does not fit stops the statement. */
  readonly sql: string;
  readonly layout: Layout;
  /** SQL condition that is true for values that do not fit, to find the row after the statement has stopped. */
  readonly misfit?: string | undefined;
}

/** Layout of a type, and the DuckDB type whose values are exactly its values. Nested types are read in the ordinary way. */
type Target = readonly [layout: Layout, exact: string, read?: string];

const TEXT: Target = ['text', 'VARCHAR'];
const targets: { readonly [Kind in AvroKind]: (type: Extract<AvroType, { readonly kind: Kind }>) => Target | undefined } = {
  NULL: () => ['null', 'VARCHAR'],
  BOOLEAN: () => ['boolean', 'BOOLEAN'],
  BYTE: () => ['int32', 'TINYINT', 'INTEGER'],
  SHORT: () => ['int32', 'SMALLINT', 'INTEGER'],
  INT: () => ['int32', 'INTEGER'],
  LONG: () => ['int64', 'BIGINT'],
  FLOAT: () => ['float32', 'FLOAT'],
  DOUBLE: () => ['float64', 'DOUBLE'],
  decimal: ({ precision, scale }) =>
    precision <= 18
      ? ['decimal64', `DECIMAL(${precision},${scale})`, `DECIMAL(18,${scale})`]
      : ['decimal128', `DECIMAL(${precision},${scale})`],
  BYTES: () => ['bytes', 'BLOB'],
  FIXED: () => ['fixed', 'BLOB'],
  ENUM: () => ['int32', 'VARCHAR'],
  STRING: () => TEXT,
  VARCHAR: () => TEXT,
  NVARCHAR: () => TEXT,
  CLOB: () => TEXT,
  NCLOB: () => TEXT,
  URI: () => TEXT,
  ST_POINT: () => TEXT,
  ST_GEOMETRY: () => TEXT,
  uuid: () => ['uuid', 'UUID'],
  date: () => ['date', 'DATE'],
  'time-millis': () => ['time-millis', 'TIME'],
  'time-micros': () => ['int64', 'TIME'],
  'timestamp-millis': () => ['timestamp', 'TIMESTAMP_MS'],
  'timestamp-micros': () => ['timestamp', 'TIMESTAMP'],
  'local-timestamp-millis': () => ['timestamp', 'TIMESTAMP_MS'],
  'local-timestamp-micros': () => ['timestamp', 'TIMESTAMP'],
  MAP: () => undefined,
  ARRAY: () => undefined,
  RECORD: () => undefined,
  UNION: () => undefined,
};

/**
 * How a column of a DuckDB type is read as an Avro type; undefined when it has to be read in the ordinary way, value by value.
 *
 * @param column SQL of the column
 * @param source its DuckDB type, as SQL
 */
export function exactCast(column: string, source: string, type: AvroType): ColumnCast | undefined {
  const target = (targets[type.kind] as (type: AvroType) => Target | undefined)(type);
  if (target === undefined || isNested(source)) return undefined;
  const [layout, exact, read = exact] = target;
  const finish = (sql: string): string => (read === exact ? sql : `CAST(${sql} AS ${read})`);
  if (type.kind === 'ENUM') {
    const symbols = `[${type.symbols.map(quoteLiteral).join(', ')}]`;
    const index = `CAST(list_position(${symbols}, CAST(${column} AS VARCHAR)) - 1 AS INTEGER)`;
    return { ...stopping(`${column} IS NOT NULL AND ${index} IS NULL`, index, 'INTEGER'), layout };
  }
  // Zone or not is the schema's statement; the number is the same, because the workspace computes in UTC.
  const zoned = /^TIMESTAMP WITH TIME ZONE|^TIMESTAMPTZ/.test(source) && layout === 'timestamp';
  const value = zoned ? `CAST(${column} AS TIMESTAMP)` : column;
  const from = zoned ? 'TIMESTAMP' : source;
  if (layout === 'null') return { sql: value, layout };
  if (from === 'VARCHAR' && exact === 'BLOB') return { sql: `encode(${value})`, layout };
  const { sql, misfit } = castExactly(value, from, exact);
  return { sql: finish(sql), layout, misfit };
}

/**
 * A value of one DuckDB type as another, exactly: what the other type does not hold stops the statement.
 *
 * @returns the expression, and a condition that is true for values that do not fit, where there can be any
 */
export function castExactly(value: string, from: string, to: string): { readonly sql: string; readonly misfit: string | undefined } {
  if (from === to) return { sql: value, misfit: undefined };
  const cast = castBetween('CAST', value, from, to);
  if (from === 'VARCHAR') {
    const misfit = `${value} IS NOT NULL AND TRY(CAST(${castText(value, to, 'null')} AS ${to})) IS NULL`;
    return { sql: castText(value, to), misfit };
  }
  if (to === 'VARCHAR' || widens(from, to)) return { sql: cast, misfit: undefined };
  const back = castBetween('TRY_CAST', castBetween('TRY_CAST', value, from, to), to, from);
  return stopping(`${value} IS NOT NULL AND ${back} IS DISTINCT FROM ${value}`, cast, to);
}

/** DuckDB casts between seconds, milliseconds and nanoseconds by way of microseconds only. */
function castBetween(cast: 'CAST' | 'TRY_CAST', value: string, from: string, to: string): string {
  const detour = /^TIMESTAMP_(S|MS|NS)$/.test(from) && /^TIMESTAMP_(S|MS|NS)$/.test(to);
  return `${cast}(${detour ? `${cast}(${value} AS TIMESTAMP)` : value} AS ${to})`;
}

function stopping(misfit: string, sql: string, type: string): { readonly sql: string; readonly misfit: string } {
  return { sql: `CASE WHEN ${misfit} THEN CAST(error('The value does not fit') AS ${type}) ELSE ${sql} END`, misfit };
}

function isNested(source: string): boolean {
  return source.endsWith(']') || /^(STRUCT|MAP|UNION|VARIANT)\b/.test(source);
}

/** Digits of the integer types, and the types whose values they all hold. */
const INTEGERS: Readonly<Record<string, readonly [digits: number, wider: readonly string[]]>> = {
  TINYINT: [3, ['SMALLINT', 'INTEGER', 'BIGINT', 'FLOAT', 'DOUBLE']],
  SMALLINT: [5, ['INTEGER', 'BIGINT', 'FLOAT', 'DOUBLE']],
  INTEGER: [10, ['BIGINT', 'DOUBLE']],
  BIGINT: [19, []],
  UTINYINT: [3, ['SMALLINT', 'INTEGER', 'BIGINT', 'FLOAT', 'DOUBLE']],
  USMALLINT: [5, ['INTEGER', 'BIGINT', 'FLOAT', 'DOUBLE']],
  UINTEGER: [10, ['BIGINT', 'DOUBLE']],
  UBIGINT: [20, []],
  FLOAT: [Infinity, ['DOUBLE']],
};

/** Whether every value of the one type is a value of the other. */
function widens(from: string, to: string): boolean {
  if (INTEGERS[from]?.[1].includes(to)) return true;
  const target = decimalOf(to);
  if (target === undefined) return false;
  const source = decimalOf(from) ?? { whole: INTEGERS[from]?.[0] ?? Infinity, scale: 0 };
  return source.whole <= target.whole && source.scale <= target.scale;
}

function decimalOf(type: string): { readonly whole: number; readonly scale: number } | undefined {
  const match = /^DECIMAL\((\d+),\s*(\d+)\)$/.exec(type);
  return match === null ? undefined : { whole: Number(match[1]) - Number(match[2]), scale: Number(match[2]) };
}
