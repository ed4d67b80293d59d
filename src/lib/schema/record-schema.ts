import { type DataType, Field as ArrowField, Struct } from 'apache-arrow';
import { TablecastError } from '../errors';
import type { AvroRecordSchema, AvroSchema } from './avro-json';
import type { AvroType } from './avro-type';
import { AvroDataType } from './data-type';
import { Field, type FieldOptions } from './field';
import { fullNameOf, type NameScope, rootScope, writeNamedType } from './name-scope';
import { encodeName, isAvroNamespace } from './names';
import { quoteDuckdbName } from './quote-duckdb-name';

/**
 * Named fields in an order: a table, a key, or a structure within a column.
 *
 * @example
 * const address = new RecordSchema('address').addField('city', new AvroNVarchar(40)).addField('zip', new AvroVarchar(10));
 * new ValueSchema('CUSTOMER', 'CRM').addField('ADDRESS', address);
 */
export class RecordSchema extends AvroDataType {
  readonly kind = 'RECORD';
  /** The original name. */
  readonly name: string;
  /** The name in the Avro schema. */
  readonly avroName: string;
  readonly namespace: string | undefined;
  readonly #fields: Field[] = [];
  readonly #byAvroName = new Map<string, Field>();
  #doc: string | undefined;

  /**
   * @param namespace Avro names, separated by dots; without one a record within a record has the outer one's
   * @throws TablecastError NAME_INVALID when the name is empty or the namespace is not valid
   */
  constructor(name: string, namespace?: string, doc?: string) {
    super();
    if (name === '') throw new TablecastError('NAME_INVALID', { what: 'schema', name, reason: 'it is empty' });
    if (namespace !== undefined && !isAvroNamespace(namespace)) {
      const reason = 'it has to consist of letters, digits and _, in parts separated by dots that start with no digit';
      throw new TablecastError('NAME_INVALID', { what: 'namespace', name: namespace, reason });
    }
    this.name = name;
    this.avroName = encodeName(name);
    this.namespace = namespace;
    this.#doc = doc;
  }

  /** `namespace.name` as Avro and the schema registry know it. */
  get fullName(): string {
    return fullNameOf(this.avroName, this.namespace);
  }

  get doc(): string | undefined {
    return this.#doc;
  }

  /** Says what the record, or the table, holds. */
  setDoc(doc: string | undefined): this {
    this.#doc = doc;
    return this;
  }

  /** All fields in their order. */
  get fields(): readonly Field[] {
    return this.#fields;
  }

  /** The field with this original name. */
  field(name: string): Field | undefined {
    return this.#byAvroName.get(encodeName(name));
  }

  /**
   * Adds a field behind the others.
   *
   * @param doc what it holds
   * @param nullable whether it can be null; yes, unless said otherwise
   * @throws TablecastError NAME_INVALID when the name is empty
   * @throws TablecastError COLUMN_DUPLICATE when there is a field of that name
   * @throws TablecastError TYPE_INVALID when the type contains this record
   */
  addField(name: string, type: AvroType, doc?: string, nullable = true, options?: FieldOptions): this {
    return this.addFieldObject(new Field(name, type, doc, nullable, options));
  }

  /** {@link addField} for a field made elsewhere, e.g. taken from another schema. */
  addFieldObject(field: Field): this {
    const earlier = this.#byAvroName.get(field.avroName);
    if (earlier !== undefined)
      throw new TablecastError('COLUMN_DUPLICATE', { table: this.name, columns: [earlier.name, field.name], field: field.avroName });
    if (contains(field.type, this)) {
      throw new TablecastError('TYPE_INVALID', {
        type: `RECORD ${this.name}`,
        reason: `its field ${field.name} contains the record itself`,
      });
    }
    this.#fields.push(field);
    this.#byAvroName.set(field.avroName, field);
    return this;
  }

  override toAvro(scope: NameScope = rootScope()): AvroSchema {
    return writeNamedType(scope, this, this.avroName, this.namespace, () => this.definition(scope));
  }

  override arrowType(): DataType {
    return new Struct(this.fields.map((field) => new ArrowField(field.name, field.type.arrowType(), field.nullable)));
  }

  override duckdbType(): string {
    return `STRUCT(${this.fields.map((field) => `${quoteDuckdbName(field.name)} ${field.type.duckdbType()}`).join(', ')})`;
  }

  override zero(): Record<string, unknown> {
    return Object.fromEntries(this.fields.map((field) => [field.name, field.nullable ? null : field.type.zero()]));
  }

  override toString(): string {
    return `RECORD ${this.name}`;
  }

  /** The record written in full. */
  protected definition(scope: NameScope): AvroRecordSchema {
    const inner: NameScope = { ...scope, namespace: this.namespace ?? scope.namespace };
    return {
      name: this.avroName,
      __originalname: this.name,
      ...(this.doc && { doc: this.doc }),
      type: 'record',
      ...(this.namespace !== undefined && { namespace: this.namespace }),
      fields: this.fields.map((field) => field.toAvro(inner)),
    };
  }
}

function contains(type: AvroType, record: RecordSchema): boolean {
  switch (type.kind) {
    case 'RECORD':
      return type === record || type.fields.some((field) => contains(field.type, record));
    case 'ARRAY':
      return contains(type.items, record);
    case 'MAP':
      return contains(type.values, record);
    case 'UNION':
      return type.items.some((item) => contains(item, record));
    default:
      return false;
  }
}
