import { Type, types } from 'avsc';
import type { Row } from '../../src/lib/schema/row';

type Schema = Parameters<typeof Type.forSchema>[0];

interface SchemaJson {
  readonly name: string;
  readonly fields: readonly { readonly name: string; readonly __originalname?: string }[];
}

/** Decodes the Avro bodies of one record schema. */
export interface AvroDecoder {
  /** Full Avro name of the record. */
  readonly schemaName: string;
  /**
   * One record as a row by original column names. Every Avro long is a bigint (timestamps in their schema's unit), a decimal is text with all digits of
   * its scale, a date is text (`2024-02-29`), a UUID is text, bytes are a Buffer, records and maps are plain objects.
   */
  decode(body: Buffer): Row;
}

/** @param text the schema as JSON text, as the registry keeps it */
export function avroDecoder(text: string): AvroDecoder {
  const json = JSON.parse(text) as SchemaJson;
  const type = Type.forSchema(JSON.parse(text) as Schema, {
    typeHook: (schema) => (isLong(schema) ? exactLong : undefined),
    logicalTypes: { decimal: DecimalText, date: DateText, uuid: UuidText },
    omitRecordMethods: true,
  });
  const originalNames = new Map(json.fields.map(({ name, __originalname }) => [name, __originalname ?? name]));
  return {
    schemaName: type.name ?? json.name,
    decode(body) {
      const record = type.fromBuffer(body) as Record<string, unknown>;
      return Object.fromEntries(Object.entries(record).map(([name, value]) => [originalNames.get(name) ?? name, plain(value)]));
    },
  };
}

function isLong(schema: Schema): boolean {
  return schema === 'long' || (typeof schema === 'object' && 'type' in schema && schema.type === 'long');
}

/** Longs beyond 2^53 are ordinary values here. */
const exactLong = types.LongType.__with({
  fromBuffer: (buffer: Buffer) => buffer.readBigInt64LE(),
  toBuffer: (value: bigint) => {
    const buffer = Buffer.alloc(8);
    buffer.writeBigInt64LE(value);
    return buffer;
  },
  fromJSON: BigInt,
  toJSON: String,
  isValid: (value: unknown) => typeof value === 'bigint',
  compare: (a: bigint, b: bigint) => (a < b ? -1 : a > b ? 1 : 0),
});

class DecimalText extends types.LogicalType {
  readonly #scale: number;

  constructor(schema: Schema, options?: unknown) {
    super(schema, options);
    this.#scale = (schema as { scale?: number }).scale ?? 0;
  }

  protected override _fromValue(value: Buffer): string {
    let unscaled = 0n;
    for (const byte of value) unscaled = (unscaled << 8n) | BigInt(byte);
    unscaled = BigInt.asIntN(value.length * 8, unscaled);
    const digits = (unscaled < 0n ? -unscaled : unscaled).toString().padStart(this.#scale + 1, '0');
    const whole = digits.slice(0, digits.length - this.#scale);
    return `${unscaled < 0n ? '-' : ''}${whole}${this.#scale > 0 ? `.${digits.slice(-this.#scale)}` : ''}`;
  }

  protected override _toValue(): never {
    throw new TypeError('this type only decodes');
  }
}

class DateText extends types.LogicalType {
  protected override _fromValue(days: number): string {
    return new Date(days * 86_400_000).toISOString().slice(0, -'T00:00:00.000Z'.length);
  }

  protected override _toValue(): never {
    throw new TypeError('this type only decodes');
  }
}

class UuidText extends types.LogicalType {
  protected override _fromValue(value: Buffer): string {
    return value.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
  }

  protected override _toValue(): never {
    throw new TypeError('this type only decodes');
  }
}

/** avsc makes an object of its own class for each record and map; a plain one compares and prints well. */
function plain(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return value;
  if (Array.isArray(value)) return value.map(plain);
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, plain(inner)]));
}
