import { asObject, optionalList, optionalText } from './from-avro-type';
import type { DeletionPolicy, Duration, ForeignKey, JoinCondition, TimeUnit } from './governance';

/** The way back from the JSON that governance.ts writes. What is missing stays missing; a value outside the known ones is kept as it is. */

type Json = Record<string, unknown>;

export function fromAvroDuration(json: Json): Duration {
  return { ...(typeof json['value'] === 'number' && { value: json['value'] }), unit: optionalText(json['unit']) as TimeUnit };
}

export function fromAvroDeletionPolicy(json: Json): DeletionPolicy {
  const description = optionalText(json['description']);
  return { ...fromAvroDuration(json), ...(description !== undefined && { description }) };
}

export function fromAvroForeignKey(json: Json): ForeignKey {
  const fkName = optionalText(json['fk_name']);
  const fkSchemaFqn = optionalText(json['fk_schema_fqn']);
  return {
    ...(fkName !== undefined && { fkName }),
    ...(fkSchemaFqn !== undefined && { fkSchemaFqn }),
    conditions: (optionalList(json, 'conditions') ?? []).map((item) => joinCondition(asObject(item, 'a condition of a foreign key'))),
  };
}

function joinCondition(json: Json): JoinCondition {
  return {
    leftFieldName: String(json['left_field_name']),
    rightFieldName: String(json['right_field_name']),
    condition: optionalText(json['condition']) ?? null,
  };
}
