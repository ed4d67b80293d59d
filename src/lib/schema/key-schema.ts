import { TablecastError } from '../errors';
import type { AvroRecordSchema } from './avro-json';
import { Field } from './field';
import { rootScope } from './name-scope';
import { RecordSchema } from './record-schema';
import { AvroTimestampMicros } from './simple-types';
import type { ValueSchema } from './value-schema';

/** The only field of a key without primary key: when the row was sent. */
export const KEY_TIME_FIELD = 'ts';

/**
 * The schema of a table's message keys: the primary key's columns in key order, none of them null. A table without primary key has the field `ts`,
 * so that its messages spread over the partitions.
 *
 * @example new KeySchema(schema).fields.map((field) => field.name); // ['ID', 'VERSION']
 */
export class KeySchema extends RecordSchema {
  /** Whether the table has a primary key; if not, the only field is `ts`. */
  readonly hasPrimaryKey: boolean;

  /**
   * @param value a value schema with its primary key set, or, for a key of another shape, its name and fields
   * @throws TablecastError COLUMN_UNKNOWN when the primary key names a column the schema does not have
   */
  constructor(value: ValueSchema | { readonly name: string; readonly namespace?: string; readonly keyFields: readonly Field[] }) {
    super('keyFields' in value ? value.name : `${value.name}_key`, value.namespace);
    const fields = 'keyFields' in value ? value.keyFields : value.pks.map((name) => keyField(value, name));
    this.hasPrimaryKey = fields.length > 0;
    if (this.hasPrimaryKey) for (const field of fields) this.addFieldObject(field);
    else this.addField(KEY_TIME_FIELD, new AvroTimestampMicros(), undefined, false);
  }

  override toAvro(): AvroRecordSchema {
    return this.definition(rootScope());
  }
}

function keyField(value: ValueSchema, name: string): Field {
  const field = value.field(name);
  if (field === undefined) throw new TablecastError('COLUMN_UNKNOWN', { table: value.name, column: name, use: 'primary key' });
  return new Field(field.name, field.type, field.doc, false, {
    internal: field.internal,
    technical: field.technical,
    ...(field.sourceDataType !== undefined && { sourceDataType: field.sourceDataType }),
    default: field.default,
  });
}
