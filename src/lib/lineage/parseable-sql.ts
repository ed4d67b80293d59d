import { oracleTokens, type SqlToken } from './oracle-tokens';

/** A function that stands for `(+)` behind a column without table: the parser knows the sign on qualified columns only. */
export const optionalMark = 'TABLECAST_OPTIONAL';

/**
 * The same SELECT without the clauses that say which version or which part of a table is read, because the parser does not know them, and that change
 * nothing about where a column comes from: `AS OF SCN|TIMESTAMP …`, `PARTITION (…)` and `SUBPARTITION (…)`. Literals in the `q'[…]'` form are written plainly,
 * and `NAME(+)` as a call of {@link optionalMark}.
 * @throws UnterminatedSqlError when a comment, literal or quoted name is not closed
 */
export function parseableSql(statement: string): string {
  const sql = withConnectConditionsEnclosed(statement);
  const tokens = oracleTokens(sql);
  let result = '';
  let copied = 0;
  const replace = (start: number, end: number, text: string): void => {
    result += sql.slice(copied, start) + text;
    copied = end;
  };
  for (let i = 0; i < tokens.length; i++) {
    const current = tokens[i]!;
    if (current.kind === 'string' && /^n?q'/i.test(current.text)) {
      replace(current.start, current.end, `'${current.value.replaceAll("'", "''")}'`);
    } else if (
      isWord(current, 'AS') &&
      isWord(tokens[i + 1], 'OF') &&
      (isWord(tokens[i + 2], 'SCN') || isWord(tokens[i + 2], 'TIMESTAMP'))
    ) {
      const last = endOfValue(tokens, i + 3);
      replace(current.start, tokens[last]!.end, '');
      i = last;
    } else if (isName(current) && tokens[i - 1]?.text !== '.' && isOptionalSign(tokens, i + 1)) {
      replace(current.start, tokens[i + 3]!.end, `${optionalMark}(${current.text})`);
      i += 3;
    } else if (isWord(current, 'PARTITION') || isWord(current, 'SUBPARTITION')) {
      const open = isWord(tokens[i + 1], 'FOR') ? i + 2 : i + 1;
      if (tokens[open]?.text !== '(') continue;
      const last = endOfParentheses(tokens, open);
      replace(current.start, tokens[last]!.end, '');
      i = last;
    }
  }
  return result + sql.slice(copied);
}

function isWord(token: SqlToken | undefined, word: string): boolean {
  return token?.kind === 'word' && token.value === word;
}

function isName(token: SqlToken): boolean {
  return token.kind === 'word' || token.kind === 'quoted';
}

function isOptionalSign(tokens: readonly SqlToken[], at: number): boolean {
  return tokens[at]?.text === '(' && tokens[at + 1]?.text === '+' && tokens[at + 2]?.text === ')';
}

function endOfParentheses(tokens: readonly SqlToken[], open: number): number {
  let depth = 0;
  for (let i = open; i < tokens.length; i++) {
    if (tokens[i]!.text === '(') depth++;
    if (tokens[i]!.text === ')' && --depth === 0) return i;
  }
  return tokens.length - 1;
}

/** Index of the last token of `:scn`, `12`, `(…)`, `f(…)`, `TIMESTAMP '…'`, `INTERVAL '5' MINUTE`, and sums of these. */
function endOfValue(tokens: readonly SqlToken[], first: number): number {
  let last = Math.min(first, tokens.length - 1);
  if (tokens[last]!.text === '(') last = endOfParentheses(tokens, last);
  else if (tokens[last + 1]?.text === '(') last = endOfParentheses(tokens, last + 1);
  else if (tokens[last + 1]?.kind === 'string') last += isWord(tokens[last], 'INTERVAL') ? 2 : 1;
  const next = tokens[last + 1]?.text;
  return next === '+' || next === '-' || next === '*' || next === '/' ? endOfValue(tokens, last + 2) : last;
}

const afterConnect = /^(START|ORDER|GROUP|HAVING|UNION|MINUS|INTERSECT|EXCEPT|FETCH|OFFSET|FOR|MODEL)$/;

/** The same with the condition of CONNECT BY in parentheses: without them the parser understands no arithmetic in it, nor OR, IN and the like. */
function withConnectConditionsEnclosed(sql: string): string {
  if (!/\bconnect\b/i.test(sql)) return sql;
  const tokens = oracleTokens(sql);
  const signs: { readonly at: number; readonly sign: string }[] = [];
  for (let i = 0; i + 1 < tokens.length; i++) {
    if (!isWord(tokens[i], 'CONNECT') || !isWord(tokens[i + 1], 'BY')) continue;
    const first = isWord(tokens[i + 2], 'NOCYCLE') ? i + 3 : i + 2;
    let last = first;
    while (last < tokens.length && !endsConnect(tokens[last]!))
      last = tokens[last]!.text === '(' ? endOfParentheses(tokens, last) + 1 : last + 1;
    if (last > first) signs.push({ at: tokens[first]!.start, sign: '(' }, { at: tokens[last - 1]!.end, sign: ')' });
  }
  // One CONNECT BY may stand within the condition of another.
  return signs.sort((a, b) => b.at - a.at).reduce((text, { at, sign }) => text.slice(0, at) + sign + text.slice(at), sql);
}

function endsConnect(token: SqlToken): boolean {
  return token.text === ')' || token.text === ';' || (token.kind === 'word' && afterConnect.test(token.value));
}
