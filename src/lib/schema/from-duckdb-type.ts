import { TablecastError } from '../errors';
import type { AvroType } from './avro-type';
import { encodeName, isAvroName } from './names';
import { ArraySchema, AvroMap, AvroUnion } from './nested-types';
import { RecordSchema } from './record-schema';
import * as simple from './simple-types';
import { AvroDecimal, AvroEnum, AvroNVarchar, AvroUUID } from './sized-types';

/** DuckDB's types without parameters, by the names it prints them with. */
const plainTypes: Readonly<Record<string, () => AvroType>> = {
  BOOLEAN: () => new simple.AvroBoolean(),
  TINYINT: () => new simple.AvroByte(),
  SMALLINT: () => new simple.AvroShort(),
  INTEGER: () => new simple.AvroInt(),
  BIGINT: () => new simple.AvroLong(),
  // Unsigned integers take the next larger type.
  UTINYINT: () => new simple.AvroShort(),
  USMALLINT: () => new simple.AvroInt(),
  UINTEGER: () => new simple.AvroLong(),
  UBIGINT: () => new AvroDecimal(20, 0),
  // Up to 39 digits; the one beyond the largest decimal is found when a value needs it.
  HUGEINT: () => new AvroDecimal(38, 0),
  UHUGEINT: () => new AvroDecimal(38, 0),
  FLOAT: () => new simple.AvroFloat(),
  DOUBLE: () => new simple.AvroDouble(),
  VARCHAR: () => new simple.AvroString(),
  JSON: () => new simple.AvroNCLOB(),
  BLOB: () => new simple.AvroBytes(),
  UUID: () => new AvroUUID(),
  DATE: () => new simple.AvroDate(),
  TIME: () => new simple.AvroTimeMicros(),
  TIMESTAMP: () => new simple.AvroLocalTimestampMicros(),
  TIMESTAMP_S: () => new simple.AvroLocalTimestamp(),
  TIMESTAMP_MS: () => new simple.AvroLocalTimestamp(),
  // Avro knows no nanoseconds.
  TIMESTAMP_NS: () => new simple.AvroLocalTimestampMicros(),
  'TIMESTAMP WITH TIME ZONE': () => new simple.AvroTimestampMicros(),
  // Nothing in Avro corresponds: their text.
  TIME_NS: () => new simple.AvroString(),
  'TIME WITH TIME ZONE': () => new simple.AvroString(),
  INTERVAL: () => new simple.AvroString(),
  BIT: () => new simple.AvroString(),
  BIGNUM: () => new simple.AvroString(),
  VARIANT: () => new simple.AvroString(),
  '"NULL"': () => new simple.AvroString(),
  NULL: () => new simple.AvroString(),
};

/** Other spellings of the same types in SQL. */
const aliases: Readonly<Record<string, string>> = {
  BOOL: 'BOOLEAN',
  LOGICAL: 'BOOLEAN',
  INT1: 'TINYINT',
  INT2: 'SMALLINT',
  INT16: 'SMALLINT',
  SHORT: 'SMALLINT',
  INT: 'INTEGER',
  INT4: 'INTEGER',
  INT32: 'INTEGER',
  INTEGRAL: 'INTEGER',
  SIGNED: 'INTEGER',
  INT8: 'BIGINT',
  INT64: 'BIGINT',
  LONG: 'BIGINT',
  OID: 'BIGINT',
  INT128: 'HUGEINT',
  UINT8: 'UTINYINT',
  UINT16: 'USMALLINT',
  UINT32: 'UINTEGER',
  UINT64: 'UBIGINT',
  UINT128: 'UHUGEINT',
  REAL: 'FLOAT',
  FLOAT4: 'FLOAT',
  FLOAT8: 'DOUBLE',
  TEXT: 'VARCHAR',
  STRING: 'VARCHAR',
  BYTEA: 'BLOB',
  BINARY: 'BLOB',
  VARBINARY: 'BLOB',
  BITSTRING: 'BIT',
  VARINT: 'BIGNUM',
  GUID: 'UUID',
  DATETIME: 'TIMESTAMP',
  TIMESTAMP_US: 'TIMESTAMP',
  'TIMESTAMP WITHOUT TIME ZONE': 'TIMESTAMP',
  TIMESTAMPTZ: 'TIMESTAMP WITH TIME ZONE',
  'TIME WITHOUT TIME ZONE': 'TIME',
  TIMETZ: 'TIME WITH TIME ZONE',
};

/**
 * The data type for a DuckDB column, from the type's text as DuckDB prints it (`DESCRIBE`, `typeof`, the client's `toString()`).
 *
 * @param name the column's name; records and enums within the type are named after it, because Avro wants names for them
 * @throws TablecastError TYPE_UNSUPPORTED when DuckDB has no such type or it has no counterpart
 * @example
 * fromDuckdbType('DECIMAL(15,2)').toString();                   // 'DECIMAL(15,2)'
 * fromDuckdbType('STRUCT(city VARCHAR, zip INTEGER)[]', 'addresses').toString(); // 'ARRAY<RECORD addresses>'
 */
