import { TablecastError } from '../errors';
import type { AvroColumnSemantics } from './avro-json';
import type { AvroType } from './avro-type';
import { fromAvroColumnSemantics } from './column-semantics';
import type { AvroKind } from './data-type';
import { Field } from './field';
import { fullNameOf } from './name-scope';
import { decodeName } from './names';
import { ArraySchema, AvroAnyPrimitive, AvroMap, AvroUnion } from './nested-types';
import { RecordSchema } from './record-schema';
import * as simple from './simple-types';
import { AvroDecimal, AvroEnum, AvroFixed, AvroNVarchar, AvroUUID, AvroVarchar } from './sized-types';

/** What has been read of the same schema so far: named types by full name, and the namespace that names without one belong to. */
export interface ReadScope {
  readonly types: Map<string, AvroType>;
  readonly namespace: string | undefined;
}

type Json = Record<string, unknown>;

/** The types that need nothing but their logical type, with the Avro type it has to stand on. */
const simpleTypes: Record<
  Exclude<AvroKind, 'decimal' | 'FIXED' | 'ENUM' | 'VARCHAR' | 'NVARCHAR' | 'MAP' | 'ARRAY' | 'RECORD' | 'UNION'>,
  [string, () => AvroType]
> = {
  NULL: ['null', () => new simple.AvroNull()],
  BOOLEAN: ['boolean', () => new simple.AvroBoolean()],
  BYTE: ['int', () => new simple.AvroByte()],
  SHORT: ['int', () => new simple.AvroShort()],
  INT: ['int', () => new simple.AvroInt()],
  LONG: ['long', () => new simple.AvroLong()],
  FLOAT: ['float', () => new simple.AvroFloat()],
  DOUBLE: ['double', () => new simple.AvroDouble()],
  BYTES: ['bytes', () => new simple.AvroBytes()],
  STRING: ['string', () => new simple.AvroString()],
  CLOB: ['string', () => new simple.AvroCLOB()],
  NCLOB: ['string', () => new simple.AvroNCLOB()],
  URI: ['string', () => new simple.AvroUri()],
  ST_POINT: ['string', () => new simple.AvroSTPoint()],
  ST_GEOMETRY: ['string', () => new simple.AvroSTGeometry()],
  uuid: ['fixed', () => new AvroUUID()],
  date: ['int', () => new simple.AvroDate()],
  'time-millis': ['int', () => new simple.AvroTime()],
  'time-micros': ['long', () => new simple.AvroTimeMicros()],
  'timestamp-millis': ['long', () => new simple.AvroTimestamp()],
  'timestamp-micros': ['long', () => new simple.AvroTimestampMicros()],
  'local-timestamp-millis': ['long', () => new simple.AvroLocalTimestamp()],
  'local-timestamp-micros': ['long', () => new simple.AvroLocalTimestampMicros()],
};

/** What an Avro primitive is without a logical type, or with one that is not known here. */
const plainTypes: Readonly<Record<string, () => AvroType>> = {
  null: () => new simple.AvroNull(),
  boolean: () => new simple.AvroBoolean(),
  int: () => new simple.AvroInt(),
  long: () => new simple.AvroLong(),
  float: () => new simple.AvroFloat(),
  double: () => new simple.AvroDouble(),
  bytes: () => new simple.AvroBytes(),
  string: () => new simple.AvroString(),
};

/**
 * The data type an Avro schema describes: what {@link AvroType}'s `toAvro()` writes, what the data platform's own libraries write, and Avro schemas from
 * elsewhere. A logical type that is not known, or that stands on an unusual Avro type, is ignored, as the Avro specification asks.
 *
 * @example fromAvroType({ type: 'bytes', logicalType: 'decimal', precision: 15, scale: 2 }).toString(); // 'DECIMAL(15,2)'
 * @throws TablecastError SCHEMA_UNREADABLE when it is not a valid Avro schema
 * @throws TablecastError TYPE_INVALID when a precision, scale, length or symbol is not valid
 */
