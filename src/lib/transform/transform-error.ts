import { TablecastError } from '../errors';

/**
 * An error of DuckDB as that of a step: what DuckDB says of the statement. Where it says something of values, the workspace has left only the kind of
 * the error, because its message would quote the row.
 */
export function stepFailed(step: string, error: unknown): TablecastError {
  const failure = TablecastError.from(error);
  if (failure.code !== 'WORKSPACE_SQL') return failure;
  const { message } = (failure.cause ?? {}) as { readonly message?: string };
  const reason = message === undefined ? String(failure.details['reason']) : statementError(message);
  return new TablecastError('TRANSFORM_FAILED', { step, reason }, { cause: failure });
}

/** DuckDB's message without the excerpt of the statement, which begins with what was written around the step's SQL. */
function statementError(message: string): string {
  const [text = ''] = message.split(/\n\s*LINE \d+:/, 1);
  return text.replaceAll(/\s+/g, ' ').trim();
}
