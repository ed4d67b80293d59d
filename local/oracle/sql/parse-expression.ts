import type { Expression, OrderItem, Query, Window } from './ast';
import { parseType } from './parse-type';
import type { TokenStream } from './token-stream';

/** Reads a query within an expression; given by the query parser, so that the two files do not import each other. */
export type QueryParser = (tokens: TokenStream) => Query;

const comparisons = new Set(['=', '<>', '!=', '^=', '<', '>', '<=', '>=']);

/** Recursive descent over Oracle's expressions and conditions. */
export class ExpressionParser {
  constructor(
    private readonly tokens: TokenStream,
    private readonly parseQuery: QueryParser,
  ) {}

  /** A condition or expression. */
  parse(): Expression {
    return this.or();
  }

  list(): Expression[] {
    const items = [this.parse()];
    while (this.tokens.accept(',')) items.push(this.parse());
    return items;
  }

  orderBy(): OrderItem[] {
    const items: OrderItem[] = [];
    do {
      const expression = this.parse();
      const descending = this.tokens.accept('DESC');
      if (!descending) this.tokens.accept('ASC');
      const nulls = this.tokens.accept('NULLS', 'FIRST') ? 'FIRST' : this.tokens.accept('NULLS', 'LAST') ? 'LAST' : null;
      items.push({ expression, descending, nulls });
    } while (this.tokens.accept(','));
    return items;
  }

  private binary(left: Expression, operator: string, right: Expression): Expression {
    return { kind: 'binary', operator, left, right, position: left.position };
  }

  private or(): Expression {
    let left = this.and();
    while (this.tokens.accept('OR')) left = this.binary(left, 'OR', this.and());
    return left;
  }

  private and(): Expression {
    let left = this.not();
    while (this.tokens.accept('AND')) left = this.binary(left, 'AND', this.not());
    return left;
  }

  private not(): Expression {
    const { position } = this.tokens.peek();
    if (this.tokens.accept('NOT')) return { kind: 'unary', operator: 'NOT', operand: this.not(), position };
    return this.condition();
  }

  private condition(): Expression {
    const { tokens } = this;
    const { position } = tokens.peek();
    if (tokens.accept('EXISTS')) {
      tokens.expect('(');
      const query = this.parseQuery(tokens);
      tokens.expect(')');
      return { kind: 'exists', query, position };
    }
    let left = this.additive();
    for (;;) {
      const token = tokens.peek();
      if (token.kind === 'symbol' && comparisons.has(token.text)) {
        tokens.next();
        const operator = token.text === '!=' || token.text === '^=' ? '<>' : token.text;
        left = this.binary(left, operator, this.additive());
        continue;
      }
      if (tokens.accept('IS')) {
        const negated = tokens.accept('NOT');
        tokens.expect('NULL');
        left = { kind: 'isNull', operand: left, negated, position };
        continue;
      }
      const negated = tokens.at('NOT') && ['IN', 'BETWEEN', 'LIKE'].includes(tokens.peek(1).text);
      if (negated) tokens.next();
      if (tokens.accept('IN')) left = this.inList(left, negated);
      else if (tokens.accept('BETWEEN')) {
        const low = this.additive();
        tokens.expect('AND');
        left = { kind: 'between', operand: left, low, high: this.additive(), negated, position };
      } else if (tokens.accept('LIKE')) {
        const pattern = this.additive();
        left = { kind: 'like', operand: left, pattern, escape: tokens.accept('ESCAPE') ? this.additive() : null, negated, position };
      } else return left;
    }
  }

  private inList(operand: Expression, negated: boolean): Expression {
    const { tokens } = this;
    const { position } = operand;
    const operands = operand.kind === 'call' && operand.name === '' ? operand.args : [operand];
    if (!tokens.at('(')) return { kind: 'in', operand: operands, values: [[this.additive()]], negated, position };
    tokens.expect('(');
    if (tokens.at('SELECT') || tokens.at('WITH')) {
      const query = this.parseQuery(tokens);
      tokens.expect(')');
      return { kind: 'in', operand: operands, values: query, negated, position };
    }
    const values = this.list().map((value) => (value.kind === 'call' && value.name === '' ? value.args : [value]));
    tokens.expect(')');
    return { kind: 'in', operand: operands, values, negated, position };
  }

  private additive(): Expression {
    let left = this.multiplicative();
    for (;;) {
      const operator = (['+', '-', '||'] as const).find((symbol) => this.tokens.at(symbol));
      if (operator === undefined) return left;
      this.tokens.next();
      left = this.binary(left, operator, this.multiplicative());
    }
  }

  private multiplicative(): Expression {
    let left = this.unary();
    for (;;) {
      const operator = (['*', '/'] as const).find((symbol) => this.tokens.at(symbol));
      if (operator === undefined) return left;
      this.tokens.next();
      left = this.binary(left, operator, this.unary());
    }
  }

