import type { AvroColumnSemantics } from './avro-json';

/** What a column is for. */
export type ColumnType = 'MEASURE' | 'ATTRIBUTE' | 'CURRENCY' | 'UOM' | 'TEXT' | 'HIERARCHY';

/** What a column means to those who report on it. */
export interface ColumnSemantics {
  readonly type: ColumnType;
  /** SQL that aggregates the values, e.g. `sum(AMOUNT)` or `sum(BALANCE)/count(distinct BOOKING_DATE)`. */
  readonly aggregationFormula?: string;
  /** The field with this amount's currency, e.g. `CURRENCY_CODE`. */
  readonly currencyFieldName?: string;
  /** The field with the date at which to convert the currency, e.g. `VALUTA_DATE`. */
  readonly currencyConversionDate?: string;
  /** The field with this quantity's unit of measure, e.g. `SALES_UNIT`. */
  readonly uomFieldName?: string;
  /** The hierarchy this field belongs to: COUNTRY and CITY may both belong to `GEO`. */
  readonly hierarchyName?: string;
  /** Its level in the hierarchy, from 1 at the top: COUNTRY 1, CITY 2. */
  readonly hierarchyLevel?: number;
}

export function toAvroColumnSemantics(semantics: ColumnSemantics): AvroColumnSemantics {
  return {
    type: semantics.type,
    aggregation_formula: semantics.aggregationFormula ?? null,
    currency_field_name: semantics.currencyFieldName ?? null,
    currency_conversion_date: semantics.currencyConversionDate ?? null,
    uom_field_name: semantics.uomFieldName ?? null,
    hierarchy_name: semantics.hierarchyName ?? null,
    hierarchy_level: semantics.hierarchyLevel ?? null,
  };
}

export function fromAvroColumnSemantics(json: AvroColumnSemantics): ColumnSemantics {
  return {
    type: json.type as ColumnType,
    ...(json.aggregation_formula != null && { aggregationFormula: json.aggregation_formula }),
    ...(json.currency_field_name != null && { currencyFieldName: json.currency_field_name }),
    ...(json.currency_conversion_date != null && { currencyConversionDate: json.currency_conversion_date }),
    ...(json.uom_field_name != null && { uomFieldName: json.uom_field_name }),
    ...(json.hierarchy_name != null && { hierarchyName: json.hierarchy_name }),
    ...(json.hierarchy_level != null && { hierarchyLevel: json.hierarchy_level }),
  };
}
