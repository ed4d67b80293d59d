import {
  type DuckDBValue,
  DuckDBArrayValue,
  DuckDBBlobValue,
  DuckDBGeometryValue,
  DuckDBListValue,
  DuckDBMapValue,
  DuckDBStructValue,
  DuckDBTimestampTZValue,
  DuckDBTimestampValue,
  DuckDBUnionValue,
} from '@duckdb/node-api';

/**
 * A value of DuckDB as a plain one, without loss: boolean; number (integers to 32 bits, FLOAT, DOUBLE); bigint (wider integers); Uint8Array (BLOB); array
 * (LIST, ARRAY); object (STRUCT); Map (MAP); a UNION as the value it holds. DECIMAL and everything of dates, times and intervals is text as DuckDB writes
 * it: `12.30`, `2024-01-31`, `2024-01-31 10:00:00.123456` (with `+00` where the type has a time zone).
 */
export function plainValue(value: DuckDBValue): unknown {
  if (value === null || typeof value !== 'object') return value;
  if (value instanceof DuckDBBlobValue || value instanceof DuckDBGeometryValue) return value.bytes;
  if (value instanceof DuckDBListValue || value instanceof DuckDBArrayValue) return value.items.map(plainValue);
  if (value instanceof DuckDBStructValue) {
    return Object.fromEntries(Object.entries(value.entries).map(([name, entry]) => [name, plainValue(entry)]));
  }
  if (value instanceof DuckDBMapValue) return new Map(value.entries.map(({ key, value: entry }) => [plainValue(key), plainValue(entry)]));
  if (value instanceof DuckDBUnionValue) return plainValue(value.value);
  // The client would write it in the time zone of the machine.
  if (value instanceof DuckDBTimestampTZValue) return `${new DuckDBTimestampValue(value.micros).toString()}+00`;
  return value.toString();
}
