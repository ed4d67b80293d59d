/** A name as a quoted SQL identifier: any text is a valid name. */
export { quoteDuckdbName as quoteIdentifier } from '../schema/quote-duckdb-name';

/** Text as a SQL literal. */
export function quoteLiteral(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
