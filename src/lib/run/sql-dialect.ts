import { quoteIdentifier } from '../duckdb/quote';

/**
 * What a watermark column holds. Each kind has one form as text, always with full precision, in pointers and in binds:
 * `timestamp` 2024-05-06T07:08:09.123456789 (no zone) · `timestamptz` 2024-05-06T07:08:09.123456789Z · `date` 2024-05-06T07:08:09 ·
 * `number` 1234.5 · `text` as it is.
 */
export type WatermarkType = 'timestamp' | 'timestamptz' | 'date' | 'number' | 'text';

export type ComparisonOperator = '>=' | '>' | '=' | '<';

/** How conditions are written for a source. */
export interface SqlDialect {
  /** Condition that compares a column with a placeholder, whose value is a text in the form of the type. */
  compare(column: string, operator: ComparisonOperator, bind: string, type: WatermarkType): string;
}

const values: Readonly<Record<WatermarkType, (placeholder: string) => string>> = {
  timestamp: (placeholder) => `CAST(${placeholder} AS TIMESTAMP)`,
  timestamptz: (placeholder) => `CAST(${placeholder} AS TIMESTAMPTZ)`,
  date: (placeholder) => `CAST(${placeholder} AS TIMESTAMP)`,
  number: (placeholder) => `CAST(${placeholder} AS DECIMAL(38,9))`,
  text: (placeholder) => placeholder,
};

/** DuckDB's SQL, with placeholders such as `$since`. */
export const duckdbDialect: SqlDialect = {
  compare: (column, operator, bind, type) => `${quoteIdentifier(column)} ${operator} ${values[type](`$${bind}`)}`,
};
