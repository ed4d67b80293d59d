import type { AvroSchema, AvroSchemaObject } from '../schema';

/** What a registry lets new versions of a subject do. The transitive modes ask the same of all earlier versions, not of the last one only. */
export const COMPATIBILITY_MODES = [
  'NONE',
  'BACKWARD',
  'BACKWARD_TRANSITIVE',
  'FORWARD',
  'FORWARD_TRANSITIVE',
  'FULL',
  'FULL_TRANSITIVE',
] as const;

export type CompatibilityMode = (typeof COMPATIBILITY_MODES)[number];

/** Why a reader cannot read what a writer wrote. */
export interface Obstacle {
  /** Column, and within it fields and elements, by their original names, e.g. `ADDRESS.city`; empty for the table itself. */
  readonly path: string;
  readonly reason: string;
}

/**
 * Why a compatibility mode does not allow `after` as the version that follows `before`; empty when it does.
 *
 * The rules are those of "Schema Resolution" in the Avro specification (https://avro.apache.org/docs/1.12.0/specification/#schema-resolution). They know nothing
 * of logical types: a registry allows DECIMAL(10,2) to become DECIMAL(10,3), although consumers would read other numbers.
 *
 * @param before and `after`: Avro schemas as JSON values, e.g. `ValueSchema.toAvro()`
 */
export function obstacles(mode: CompatibilityMode, before: AvroSchema, after: AvroSchema): Obstacle[] {
  if (mode === 'NONE') return [];
  const backward = mode.startsWith('FORWARD') ? [] : unreadable(after, before);
  const forward = mode.startsWith('BACKWARD') ? [] : unreadable(before, after);
  return [...backward, ...forward];
}

/** Why messages of the schema `writer` cannot be read with the schema `reader`; empty when they can. */
export function unreadable(reader: AvroSchema, writer: AvroSchema): Obstacle[] {
  return resolve(parse(reader), parse(writer), '', new Map());
}

interface RecordField {
  readonly name: string;
  readonly originalName: string;
  readonly aliases: readonly string[];
  readonly hasDefault: boolean;
  readonly type: Node;
}

interface Named {
  readonly name: string;
  readonly aliases: readonly string[];
}

type Node =
  | { readonly kind: 'primitive'; readonly type: string }
  | { readonly kind: 'union'; readonly branches: readonly Node[] }
  | { readonly kind: 'array' | 'map'; readonly items: Node }
  | (Named & { readonly kind: 'fixed'; readonly size: number })
  | (Named & { readonly kind: 'enum'; readonly symbols: readonly string[]; readonly hasDefault: boolean })
  | (Named & { readonly kind: 'record'; readonly fields: RecordField[] });

interface Scope {
  readonly named: Map<string, Node>;
  readonly namespace: string | undefined;
}

function parse(schema: AvroSchema, scope: Scope = { named: new Map(), namespace: undefined }): Node {
  if (typeof schema === 'string') {
    const full = schema.includes('.') || scope.namespace === undefined ? schema : `${scope.namespace}.${schema}`;
    return scope.named.get(full) ?? scope.named.get(schema) ?? { kind: 'primitive', type: schema };
  }
  if (isUnion(schema)) return { kind: 'union', branches: schema.map((branch) => parse(branch, scope)) };
  switch (schema.type) {
    case 'array':
      return { kind: 'array', items: parse(schema['items'] as AvroSchema, scope) };
    case 'map':
      return { kind: 'map', items: parse(schema['values'] as AvroSchema, scope) };
    case 'fixed':
      return define(schema, scope, (name) => ({ kind: 'fixed', ...name, size: Number(schema['size']) }));
    case 'enum': {
      const symbols = schema['symbols'] as readonly string[];
      return define(schema, scope, (name) => ({ kind: 'enum', ...name, symbols, hasDefault: schema['default'] !== undefined }));
    }
    case 'record':
      return parseRecord(schema, scope);
    default:
      return parse(schema.type, scope);
  }
}

function parseRecord(schema: AvroSchemaObject, scope: Scope): Node {
  const fields: RecordField[] = [];
  // Known before its fields are read: a field may name it.
  const record = define(schema, scope, (name) => ({ kind: 'record', ...name, fields }));
  const inner: Scope = { ...scope, namespace: namespaceOf(schema, scope) };
  for (const field of schema['fields'] as readonly (AvroSchemaObject & { readonly name: string })[]) {
    fields.push({
      name: field.name,
      originalName: typeof field['__originalname'] === 'string' ? field['__originalname'] : field.name,
      aliases: (field['aliases'] as readonly string[] | undefined) ?? [],
      hasDefault: 'default' in field,
      type: parse(field.type, inner),
    });
  }
  return record;
}

