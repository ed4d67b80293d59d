import { TablecastError } from '../lib/index';
import type { OracleSession } from './oracle-session';

/** Where the current SCN can be read; the first that the user may read is taken. */
const scnQueries = [
  'SELECT CURRENT_SCN FROM V$DATABASE',
  'SELECT DBMS_FLASHBACK.GET_SYSTEM_CHANGE_NUMBER FROM DUAL',
  'SELECT TIMESTAMP_TO_SCN(SYSTIMESTAMP) FROM DUAL',
] as const;

/** Where open transactions can be read: of all instances of a cluster, or of this one. */
const transactionQueries = ['SELECT START_SCN FROM GV$TRANSACTION', 'SELECT START_SCN FROM V$TRANSACTION'] as const;

export interface OraclePosition {
  /** The SCN from which the next delta load has to look for changes, as decimal text. */
  readonly scn: string;
  /** What the operator should know: the position may be too late for changes that were under way. */
  readonly warning?: string;
}

/**
 * The position that a delta load after this run can start from without missing a change.
 *
 * Order matters. First the SCN; then the open transactions, whose changes are not visible yet and will carry the SCN of their commit but perhaps an older
 * timestamp: the position is lowered to the start of the oldest. A transaction that ends in between is seen by the snapshot, which the caller takes last; one
 * that begins in between begins after the SCN.
 * @throws TablecastError POSITION_UNREADABLE
 */
export async function readPosition(session: OracleSession): Promise<OraclePosition> {
  const scn = (await firstReadable(session, scnQueries, 'read the current SCN'))?.[0]?.[0];
  if (scn === undefined || scn === null) throw new TablecastError('POSITION_UNREADABLE', { user: session.user });
  const transactions = await firstReadable(session, transactionQueries, 'read the open transactions');
  if (!transactions) {
    return {
      scn,
      warning: `${session.user} may read neither GV$TRANSACTION nor V$TRANSACTION: a delta by timestamps may miss changes that were not committed yet; a delta by ORA_ROWSCN does not`,
    };
  }
  // A transaction that has changed nothing yet has the start SCN 0.
  const starts = transactions.flatMap(([start]) => (start === undefined || start === null || start === '0' ? [] : [BigInt(start)]));
  const least = starts.reduce((a, b) => (b < a ? b : a), BigInt(scn));
  return { scn: least.toString() };
}

async function firstReadable(session: OracleSession, queries: readonly string[], action: string): Promise<(string | null)[][] | undefined> {
  for (const query of queries) {
    const rows = await session.queryIfReadable(query, {}, action);
    if (rows && (rows.length > 0 || query.includes('TRANSACTION'))) return rows;
  }
  return undefined;
}
