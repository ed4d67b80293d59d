import { TablecastError } from '../errors';
import type { AvroSchema } from './avro-json';
import type { AvroDataType } from './data-type';

/**
 * Where in a schema's JSON a type is being written. Avro lets a named type (record, fixed, enum) be defined once only; later uses name it.
 */
export interface NameScope {
  /** Every named type written so far, by full name; shared by all scopes of one schema. */
  readonly defined: Map<string, AvroDataType>;
  /** The namespace that names without one belong to. */
  readonly namespace: string | undefined;
  /** Avro name of the field being written: gives a type without a name of its own (uuid) one that is unique and does not depend on its neighbours. */
  readonly fieldName: string | undefined;
}

export function rootScope(): NameScope {
  return { defined: new Map(), namespace: undefined, fieldName: undefined };
}

/**
 * Writes a named type: its definition the first time, its name from then on.
 *
 * @throws TablecastError TYPE_NAME_TAKEN when the name stands for a different type already
 */
export function writeNamedType(
  scope: NameScope,
  type: AvroDataType,
  name: string,
  namespace: string | undefined,
  define: () => AvroSchema,
): AvroSchema {
  const fullName = fullNameOf(name, namespace ?? scope.namespace);
  const earlier = scope.defined.get(fullName);
  if (earlier === undefined) {
    scope.defined.set(fullName, type);
    return define();
  }
  if (earlier !== type && !earlier.equals(type)) throw new TablecastError('TYPE_NAME_TAKEN', { name: fullName });
  return fullName;
}

/** `namespace.name`, or the name alone without a namespace. */
export function fullNameOf(name: string, namespace: string | undefined): string {
  return namespace === undefined ? name : `${namespace}.${name}`;
}
