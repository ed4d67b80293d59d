import { OracleError, invalidStatement } from '../oracle-error';

/** A piece of a statement. */
export interface Token {
  readonly kind: 'word' | 'quoted' | 'number' | 'string' | 'bind' | 'symbol' | 'end';
  /** Words in upper case, quoted identifiers and strings without their quotes, binds without the colon. */
  readonly text: string;
  /** Offset in the SQL text. */
  readonly position: number;
}

const pattern =
  /\s+|--[^\n]*|\/\*[\s\S]*?\*\/|([nN]?)'((?:[^']|'')*)'|"([^"]+)"|:(?:"([^"]+)"|([A-Za-z0-9_$#]+))|(\d+(?:\.(?!\.)\d*)?(?:[eE][+-]?\d+)?[fFdD]?|\.\d+(?:[eE][+-]?\d+)?[fFdD]?)|([\p{L}][\p{L}\p{N}_$#]*)|(\(\+\)|\|\||<>|!=|\^=|<=|>=|=>|[-+*/(),.=<>;@])/uy;

/** Oracle's reserved words; as the name of a placeholder they need quotes. */
const reserved = new Set(
  (
    'ACCESS ADD ALL ALTER AND ANY AS ASC AUDIT BETWEEN BY CHAR CHECK CLUSTER COLUMN COMMENT COMPRESS CONNECT CREATE CURRENT DATE DECIMAL DEFAULT DELETE DESC ' +
    'DISTINCT DROP ELSE EXCLUSIVE EXISTS FILE FLOAT FOR FROM GRANT GROUP HAVING IDENTIFIED IMMEDIATE IN INCREMENT INDEX INITIAL INSERT INTEGER INTERSECT INTO ' +
    'IS LEVEL LIKE LOCK LONG MAXEXTENTS MINUS MLSLABEL MODE MODIFY NOAUDIT NOCOMPRESS NOT NOWAIT NULL NUMBER OF OFFLINE ON ONLINE OPTION OR ORDER PCTFREE ' +
    'PRIOR PUBLIC RAW RENAME RESOURCE REVOKE ROW ROWID ROWNUM ROWS SELECT SESSION SET SHARE SIZE SMALLINT START SUCCESSFUL SYNONYM SYSDATE TABLE THEN TO ' +
    'TRIGGER UID UNION UNIQUE UPDATE USER VALIDATE VALUES VARCHAR VARCHAR2 VIEW WHENEVER WHERE WITH'
  ).split(' '),
);

/**
 * Splits a statement into tokens.
 * @throws OracleError 911 for a character that no token starts with, 1756 for an open string, 1745 for a placeholder named by a reserved word
 */
export function tokenize(sql: string): Token[] {
  const tokens: Token[] = [];
  pattern.lastIndex = 0;
  let position = 0;
  while (position < sql.length) {
    pattern.lastIndex = position;
    const match = pattern.exec(sql);
    if (match === null) {
      if (sql[position] === "'") throw new OracleError(1756, 'quoted string not properly terminated', position);
      throw new OracleError(911, `invalid character: ${sql[position] ?? ''}`, position);
    }
    const [, , string, quoted, quotedBind, bind, number, word, symbol] = match;
    if (bind !== undefined && reserved.has(bind.toUpperCase())) throw new OracleError(1745, 'invalid host/bind variable name', position);
    if (string !== undefined) tokens.push({ kind: 'string', text: string.replaceAll("''", "'"), position });
    else if (quoted !== undefined) tokens.push({ kind: 'quoted', text: quoted, position });
    else if (quotedBind !== undefined || bind !== undefined) tokens.push({ kind: 'bind', text: quotedBind ?? bind ?? '', position });
    else if (number !== undefined) tokens.push({ kind: 'number', text: number, position });
    else if (word !== undefined) tokens.push({ kind: 'word', text: word.toUpperCase(), position });
    else if (symbol !== undefined) tokens.push({ kind: 'symbol', text: symbol, position });
    position = pattern.lastIndex;
  }
  if (tokens.length === 0) throw invalidStatement('the statement is empty');
  tokens.push({ kind: 'end', text: '', position: sql.length });
  return tokens;
}
