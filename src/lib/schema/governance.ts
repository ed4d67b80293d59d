/** What a value schema says about the table as a data product: who owns it, how long it lives, who may see it. Each type with its JSON. */

/** How sensitive the data is. */
export type DataClassification = 'INTERNAL' | 'PUBLIC' | 'SENSITIVE' | 'HIGHLY_SENSITIVE';

/** What a duration counts. */
export type TimeUnit = 'HOURS' | 'WEEKS' | 'MONTHS' | 'QUARTERS' | 'YEARS';

/** What kind of table it is. */
export type TableType =
  | 'FACT'
  | 'DIMENSION'
  /** Both: a sales order's header is a fact, and a dimension of its items. */
  | 'FACT_DIMENSION'
  /** A text per id and language. */
  | 'MULTILANGUAGE_TEXT'
  | 'PARENT_CHILD_HIERARCHY'
  | 'CURRENCY_CONVERSION'
  | 'UOM_CONVERSION'
  /** Resolves an m:n relationship. */
  | 'BRIDGE_TABLE'
  /** One system's values in another system's words. */
  | 'VALUE_MAPPING'
  /** For data engineers only. */
  | 'INTERNAL'
  /** Users, roles, permissions. */
  | 'SECURITY';

/** A span of time, e.g. `{ value: 10, unit: 'YEARS' }`. */
export interface Duration {
  readonly value?: number;
  readonly unit: TimeUnit;
}

/** When rows have to be deleted, and by which rule. */
export interface DeletionPolicy extends Duration {
  readonly description?: string;
}

/** One comparison of a foreign key: this table's column, the other table's column. */
export interface JoinCondition {
  readonly leftFieldName: string;
  readonly rightFieldName: string;
  /** Default "=". null says nothing, which means the same; the data platform's Python library writes that. */
  readonly condition?: string | null;
}

/** A reference to another table. */
export interface ForeignKey {
  /** The constraint's name. */
  readonly fkName?: string;
  /** Full name of the other table's schema, e.g. `LABWARE.SAMPLE`. */
  readonly fkSchemaFqn?: string;
  readonly conditions: readonly JoinCondition[];
}

/** Who may see a row: those to whom a permission table grants the value of `field` in `dimension`. */
export interface RowLevelSecurity {
  /** The dimension's name in the permission table, e.g. `region`. */
  readonly dimension: string;
  /** The field of this table with the dimension's value, e.g. `SALES_REGION`. */
  readonly field: string;
}

export interface AvroDuration {
  readonly value: number | null;
  readonly unit: string;
}

export interface AvroDeletionPolicy extends AvroDuration {
  readonly description: string | null;
}

export interface AvroForeignKey {
  readonly fk_name: string | null;
  readonly fk_schema_fqn: string | null;
  readonly conditions: readonly AvroJoinCondition[] | null;
}

export interface AvroJoinCondition {
  readonly left_field_name: string;
  readonly right_field_name: string;
  readonly condition: string | null;
}

export function toAvroDuration(duration: Duration): AvroDuration {
  return { value: duration.value ?? null, unit: duration.unit };
}

export function toAvroDeletionPolicy(policy: DeletionPolicy): AvroDeletionPolicy {
  return { ...toAvroDuration(policy), description: policy.description ?? null };
}

export function toAvroForeignKey(key: ForeignKey): AvroForeignKey {
  const conditions = key.conditions.map((join) => ({
    left_field_name: join.leftFieldName,
    right_field_name: join.rightFieldName,
    condition: join.condition === undefined ? '=' : join.condition,
  }));
  return { fk_name: key.fkName ?? null, fk_schema_fqn: key.fkSchemaFqn ?? null, conditions: conditions.length > 0 ? conditions : null };
}
