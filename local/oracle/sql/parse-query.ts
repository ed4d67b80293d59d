import type { FromItem, Query, Select, SelectItem, SetOperation } from './ast';
import { ExpressionParser } from './parse-expression';
import type { TokenStream } from './token-stream';

/** The expression parser for a statement's tokens. */
export function expressions(tokens: TokenStream): ExpressionParser {
  return new ExpressionParser(tokens, parseQuery);
}

/** Reads a query: WITH, set operations, ORDER BY, OFFSET and FETCH FIRST. */
export function parseQuery(tokens: TokenStream): Query {
  const common: { name: string; columns: readonly string[] | null; query: Query }[] = [];
  if (tokens.accept('WITH')) {
    do {
      const name = tokens.identifier();
      const columns = tokens.at('(') ? tokens.nameList() : null;
      tokens.expect('AS', '(');
      common.push({ name, columns, query: parseQuery(tokens) });
      tokens.expect(')');
    } while (tokens.accept(','));
  }
  const body = setOperations(tokens);
  const orderBy = tokens.accept('ORDER', 'BY') ? expressions(tokens).orderBy() : [];
  let offset = null;
  let limit = null;
  if (tokens.accept('OFFSET')) {
    offset = expressions(tokens).parse();
    if (!tokens.accept('ROWS')) tokens.expect('ROW');
  }
  if (tokens.accept('FETCH')) {
    if (!tokens.accept('FIRST')) tokens.expect('NEXT');
    limit = tokens.at('ROW') || tokens.at('ROWS') ? null : expressions(tokens).parse();
    if (!tokens.accept('ROWS')) tokens.expect('ROW');
    tokens.expect('ONLY');
  }
  return { with: common, body, orderBy, offset, limit };
}

function setOperations(tokens: TokenStream): Select | SetOperation {
  let left = operand(tokens);
  for (;;) {
    let operator: SetOperation['operator'];
    if (tokens.accept('UNION')) operator = tokens.accept('ALL') ? 'UNION ALL' : 'UNION';
    else if (tokens.accept('MINUS') || tokens.accept('EXCEPT')) operator = 'MINUS';
    else if (tokens.accept('INTERSECT')) operator = 'INTERSECT';
    else
      return left.with.length === 0 && left.orderBy.length === 0 && left.limit === null && left.offset === null
        ? left.body
        : asSelect(left);
    left = plain({ kind: 'set', operator, left, right: operand(tokens) });
  }
}

function plain(body: Select | SetOperation): Query {
  return { with: [], body, orderBy: [], offset: null, limit: null };
}

/** `(select … order by …)` on its own, as the body of another query. */
function asSelect(query: Query): Select {
  return {
    kind: 'select',
    distinct: false,
    items: [{ kind: 'star', table: null, position: 0 }],
    from: [{ kind: 'query', query, alias: null, position: 0 }],
    where: null,
    groupBy: [],
    having: null,
  };
}

function operand(tokens: TokenStream): Query {
  if (tokens.at('(')) {
    tokens.expect('(');
    const query = parseQuery(tokens);
    tokens.expect(')');
    return query;
  }
  return plain(select(tokens));
}

function select(tokens: TokenStream): Select {
  tokens.expect('SELECT');
  const distinct = tokens.accept('DISTINCT') || tokens.accept('UNIQUE');
  if (!distinct) tokens.accept('ALL');
  const items = [selectItem(tokens)];
  while (tokens.accept(',')) items.push(selectItem(tokens));
  // Since 23ai FROM may be left out; 19c wants DUAL, and so does this server.
  tokens.expect('FROM');
  const from = [fromItem(tokens)];
  while (tokens.accept(',')) from.push(fromItem(tokens));
  const where = tokens.accept('WHERE') ? expressions(tokens).parse() : null;
  const groupBy = tokens.accept('GROUP', 'BY') ? expressions(tokens).list() : [];
  const having = tokens.accept('HAVING') ? expressions(tokens).parse() : null;
  return { kind: 'select', distinct, items, from, where, groupBy, having };
}

function selectItem(tokens: TokenStream): SelectItem {
  const { position } = tokens.peek();
  if (tokens.accept('*')) return { kind: 'star', table: null, position };
  const mark = tokens.mark();
  if (tokens.atIdentifier()) {
    const path = [tokens.identifier()];
    while (tokens.accept('.')) {
      if (tokens.accept('*')) return { kind: 'star', table: path, position };
      if (!tokens.atIdentifier()) break;
      path.push(tokens.identifier());
    }
    tokens.reset(mark);
  }
  const expression = expressions(tokens).parse();
  const text = tokens.sql.slice(position, tokens.previousEnd);
  return { kind: 'expression', expression, alias: tokens.alias(true), text };
}

/** Reads one item of a FROM clause with its joins. */
export function fromItem(tokens: TokenStream): FromItem {
  let left = fromPrimary(tokens);
  for (;;) {
    let type: 'INNER' | 'LEFT' | 'RIGHT' | 'FULL' | 'CROSS';
    if (tokens.accept('CROSS', 'JOIN')) type = 'CROSS';
    else if (tokens.accept('INNER', 'JOIN') || tokens.accept('JOIN')) type = 'INNER';
    else {
      const side = (['LEFT', 'RIGHT', 'FULL'] as const).find((word) => tokens.at(word));
      if (side === undefined) return left;
      tokens.next();
      tokens.accept('OUTER');
      tokens.expect('JOIN');
      type = side;
    }
    const right = fromPrimary(tokens);
    let on = null;
    let using = null;
    if (type !== 'CROSS') {
      if (tokens.accept('USING')) using = tokens.nameList();
      else {
        tokens.expect('ON');
        on = expressions(tokens).parse();
      }
    }
    left = { kind: 'join', type, left, right, on, using };
  }
}

function fromPrimary(tokens: TokenStream): FromItem {
  const { position } = tokens.peek();
  if (tokens.accept('(')) {
    if (!tokens.at('SELECT') && !tokens.at('WITH') && !tokens.at('(')) {
      const item = fromItem(tokens);
      tokens.expect(')');
      return item;
    }
    const query = parseQuery(tokens);
    tokens.expect(')');
    return { kind: 'query', query, alias: tokens.alias(false), position };
  }
  const name = tokens.tableName();
  let asOf = null;
  if (tokens.accept('AS', 'OF')) {
    tokens.expect('SCN');
    asOf = expressions(tokens).parse();
  }
  return { kind: 'table', name, alias: tokens.alias(false), asOf };
}
