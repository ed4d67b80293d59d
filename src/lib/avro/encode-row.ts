import { TablecastError } from '../errors';
import { type Field, KeySchema, type Row, type ValueSchema } from '../schema';
import { type ValueCodec, valueCodec } from './value-codec';
import { ValueMismatch } from './value-mismatch';

/** Bytes before the Avro body: a zero byte and the schema's id, big-endian (Confluent's framing). */
export const FRAME_BYTES = 5;

const codecs = new WeakMap<Field, ValueCodec>();

/**
 * Encodes one row as a message key or value, framing included. For single rows and the independent check of {@link RowEncoder}; a field that the row does
 * not have is null.
 *
 * @param row values by original column name
 * @throws TablecastError VALUE_INVALID when a value does not fit its type exactly, or is null where it must not be
 * @throws TablecastError COLUMN_UNKNOWN when the row has a value for which the schema has no field
 */
export function encodeRow(schema: ValueSchema | KeySchema, schemaId: number, row: Row): Buffer {
  for (const name of Object.keys(row)) {
    if (row[name] !== undefined && schema.field(name) === undefined)
      throw new TablecastError('COLUMN_UNKNOWN', { table: schema.name, column: name, use: 'row' });
  }
  const parts = [frame(schemaId)];
  for (const field of schema.fields) {
    try {
      parts.push(encodeField(field, row[field.name]));
    } catch (error) {
      if (!(error instanceof ValueMismatch)) throw error;
      throw new TablecastError('VALUE_INVALID', {
        table: schema.name,
        column: field.name,
        row: keyText(schema, row),
        reason: error.message,
      });
    }
  }
  return Buffer.concat(parts);
}

/** @throws ValueMismatch */
export function encodeField(field: Field, value: unknown): Buffer {
  let codec = codecs.get(field);
  if (codec === undefined) {
    codec = valueCodec(field.type, field.nullable);
    codecs.set(field, codec);
  }
  return codec.type.toBuffer(codec.convert(value));
}

export function frame(schemaId: number): Buffer {
  const bytes = Buffer.alloc(FRAME_BYTES);
  bytes.writeUInt32BE(schemaId, 1);
  return bytes;
}

/** The row's key as text for a message, e.g. `ID 4711, VERSION 2`. */
function keyText(schema: ValueSchema | KeySchema, row: Row): string {
  const names = schema instanceof KeySchema ? schema.fields.map((field) => field.name) : schema.pks;
  return names.length === 0 ? 'a row without key' : `key ${names.map((name) => `${name} ${String(row[name])}`).join(', ')}`;
}
