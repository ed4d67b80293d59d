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

/**
 * Splits a statement into tokens.
 * @throws OracleError 911 for a character that no token starts with, 1756 for an open string
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