export function fromDuckdbType(text: string, name = 'value'): AvroType {
  const parser = new TypeParser(text);
  const type = parser.type(name);
  parser.end();
  return type;
}

/** Reads one type's text from left to right. */
class TypeParser {
  readonly #tokens: readonly string[];
  readonly #text: string;
  #next = 0;

  constructor(text: string) {
    this.#text = text;
    // Quoted names, quoted texts, words (digits included), and single characters.
    this.#tokens = text.match(/"(?:[^"]|"")*"|'(?:[^']|'')*'|\w+|[^\s\w]/g) ?? [];
  }

  type(name: string): AvroType {
    let type = this.#base(name);
    while (this.#accept('[')) {
      if (this.#peek() !== ']') this.#take();
      this.#expect(']');
      type = new ArraySchema(type);
    }
    return type;
  }

  end(): void {
    if (this.#next < this.#tokens.length) throw this.#unsupported();
  }

  #base(name: string): AvroType {
    const word = this.#take().toUpperCase();
    switch (word) {
      case 'ROW':
      case 'STRUCT': {
        const record = new RecordSchema(name);
        for (const [member, type] of this.#members(name)) record.addField(member, type);
        return record;
      }
      case 'UNION':
        return new AvroUnion(this.#members(name).map(([, type]) => type));
      case 'MAP': {
        this.#expect('(');
        // Avro's keys are texts; others are sent as their text.
        this.type(name);
        this.#expect(',');
        const values = this.type(name);
        this.#expect(')');
        return new AvroMap(values);
      }
      case 'ENUM':
        return this.#enum(name);
      case 'DECIMAL':
      case 'DEC':
      case 'NUMERIC': {
        const [precision = 18, scale = this.#previous() === ')' ? 0 : 3] = this.#numbers();
        return new AvroDecimal(precision, scale);
      }
      case 'VARCHAR':
      case 'CHAR':
      case 'NVARCHAR':
      case 'BPCHAR': {
        const [length] = this.#numbers();
        return length === undefined ? new simple.AvroString() : new AvroNVarchar(length);
      }
      case 'GEOMETRY':
        // The coordinate system, if one is given, is not part of the type here.
        if (this.#accept('(')) {
          this.#take();
          this.#expect(')');
        }
        return new simple.AvroSTGeometry();
      default:
        return this.#plain(word);
    }
  }

  #plain(first: string): AvroType {
    let word = first;
    while (/^(?:WITH|WITHOUT|TIME|ZONE|PRECISION)$/i.test(this.#peek() ?? '')) word += ` ${this.#take().toUpperCase()}`;
    const make = plainTypes[aliases[word] ?? word];
    if (make === undefined) throw this.#unsupported();
    return make();
  }

  /** `(name TYPE, …)` */
  #members(parent: string): (readonly [string, AvroType])[] {
    const members: (readonly [string, AvroType])[] = [];
    this.#expect('(');
    do {
      const name = unquote(this.#take(), '"');
      members.push([name, this.type(`${parent}_${name}`)]);
    } while (this.#accept(','));
    this.#expect(')');
    return members;
  }

  /** An enum whose values are no names cannot be one in Avro; it is sent as text. */
  #enum(name: string): AvroType {
    const symbols: string[] = [];
    this.#expect('(');
    do symbols.push(unquote(this.#take(), "'"));
    while (this.#accept(','));
    this.#expect(')');
    return symbols.every(isAvroName) ? new AvroEnum(symbols, encodeName(name)) : new simple.AvroString();
  }

  /** `(1, 2)`, or nothing. */
  #numbers(): number[] {
    const numbers: number[] = [];
    if (!this.#accept('(')) return numbers;
    do numbers.push(Number(this.#take()));
    while (this.#accept(','));
    this.#expect(')');
    return numbers;
  }

  #peek(): string | undefined {
    return this.#tokens[this.#next];
  }

  #previous(): string | undefined {
    return this.#tokens[this.#next - 1];
  }

  #take(): string {
    const token = this.#peek();
    if (token === undefined) throw this.#unsupported();
    this.#next += 1;
    return token;
  }

  #accept(token: string): boolean {
    if (this.#peek() !== token) return false;
    this.#next += 1;
    return true;
  }

  #expect(token: string): void {
    if (!this.#accept(token)) throw this.#unsupported();
  }

  #unsupported(): TablecastError {
    return new TablecastError('TYPE_UNSUPPORTED', { system: 'DuckDB', type: this.#text });
  }
}

function unquote(token: string, quote: string): string {
  return token.startsWith(quote) ? token.slice(1, -1).replaceAll(quote + quote, quote) : token;
}
