/**
 * How the values of a column lie in memory, one after the other, little-endian. int64, decimal64 and timestamp: 2 words of 32 bits, the lower first;
 * decimal128 and uuid: 4. text and bytes: DuckDB's string_t (16 bytes: uint32 length, then up to 12 bytes inline or 4 bytes and a pointer).
 * `time-millis` are microseconds as int64, sent as milliseconds. `encoded` are finished Avro bytes per row. `null` holds nothing but nulls.
 */
export type Layout =
  | 'boolean'
  | 'int32'
  | 'int64'
  | 'float32'
  | 'float64'
  | 'decimal64'
  | 'decimal128'
  | 'date'
  | 'time-millis'
  | 'timestamp'
  | 'text'
  | 'bytes'
  | 'fixed'
  | 'uuid'
  | 'encoded'
  | 'null';

/** Where the bodies of a column's strings of more than 12 bytes are. */
export interface StringBodies {
  /** Bodies of one chunk, with at least 4 bytes behind the last. */
  readonly bytes: Buffer;
  /** The same memory. */
  readonly view: DataView;
  /** By row: where the body starts, or -1 when `long` has it. */
  readonly starts: Int32Array;
  /** Fetches the body of one very long string. */
  long(row: number): Uint8Array;
}

/** One column of one chunk of rows. */
export interface ColumnVector {
  /** One bit per row, set where there is a value; null when all rows have one. */
  readonly validity: Uint8Array | null;
  /** The values: bytes for boolean, words of 32 bits for everything else; empty for `encoded` and `null`. */
  readonly data: Uint8Array | Int32Array;
  /** For text, bytes and fixed. */
  readonly bodies?: StringBodies;
  /** For `encoded`: by row, the bytes of the field. */
  readonly encoded?: readonly Uint8Array[];
}

/** A field whose bytes are the same in every row. */
export interface ConstantField {
  readonly constant: Uint8Array;
}

/** A field that takes its values from a column. */
export interface ColumnField {
  /** Index of the column. */
  readonly column: number;
  readonly layout: Layout;
  /** Index of null in the field's union; undefined when the field cannot be null. */
  readonly nullBranch: number | undefined;
  /** Index of the value in the field's union; undefined when it is no union. */
  readonly branch: number | undefined;
  /** text: most characters; fixed: exact number of bytes. */
  readonly length?: number | undefined;
}

export type EncodedField = ConstantField | ColumnField;
