/** An error the server answers with, as Oracle words it: `ORA-00942: table or view does not exist`. */
export class OracleError extends Error {
  /**
   * @param code Oracle's error number, without the prefix
   * @param text the message without the `ORA-…: ` prefix
   * @param position offset of the mistake in the SQL text, in characters
   */
  constructor(
    readonly code: number,
    text: string,
    readonly position = 0,
  ) {
    super(`ORA-${String(code).padStart(5, '0')}: ${text}`);
    this.name = 'OracleError';
  }
}

/** The statement is none of the forms this server knows. */
export const invalidStatement = (detail: string, position = 0): OracleError =>
  new OracleError(900, `invalid SQL statement (${detail})`, position);

/** No such table, or none this user may see: Oracle does not tell the two apart. */
export const tableMissing = (name: string, position = 0): OracleError =>
  new OracleError(942, `table or view "${name}" does not exist`, position);

/** No such column or function. */
export const identifierInvalid = (name: string, position = 0): OracleError => new OracleError(904, `${name}: invalid identifier`, position);

/** The call was interrupted by the client. */
export const cancelled = (): OracleError => new OracleError(1013, 'user requested cancel of current operation');

/**
 * What the client is told about an error: DuckDB's messages get the number of the Oracle error a test can expect for them,
 * everything that is not foreseen becomes ORA-00600 with the original text.
 */
export function toOracleError(error: unknown): OracleError {
  if (error instanceof OracleError) return error;
  const message = (error instanceof Error ? error.message : String(error)).replace(/^(Error: )+/, '');
  // Checks within a statement raise Oracle's own errors.
  const own = /ORA-(\d{5}): (.*)/.exec(message);
  if (own !== null) return new OracleError(Number(own[1]), own[2] ?? '');
  if (/INTERRUPT/i.test(message)) return cancelled();
  if (/^Conversion Error: (Could not convert string|Failed to cast)/.test(message)) return new OracleError(1722, 'invalid number');
  if (/^Conversion Error: .*(out of range|DECIMAL)/i.test(message))
    return new OracleError(1438, 'value larger than specified precision allowed for this column');
  if (/^Conversion Error: .*timestamp/i.test(message))
    return new OracleError(1858, 'a non-numeric character was found where a numeric was expected');
  if (/^Out of Range Error/.test(message)) return new OracleError(1426, 'numeric overflow');
  if (/must appear in the GROUP BY|GROUP BY clause/.test(message)) return new OracleError(979, 'not a GROUP BY expression');
  if (/aggregate/i.test(message) && /^Binder Error/.test(message)) return new OracleError(934, 'group function is not allowed here');
  if (/More than one row returned by a subquery/.test(message))
    return new OracleError(1427, 'single-row subquery returns more than one row');
  // The statement went beyond what the translation foresees.
  if (/^(Binder|Catalog|Parser|Not implemented) Error/.test(message))
    return new OracleError(900, `invalid SQL statement (not supported by this server: ${message.split('\n')[0] ?? ''})`);
  return new OracleError(600, `internal error code, arguments: [${message.split('\n')[0] ?? ''}]`);
}
