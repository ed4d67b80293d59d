import {
  type DuckDBArrayType,
  type DuckDBListType,
  type DuckDBMapType,
  type DuckDBStructType,
  type DuckDBType,
  type DuckDBUnionType,
  DuckDBDateValue,
  DuckDBMapValue,
  DuckDBStructValue,
  DuckDBTimestampMillisecondsValue,
  DuckDBTimestampNanosecondsValue,
  DuckDBTimestampSecondsValue,
  DuckDBTimestampTZValue,
  DuckDBTimestampValue,
  DuckDBTimeValue,
  DuckDBUnionValue,
  DuckDBArrayValue,
  DuckDBListValue,
  type DuckDBValue,
} from '@duckdb/node-api';
import { UnionBranch } from '../avro/value-codec';
import { ValueMismatch } from '../avro/value-mismatch';
import type { AvroType } from '../schema';
import { plainValue } from './plain-value';

/**
 * A value of DuckDB, read in the ordinary way, as the value that the Avro type's codec takes. Nothing is rounded: what does not fit is left for the codec
 * to refuse, or refused here.
 *
 * @param source the value's DuckDB type
 * @throws ValueMismatch
 */
export function nestedValue(value: DuckDBValue, source: DuckDBType, type: AvroType): unknown {
  if (value === null) return null;
  switch (type.kind) {
    case 'ARRAY': {
      if (!(value instanceof DuckDBListValue || value instanceof DuckDBArrayValue)) throw new ValueMismatch('it is not a list');
      const itemType = (source as DuckDBListType | DuckDBArrayType).valueType;
      return value.items.map((item) => nestedValue(item, itemType, type.items));
    }
    case 'MAP':
      if (value instanceof DuckDBMapValue) {
        const { valueType } = source as DuckDBMapType;
        return new Map(value.entries.map(({ key, value: item }) => [textOf(key), nestedValue(item, valueType, type.values)]));
      }
      if (value instanceof DuckDBStructValue)
        return new Map(members(value, source).map(({ name, item, itemType }) => [name, nestedValue(item, itemType, type.values)]));
      throw new ValueMismatch('it is not a map');
    case 'RECORD': {
      if (!(value instanceof DuckDBStructValue)) throw new ValueMismatch('it is not a structure');
      const entries = members(value, source).map(({ name, item, itemType }) => {
        const field = type.fields.find((candidate) => candidate.name.toLowerCase() === name.toLowerCase());
        if (field === undefined) throw new ValueMismatch(`the structure has "${name}", which the schema does not know`);
        return [field.name, within(field.name, () => nestedValue(item, itemType, field.type))] as const;
      });
      return Object.fromEntries(entries);
    }
    case 'UNION': {
      if (!(value instanceof DuckDBUnionValue)) return plainValue(value);
      // DuckDB's members and the schema's branches have the same order, but not the same names.
      const { memberTags, memberTypes } = source as DuckDBUnionType;
      const index = memberTags.indexOf(value.tag);
      const item = type.items[index];
      if (item === undefined) throw new ValueMismatch('the union has more types than the schema knows');
      return new UnionBranch(index, nestedValue(value.value, memberTypes[index]!, item));
    }
    default:
      return scalarValue(value, type);
  }
}

function members(value: DuckDBStructValue, source: DuckDBType): { name: string; item: DuckDBValue; itemType: DuckDBType }[] {
  const { entryNames, entryTypes } = source as DuckDBStructType;
  return entryNames.map((name, index) => ({ name, item: value.entries[name] ?? null, itemType: entryTypes[index]! }));
}

function scalarValue(value: DuckDBValue, type: AvroType): unknown {
  switch (type.kind) {
    case 'date':
      return value instanceof DuckDBDateValue ? finite(value.days, value.isFinite) : plainValue(value);
    case 'time-millis':
      return value instanceof DuckDBTimeValue ? Number(shorter(value.micros)) : plainValue(value);
    case 'time-micros':
      return value instanceof DuckDBTimeValue ? value.micros : plainValue(value);
    case 'timestamp-micros':
    case 'local-timestamp-micros':
      return microsOf(value) ?? plainValue(value);
    case 'timestamp-millis':
    case 'local-timestamp-millis': {
      const micros = microsOf(value);
      return micros === undefined ? plainValue(value) : shorter(micros);
    }
    case 'STRING':
    case 'VARCHAR':
    case 'NVARCHAR':
    case 'CLOB':
    case 'NCLOB':
    case 'URI':
    case 'ST_POINT':
    case 'ST_GEOMETRY':
      return textOf(value);
    default:
      return plainValue(value);
  }
}

function textOf(value: DuckDBValue): string {
  return typeof value === 'string' ? value : String(value);
}

function finite<T>(value: T, isFinite: boolean): T {
  if (!isFinite) throw new ValueMismatch('it is infinity');
  return value;
}

function shorter(value: bigint): bigint {
  if (value % 1000n !== 0n) throw new ValueMismatch('it has too many digits after the second');
  return value / 1000n;
}

function microsOf(value: DuckDBValue): bigint | undefined {
  if (value instanceof DuckDBTimestampValue || value instanceof DuckDBTimestampTZValue) {
    // The two largest numbers stand for infinity.
    return finite(value.micros, value.micros < 0x7fffffffffffffffn && value.micros > -0x7fffffffffffffffn);
  }
  if (value instanceof DuckDBTimestampMillisecondsValue) return finite(value.millis, value.isFinite) * 1000n;
  if (value instanceof DuckDBTimestampSecondsValue) return finite(value.seconds, value.isFinite) * 1_000_000n;
  if (value instanceof DuckDBTimestampNanosecondsValue) return shorter(finite(value.nanos, value.isFinite));
  return undefined;
}

function within<T>(name: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw error instanceof ValueMismatch ? error.within(name) : error;
  }
}
