import { TablecastError } from '../lib/index';
import { oracleTokens, UnterminatedSqlError, type SqlToken } from '../lib/lineage/oracle-tokens';

/**
 * The SELECT of a flow as it is sent: without what stands around it (semicolons at the end, comments before and after), and certainly one query.
 * @throws TablecastError SQL_INVALID for anything but one SELECT without FOR UPDATE
 */
export function selectStatement(table: string, sql: string): string {
  const invalid = (reason: string): TablecastError => new TablecastError('SQL_INVALID', { table, reason });
  let tokens: SqlToken[];
  try {
    tokens = oracleTokens(sql);
  } catch (error) {
    if (error instanceof UnterminatedSqlError) throw invalid(error.message);
    throw error;
  }
  while (tokens.at(-1)?.text === ';') tokens.pop();
  const first = tokens.find(({ text }) => text !== '(');
  const last = tokens.at(-1);
  if (!first || !last) throw invalid('it is empty');
  if (tokens.some(({ kind, text }) => kind === 'symbol' && text === ';')) throw invalid('it has more than one statement');
  if (first.kind !== 'word' || (first.value !== 'SELECT' && first.value !== 'WITH'))
    throw invalid(`it begins with ${first.text.slice(0, 30)}, not with SELECT or WITH`);
  tokens.forEach((token, index) => {
    const next = tokens[index + 1];
    if (token.value === 'FOR' && token.kind === 'word' && next?.kind === 'word' && next.value === 'UPDATE')
      throw invalid('it locks rows with FOR UPDATE');
    if (index === 1 && token.kind === 'word' && (token.value === 'FUNCTION' || token.value === 'PROCEDURE') && next?.kind === 'word') {
      throw invalid('it declares PL/SQL in its WITH clause');
    }
  });
  return sql.slice(tokens[0]!.start, last.end);
}

/** A name in quotes, as SQL. */
export function quoteOracleName(name: string): string {
  return `"${name}"`;
}

/**
 * The same rows with some columns replaced by expressions of them: the statement becomes an inline view. A statement without such columns stays as it is.
 * @param columns name and, where the column is to be replaced, what by
 * @throws TablecastError SQL_COLUMN_NAMES when a name cannot be written in SQL
 */
export function wrapStatement(
  table: string,
  sql: string,
  columns: readonly { readonly name: string; readonly select: string | undefined }[],
): string {
  if (columns.every(({ select }) => select === undefined)) return sql;
  const list = columns.map(({ name, select }) => {
    if (name.includes('"')) throw new TablecastError('SQL_COLUMN_NAMES', { table, reason: `${name} has no name of its own` });
    const quoted = quoteOracleName(name);
    return select === undefined ? quoted : `${select} AS ${quoted}`;
  });
  return `SELECT ${list.join(', ')}\nFROM (\n${sql}\n)`;
}
