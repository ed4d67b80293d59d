import {
  arrayValue,
  blobValue,
  DuckDBDateValue,
  DuckDBDecimalValue,
  DuckDBIntervalValue,
  DuckDBMapValue,
  DuckDBStructValue,
  DuckDBTimeNSValue,
  DuckDBTimestampMillisecondsValue,
  DuckDBTimestampNanosecondsValue,
  DuckDBTimestampSecondsValue,
  DuckDBTimestampTZValue,
  DuckDBTimestampValue,
  DuckDBTimeValue,
  DuckDBUnionValue,
  type DuckDBValue,
  listValue,
} from '@duckdb/node-api';
import { type Data, DataType as Arrow, DateUnit, IntervalUnit, TimeUnit, UnionMode, Vector } from 'apache-arrow';

/** An Arrow value that DuckDB cannot hold exactly. */
export class InexactValue extends Error {}

/** Units of a time in a second. */
const PER_SECOND = [1n, 1000n, 1_000_000n, 1_000_000_000n] as const;

/**
 * One value of an Arrow column as DuckDB's client takes it, read from the column's memory: Arrow's own getters turn timestamps into milliseconds.
 *
 * @throws InexactValue
 */
export function arrowValue(data: Data, index: number): DuckDBValue {
  const { type } = data;
  const offsets = data.valueOffsets as Int32Array | BigInt64Array;
  if (Arrow.isNull(type)) return null;
  if (Arrow.isUnion(type)) {
    const child = type.typeIdToChildIndex[(data.typeIds as Int8Array)[index]!]!;
    const row = type.mode === UnionMode.Dense ? Number(offsets[index]) : index;
    const value = arrowValue(data.children[child]!, row);
    return new DuckDBUnionValue(type.children[child]!.name, value);
  }
  if (!data.getValid(index)) return null;
  if (Arrow.isDictionary(type)) return vectorValue(data.dictionary!, Number((data.values as Int32Array)[index]));
  if (Arrow.isDecimal(type)) return new DuckDBDecimalValue(wide(data, index), type.precision, type.scale);
  if (Arrow.isDate(type)) {
    const value = integer(data, index);
    return type.unit === DateUnit.DAY ? new DuckDBDateValue(Number(value)) : new DuckDBTimestampMillisecondsValue(value);
  }
  if (Arrow.isTime(type)) {
    const value = integer(data, index);
    return type.unit === TimeUnit.NANOSECOND ? new DuckDBTimeNSValue(value) : new DuckDBTimeValue(micros(value, type.unit));
  }
  if (Arrow.isTimestamp(type)) return timestampValue(integer(data, index), type.unit, Boolean(type.timezone));
  if (Arrow.isDuration(type)) return new DuckDBIntervalValue(0, 0, micros(integer(data, index), type.unit));
  if (Arrow.isInterval(type)) return intervalValue(data, index, type.unit);
  if (Arrow.isList(type) || Arrow.isLargeList(type)) {
    const begin = Number(offsets[index]);
    return listValue(items(data.children[0]!, begin, Number(offsets[index + 1]) - begin));
  }
  if (Arrow.isFixedSizeList(type)) return arrayValue(items(data.children[0]!, index * type.listSize, type.listSize));
  if (Arrow.isMap(type)) {
    const [keys, values] = data.children[0]!.children as [Data, Data];
    const begin = Number(offsets[index]);
    const count = Number(offsets[index + 1]) - begin;
    return new DuckDBMapValue(
      Array.from({ length: count }, (_, offset) => ({ key: arrowValue(keys, begin + offset), value: arrowValue(values, begin + offset) })),
    );
  }
  if (Arrow.isStruct(type)) {
    return new DuckDBStructValue(Object.fromEntries(type.children.map((child, at) => [child.name, arrowValue(data.children[at]!, index)])));
  }
  const value: unknown = new Vector([data]).get(index);
  return value instanceof Uint8Array ? blobValue(value) : (value as DuckDBValue);
}

function vectorValue(vector: Vector, index: number): DuckDBValue {
  let row = index;
  for (const data of vector.data as readonly Data[]) {
    if (row < data.length) return arrowValue(data, row);
    row -= data.length;
  }
  return null;
}

function items(data: Data, begin: number, count: number): DuckDBValue[] {
  return Array.from({ length: count }, (_, offset) => arrowValue(data, begin + offset));
}

function integer(data: Data, index: number): bigint {
  return BigInt((data.values as Int32Array | BigInt64Array)[index]!);
}

/** A whole number of 128 or 256 bits, little-endian in words of 32. */
function wide(data: Data, index: number): bigint {
  const words = data.values as Uint32Array;
  let value = 0n;
  for (let word = data.stride - 1; word >= 0; word--) value = (value << 32n) | BigInt(words[index * data.stride + word]! >>> 0);
  return BigInt.asIntN(data.stride * 32, value);
}

function micros(value: bigint, unit: TimeUnit): bigint {
  if (unit !== TimeUnit.NANOSECOND) return value * (1_000_000n / PER_SECOND[unit]);
  if (value % 1000n !== 0n) throw new InexactValue('it has nanoseconds');
  return value / 1000n;
}

function timestampValue(value: bigint, unit: TimeUnit, zoned: boolean): DuckDBValue {
  if (zoned) return new DuckDBTimestampTZValue(micros(value, unit));
  switch (unit) {
    case TimeUnit.SECOND:
      return new DuckDBTimestampSecondsValue(value);
    case TimeUnit.MILLISECOND:
      return new DuckDBTimestampMillisecondsValue(value);
    case TimeUnit.MICROSECOND:
      return new DuckDBTimestampValue(value);
    case TimeUnit.NANOSECOND:
      return new DuckDBTimestampNanosecondsValue(value);
  }
}

function intervalValue(data: Data, index: number, unit: IntervalUnit): DuckDBValue {
  const words = data.values as Int32Array;
  if (unit === IntervalUnit.YEAR_MONTH) return new DuckDBIntervalValue(words[index]!, 0, 0n);
  if (unit === IntervalUnit.DAY_TIME) return new DuckDBIntervalValue(0, words[index * 2]!, BigInt(words[index * 2 + 1]!) * 1000n);
  const nanos = (BigInt(words[index * 4 + 3]!) << 32n) | BigInt(words[index * 4 + 2]! >>> 0);
  return new DuckDBIntervalValue(words[index * 4]!, words[index * 4 + 1]!, micros(nanos, TimeUnit.NANOSECOND));
}
