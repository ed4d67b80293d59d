import { invalidStatement } from '../oracle-error';
import type { ColumnDefinition, Constraint, Expression, Statement } from './ast';
import { tokenize } from './lexer';
import { expressions, fromItem, parseQuery } from './parse-query';
import { parseType } from './parse-type';
import { TokenStream } from './token-stream';

/** A statement with the number of its placeholders. */
export interface ParsedStatement {
  readonly statement: Statement;
  readonly bindCount: number;
}

/**
 * Reads one statement.
 * @throws OracleError 900 for a form this server does not know
 */
export function parseStatement(sql: string): ParsedStatement {
  const tokens = new TokenStream(tokenize(sql), sql);
  const statement = parse(tokens);
  tokens.accept(';');
  if (tokens.peek().kind !== 'end') tokens.fail('end of statement expected');
  return { statement, bindCount: tokens.bindCount };
}

function parse(tokens: TokenStream): Statement {
  const first = tokens.peek();
  if (first.kind === 'symbol' && first.text === '(') return { kind: 'query', query: parseQuery(tokens) };
  switch (first.kind === 'word' ? first.text : '') {
    case 'SELECT':
    case 'WITH':
      return { kind: 'query', query: parseQuery(tokens) };
    case 'INSERT':
      return insert(tokens);
    case 'UPDATE': {
      tokens.next();
      const table = tokens.tableName();
      const alias = tokens.alias(false);
      tokens.expect('SET');
      const set = assignments(tokens);
      return { kind: 'update', table, alias, set, where: where(tokens) };
    }
    case 'DELETE': {
      tokens.next();
      tokens.accept('FROM');
      const table = tokens.tableName();
      const alias = tokens.alias(false);
      return { kind: 'delete', table, alias, where: where(tokens) };
    }
    case 'MERGE':
      return merge(tokens);
    case 'TRUNCATE':
      tokens.expect('TRUNCATE', 'TABLE');
      return { kind: 'truncate', table: tokens.tableName() };
    case 'CREATE':
      return create(tokens);
    case 'DROP':
      return drop(tokens);
    case 'ALTER':
      return alter(tokens);
    case 'COMMENT':
      return comment(tokens);
    case 'GRANT':
    case 'REVOKE':
      return grant(tokens);
    case 'COMMIT':
      tokens.next();
      tokens.accept('WORK');
      return { kind: 'commit' };
    case 'ROLLBACK':
      tokens.next();
      tokens.accept('WORK');
      return { kind: 'rollback' };
    case 'SET':
      tokens.expect('SET', 'TRANSACTION');
      if (tokens.accept('READ', 'ONLY')) return { kind: 'setTransaction', readOnly: true, serializable: false };
      if (tokens.accept('READ', 'WRITE')) return { kind: 'setTransaction', readOnly: false, serializable: false };
      tokens.expect('ISOLATION', 'LEVEL');
      if (tokens.accept('SERIALIZABLE')) return { kind: 'setTransaction', readOnly: false, serializable: true };
      tokens.expect('READ', 'COMMITTED');
      return { kind: 'setTransaction', readOnly: false, serializable: false };
    case 'BEGIN': {
      // The only block: BEGIN DBMS_SESSION.SLEEP(n); END;
      tokens.next();
      const name = [tokens.identifier()];
      while (tokens.accept('.')) name.push(tokens.identifier());
      if (!['DBMS_SESSION.SLEEP', 'DBMS_LOCK.SLEEP'].includes(name.join('.'))) tokens.fail('DBMS_SESSION.SLEEP expected');
      tokens.expect('(');
      const seconds = expressions(tokens).parse();
      tokens.expect(')', ';', 'END');
      return { kind: 'sleep', seconds };
    }
    default:
      return tokens.fail('unknown statement');
  }
}

const where = (tokens: TokenStream): Expression | null => (tokens.accept('WHERE') ? expressions(tokens).parse() : null);

function assignments(tokens: TokenStream): { column: string; position: number; value: Expression }[] {
  const set: { column: string; position: number; value: Expression }[] = [];
  do {
    const { position } = tokens.peek();
    let column = tokens.identifier();
    if (tokens.accept('.')) column = tokens.identifier();
    tokens.expect('=');
    set.push({ column, position, value: expressions(tokens).parse() });
  } while (tokens.accept(','));
  return set;
}

