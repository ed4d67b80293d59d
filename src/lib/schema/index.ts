/** Names, types and schemas of the messages. Pure: values in, values out. */
export type * from './avro-json';
export type { AvroType } from './avro-type';
export type { ColumnSemantics, ColumnType } from './column-semantics';
export { commitKeySchema, commitValueSchema } from './commit-schema';
export { AvroDataType, type AvroKind } from './data-type';
export { Field, type FieldOptions } from './field';
export { fromArrowType } from './from-arrow-type';
export { fromAvroType } from './from-avro-type';
export { fromDuckdbType } from './from-duckdb-type';
export type {
  DataClassification,
  DeletionPolicy,
  Duration,
  ForeignKey,
  JoinCondition,
  RowLevelSecurity,
  TableType,
  TimeUnit,
} from './governance';
export { impactLineageValueSchema } from './impact-lineage-schema';
export { KEY_TIME_FIELD, KeySchema } from './key-schema';
export { decodeName, encodeName, isAvroName, isAvroNamespace } from './names';
export { ArraySchema, AvroAnyPrimitive, AvroMap, AvroUnion } from './nested-types';
export { RecordSchema } from './record-schema';
export type { Row } from './row';
export { RowType } from './row-type';
export { createKeyRow, createTruncateRow } from './rows';
export * from './simple-types';
export { AvroDecimal, AvroEnum, AvroFixed, AvroNVarchar, AvroUUID, AvroVarchar, MAX_DECIMAL_PRECISION } from './sized-types';
export { subjectName, type SubjectNameStrategy } from './subject-name';
export { TECHNICAL_FIELDS } from './technical-fields';
export { type AvroValueSchema, ValueSchema } from './value-schema';