export function fromAvroType(json: unknown, scope: ReadScope = { types: new Map(), namespace: undefined }): AvroType {
  if (typeof json === 'string') return named(json, scope);
  if (Array.isArray(json)) return union(json, scope);
  if (!isObject(json)) throw unreadable(json, 'a schema is a name, a list or an object');
  const { type } = json;
  if (typeof type !== 'string') return fromAvroType(type, scope);
  switch (type) {
    case 'record':
      return recordFromAvro(json, scope);
    case 'array':
      return new ArraySchema(fromAvroType(json['items'], scope));
    case 'map':
      return new AvroMap(fromAvroType(json['values'], scope));
    case 'enum':
      return define(json, scope, new AvroEnum(symbols(json), simpleName(text(json, 'name'))));
    case 'fixed':
      if (json['logicalType'] === 'uuid' && json['size'] === 16) return define(json, scope, new AvroUUID());
      return define(json, scope, new AvroFixed(count(json, 'size'), simpleName(text(json, 'name'))));
    default:
      return withLogicalType(type, json, scope);
  }
}

/** A record with its fields, as {@link fromAvroType} reads them. */
export function recordFromAvro(json: unknown, scope: ReadScope = { types: new Map(), namespace: undefined }): RecordSchema {
  if (!isObject(json) || json['type'] !== 'record') throw unreadable(json, 'it is not a record');
  const namespace = namespaceOf(json);
  const record = new RecordSchema(originalName(json), namespace, optionalText(json['doc']));
  for (const field of fieldsOf(json))
    record.addFieldObject(fieldFromAvro(field, { types: scope.types, namespace: namespace ?? scope.namespace }));
  define(json, scope, record);
  return record;
}

/** The field an entry of a record's `fields` describes. */
export function fieldFromAvro(json: unknown, scope: ReadScope): Field {
  if (!isObject(json)) throw unreadable(json, 'a field is an object');
  const declared = json['type'];
  const branches = Array.isArray(declared) ? (declared.flat() as unknown[]) : undefined;
  const others = branches?.filter((branch) => !isNull(branch));
  const { type, nullable } = ((): { type: AvroType; nullable: boolean } => {
    if (branches === undefined || others === undefined) return { type: fromAvroType(declared, scope), nullable: false };
    if (branches.length === 2 && others.length === 1) return { type: fromAvroType(others[0], scope), nullable: true };
    if (others.length === branches.length - 1 && isNull(branches[0]) && 'default' in json)
      return { type: union(others, scope), nullable: true };
    return { type: union(branches, scope), nullable: false };
  })();
  const sensitivity = optionalText(json['__sensitivity']);
  const sourceDataType = optionalText(json['__source_data_type']);
  const semantics = json['semantics'];
  return new Field(originalName(json), type, optionalText(json['doc']), nullable, {
    internal: json['__internal'] === true,
    technical: json['__technical'] === true,
    ...(sensitivity !== undefined && { sensitivity }),
    ...(sourceDataType !== undefined && { sourceDataType }),
    ...(json['default'] != null && { default: json['default'] }),
    ...(isObject(semantics) && { semantics: fromAvroColumnSemantics(semantics as unknown as AvroColumnSemantics) }),
    ...(Array.isArray(json['aliases']) && { aliases: json['aliases'].map(String) }),
  });
}

/** The entries of a record's `fields`. */
export function fieldsOf(json: Json): readonly Json[] {
  const fields = json['fields'];
  if (!Array.isArray(fields) || !fields.every(isObject)) throw unreadable(json, 'a record has a list of fields');
  return fields;
}

/** The original name is written beside the Avro name; without it, it is decoded. */
export function originalName(json: Json): string {
  return optionalText(json['__originalname']) ?? decodeName(simpleName(text(json, 'name')));
}

/** The namespace a named type gives itself; Avro allows to write it as the first parts of the name, too. */
export function namespaceOf(json: Json): string | undefined {
  const name = text(json, 'name');
  return name.includes('.') ? name.slice(0, name.lastIndexOf('.')) : optionalText(json['namespace']);
}

