import {
  Binary,
  Bool,
  DateDay,
  type DataType,
  Float32,
  Float64,
  Int16,
  Int32,
  Int64,
  Int8,
  Null,
  TimeMicrosecond,
  TimeMillisecond,
} from 'apache-arrow';
import { TimestampMicrosecond, TimestampMillisecond, Utf8 } from 'apache-arrow';
import type { AvroSchemaObject } from './avro-json';
import { AvroDataType, type AvroKind } from './data-type';

/** A type without parameters: an Avro primitive with a logical type. */
function simpleType<Kind extends AvroKind>(kind: Kind, primitive: string, duckdb: string, arrow: () => DataType, zero: unknown) {
  return class extends AvroDataType {
    readonly kind: Kind = kind;

    override toAvro(): AvroSchemaObject {
      return { type: primitive, logicalType: kind };
    }

    override arrowType(): DataType {
      return arrow();
    }

    override duckdbType(): string {
      return duckdb;
    }

    override zero(): unknown {
      return zero;
    }
  };
}

const utf8 = () => new Utf8();

/** Nothing but null; useful as a branch of an {@link AvroUnion}. */
export class AvroNull extends simpleType('NULL', 'null', 'VARCHAR', () => new Null(), null) {}

/** true or false. */
export class AvroBoolean extends simpleType('BOOLEAN', 'boolean', 'BOOLEAN', () => new Bool(), false) {}

/** Signed integer of 8 bits. */
export class AvroByte extends simpleType('BYTE', 'int', 'TINYINT', () => new Int8(), 0) {}

/** Signed integer of 16 bits. */
export class AvroShort extends simpleType('SHORT', 'int', 'SMALLINT', () => new Int16(), 0) {}

/** Signed integer of 32 bits. */
export class AvroInt extends simpleType('INT', 'int', 'INTEGER', () => new Int32(), 0) {}

/** Signed integer of 64 bits. */
export class AvroLong extends simpleType('LONG', 'long', 'BIGINT', () => new Int64(), 0n) {}

/** IEEE floating point of 32 bits. */
export class AvroFloat extends simpleType('FLOAT', 'float', 'FLOAT', () => new Float32(), 0) {}

/** IEEE floating point of 64 bits. */
export class AvroDouble extends simpleType('DOUBLE', 'double', 'DOUBLE', () => new Float64(), 0) {}

/** Bytes of any length. */
export class AvroBytes extends simpleType('BYTES', 'bytes', 'BLOB', () => new Binary(), new Uint8Array(0)) {}

/** Text of any length. */
export class AvroString extends simpleType('STRING', 'string', 'VARCHAR', utf8, '') {}

/** Large text in a source's single-byte character set. */
export class AvroCLOB extends simpleType('CLOB', 'string', 'VARCHAR', utf8, '') {}

/** Large text, Unicode. */
export class AvroNCLOB extends simpleType('NCLOB', 'string', 'VARCHAR', utf8, '') {}

/** A link, as text. */
export class AvroUri extends simpleType('URI', 'string', 'VARCHAR', utf8, '') {}

/** A point as well-known text, e.g. `POINT (13.4 52.5)`. */
export class AvroSTPoint extends simpleType('ST_POINT', 'string', 'VARCHAR', utf8, '') {}

/** Any geometry as well-known text. */
export class AvroSTGeometry extends simpleType('ST_GEOMETRY', 'string', 'VARCHAR', utf8, '') {}

/** A calendar day: days since 1970-01-01. */
export class AvroDate extends simpleType('date', 'int', 'DATE', () => new DateDay(), 0) {}

/** A time of day in milliseconds since midnight. */
export class AvroTime extends simpleType('time-millis', 'int', 'TIME', () => new TimeMillisecond(), 0) {}

/** A time of day in microseconds since midnight. */
export class AvroTimeMicros extends simpleType('time-micros', 'long', 'TIME', () => new TimeMicrosecond(), 0n) {}

/** A point in time in milliseconds since the epoch (UTC). DuckDB has no such type in milliseconds; the column holds microseconds. */
export class AvroTimestamp extends simpleType(
  'timestamp-millis',
  'long',
  'TIMESTAMP WITH TIME ZONE',
  () => new TimestampMillisecond('UTC'),
  0,
) {}

/** A point in time in microseconds since the epoch (UTC). */
export class AvroTimestampMicros extends simpleType(
  'timestamp-micros',
  'long',
  'TIMESTAMP WITH TIME ZONE',
  () => new TimestampMicrosecond('UTC'),
  0n,
) {}

/** Date and time on a calendar and a clock, without time zone, in milliseconds. */
export class AvroLocalTimestamp extends simpleType('local-timestamp-millis', 'long', 'TIMESTAMP_MS', () => new TimestampMillisecond(), 0) {}

/** Date and time on a calendar and a clock, without time zone, in microseconds. */
export class AvroLocalTimestampMicros extends simpleType(
  'local-timestamp-micros',
  'long',
  'TIMESTAMP',
  () => new TimestampMicrosecond(),
  0n,
) {}
