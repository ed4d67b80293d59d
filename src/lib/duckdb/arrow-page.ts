import { isUtf8 } from 'node:buffer';
import { type DuckDBType, DuckDBVector } from '@duckdb/node-api';
import duckdb, { type Vector } from '@duckdb/node-bindings';
import { type Data, type DataType, DataType as Arrow, DateUnit, Precision, TimeUnit } from 'apache-arrow';
import { duckdbTypeOf } from './arrow-types';
import { arrowValue, InexactValue } from './arrow-value';
import { type ColumnWriter, type InsertColumn, UnwritableValue } from './page-inserter';
import { castExactly } from './exact-cast';
import { packBytes, writePacked, writeValidity } from './string-vector';

/** How an Arrow column becomes a column of a table. */
export function arrowColumn(index: number, type: DataType, target: { readonly name: string; readonly type: string }): InsertColumn {
  const source = duckdbTypeOf(type);
  const cast = castExactly(`c${index}`, source.toString(), target.type);
  return { name: target.name, type: target.type, feedType: source.toLogicalType().logical_type, sql: cast.sql, misfit: cast.misfit };
}

/** Writes one column of one record batch. */
export function arrowWriter(data: Data): ColumnWriter {
  const { type } = data;
  const bytes = fixedBytes(type);
  if (bytes !== undefined) {
    return (vector, from, count) => {
      const values = data.values as Int32Array;
      duckdb.copy_data_to_vector(vector, 0, values.buffer as ArrayBuffer, values.byteOffset + from * bytes, count * bytes);
      if (data.nullCount > 0) writeValidity(vector, count, (row) => data.getValid(from + row));
    };
  }
  if (Arrow.isUtf8(type) || Arrow.isLargeUtf8(type) || Arrow.isBinary(type) || Arrow.isLargeBinary(type)) {
    const text = Arrow.isUtf8(type) || Arrow.isLargeUtf8(type);
    return (vector, from, count) => {
      writeBytes(vector, data, from, count, text);
    };
  }
  return (vector, from, count) => {
    writeValues(vector, duckdbTypeOf(type), data, from, count);
  };
}

/** Bytes per value of a type that DuckDB keeps in memory just like Arrow. */
function fixedBytes(type: DataType): number | undefined {
  if (Arrow.isInt(type)) return type.bitWidth / 8;
  if (Arrow.isFloat(type)) return type.precision === Precision.DOUBLE ? 8 : type.precision === Precision.SINGLE ? 4 : undefined;
  if (Arrow.isDate(type)) return type.unit === DateUnit.DAY ? 4 : 8;
  if (Arrow.isTime(type)) return type.unit >= TimeUnit.MICROSECOND ? 8 : undefined;
  if (Arrow.isTimestamp(type)) return !type.timezone || type.unit === TimeUnit.MICROSECOND ? 8 : undefined;
  if (Arrow.isDecimal(type)) return type.precision > 18 && type.bitWidth === 128 ? 16 : undefined;
  return undefined;
}

function writeBytes(vector: Vector, data: Data, from: number, count: number, text: boolean): void {
  const offsets = data.valueOffsets as Int32Array | BigInt64Array;
  const all = data.values as Uint8Array;
  const values: (Uint8Array | null)[] = [];
  for (let row = 0; row < count; row++) {
    if (!data.getValid(from + row)) {
      values.push(null);
      continue;
    }
    const value = all.subarray(Number(offsets[from + row]), Number(offsets[from + row + 1]));
    if (text && !isUtf8(value)) throw new UnwritableValue(row, 'it is not UTF-8');
    values.push(value);
  }
  writePacked(vector, packBytes(values), 0, count);
}

/** Nested and rare types: value by value through DuckDB's client. */
function writeValues(vector: Vector, type: DuckDBType, data: Data, from: number, count: number): void {
  const target = DuckDBVector.create(vector, count, type);
  for (let row = 0; row < count; row++) {
    try {
      target.setItem(row, arrowValue(data, from + row));
    } catch (error) {
      if (error instanceof InexactValue) throw new UnwritableValue(row, error.message);
      throw error;
    }
  }
  target.flush();
}