  private unary(): Expression {
    const { position } = this.tokens.peek();
    if (this.tokens.accept('-')) return { kind: 'unary', operator: '-', operand: this.unary(), position };
    if (this.tokens.accept('+')) return this.unary();
    let operand = this.primary();
    for (;;) {
      if (this.tokens.accept('AT', 'TIME', 'ZONE')) operand = { kind: 'atTimeZone', operand, zone: this.primary(), position };
      else if (this.tokens.accept('AT', 'LOCAL')) operand = { kind: 'atTimeZone', operand, zone: null, position };
      else return operand;
    }
  }

  private primary(): Expression {
    const { tokens } = this;
    const token = tokens.peek();
    const { position } = token;
    switch (token.kind) {
      case 'number':
        tokens.next();
        return { kind: 'number', text: token.text, position };
      case 'string':
        tokens.next();
        return { kind: 'string', text: token.text, position };
      case 'bind':
        tokens.next();
        return { kind: 'bind', index: tokens.bindCount++, name: token.text, position };
      case 'symbol':
        return this.parenthesis();
      case 'quoted':
        return this.columnOrCall();
      case 'end':
        return tokens.fail('expression expected');
      case 'word':
        return this.word(token.text, position);
    }
  }

  private parenthesis(): Expression {
    const { tokens } = this;
    const { position } = tokens.peek();
    tokens.expect('(');
    if (tokens.at('SELECT') || tokens.at('WITH')) {
      const query = this.parseQuery(tokens);
      tokens.expect(')');
      return { kind: 'subquery', query, position };
    }
    const items = this.list();
    tokens.expect(')');
    // A row of several values is kept as a call without a name; only IN takes it apart again.
    return items.length === 1 ? items[0]! : { kind: 'call', name: '', args: items, distinct: false, star: false, over: null, position };
  }

  private word(word: string, position: number): Expression {
    const { tokens } = this;
    switch (word) {
      case 'NULL':
        tokens.next();
        return { kind: 'null', position };
      case 'TRUE':
      case 'FALSE':
        tokens.next();
        return { kind: 'boolean', value: word === 'TRUE', position };
      case 'CASE':
        return this.caseExpression();
      case 'DATE':
      case 'TIMESTAMP':
        if (tokens.peek(1).kind !== 'string') break;
        tokens.next();
        return { kind: 'datetime', type: word, text: tokens.string(), position };
      case 'INTERVAL': {
        if (tokens.peek(1).kind !== 'string') break;
        tokens.next();
        const amount = tokens.string();
        return { kind: 'interval', amount, unit: tokens.next().text, position };
      }
      case 'CAST': {
        tokens.next();
        tokens.expect('(');
        const operand = this.parse();
        tokens.expect('AS');
        const type = parseType(tokens);
        tokens.expect(')');
        return { kind: 'cast', operand, type, position };
      }
      case 'EXTRACT': {
        tokens.next();
        tokens.expect('(');
        const field = tokens.next().text;
        tokens.expect('FROM');
        const operand = this.parse();
        tokens.expect(')');
        return { kind: 'extract', field, operand, position };
      }
    }
    return this.columnOrCall();
  }

  private caseExpression(): Expression {
    const { tokens } = this;
    const { position } = tokens.next();
    const operand = tokens.at('WHEN') ? null : this.parse();
    const branches: { when: Expression; then: Expression }[] = [];
    while (tokens.accept('WHEN')) {
      const when = this.parse();
      tokens.expect('THEN');
      branches.push({ when, then: this.parse() });
    }
    const otherwise = tokens.accept('ELSE') ? this.parse() : null;
    tokens.expect('END');
    return { kind: 'case', operand, branches, otherwise, position };
  }

  private columnOrCall(): Expression {
    const { tokens } = this;
    const { position } = tokens.peek();
    const path = [tokens.identifier()];
    while (tokens.at('.') && tokens.peek(1).text !== '*') {
      tokens.next();
      path.push(tokens.identifier());
    }
    if (!tokens.at('(')) {
      const outer = tokens.accept('(+)');
      return { kind: 'column', path, outer, position };
    }
    tokens.expect('(');
    const name = path.join('.');
    const distinct = tokens.accept('DISTINCT');
    let args: Expression[] = [];
    let star = false;
    if (tokens.accept('*')) star = true;
    else if (!tokens.at(')')) args = this.list();
    tokens.expect(')');
    return { kind: 'call', name, args, distinct, star, over: tokens.accept('OVER') ? this.window() : null, position };
  }

  private window(): Window {
    const { tokens } = this;
    tokens.expect('(');
    const partitionBy = tokens.accept('PARTITION', 'BY') ? this.list() : [];
    const orderBy = tokens.accept('ORDER', 'BY') ? this.orderBy() : [];
    tokens.expect(')');
    return { partitionBy, orderBy };
  }
}
