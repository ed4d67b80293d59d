import { Type, types } from 'avsc';
import type { AvroKind, AvroType } from '../schema';
import { parseDate, parseDecimal, parseTime, parseTimestamp } from './parse-value';
import { ValueMismatch } from './value-mismatch';

/** How values of one data type become bytes: the schema avsc works with, and the conversion of a row's value into what avsc expects. */
export interface ValueCodec {
  readonly type: Type;
  /** @throws ValueMismatch when the value does not fit the type exactly */
  convert(value: unknown): unknown;
}

/** A value of a union together with its branch, for sources that know it; otherwise the first branch that takes the value is used. */
export class UnionBranch {
  readonly index: number;
  readonly value: unknown;

  constructor(index: number, value: unknown) {
    this.index = index;
    this.value = value;
  }
}

type AvscSchema = string | { readonly [property: string]: unknown } | readonly AvscSchema[];

interface Part {
  readonly schema: AvscSchema;
  convert(value: unknown): unknown;
}

/** Longs as bigint: a JavaScript number is exact to 53 bits only. */
const longs = types.LongType.__with({
  fromBuffer: (buffer: Buffer) => buffer.readBigInt64LE(),
  toBuffer: (value: bigint) => {
    const buffer = Buffer.alloc(8);
    buffer.writeBigInt64LE(value);
    return buffer;
  },
  fromJSON: BigInt,
  toJSON: Number,
  isValid: (value: unknown) => typeof value === 'bigint',
  compare: (a: bigint, b: bigint) => (a < b ? -1 : a > b ? 1 : 0),
});

/**
 * The codec of a type, nullable or not. Names do not travel in Avro's binary form, so records, enums and fixed get short ones of their own here: no name of
 * a user can clash or need escaping.
 */
export function valueCodec(type: AvroType, nullable: boolean): ValueCodec {
  const part = nullablePart(type, nullable, { next: 0 });
  return {
    type: Type.forSchema(part.schema as Parameters<typeof Type.forSchema>[0], { registry: { long: longs }, wrapUnions: 'always' }),
    convert: (value) => part.convert(value),
  };
}

/** The branches of a field's union on the wire, null included; undefined when the field is no union. */
export function unionBranches(type: AvroType, nullable: boolean): readonly (AvroType | null)[] | undefined {
  if (type.kind === 'UNION') {
    const items = type.items.map((item) => (item.kind === 'NULL' ? null : item));
    return nullable && !type.hasNull ? [null, ...items] : items;
  }
  return nullable && type.kind !== 'NULL' ? [null, type] : undefined;
}

interface Names {
  next: number;
}

function nullablePart(type: AvroType, nullable: boolean, names: Names): Part {
  const branches = unionBranches(type, nullable);
  if (branches === undefined) return requiredPart(type, names);
  const parts = branches.map((branch) => (branch === null ? undefined : requiredPart(branch, names)));
  const schemas = parts.map((part) => part?.schema ?? 'null');
  const branchNames = schemas.map((schema) => (typeof schema === 'string' ? schema : branchNameOf(schema)));
  return {
    schema: schemas,
    convert(value) {
      if (value instanceof UnionBranch) {
        const offset = type.kind === 'UNION' && branches.length > type.items.length ? 1 : 0;
        const index = value.index + offset;
        const part = parts[index];
        return part === undefined ? null : { [branchNames[index]!]: part.convert(value.value) };
      }
      if (value == null) {
        if (!branches.includes(null)) throw new ValueMismatch('it is null');
        return null;
      }
      let mismatch: unknown;
      for (const [index, part] of parts.entries()) {
        if (part === undefined) continue;
        try {
          return { [branchNames[index]!]: part.convert(value) };
        } catch (error) {
          if (!(error instanceof ValueMismatch)) throw error;
          mismatch ??= error;
        }
      }
      throw branches.length > 2 ? new ValueMismatch('it fits none of the types of the union') : mismatch;
    },
  };
}

function branchNameOf(schema: AvscSchema): string {
  const { type, name } = schema as { readonly type: string; readonly name?: string };
  return name ?? type;
}

