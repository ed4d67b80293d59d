import { invalidStatement } from '../oracle-error';
import type { Token } from './lexer';
import type { TableName } from './ast';

/** Words that cannot be the alias of a table or column. */
const reserved = new Set(
  (
    'ALL ALTER AND ANY AS ASC BETWEEN BY CASE CHECK CONNECT CREATE CROSS DEFAULT DELETE DESC DISTINCT DROP ELSE END EXCEPT EXISTS FETCH FOR FROM FULL GRANT ' +
    'GROUP HAVING IN INNER INSERT INTERSECT INTO IS JOIN LEFT LIKE MINUS NATURAL NOT NULL OFFSET ON OR ORDER OUTER REVOKE RIGHT SELECT SET START TABLE THEN ' +
    'UNION UNIQUE UPDATE USING VALUES VIEW WHEN WHERE WITH'
  ).split(' '),
);

/** Walks through the tokens of a statement. */
export class TokenStream {
  private index = 0;
  /** Placeholders seen so far: each occurrence has its own value. */
  bindCount = 0;

  constructor(
    private readonly tokens: readonly Token[],
    readonly sql: string,
  ) {}

  peek(ahead = 0): Token {
    return this.tokens[Math.min(this.index + ahead, this.tokens.length - 1)]!;
  }

  next(): Token {
    const token = this.peek();
    if (token.kind !== 'end') this.index++;
    return token;
  }

  /** End of the token before the current one, as offset in the text. */
  get previousEnd(): number {
    const current = this.peek().position;
    return this.sql.slice(0, current).trimEnd().length;
  }

  mark(): number {
    return this.index;
  }

  reset(mark: number): void {
    this.index = mark;
  }

  /** Whether the next tokens are these words or symbols. */
  at(...texts: readonly string[]): boolean {
    return texts.every((text, offset) => {
      const token = this.peek(offset);
      return (token.kind === 'word' || token.kind === 'symbol') && token.text === text;
    });
  }

  /** Takes these words or symbols if they come next. */
  accept(...texts: readonly string[]): boolean {
    if (!this.at(...texts)) return false;
    this.index += texts.length;
    return true;
  }

  /** @throws OracleError 900 if something else comes next */
  expect(...texts: readonly string[]): void {
    if (!this.accept(...texts)) this.fail(`${texts.join(' ')} expected`);
  }

  /** @throws OracleError 900 always */
  fail(detail: string): never {
    const token = this.peek();
    throw invalidStatement(`${detail}, found ${token.kind === 'end' ? 'the end' : token.text}`, token.position);
  }

  /** Whether an identifier that is no reserved word comes next. */
  atIdentifier(): boolean {
    const token = this.peek();
    return token.kind === 'quoted' || (token.kind === 'word' && !reserved.has(token.text));
  }

  identifier(): string {
    if (!this.atIdentifier()) this.fail('identifier expected');
    return this.next().text;
  }

  /** An alias, with or without AS. */
  alias(withAs: boolean): string | null {
    if (withAs && this.accept('AS')) {
      const token = this.next();
      if (token.kind !== 'word' && token.kind !== 'quoted') this.fail('alias expected');
      return token.text;
    }
    return this.atIdentifier() ? this.next().text : null;
  }

  tableName(): TableName {
    const { position } = this.peek();
    const first = this.identifier();
    if (!this.accept('.')) return { schema: null, name: first, position };
    return { schema: first, name: this.identifier(), position };
  }

  nameList(): string[] {
    this.expect('(');
    const names = [this.identifier()];
    while (this.accept(',')) names.push(this.identifier());
    this.expect(')');
    return names;
  }

  integer(): number {
    const sign = this.accept('-') ? -1 : 1;
    const token = this.next();
    if (token.kind !== 'number' || !/^\d+$/.test(token.text)) this.fail('integer expected');
    return sign * Number(token.text);
  }

  string(): string {
    const token = this.next();
    if (token.kind !== 'string') this.fail('string expected');
    return token.text;
  }
}
