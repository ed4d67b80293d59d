import {
  ARRAY,
  BIGINT,
  BLOB,
  BOOLEAN,
  DATE,
  DECIMAL,
  DOUBLE,
  type DuckDBType,
  FLOAT,
  INTEGER,
  INTERVAL,
  LIST,
  MAP,
  SMALLINT,
  STRUCT,
  TIME,
  TIME_NS,
  TIMESTAMP,
  TIMESTAMP_MS,
  TIMESTAMP_NS,
  TIMESTAMP_S,
  TIMESTAMPTZ,
  TINYINT,
  UBIGINT,
  UINTEGER,
  UNION,
  USMALLINT,
  UTINYINT,
  VARCHAR,
} from '@duckdb/node-api';
import { type DataType, DataType as Arrow, DateUnit, Precision, TimeUnit, type Field } from 'apache-arrow';
import { TablecastError } from '../errors';

/**
 * The DuckDB type that holds every value of an Arrow type. Nulls without type are VARCHAR.
 *
 * @throws TablecastError TYPE_UNSUPPORTED
 */
export function duckdbTypeOf(type: DataType): DuckDBType {
  if (Arrow.isNull(type)) return VARCHAR;
  if (Arrow.isBool(type)) return BOOLEAN;
  if (Arrow.isInt(type)) {
    const signed = { 8: TINYINT, 16: SMALLINT, 32: INTEGER, 64: BIGINT };
    const unsigned = { 8: UTINYINT, 16: USMALLINT, 32: UINTEGER, 64: UBIGINT };
    return (type.isSigned ? signed : unsigned)[type.bitWidth];
  }
  if (Arrow.isFloat(type)) return type.precision === Precision.DOUBLE ? DOUBLE : FLOAT;
  if (Arrow.isUtf8(type) || Arrow.isLargeUtf8(type) || Arrow.isUtf8View(type)) return VARCHAR;
  if (Arrow.isBinary(type) || Arrow.isLargeBinary(type) || Arrow.isBinaryView(type) || Arrow.isFixedSizeBinary(type)) return BLOB;
  if (Arrow.isDecimal(type) && type.precision <= 38 && type.scale >= 0 && type.scale <= type.precision)
    return DECIMAL(type.precision, type.scale);
  if (Arrow.isDate(type)) return type.unit === DateUnit.DAY ? DATE : TIMESTAMP_MS;
  if (Arrow.isTime(type)) return type.unit === TimeUnit.NANOSECOND ? TIME_NS : TIME;
  if (Arrow.isTimestamp(type)) return type.timezone ? TIMESTAMPTZ : [TIMESTAMP_S, TIMESTAMP_MS, TIMESTAMP, TIMESTAMP_NS][type.unit]!;
  if (Arrow.isInterval(type) || Arrow.isDuration(type)) return INTERVAL;
  if (Arrow.isDictionary(type)) return duckdbTypeOf(type.dictionary as DataType);
  const children = (type.children as readonly Field<DataType>[] | null) ?? [];
  if (Arrow.isFixedSizeList(type)) return ARRAY(duckdbTypeOf(children[0]!.type), type.listSize);
  if (Arrow.isList(type) || Arrow.isLargeList(type)) return LIST(duckdbTypeOf(children[0]!.type));
  if (Arrow.isMap(type)) return MAP(duckdbTypeOf(type.keyType as DataType), duckdbTypeOf(type.valueType as DataType));
  const members = Object.fromEntries(children.map((child) => [child.name, duckdbTypeOf(child.type)]));
  if (Arrow.isStruct(type) && children.length > 0) return STRUCT(members);
  if (Arrow.isUnion(type)) return UNION(members);
  throw new TablecastError('TYPE_UNSUPPORTED', { system: 'Arrow', type: (type as { toString(): string }).toString() });
}