function requiredPart(type: AvroType, names: Names): Part {
  const make = parts[type.kind] as (type: AvroType, names: Names) => Part;
  const part = make(type, names);
  return {
    schema: part.schema,
    convert(value) {
      if (value == null && type.kind !== 'NULL') throw new ValueMismatch('it is null');
      return part.convert(value);
    },
  };
}

type PartMaker<Kind extends AvroKind> = (type: Extract<AvroType, { readonly kind: Kind }>, names: Names) => Part;

/** Every data type; one forgotten does not compile. */
const parts: { readonly [Kind in AvroKind]: PartMaker<Kind> } = {
  NULL: () => ({
    schema: 'null',
    convert(value) {
      if (value != null) throw new ValueMismatch('it is not null');
      return null;
    },
  }),
  BOOLEAN: () => ({
    schema: 'boolean',
    convert(value) {
      if (typeof value !== 'boolean') throw new ValueMismatch('it is not true or false');
      return value;
    },
  }),
  BYTE: () => ({ schema: 'int', convert: (value) => toInteger(value, -128, 127) }),
  SHORT: () => ({ schema: 'int', convert: (value) => toInteger(value, -32768, 32767) }),
  INT: () => ({ schema: 'int', convert: (value) => toInteger(value, -2147483648, 2147483647) }),
  LONG: () => ({ schema: 'long', convert: toLong }),
  FLOAT: () => ({ schema: 'float', convert: toDouble }),
  DOUBLE: () => ({ schema: 'double', convert: toDouble }),
  decimal: (type) => ({ schema: 'bytes', convert: (value) => decimalBytes(parseDecimal(value, type.precision, type.scale)) }),
  BYTES: () => ({ schema: 'bytes', convert: toBytes }),
  FIXED: (type, names) => ({
    schema: { type: 'fixed', name: nextName(names), size: type.length },
    convert: (value) => toFixed(value, type.length),
  }),
  ENUM: (type, names) => {
    // Symbols by number, so that what a user calls them does not matter to avsc.
    const symbols = new Map(type.symbols.map((symbol, index) => [symbol, `s${index}`]));
    return {
      schema: { type: 'enum', name: nextName(names), symbols: [...symbols.values()] },
      convert(value) {
        const symbol = symbols.get(value as string);
        if (symbol === undefined) throw new ValueMismatch('it is not one of the symbols');
        return symbol;
      },
    };
  },
  STRING: () => ({ schema: 'string', convert: (value) => toText(value) }),
  VARCHAR: (type) => ({ schema: 'string', convert: (value) => toText(value, type.length) }),
  NVARCHAR: (type) => ({ schema: 'string', convert: (value) => toText(value, type.length) }),
  CLOB: () => ({ schema: 'string', convert: (value) => toText(value) }),
  NCLOB: () => ({ schema: 'string', convert: (value) => toText(value) }),
  URI: () => ({ schema: 'string', convert: (value) => toText(value) }),
  ST_POINT: () => ({ schema: 'string', convert: (value) => toText(value) }),
  ST_GEOMETRY: () => ({ schema: 'string', convert: (value) => toText(value) }),
  uuid: (_type, names) => ({
    schema: { type: 'fixed', name: nextName(names), size: 16 },
    convert(value) {
      if (typeof value !== 'string') return toFixed(value, 16);
      const digits = value.replaceAll('-', '');
      if (!/^[0-9a-f]{32}$/i.test(digits)) throw new ValueMismatch('it is not a UUID');
      return Buffer.from(digits, 'hex');
    },
  }),
  date: () => ({ schema: 'int', convert: (value) => toInteger(parseDate(value), -2147483648, 2147483647) }),
  'time-millis': () => ({ schema: 'int', convert: (value) => toInteger(parseTime(value, 3), 0, 86_400_000) }),
  'time-micros': () => ({ schema: 'long', convert: (value) => toLong(parseTime(value, 6)) }),
  'timestamp-millis': () => ({ schema: 'long', convert: (value) => toLong(parseTimestamp(value, 3)) }),
  'timestamp-micros': () => ({ schema: 'long', convert: (value) => toLong(parseTimestamp(value, 6)) }),
  'local-timestamp-millis': () => ({ schema: 'long', convert: (value) => toLong(parseTimestamp(value, 3)) }),
  'local-timestamp-micros': () => ({ schema: 'long', convert: (value) => toLong(parseTimestamp(value, 6)) }),
  MAP: (type, names) => {
    const values = requiredPart(type.values, names);
    return {
      schema: { type: 'map', values: values.schema },
      convert(value) {
        if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new ValueMismatch('it is not a map');
        const entries = value instanceof Map ? [...(value as Map<unknown, unknown>)] : Object.entries(value);
        const converted = Object.create(null) as Record<string, unknown>;
        for (const [key, item] of entries) converted[toText(key)] = values.convert(item);
        return converted;
      },
    };
  },
  ARRAY: (type, names) => {
    const items = requiredPart(type.items, names);
    return {
      schema: { type: 'array', items: items.schema },
      convert(value) {
        if (!Array.isArray(value)) throw new ValueMismatch('it is not a list');
        return value.map((item) => items.convert(item));
      },
    };
  },
  RECORD: (type, names) => {
    const name = nextName(names);
    const fields = type.fields.map((field) => ({ field, part: nullablePart(field.type, field.nullable, names) }));
    return {
      schema: { type: 'record', name, fields: fields.map(({ part }, index) => ({ name: `f${index}`, type: part.schema })) },
      convert(value) {
        if (typeof value !== 'object' || value === null) throw new ValueMismatch('it is not an object');
        const source = value as Record<string, unknown>;
        const converted: Record<string, unknown> = {};
        fields.forEach(({ field, part }, index) => {
          try {
            converted[`f${index}`] = part.convert(source[field.name]);
          } catch (error) {
            throw error instanceof ValueMismatch ? error.within(field.name) : error;
          }
        });
        return converted;
      },
    };
  },
  UNION: (type, names) => nullablePart(type, false, names),
};