function define(schema: AvroSchemaObject, scope: Scope, make: (name: Named) => Node): Node {
  const name = schema['name'] as string;
  const namespace = namespaceOf(schema, scope);
  const node = make({ name: lastPart(name), aliases: ((schema['aliases'] as readonly string[] | undefined) ?? []).map(lastPart) });
  scope.named.set(name.includes('.') || namespace === undefined ? name : `${namespace}.${name}`, node);
  return node;
}

function namespaceOf(schema: AvroSchemaObject, scope: Scope): string | undefined {
  return typeof schema['namespace'] === 'string' ? schema['namespace'] : scope.namespace;
}

/** The specification compares names without their namespaces. */
function lastPart(name: string): string {
  return name.slice(name.lastIndexOf('.') + 1);
}

function isUnion(schema: AvroSchema): schema is readonly AvroSchema[] {
  return Array.isArray(schema);
}

/** By written primitive type, the types as which it may be read. */
const PROMOTIONS: Readonly<Record<string, readonly string[]>> = {
  int: ['long', 'float', 'double'],
  long: ['float', 'double'],
  float: ['double'],
  string: ['bytes'],
  bytes: ['string'],
};

/** @param underway pairs that are being compared: a record may contain itself */
function resolve(reader: Node, writer: Node, path: string, underway: Map<Node, Set<Node>>): Obstacle[] {
  if (writer.kind === 'union') {
    const found = writer.branches.map((branch) => resolve(reader, branch, path, underway));
    const failed = found.filter((reasons) => reasons.length > 0);
    // When a reader that cannot read null meets a column that can be null, the rest of the reasons is the same for all branches.
    return failed[0] ?? [];
  }
  if (reader.kind === 'union') {
    const found = reader.branches.map((branch) => resolve(branch, writer, path, underway));
    if (found.some((reasons) => reasons.length === 0)) return [];
    const sameKind = reader.branches.findIndex((branch) => branch.kind === writer.kind && branch.kind !== 'primitive');
    return sameKind >= 0 ? found[sameKind]! : mismatch(reader, writer, path);
  }
  if (reader.kind === 'primitive' && writer.kind === 'primitive') {
    const readable = reader.type === writer.type || PROMOTIONS[writer.type]?.includes(reader.type) === true;
    return readable ? [] : mismatch(reader, writer, path);
  }
  if (reader.kind === 'record' && writer.kind === 'record') {
    const seen = underway.get(reader) ?? new Set();
    if (seen.has(writer)) return [];
    underway.set(reader, seen.add(writer));
    return [...checkName(reader, writer, path), ...reader.fields.flatMap((field) => resolveField(field, writer, path, underway))];
  }
  if (reader.kind === 'enum' && writer.kind === 'enum') {
    const missing = reader.hasDefault ? [] : writer.symbols.filter((symbol) => !reader.symbols.includes(symbol));
    const unknown = missing.length > 0 ? [{ path, reason: `the reader does not know ${missing.join(', ')}` }] : [];
    return [...checkName(reader, writer, path), ...unknown];
  }
  if (reader.kind === 'fixed' && writer.kind === 'fixed') {
    const sizes = reader.size === writer.size ? [] : [{ path, reason: `${writer.size} bytes are not ${reader.size} bytes` }];
    return [...checkName(reader, writer, path), ...sizes];
  }
  if ((reader.kind === 'array' && writer.kind === 'array') || (reader.kind === 'map' && writer.kind === 'map'))
    return resolve(reader.items, writer.items, `${path}[]`, underway);
  return mismatch(reader, writer, path);
}

function resolveField(
  field: RecordField,
  writer: Extract<Node, { kind: 'record' }>,
  outer: string,
  underway: Map<Node, Set<Node>>,
): Obstacle[] {
  const path = outer === '' ? field.originalName : `${outer}.${field.originalName}`;
  const written = [field.name, ...field.aliases].map((name) => writer.fields.find((other) => other.name === name)).find(Boolean);
  if (written) return resolve(field.type, written.type, path, underway);
  return field.hasDefault ? [] : [{ path, reason: 'it is not in what was written, and has no default' }];
}

function checkName(reader: Named, writer: Named, path: string): Obstacle[] {
  if (reader.name === writer.name || reader.aliases.includes(writer.name)) return [];
  return [{ path, reason: `the type is named ${reader.name}, what was written ${writer.name}` }];
}

function mismatch(reader: Node, writer: Node, path: string): Obstacle[] {
  return [{ path, reason: `${nameOf(writer)} cannot be read as ${nameOf(reader)}` }];
}

function nameOf(node: Node): string {
  if (node.kind === 'primitive') return node.type;
  if (node.kind === 'union') return node.branches.map(nameOf).join(' or ');
  return 'name' in node ? `${node.kind} ${node.name}` : node.kind;
}
