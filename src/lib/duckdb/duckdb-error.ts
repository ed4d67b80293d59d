import { TablecastError } from '../errors';

/** An error of DuckDB as one of ours. The message of a conversion error quotes the value it failed on, so there only the kind of the error is kept. */
export function asWorkspaceError(error: unknown, action: string): TablecastError {
  if (error instanceof TablecastError) return error;
  const { message } = error as Error;
  if (message.startsWith('Out of Memory Error')) return new TablecastError('WORKSPACE_FULL', { action }, { cause: error });
  if (/^(Conversion|Invalid Input|Out of Range|Constraint) Error/.test(message)) {
    return new TablecastError('WORKSPACE_SQL', { action, reason: `${message.slice(0, message.indexOf(':'))} (a value does not fit)` });
  }
  return new TablecastError('WORKSPACE_SQL', { action, reason: message.split('\n', 1)[0]! }, { cause: error });
}