function nextName(names: Names): string {
  return `t${names.next++}`;
}

function toInteger(value: unknown, least: number, most: number): number {
  const number = typeof value === 'bigint' ? Number(value) : value;
  if (typeof number !== 'number' || !Number.isInteger(number)) throw new ValueMismatch('it is not a whole number');
  if (number < least || number > most) throw new ValueMismatch(`it is not between ${least} and ${most}`);
  return number;
}

function toLong(value: unknown): bigint {
  if (typeof value === 'number' && !Number.isSafeInteger(value))
    throw new ValueMismatch('it is not a whole number below 2^53; use a bigint');
  if (typeof value !== 'bigint' && typeof value !== 'number') throw new ValueMismatch('it is not a whole number');
  const long = BigInt(value);
  if (BigInt.asIntN(64, long) !== long) throw new ValueMismatch('it does not fit 64 bits');
  return long;
}

function toDouble(value: unknown): number {
  if (typeof value === 'bigint' && BigInt(Number(value)) === value) return Number(value);
  if (typeof value !== 'number') throw new ValueMismatch('it is not a number');
  return value;
}

function toBytes(value: unknown): Buffer {
  if (!(value instanceof Uint8Array)) throw new ValueMismatch('it is not a Uint8Array');
  return Buffer.from(value.buffer, value.byteOffset, value.byteLength);
}

function toFixed(value: unknown, length: number): Buffer {
  const bytes = toBytes(value);
  if (bytes.length !== length) throw new ValueMismatch(`it does not have ${length} bytes`);
  return bytes;
}

function toText(value: unknown, most?: number): string {
  if (typeof value !== 'string') throw new ValueMismatch('it is not text');
  if (/\p{Surrogate}/u.test(value)) throw new ValueMismatch('it has half of a surrogate pair');
  if (most !== undefined && value.length > most && Array.from(value).length > most)
    throw new ValueMismatch(`it is longer than ${most} characters`);
  return value;
}

/** The shortest big-endian two's complement of a whole number. */
export function decimalBytes(unscaled: bigint): Buffer {
  const bits = (unscaled < 0n ? ~unscaled : unscaled).toString(2).length;
  const bytes = unscaled === 0n || unscaled === -1n ? 1 : (bits >> 3) + 1;
  return Buffer.from(
    BigInt.asUintN(bytes * 8, unscaled)
      .toString(16)
      .padStart(bytes * 2, '0'),
    'hex',
  );
}
