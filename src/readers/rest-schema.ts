import {
  AvroBoolean,
  AvroDate,
  AvroDecimal,
  AvroLocalTimestampMicros,
  AvroLong,
  AvroNCLOB,
  AvroString,
  AvroTimestampMicros,
  ValueSchema,
  type AvroType,
} from '../lib/index';
import { isJsonObject, JsonNumber, type JsonValue } from './rest-json';

/** Kinds of values, each with the type of a column that has only these; anything mixed is text. */
const kinds = {
  boolean: () => new AvroBoolean(),
  whole: () => new AvroLong(),
  // Values in pages to come may have more digits than those seen, on either side of the point.
  decimal: () => new AvroDecimal(38, 18),
  date: () => new AvroDate(),
  timestamp: () => new AvroLocalTimestampMicros(),
  instant: () => new AvroTimestampMicros(),
  text: () => new AvroString(),
  nested: () => new AvroNCLOB(),
} as const satisfies Record<string, () => AvroType>;
type Kind = keyof typeof kinds;

/**
 * A schema made of records: a column for each field at their top, in the order in which they appear, all of them nullable. docs/rest.md has the rules.
 *
 * @param pks the primary key, if it is known
 */
export function schemaOfRecords(
  records: readonly JsonValue[],
  name: string,
  namespace: string | undefined,
  pks: readonly string[],
): ValueSchema {
  const columns = new Map<string, Kind | undefined>();
  for (const record of records) {
    if (!isJsonObject(record)) continue;
    for (const [field, value] of Object.entries(record)) {
      const known = columns.get(field);
      columns.set(field, value === null ? known : known === undefined ? kindOf(value) : common(known, kindOf(value)));
    }
  }
  const schema = new ValueSchema(name, namespace);
  for (const [field, kind] of columns) schema.addField(field, kinds[kind ?? 'text'](), undefined, !pks.includes(field));
  return pks.length === 0 ? schema : schema.setPks(pks);
}

function common(one: Kind, other: Kind): Kind {
  if (one === other) return one;
  if (one === 'nested' || other === 'nested') return 'nested';
  return (one === 'whole' && other === 'decimal') || (one === 'decimal' && other === 'whole') ? 'decimal' : 'text';
}

function kindOf(value: Exclude<JsonValue, null>): Kind {
  if (typeof value === 'boolean') return 'boolean';
  if (value instanceof JsonNumber) {
    if (/^-?\d{1,18}$/.test(value.text)) return 'whole';
    return /^-?\d{1,20}(\.\d{1,18})?$/.test(value.text) ? 'decimal' : 'text';
  }
  if (typeof value !== 'string') return 'nested';
  if (/^\d{4}-\d\d-\d\d$/.test(value)) return 'date';
  const [, zone] = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d{1,6})?(Z?)$/.exec(value) ?? [];
  return zone === undefined ? 'text' : zone === 'Z' ? 'instant' : 'timestamp';
}
