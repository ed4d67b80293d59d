import { TablecastError } from '../lib/index';
import { oracleTokens } from '../lib/lineage/oracle-tokens';

/** What an error message may name. */
export interface OracleAction {
  /** As the end of "could not …", e.g. `read SAMPLE_PLAN`. */
  readonly action: string;
  /** The statement that was running: the error's offset points into it. */
  readonly sql?: string;
  readonly secret: string;
  readonly user: string;
  readonly address: string;
}

interface DriverError extends Error {
  readonly code?: string;
  readonly offset?: number;
}

const loginCodes = new Set([
  'ORA-01005',
  'ORA-01017',
  'ORA-01045',
  'ORA-28000',
  'ORA-28001',
  'ORA-28002',
  'ORA-28003',
  'ORA-28040',
  'ORA-28041',
  'ORA-01031',
]);
const serviceCodes = new Set(['NJS-518', 'NJS-519', 'NJS-517', 'ORA-12514', 'ORA-12505', 'ORA-12516', 'ORA-12521']);
const lostCodes = new Set([
  'NJS-500',
  'NJS-501',
  'NJS-513',
  'NJS-521',
  'NJS-003',
  'ORA-03113',
  'ORA-03114',
  'ORA-03135',
  'ORA-12537',
  'ORA-12541',
]);
const oldSnapshotCodes = new Set(['ORA-01555', 'ORA-01466', 'ORA-08180', 'ORA-22924']);
const cancelledCodes = new Set(['ORA-01013', 'ORA-00040', 'ORA-56735', 'NJS-123']);

/** Whether the error says that the user may not read a view of the dictionary, or that there is none. */
export function isNotReadable(error: unknown): boolean {
  const code = error instanceof Error ? (error as DriverError).code : undefined;
  return (
    code === 'ORA-00942' ||
    code === 'ORA-00904' ||
    code === 'ORA-01031' ||
    code === 'ORA-04043' ||
    code === 'ORA-06550' ||
    code === 'ORA-00900'
  );
}

/** What an error of the driver means for the run. Errors of our own stay as they are. */
export function asOracleError(error: unknown, about: OracleAction, phase: 'connect' | 'work'): unknown {
  if (!(error instanceof Error) || error instanceof TablecastError) return error;
  const { code = '', offset } = error as DriverError;
  const { action, user, address, secret } = about;
  const reason = withoutValues(error.message);
  const cause = { cause: error };
  if (phase === 'connect') {
    if (loginCodes.has(code)) return new TablecastError('ORACLE_LOGIN', { address, user, secret, reason }, cause);
    if (serviceCodes.has(code)) return new TablecastError('ORACLE_SERVICE_UNKNOWN', { address, secret, reason }, cause);
    return new TablecastError('ORACLE_UNREACHABLE', { address, secret, reason }, cause);
  }
  if (lostCodes.has(code)) return new TablecastError('ORACLE_CONNECTION_LOST', { action, reason }, cause);
  if (code === 'ORA-00942' || code === 'ORA-04043') {
    return new TablecastError(
      'ORACLE_TABLE_UNKNOWN',
      { action, user, name: nameIn(error.message) ?? nameAt(about.sql, offset) ?? '(see the SQL)' },
      cause,
    );
  }
  if (code === 'ORA-00904')
    return new TablecastError(
      'ORACLE_COLUMN_UNKNOWN',
      { action, name: nameIn(error.message) ?? nameAt(about.sql, offset) ?? '(see the SQL)' },
      cause,
    );
  if (oldSnapshotCodes.has(code)) return new TablecastError('ORACLE_SNAPSHOT_TOO_OLD', { action, reason }, cause);
  if (cancelledCodes.has(code)) return new TablecastError('ORACLE_CANCELLED', { action, reason }, cause);
  return new TablecastError('ORACLE_FAILED', { action, reason }, cause);
}

/** Newer versions of Oracle put the value that failed, in single quotes, into some messages; what rows contain stays out of ours. */
function withoutValues(message: string): string {
  const first = message.split('\n', 1)[0] ?? '';
  return first.replaceAll(/'[^']*'/g, "'…'").trim();
}

/** `ORA-00904: "P"."X": invalid identifier`: the name in it. */
function nameIn(message: string): string | undefined {
  return /(?:"[^"]+"\.)*"[^"]+"/.exec(message)?.[0].replaceAll('"', '');
}

/** The name, with what qualifies it, that stands at a place of the statement. */
function nameAt(sql: string | undefined, offset: number | undefined): string | undefined {
  if (sql === undefined || offset === undefined) return undefined;
  const tokens = oracleTokens(sql);
  const isName = (index: number): boolean => tokens[index]?.kind === 'word' || tokens[index]?.kind === 'quoted';
  let first = tokens.findIndex(({ start, end }) => start <= offset && offset < end);
  if (!isName(first)) return undefined;
  let last = first;
  while (tokens[first - 1]?.text === '.' && isName(first - 2)) first -= 2;
  while (tokens[last + 1]?.text === '.' && isName(last + 2)) last += 2;
  return tokens
    .slice(first, last + 1)
    .map(({ value }) => value)
    .join('');
}
