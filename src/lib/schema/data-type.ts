import type { DataType } from 'apache-arrow';
import type { AvroSchema } from './avro-json';
import type { NameScope } from './name-scope';

/**
 * Which data type: its `logicalType` in the Avro JSON, or, where that has none, the complex type. The discriminant of {@link AvroType}, and the key of
 * total maps: `Record<AvroKind, …>` does not compile with a type forgotten.
 */
export type AvroKind =
  | 'NULL'
  | 'BOOLEAN'
  | 'BYTE'
  | 'SHORT'
  | 'INT'
  | 'LONG'
  | 'FLOAT'
  | 'DOUBLE'
  | 'decimal'
  | 'BYTES'
  | 'FIXED'
  | 'ENUM'
  | 'STRING'
  | 'VARCHAR'
  | 'NVARCHAR'
  | 'CLOB'
  | 'NCLOB'
  | 'URI'
  | 'ST_POINT'
  | 'ST_GEOMETRY'
  | 'uuid'
  | 'date'
  | 'time-millis'
  | 'time-micros'
  | 'timestamp-millis'
  | 'timestamp-micros'
  | 'local-timestamp-millis'
  | 'local-timestamp-micros'
  | 'MAP'
  | 'ARRAY'
  | 'RECORD'
  | 'UNION';

/** What every data type can do. Use {@link AvroType}, the union of them all, where code has to tell them apart by `kind`. */
export abstract class AvroDataType {
  abstract readonly kind: AvroKind;

  /**
   * The type as Avro JSON. Within a larger schema the scope remembers which named types are defined already: a second use is written as a reference.
   *
   * @throws TablecastError TYPE_NAME_TAKEN when two different types of one schema have the same name
   */
  abstract toAvro(scope?: NameScope): AvroSchema;

  /** The Arrow type that pages of this type have. */
  abstract arrowType(): DataType;

  /** The DuckDB type of a column that holds this type, as SQL. */
  abstract duckdbType(): string;

  /** The value a column that must not be null carries where there is no value: 0, "", false, the epoch. */
  abstract zero(): unknown;

  /** The type as one writes it in a message, e.g. `DECIMAL(15,2)`, `NVARCHAR(40)`, `TIMESTAMP_MILLIS`. */
  toString(): string {
    return this.kind.toUpperCase().replaceAll('-', '_');
  }

  /** Whether both are the same type with the same properties. */
  equals(other: AvroDataType): boolean {
    return JSON.stringify(this.toAvro()) === JSON.stringify(other.toAvro());
  }
}
