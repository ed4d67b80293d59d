import { type DataType, Decimal, FixedSizeBinary, Utf8 } from 'apache-arrow';
import { TablecastError } from '../errors';
import type { AvroSchema, AvroSchemaObject } from './avro-json';
import { AvroDataType } from './data-type';
import { type NameScope, rootScope, writeNamedType } from './name-scope';
import { isAvroName } from './names';

/** Most digits a decimal can have: the limit of DuckDB's DECIMAL and of Arrow's 128 bits. */
export const MAX_DECIMAL_PRECISION = 38;

/** Exact number with `precision` digits, `scale` of them after the point. Sent as the unscaled value: big-endian two's complement, shortest form. */
export class AvroDecimal extends AvroDataType {
  readonly kind = 'decimal';
  readonly precision: number;
  readonly scale: number;

  /**
   * @param precision digits in all, 1 to 38
   * @param scale digits after the point, 0 to precision
   * @throws TablecastError TYPE_INVALID when either is out of range
   */
  constructor(precision: number, scale: number) {
    super();
    if (!isIntegerBetween(precision, 1, MAX_DECIMAL_PRECISION)) {
      throw invalid(`DECIMAL(${precision},${scale})`, `the precision has to be a whole number from 1 to ${MAX_DECIMAL_PRECISION}`);
    }
    if (!isIntegerBetween(scale, 0, precision)) {
      throw invalid(`DECIMAL(${precision},${scale})`, 'the scale has to be a whole number from 0 to the precision');
    }
    this.precision = precision;
    this.scale = scale;
  }

  override toAvro(): AvroSchemaObject {
    return { type: 'bytes', logicalType: 'decimal', precision: this.precision, scale: this.scale };
  }

  override arrowType(): DataType {
    return new Decimal(this.scale, this.precision, 128);
  }

  override duckdbType(): string {
    return this.toString();
  }

  override zero(): string {
    return (0).toFixed(this.scale);
  }

  override toString(): string {
    return `DECIMAL(${this.precision},${this.scale})`;
  }
}

/** Text with a most number of characters. */
abstract class SizedText<Kind extends 'VARCHAR' | 'NVARCHAR'> extends AvroDataType {
  abstract override readonly kind: Kind;
  readonly length: number;

  constructor(name: string, length: number) {
    super();
    if (!isIntegerBetween(length, 1, Number.MAX_SAFE_INTEGER))
      throw invalid(`${name}(${length})`, 'the length has to be a whole number from 1');
    this.length = length;
  }

  override toAvro(): AvroSchemaObject {
    return { type: 'string', logicalType: this.kind, length: this.length };
  }

  override arrowType(): DataType {
    return new Utf8();
  }

  override duckdbType(): string {
    return 'VARCHAR';
  }

  override zero(): string {
    return '';
  }

  override toString(): string {
    return `${this.kind}(${this.length})`;
  }
}

/** Text of at most `length` characters of the source's single-byte character set. */
export class AvroVarchar extends SizedText<'VARCHAR'> {
  readonly kind = 'VARCHAR';

  /** @throws TablecastError TYPE_INVALID when the length is no whole number from 1 */
  constructor(length: number) {
    super('VARCHAR', length);
  }
}

/** Text of at most `length` Unicode characters. */
export class AvroNVarchar extends SizedText<'NVARCHAR'> {
  readonly kind = 'NVARCHAR';

  /** @throws TablecastError TYPE_INVALID when the length is no whole number from 1 */
  constructor(length: number) {
    super('NVARCHAR', length);
  }
}

/** Bytes of one length. Named, because Avro knows a fixed by its name. */
export class AvroFixed extends AvroDataType {
  readonly kind = 'FIXED';
  readonly length: number;
  readonly name: string;

  /**
   * @param length bytes
   * @param name a valid Avro name, unique in the schema; `encodeName()` makes one of any text
   * @throws TablecastError TYPE_INVALID when the length or the name is not valid
   */
  constructor(length: number, name: string) {
    super();
    if (!isIntegerBetween(length, 1, 0x7fffffff)) throw invalid(`FIXED(${length})`, 'the length has to be a whole number from 1');
    if (!isAvroName(name)) throw invalid(`FIXED(${length})`, `"${name}" is not a valid Avro name`);
    this.length = length;
    this.name = name;
  }

  override toAvro(scope: NameScope = rootScope()): AvroSchema {
    return writeNamedType(scope, this, this.name, undefined, () => ({
      type: 'fixed',
      logicalType: 'FIXED',
      size: this.length,
      name: this.name,
    }));
  }

  override arrowType(): DataType {
    return new FixedSizeBinary(this.length);
  }

  override duckdbType(): string {
    return 'BLOB';
  }

  override zero(): Uint8Array {
    return new Uint8Array(this.length);
  }

  override toString(): string {
    return `FIXED(${this.length})`;
  }
}

/** One of a list of symbols. */
export class AvroEnum extends AvroDataType {
  readonly kind = 'ENUM';
  readonly symbols: readonly string[];
  readonly name: string;

  /**
   * @param symbols in the order that gives each its number on the wire; valid Avro names, no duplicates
   * @param name a valid Avro name, unique in the schema; `encodeName()` makes one of any text
   * @throws TablecastError TYPE_INVALID when a symbol or the name is not valid
   */
  constructor(symbols: readonly string[], name: string) {
    super();
    if (!isAvroName(name)) throw invalid('ENUM', `"${name}" is not a valid Avro name`);
    if (symbols.length === 0) throw invalid(`ENUM ${name}`, 'it has no symbols');
    const wrong = symbols.find((symbol, index) => !isAvroName(symbol) || symbols.indexOf(symbol) !== index);
    if (wrong !== undefined) throw invalid(`ENUM ${name}`, `the symbol "${wrong}" is not a valid Avro name or is listed twice`);
    this.symbols = [...symbols];
    this.name = name;
  }

  override toAvro(scope: NameScope = rootScope()): AvroSchema {
    return writeNamedType(scope, this, this.name, undefined, () => ({
      type: 'enum',
      logicalType: 'ENUM',
      symbols: this.symbols,
      name: this.name,
    }));
  }

  override arrowType(): DataType {
    return new Utf8();
  }

  override duckdbType(): string {
    return `ENUM(${this.symbols.map((symbol) => `'${symbol}'`).join(', ')})`;
  }

  override zero(): string {
    return this.symbols[0]!;
  }

  override toString(): string {
    return `ENUM(${this.symbols.join(', ')})`;
  }
}

/**
 * A UUID: 16 bytes on the wire, text (`550e8400-e29b-41d4-a716-446655440000`) in rows and Arrow pages, UUID in DuckDB.
 * Avro wants a name for the 16 bytes; it is derived from the field, so that a schema can have several.
 */
export class AvroUUID extends AvroDataType {
  readonly kind = 'uuid';

  override toAvro(scope: NameScope = rootScope()): AvroSchema {
    const name = scope.fieldName === undefined ? 'uuid' : `${scope.fieldName}_uuid`;
    return writeNamedType(scope, this, name, undefined, () => ({ type: 'fixed', size: 16, logicalType: 'uuid', name }));
  }

  override arrowType(): DataType {
    return new Utf8();
  }

  override duckdbType(): string {
    return 'UUID';
  }

  override zero(): string {
    return '00000000-0000-0000-0000-000000000000';
  }
}

function isIntegerBetween(value: number, least: number, most: number): boolean {
  return Number.isInteger(value) && value >= least && value <= most;
}

function invalid(type: string, reason: string): TablecastError {
  return new TablecastError('TYPE_INVALID', { type, reason });
}