function insert(tokens: TokenStream): Statement {
  tokens.expect('INSERT', 'INTO');
  const table = tokens.tableName();
  let columns: string[] | null = null;
  if (tokens.at('(') && !['SELECT', 'WITH'].includes(tokens.peek(1).text)) columns = tokens.nameList();
  if (tokens.accept('VALUES')) return { kind: 'insert', table, columns, values: valueList(tokens), query: null };
  return { kind: 'insert', table, columns, values: null, query: parseQuery(tokens) };
}

function valueList(tokens: TokenStream): Expression[] {
  tokens.expect('(');
  const values: Expression[] = [];
  do {
    const { position } = tokens.peek();
    // DEFAULT stands for the column's default; it is marked as a column nobody can have.
    values.push(tokens.accept('DEFAULT') ? { kind: 'column', path: ['', 'DEFAULT'], outer: false, position } : expressions(tokens).parse());
  } while (tokens.accept(','));
  tokens.expect(')');
  return values;
}

function merge(tokens: TokenStream): Statement {
  tokens.expect('MERGE', 'INTO');
  const table = tokens.tableName();
  const alias = tokens.alias(false);
  tokens.expect('USING');
  const source = fromItem(tokens);
  tokens.expect('ON');
  const on = expressions(tokens).parse();
  let update = null;
  let inserted = null;
  while (tokens.accept('WHEN')) {
    if (tokens.accept('MATCHED')) {
      tokens.expect('THEN', 'UPDATE', 'SET');
      update = assignments(tokens);
    } else {
      tokens.expect('NOT', 'MATCHED', 'THEN', 'INSERT');
      const columns = tokens.at('(') ? tokens.nameList() : null;
      tokens.expect('VALUES');
      inserted = { columns, values: valueList(tokens) };
    }
  }
  return { kind: 'merge', table, alias, source, on, update, insert: inserted };
}

function create(tokens: TokenStream): Statement {
  tokens.expect('CREATE');
  const replace = tokens.accept('OR', 'REPLACE');
  if (tokens.accept('USER')) {
    const name = tokens.identifier();
    tokens.expect('IDENTIFIED', 'BY');
    const password = tokens.next();
    // An unquoted password is taken as it is written.
    return {
      kind: 'createUser',
      name,
      password: password.kind === 'word' ? tokens.sql.slice(password.position, password.position + password.text.length) : password.text,
    };
  }
  if (tokens.accept('TABLE')) return createTable(tokens);
  if (tokens.accept('VIEW')) {
    const table = tokens.tableName();
    const columns = tokens.at('(') ? tokens.nameList() : null;
    tokens.expect('AS');
    const start = tokens.peek().position;
    const query = parseQuery(tokens);
    return { kind: 'createView', table, columns, query, text: tokens.sql.slice(start, tokens.peek().position).trim(), replace };
  }
  const isPublic = tokens.accept('PUBLIC');
  tokens.expect('SYNONYM');
  const name = tokens.tableName();
  tokens.expect('FOR');
  return { kind: 'createSynonym', name, isPublic, target: tokens.tableName(), replace };
}

function createTable(tokens: TokenStream): Statement {
  const table = tokens.tableName();
  tokens.expect('(');
  const columns: ColumnDefinition[] = [];
  const constraints: Constraint[] = [];
  do {
    if (!tableConstraint(tokens, constraints)) columns.push(columnDefinition(tokens, constraints));
  } while (tokens.accept(','));
  tokens.expect(')');
  const rowDependencies = tokens.accept('ROWDEPENDENCIES');
  if (!rowDependencies) tokens.accept('NOROWDEPENDENCIES');
  return { kind: 'createTable', table, columns, constraints, rowDependencies };
}

function columnDefinition(tokens: TokenStream, constraints: Constraint[]): ColumnDefinition {
  const name = tokens.identifier();
  const type = parseType(tokens);
  const defaultValue = tokens.accept('DEFAULT') ? expressions(tokens).parse() : null;
  let nullable = true;
  for (;;) {
    const constraintName = tokens.accept('CONSTRAINT') ? tokens.identifier() : null;
    if (tokens.accept('NOT', 'NULL')) nullable = false;
    else if (tokens.accept('NULL')) nullable = true;
    else if (tokens.accept('PRIMARY', 'KEY')) {
      nullable = false;
      constraints.push({ kind: 'primary', name: constraintName, columns: [name] });
    } else if (tokens.accept('UNIQUE')) constraints.push({ kind: 'unique', name: constraintName, columns: [name] });
    else if (tokens.accept('REFERENCES'))
      constraints.push({
        kind: 'foreign',
        name: constraintName,
        columns: [name],
        table: tokens.tableName(),
        references: tokens.at('(') ? tokens.nameList() : [],
      });
    else return { name, type, nullable, defaultValue };
  }
}

