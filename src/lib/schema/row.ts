/**
 * One row, by original column name. Values: boolean; number; bigint (or a safe integer) for LONG and the timestamps in microseconds; string;
 * Uint8Array; Date or milliseconds for timestamp-millis; a decimal as text ("12.30"); arrays; plain objects for records; plain objects or Maps for maps.
 */
export type Row = Record<string, unknown>;