/** The list a schema has as this property, if any. */
export function optionalList(json: Json, property: string): readonly unknown[] | undefined {
  const value = json[property];
  if (value === undefined || value === null) return undefined;
  if (!Array.isArray(value)) throw unreadable(value, `${property} is not a list`);
  return value as unknown[];
}

/** The object a schema has as this property, if any. */
export function optionalObject(json: Json, property: string): Json | undefined {
  const value = json[property];
  if (value === undefined || value === null) return undefined;
  return asObject(value, property);
}

export function asObject(value: unknown, what: string): Json {
  if (!isObject(value)) throw unreadable(value, `${what} is not an object`);
  return value;
}

export function isObject(json: unknown): json is Json {
  return typeof json === 'object' && json !== null && !Array.isArray(json);
}

export function optionalText(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function withLogicalType(type: string, json: Json, scope: ReadScope): AvroType {
  const logicalType = json['logicalType'];
  if (type === 'bytes' && logicalType === 'decimal') {
    // Avro: a decimal without scale has scale 0.
    return new AvroDecimal(count(json, 'precision'), json['scale'] === undefined ? 0 : count(json, 'scale'));
  }
  if (type === 'string' && typeof json['length'] === 'number') {
    if (logicalType === 'VARCHAR') return new AvroVarchar(json['length']);
    if (logicalType === 'NVARCHAR') return new AvroNVarchar(json['length']);
  }
  if (typeof logicalType === 'string' && Object.hasOwn(simpleTypes, logicalType)) {
    const [on, make] = simpleTypes[logicalType as keyof typeof simpleTypes];
    if (on === type) return make();
  }
  return named(type, scope);
}

function union(branches: readonly unknown[], scope: ReadScope): AvroUnion {
  const items = branches.map((branch) => fromAvroType(branch, scope));
  const any = new AvroAnyPrimitive();
  const read = new AvroUnion(items);
  return read.equals(any) ? any : read;
}

/** A primitive, or a type defined earlier in the same schema. */
function named(name: string, scope: ReadScope): AvroType {
  if (Object.hasOwn(plainTypes, name)) return plainTypes[name]!();
  const earlier = scope.types.get(name.includes('.') ? name : fullNameOf(name, scope.namespace)) ?? scope.types.get(name);
  if (earlier === undefined) throw unreadable(name, `the type "${name}" is not defined before its use`);
  return earlier;
}

function define<T extends AvroType>(json: Json, scope: ReadScope, type: T): T {
  // The package that wrote the schema may have left out the name of a uuid; then nothing can refer to it.
  const name = optionalText(json['name']);
  if (name !== undefined) scope.types.set(fullNameOf(simpleName(name), namespaceOf(json) ?? scope.namespace), type);
  return type;
}

/** The data platform's Python library writes the symbols as JSON text within the JSON. */
function symbols(json: Json): string[] {
  const written = json['symbols'];
  let list: unknown = written;
  if (typeof written === 'string') {
    try {
      list = JSON.parse(written);
    } catch (cause) {
      throw unreadable(json, 'the symbols of an enum are a list', { cause });
    }
  }
  if (!Array.isArray(list)) throw unreadable(json, 'the symbols of an enum are a list');
  return list.map(String);
}

function simpleName(name: string): string {
  return name.slice(name.lastIndexOf('.') + 1);
}

function isNull(json: unknown): boolean {
  return json === 'null' || (isObject(json) && json['type'] === 'null');
}

function text(json: Json, property: string): string {
  const value = json[property];
  if (typeof value !== 'string') throw unreadable(json, `${property} is not a text`);
  return value;
}

function count(json: Json, property: string): number {
  const value = json[property];
  if (typeof value !== 'number') throw unreadable(json, `${property} is not a number`);
  return value;
}

export function unreadable(json: unknown, reason: string, options?: ErrorOptions): TablecastError {
  const written = JSON.stringify(json) as string | undefined;
  return new TablecastError('SCHEMA_UNREADABLE', { schema: (written ?? 'nothing').slice(0, 200), reason }, options);
}
