import { TablecastError } from '../../src/lib';
import { asOracleError } from '../../src/readers/oracle-error';

const about = { action: 'read PLAN', secret: 'Lims', user: 'reader', address: 'db:1521/LIMS' };
const driverError = (code: string, message: string, offset?: number): Error =>
  Object.assign(new Error(`${code}: ${message}`), { code, offset });

test.each([
  ['ORA-01017', 'ORACLE_LOGIN'],
  ['ORA-28000', 'ORACLE_LOGIN'],
  ['NJS-518', 'ORACLE_SERVICE_UNKNOWN'],
  ['NJS-503', 'ORACLE_UNREACHABLE'],
  ['NJS-511', 'ORACLE_UNREACHABLE'],
])('%s while connecting is %s', (code, expected) => {
  expect(asOracleError(driverError(code, 'no'), about, 'connect')).toMatchObject({
    code: expected,
    details: { address: 'db:1521/LIMS', secret: 'Lims' },
  });
});

test.each([
  ['ORA-01555', 'ORACLE_SNAPSHOT_TOO_OLD', true],
  ['ORA-01013', 'ORACLE_CANCELLED', true],
  ['NJS-500', 'ORACLE_CONNECTION_LOST', true],
  ['ORA-01476', 'ORACLE_FAILED', false],
])('%s while reading is %s', (code, expected, retry) => {
  const error = asOracleError(driverError(code, 'text'), about, 'work');
  expect(error).toMatchObject({ code: expected, retry, details: { action: 'read PLAN' } });
});

test('an unknown table is named from the message, where it is in it', () => {
  expect(asOracleError(driverError('ORA-00942', 'table or view "LIMS"."PLANS" does not exist'), about, 'work')).toMatchObject({
    code: 'ORACLE_TABLE_UNKNOWN',
    details: { name: 'LIMS.PLANS' },
  });
});

test('an unknown table is named from its place in the statement', () => {
  const sql = 'select * from lims . "Plans" p';
  expect(
    asOracleError(driverError('ORA-00942', 'table or view does not exist', sql.indexOf('"Plans"')), { ...about, sql }, 'work'),
  ).toMatchObject({ details: { name: 'LIMS.Plans' } });
});

test('a message shows no value of a row, and the cause is kept', () => {
  const cause = driverError('ORA-01722', "unable to convert string value containing 'secret' to a number\nHelp: https://…");
  const error = asOracleError(cause, about, 'work') as TablecastError;
  expect(error.message).toBe("Oracle answered ORA-01722: unable to convert string value containing '…' to a number: could not read PLAN");
  expect(error.cause).toBe(cause);
});

test('an error of our own passes unchanged', () => {
  const error = new TablecastError('SQL_INVALID', { table: 'T', reason: 'it is empty' });
  expect(asOracleError(error, about, 'work')).toBe(error);
});
