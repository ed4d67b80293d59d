import type { ArraySchema, AvroMap, AvroUnion } from './nested-types';
import type { RecordSchema } from './record-schema';
import type * as simple from './simple-types';
import type { AvroDecimal, AvroEnum, AvroFixed, AvroNVarchar, AvroUUID, AvroVarchar } from './sized-types';

/**
 * Every data type a field can have; `kind` tells them apart.
 *
 * @example
 * switch (field.type.kind) {
 *   case 'decimal': return field.type.scale;
 *   case 'ARRAY': return field.type.items;
 * }
 */
export type AvroType =
  | simple.AvroNull
  | simple.AvroBoolean
  | simple.AvroByte
  | simple.AvroShort
  | simple.AvroInt
  | simple.AvroLong
  | simple.AvroFloat
  | simple.AvroDouble
  | simple.AvroBytes
  | simple.AvroString
  | simple.AvroCLOB
  | simple.AvroNCLOB
  | simple.AvroUri
  | simple.AvroSTPoint
  | simple.AvroSTGeometry
  | simple.AvroDate
  | simple.AvroTime
  | simple.AvroTimeMicros
  | simple.AvroTimestamp
  | simple.AvroTimestampMicros
  | simple.AvroLocalTimestamp
  | simple.AvroLocalTimestampMicros
  | AvroDecimal
  | AvroVarchar
  | AvroNVarchar
  | AvroFixed
  | AvroEnum
  | AvroUUID
  | AvroMap
  | ArraySchema
  | AvroUnion
  | RecordSchema;
