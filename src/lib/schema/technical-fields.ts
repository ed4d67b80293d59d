import { Field } from './field';
import { ArraySchema, AvroMap } from './nested-types';
import { RecordSchema } from './record-schema';
import { AvroByte, AvroString, AvroTimestamp } from './simple-types';
import { AvroNVarchar, AvroVarchar } from './sized-types';

/** The fields every value schema starts with, by the names the code uses for them. */
export const TECHNICAL_FIELDS = {
  /** Results of transformations and checks. */
  AUDIT: '__audit',
  /** How to apply the row: a RowType letter. */
  CHANGE_TYPE: '__change_type',
  /** Time of the transaction, the same for all its rows. */
  CHANGE_TIME: '__change_time',
  /** The row's address at the source, e.g. an Oracle ROWID. */
  SOURCE_ROWID: '__source_rowid',
  /** The transaction: the commit id. */
  SOURCE_TRANSACTION: '__source_transaction',
  /** The system the row comes from. */
  SOURCE_SYSTEM: '__source_system',
  /** For a TRUNCATE row: columns and values that select the rows to delete; null selects all. */
  TRUNCATE: '__truncate',
  /** Values outside the table's model, with their path. */
  EXTENSION: '__extension',
  /** Values outside the table's model, by name. */
  EXTENSION_MAP: '__extension_map',
} as const;

/** The technical fields in their order; new ones for each schema, because a field's description can be changed. */
export function technicalFields(): Field[] {
  const technical = { internal: true, technical: true };
  const auditDetails = new RecordSchema('__audit_details')
    .addField('__transformationname', new AvroNVarchar(1024), 'A name identifying the applied transformation')
    .addField('__transformresult', new AvroVarchar(4), 'Is the record PASS, FAIL or WARN?')
    .addField('__transformresult_text', new AvroNVarchar(1024), 'Transforms can optionally describe what they did')
    .addField('__transformresult_quality', new AvroByte(), 'Transforms can optionally return a percent value from 0 (FAIL) to 100 (PASS)');
  const audit = new RecordSchema(TECHNICAL_FIELDS.AUDIT)
    .addField('__transformresult', new AvroVarchar(4), 'Is the record PASS, FAIL or WARN?')
    .addField('__details', new ArraySchema(auditDetails), 'Details of all transformations');
  const extension = new RecordSchema(TECHNICAL_FIELDS.EXTENSION, undefined, 'Extension point to add custom values to each record')
    .addField('__path', new AvroString(), 'An unique identifier, e.g. "street"."house number component"', false)
    .addField('__value', new AvroString(), 'The value of any primitive datatype of Avro', false);
  const field = (name: string, type: Field['type'], doc: string | undefined, options: { internal: boolean; technical?: boolean }) =>
    new Field(name, type, doc, true, options);
  // The descriptions are those of the data platform's own libraries: they are part of the schema that consumers compare.
  return [
    field(TECHNICAL_FIELDS.AUDIT, audit, undefined, technical),
    field(
      TECHNICAL_FIELDS.CHANGE_TYPE,
      new AvroVarchar(1),
      'Indicates how the row is to be processed: Insert, Update, Delete, upsert/Autocorrect, eXterminate, Truncate,...',
      technical,
    ),
    field(
      TECHNICAL_FIELDS.CHANGE_TIME,
      new AvroTimestamp(),
      'Timestamp of the transaction. All rows of the transaction have the same value.',
      technical,
    ),
    field(
      TECHNICAL_FIELDS.SOURCE_ROWID,
      new AvroVarchar(30),
      'Optional unique and static pointer to the row, e.g. Oracle rowid',
      technical,
    ),
    field(TECHNICAL_FIELDS.SOURCE_TRANSACTION, new AvroVarchar(30), 'Optional source transaction information for auditing', technical),
    field(TECHNICAL_FIELDS.SOURCE_SYSTEM, new AvroVarchar(30), 'Optional source system information for auditing', technical),
    field(
      TECHNICAL_FIELDS.TRUNCATE,
      new AvroMap(new AvroString()),
      'In case of a change type of TRUNCATE, this map contains the fields to identify the set of rows to be deleted',
      technical,
    ),
    field(TECHNICAL_FIELDS.EXTENSION, extension, 'Add more columns beyond the official logical data model', { internal: true }),
    field(
      TECHNICAL_FIELDS.EXTENSION_MAP,
      new AvroMap(new AvroString()),
      'Add more values as a map beyond the official logical data model',
      { internal: true },
    ),
  ];
}
