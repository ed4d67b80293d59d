/** One word, literal or sign of an Oracle SQL text; white space and comments lie between tokens. */
export interface SqlToken {
  /** `word`: an unquoted name or keyword; `quoted`: a name in double quotes; `string`: a literal, also the `q'[…]'` form; `bind`: `:name`. */
  readonly kind: 'word' | 'quoted' | 'string' | 'number' | 'bind' | 'symbol';
  /** As written, quotes included. */
  readonly text: string;
  /** Offsets of the token's first character and of the character after its last, in UTF-16 units. */
  readonly start: number;
  readonly end: number;
  /** For a literal: its value, quotes resolved. For a name in quotes: the name. For words: the word in upper case. Else the text. */
  readonly value: string;
}

/** A comment, a string or a name in quotes that never ends. */
export class UnterminatedSqlError extends Error {
  override readonly name = 'UnterminatedSqlError';
}

const closing: Readonly<Record<string, string>> = { '[': ']', '(': ')', '{': '}', '<': '>' };
const token =
  /[\s]+|--[^\n]*|(?<comment>\/\*)|(?<q>[nN]?[qQ]')|(?<string>(?:[nN])?'(?:[^']|'')*')|(?<quoted>"[^"]*")|(?<bind>:(?:"[^"]+"|[\p{L}\p{N}_$#]+))|(?<number>\d+(?:\.(?!\.)\d*)?(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?)|(?<word>\p{L}[\p{L}\p{N}_$#]*)|(?<symbol>\|\||<=|>=|<>|!=|\^=|=>|\.\.|:=|[^'"\s])/uy;

/**
 * Splits an Oracle SQL text into tokens.
 * @throws UnterminatedSqlError when a comment, literal or quoted name is not closed
 */
export function oracleTokens(sql: string): SqlToken[] {
  const tokens: SqlToken[] = [];
  let at = 0;
  while (at < sql.length) {
    token.lastIndex = at;
    const match = token.exec(sql);
    if (!match)
      throw new UnterminatedSqlError(sql.startsWith('"', at) ? 'a name in quotes is not closed' : 'a string literal is not closed');
    const text = match[0];
    const start = at;
    at += text.length;
    const groups = match.groups ?? {};
    if (groups['comment'] !== undefined) {
      const end = sql.indexOf('*/', at);
      if (end < 0) throw new UnterminatedSqlError('a comment is not closed');
      at = end + 2;
    } else if (groups['q'] !== undefined) {
      const opening = sql[at] ?? '';
      const end = sql.indexOf(`${closing[opening] ?? opening}'`, at + 1);
      if (opening === '' || end < 0) throw new UnterminatedSqlError('a string literal is not closed');
      const value = sql.slice(at + 1, end);
      at = end + 2;
      tokens.push({ kind: 'string', text: sql.slice(start, at), start, end: at, value });
    } else if (groups['string'] !== undefined) {
      tokens.push({ kind: 'string', text, start, end: at, value: text.slice(text.indexOf("'") + 1, -1).replaceAll("''", "'") });
    } else if (groups['quoted'] !== undefined) {
      tokens.push({ kind: 'quoted', text, start, end: at, value: text.slice(1, -1) });
    } else if (groups['word'] !== undefined) {
      tokens.push({ kind: 'word', text, start, end: at, value: text.toUpperCase() });
    } else {
      const kind = (['bind', 'number', 'symbol'] as const).find((name) => groups[name] !== undefined);
      if (kind) tokens.push({ kind, text, start, end: at, value: text });
    }
  }
  return tokens;
}