function tableConstraint(tokens: TokenStream, constraints: Constraint[]): boolean {
  const name = tokens.accept('CONSTRAINT') ? tokens.identifier() : null;
  if (tokens.accept('PRIMARY', 'KEY')) constraints.push({ kind: 'primary', name, columns: tokens.nameList() });
  else if (tokens.accept('UNIQUE')) constraints.push({ kind: 'unique', name, columns: tokens.nameList() });
  else if (tokens.accept('FOREIGN', 'KEY')) {
    const columns = tokens.nameList();
    tokens.expect('REFERENCES');
    const table = tokens.tableName();
    constraints.push({ kind: 'foreign', name, columns, table, references: tokens.at('(') ? tokens.nameList() : [] });
  } else if (name !== null) tokens.fail('constraint expected');
  else return false;
  return true;
}

function drop(tokens: TokenStream): Statement {
  tokens.expect('DROP');
  if (tokens.accept('PUBLIC', 'SYNONYM')) return { kind: 'drop', what: 'PUBLIC SYNONYM', name: tokens.tableName() };
  const what = (['TABLE', 'VIEW', 'SYNONYM'] as const).find((word) => tokens.accept(word));
  if (what === undefined) return tokens.fail('TABLE, VIEW or SYNONYM expected');
  const name = tokens.tableName();
  tokens.accept('CASCADE', 'CONSTRAINTS');
  tokens.accept('PURGE');
  return { kind: 'drop', what, name };
}

function alter(tokens: TokenStream): Statement {
  tokens.expect('ALTER');
  if (tokens.accept('SESSION', 'SET')) {
    const setting = tokens.identifier();
    tokens.expect('=');
    const { text } = tokens.next();
    // Several settings may follow in one statement; they are taken and ignored like the first one, if it is not known.
    while (tokens.peek().kind !== 'end') tokens.next();
    return { kind: 'alterSession', setting, value: text };
  }
  tokens.expect('TABLE');
  const table = tokens.tableName();
  const add: ColumnDefinition[] = [];
  const dropped: string[] = [];
  const constraints: Constraint[] = [];
  if (tokens.accept('ADD')) {
    const wrapped = tokens.accept('(');
    do {
      if (!tableConstraint(tokens, constraints)) add.push(columnDefinition(tokens, constraints));
    } while (tokens.accept(','));
    if (wrapped) tokens.expect(')');
  } else {
    tokens.expect('DROP', 'COLUMN');
    dropped.push(tokens.identifier());
  }
  return { kind: 'alterTable', table, add, drop: dropped, constraints };
}

function comment(tokens: TokenStream): Statement {
  tokens.expect('COMMENT', 'ON');
  const isColumn = tokens.accept('COLUMN');
  if (!isColumn) tokens.expect('TABLE');
  const { position } = tokens.peek();
  const path = [tokens.identifier()];
  while (tokens.accept('.')) path.push(tokens.identifier());
  tokens.expect('IS');
  const text = tokens.string();
  const column = isColumn ? path.pop()! : null;
  const name = path.pop();
  if (name === undefined) throw invalidStatement('name of the table expected', position);
  return { kind: 'comment', table: { schema: path[0] ?? null, name, position }, column, text };
}

function grant(tokens: TokenStream): Statement {
  const isGrant = tokens.next().text === 'GRANT';
  const privileges: string[] = [];
  do {
    const words: string[] = [];
    while (tokens.peek().kind === 'word' && !tokens.at('ON') && !tokens.at('TO') && !tokens.at('FROM')) words.push(tokens.next().text);
    privileges.push(words.join(' '));
  } while (tokens.accept(','));
  const on = tokens.accept('ON') ? tokens.tableName() : null;
  tokens.expect(isGrant ? 'TO' : 'FROM');
  const users = [tokens.identifier()];
  while (tokens.accept(',')) users.push(tokens.identifier());
  return isGrant ? { kind: 'grant', privileges, on, to: users } : { kind: 'revoke', privileges, on, from: users };
}
