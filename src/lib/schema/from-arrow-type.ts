import { DataType, DateUnit, type Field, Precision, TimeUnit } from 'apache-arrow';
import type * as arrow from 'apache-arrow';
import { TablecastError } from '../errors';
import type { AvroType } from './avro-type';
import { encodeName } from './names';
import { ArraySchema, AvroMap, AvroUnion } from './nested-types';
import { RecordSchema } from './record-schema';
import * as simple from './simple-types';
import { AvroDecimal, AvroFixed, MAX_DECIMAL_PRECISION } from './sized-types';

/**
 * The data type for an Arrow column.
 *
 * @param name the column's name; records and fixed-size binaries within the type are named after it, because Avro wants names for them
 * @throws TablecastError TYPE_UNSUPPORTED when the type has no counterpart
 * @example fromArrowType(new Decimal(2, 15)).toString(); // 'DECIMAL(15,2)'
 */
export function fromArrowType(type: DataType, name = 'value'): AvroType {
  if (DataType.isBool(type)) return new simple.AvroBoolean();
  if (DataType.isInt(type)) return integer(type);
  if (DataType.isFloat(type)) return type.precision === Precision.DOUBLE ? new simple.AvroDouble() : new simple.AvroFloat();
  if (DataType.isDecimal(type)) return decimal(type);
  if (DataType.isUtf8(type) || DataType.isLargeUtf8(type) || DataType.isUtf8View(type) || DataType.isNull(type))
    return new simple.AvroString();
  if (DataType.isBinary(type) || DataType.isLargeBinary(type) || DataType.isBinaryView(type)) return new simple.AvroBytes();
  if (DataType.isFixedSizeBinary(type)) return new AvroFixed(type.byteWidth, encodeName(name));
  if (DataType.isDate(type)) return type.unit === DateUnit.DAY ? new simple.AvroDate() : new simple.AvroLocalTimestamp();
  if (DataType.isTime(type)) return type.unit <= TimeUnit.MILLISECOND ? new simple.AvroTime() : new simple.AvroTimeMicros();
  if (DataType.isTimestamp(type)) return timestamp(type);
  if (DataType.isMap(type)) return new AvroMap(fromArrowType(type.valueType as DataType, name));
  if (DataType.isDictionary(type)) return fromArrowType(type.dictionary as DataType, name);
  const children = type.children as readonly Field<DataType>[] | null;
  if (children === null) throw unsupported(type);
  if (DataType.isList(type) || DataType.isLargeList(type) || DataType.isFixedSizeList(type))
    return new ArraySchema(fromArrowType(children[0]!.type, name));
  if (DataType.isUnion(type)) return new AvroUnion(children.map((child) => fromArrowType(child.type, `${name}_${child.name}`)));
  if (!DataType.isStruct(type)) throw unsupported(type);
  const record = new RecordSchema(name);
  for (const child of children) record.addField(child.name, fromArrowType(child.type, `${name}_${child.name}`), undefined, child.nullable);
  return record;
}

function integer({ bitWidth, isSigned }: arrow.Int): AvroType {
  // An unsigned integer takes the next larger type.
  switch (isSigned ? bitWidth : bitWidth * 2) {
    case 8:
      return new simple.AvroByte();
    case 16:
      return new simple.AvroShort();
    case 32:
      return new simple.AvroInt();
    case 64:
      return new simple.AvroLong();
    default:
      return new AvroDecimal(20, 0);
  }
}

function decimal(type: arrow.Decimal): AvroType {
  if (type.precision > MAX_DECIMAL_PRECISION || type.scale < 0) throw unsupported(type);
  return new AvroDecimal(type.precision, type.scale);
}

function timestamp({ unit, timezone }: arrow.Timestamp): AvroType {
  const millis = unit <= TimeUnit.MILLISECOND;
  if (timezone) return millis ? new simple.AvroTimestamp() : new simple.AvroTimestampMicros();
  return millis ? new simple.AvroLocalTimestamp() : new simple.AvroLocalTimestampMicros();
}

function unsupported(type: DataType): TablecastError {
  return new TablecastError('TYPE_UNSUPPORTED', { system: 'Arrow', type: (type as { toString(): string }).toString() });
}
