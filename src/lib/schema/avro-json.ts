/** An Avro schema as JSON: a primitive's or earlier type's name, a union as a list, or an object. */
export type AvroSchema = string | readonly AvroSchema[] | AvroSchemaObject;

/** A schema object; which further properties it has depends on `type`. */
export interface AvroSchemaObject {
  readonly type: AvroSchema;
  readonly logicalType?: string;
  readonly [property: string]: unknown;
}

/** A record of an Avro schema as JSON, with the properties every record has here. */
export interface AvroRecordSchema extends AvroSchemaObject {
  readonly name: string;
  readonly __originalname: string;
  readonly doc?: string;
  readonly type: 'record';
  readonly namespace?: string;
  readonly fields: readonly AvroField[];
}

/** A field of a record as JSON. All but `aliases` and `default` are always there. */
export interface AvroField {
  /** The Avro name: the original one, encoded. */
  readonly name: string;
  readonly __originalname: string;
  readonly doc: string | null;
  readonly __sensitivity: string | null;
  /** Not a column of the source: added for the data platform's own use. */
  readonly __internal: boolean;
  /** Filled in while sending; mappings cannot use it. */
  readonly __technical: boolean;
  /** The column's type in the source's own words, e.g. `NUMBER(15,2)`. */
  readonly __source_data_type: string | null;
  readonly aliases?: readonly string[];
  readonly type: AvroSchema;
  readonly default?: unknown;
  readonly semantics: AvroColumnSemantics | null;
}

/** `semantics` of a field as JSON. */
export interface AvroColumnSemantics {
  readonly type: string;
  readonly aggregation_formula: string | null;
  readonly currency_field_name: string | null;
  readonly currency_conversion_date: string | null;
  readonly uom_field_name: string | null;
  readonly hierarchy_name: string | null;
  readonly hierarchy_level: number | null;
}
