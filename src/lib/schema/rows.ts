import { TablecastError } from '../errors';
import { type KeySchema, KEY_TIME_FIELD } from './key-schema';
import type { Row } from './row';
import { RowType } from './row-type';
import { TECHNICAL_FIELDS } from './technical-fields';
import type { ValueSchema } from './value-schema';

/**
 * The row that makes consumers delete rows of the table before those that replace them: nothing but technical fields. A column that must not be null
 * carries its type's zero value; consumers look at `__change_type` first.
 *
 * @param filter columns and values, as text, that select the rows to delete; without it all rows
 * @throws TablecastError COLUMN_UNKNOWN when the filter names a column the table does not have
 * @example createTruncateRow(schema, { PLANT: '0100' });
 */
export function createTruncateRow(schema: ValueSchema, filter?: Readonly<Record<string, string>> | null): Row {
  for (const column of Object.keys(filter ?? {})) {
    if (schema.field(column) === undefined)
      throw new TablecastError('COLUMN_UNKNOWN', { table: schema.name, column, use: 'filter of a TRUNCATE row' });
  }
  return {
    ...schema.zero(),
    [TECHNICAL_FIELDS.CHANGE_TYPE]: RowType.TRUNCATE,
    [TECHNICAL_FIELDS.TRUNCATE]: filter ? { ...filter } : null,
  };
}

/**
 * The key of a row: its primary key's columns. A TRUNCATE row's key has zero values where the row has none. Without a primary key it is the time of sending.
 *
 * @param now milliseconds since the epoch, for a key without primary key
 */
export function createKeyRow(row: Row, keySchema: KeySchema, now: number = Date.now()): Row {
  if (!keySchema.hasPrimaryKey) return { [KEY_TIME_FIELD]: BigInt(now) * 1000n };
  const truncate = row[TECHNICAL_FIELDS.CHANGE_TYPE] === RowType.TRUNCATE;
  return Object.fromEntries(
    keySchema.fields.map((field) => {
      const value = row[field.name] ?? null;
      return [field.name, value === null && truncate ? field.type.zero() : value];
    }),
  );
}
