import { OracleError, identifierInvalid, invalidStatement } from '../oracle-error';
import type { BindValue } from '../values/bind-value';
import { WireType } from '../values/bind-value';
import { blobValue } from '@duckdb/node-api';
import type { Expression, OrderItem, Query, Window } from './ast';
import type { CompileContext, Compiled, CompiledQuery, Scope, Source, SourceColumn } from './context';
import { quote } from './context';
import { asInstant, asNumber, asText, asTimestamp, canonicalNumber, comparable, convert, unify } from './convert';
import { addMinutes } from './datetime-format';
import { aggregates, atTimeZone, extract, functions, windowFunctions } from './functions';
import { BOOLEAN, DATE, NUMBER, isCharacter, isDatetime, isNano, isNumeric, isTextNumber, varchar } from './types';

/** Translates a query within an expression. */
export type QueryCompiler = (query: Query, context: CompileContext, parent: Scope) => CompiledQuery;

/** Translates expressions of one query block. */
export class ExpressionCompiler {
  constructor(
    private readonly context: CompileContext,
    private readonly scope: Scope,
    private readonly compileQuery: QueryCompiler,
  ) {}

  /** @throws OracleError 904, 918, 932, … as Oracle would */
  compile(expression: Expression): Compiled {
    switch (expression.kind) {
      case 'column':
        return this.column(expression.path, expression.position);
      case 'number':
        return numberLiteral(expression.text);
      case 'string':
        return expression.text === ''
          ? nullValue()
          : {
              sql: quote(expression.text),
              type: { name: 'VARCHAR2', length: Math.max(1, Buffer.byteLength(expression.text)) },
              nullable: false,
              literal: expression.text,
            };
      case 'datetime': {
        const nano = /\.\d{7,}/.test(expression.text);
        if (expression.type === 'DATE') return { sql: `TIMESTAMP ${quote(`${expression.text} 00:00:00`)}`, type: DATE, nullable: false };
        const match = /^(.*?)\s*([+-])(\d{1,2}):(\d{2})$/.exec(expression.text);
        const type = nano ? 'TIMESTAMP_NS' : 'TIMESTAMP';
        const scale = nano ? 9 : 6;
        if (match === null || !(match[1] ?? '').includes(':'))
          return { sql: `${type} ${quote(expression.text)}`, type: { name: 'TIMESTAMP', scale }, nullable: false };
        const minutes = (match[2] === '-' ? -1 : 1) * (Number(match[3]) * 60 + Number(match[4]));
        return {
          sql: `{utc: ${addMinutes(`${type} ${quote(match[1] ?? '')}`, String(-minutes), nano)}, zone: ${minutes}}`,
          type: { name: 'TIMESTAMP WITH TIME ZONE', scale },
          nullable: false,
        };
      }
      case 'interval':
        if (!['DAY', 'HOUR', 'MINUTE', 'SECOND', 'MONTH', 'YEAR'].includes(expression.unit) || !/^\d+(\.\d+)?$/.test(expression.amount))
          throw invalidStatement('interval literal', expression.position);
        return {
          sql: `INTERVAL ${quote(`${expression.amount} ${expression.unit}`)}`,
          type: { name: 'INTERVAL DAY TO SECOND' },
          nullable: false,
        };
      case 'null':
        return nullValue();
      case 'boolean':
        return { sql: expression.value ? 'TRUE' : 'FALSE', type: BOOLEAN, nullable: false };
      case 'bind':
        return this.bind(expression.index, expression.name);
      case 'call':
        return this.call(expression);
      case 'binary':
        return this.binary(expression.operator, this.compile(expression.left), this.compile(expression.right));
      case 'unary': {
        const operand = this.compile(expression.operand);
        if (expression.operator === 'NOT') return condition(`NOT (${operand.sql})`);
        if (operand.literal !== undefined && isNumeric(operand.type)) return numberLiteral(`-${operand.literal}`);
        return { sql: `(-${asNumber(operand)})`, type: NUMBER, nullable: operand.nullable };
      }
      case 'isNull':
        return condition(`(${this.compile(expression.operand).sql} IS ${expression.negated ? 'NOT ' : ''}NULL)`);
      case 'in':
        return this.inCondition(expression);
      case 'between': {
        const operand = this.compile(expression.operand);
        const [left, low] = comparable(operand, this.compile(expression.low), this.context);
        const [leftAgain, high] = comparable(operand, this.compile(expression.high), this.context);
        return condition(`${expression.negated ? 'NOT ' : ''}(${left} >= ${low} AND ${leftAgain} <= ${high})`);
      }
      case 'like': {
        const escape = expression.escape === null ? '' : ` ESCAPE ${this.compile(expression.escape).sql}`;
        return condition(
          `(${asText(this.compile(expression.operand), this.context)} ${expression.negated ? 'NOT ' : ''}LIKE ${asText(this.compile(expression.pattern), this.context)}${escape})`,
        );
      }
      case 'exists':
        return condition(`EXISTS (${this.compileQuery(expression.query, this.context, this.scope).sql})`);
      case 'subquery': {
        const { sql, columns } = this.compileQuery(expression.query, this.context, this.scope);
        const [column] = columns;
        if (column === undefined || columns.length > 1) throw new OracleError(913, 'too many values', expression.position);
        return { sql: `(${sql})`, type: column.type, nullable: true, text: column.text };
      }
      case 'case':
        return this.caseExpression(expression);
      case 'cast': {
        const operand = this.compile(expression.operand);
        return {
          sql: convert(operand, expression.type, this.context),
          type: expression.type,
          nullable: operand.nullable,
          text: isTextNumber(expression.type),
        };
      }
      case 'extract':
        return extract(expression.field, this.compile(expression.operand), this.context);
      case 'atTimeZone': {
        const zone = expression.zone === null ? null : this.compile(expression.zone);
        const bound = expression.zone?.kind === 'bind' ? this.context.binds?.[expression.zone.index] : undefined;
        const text =
          bound?.kind === 'string'
            ? bound.text
            : expression.zone?.kind === 'column'
              ? (expression.zone.path[0] ?? null)
              : (zone?.literal ?? null);
        return atTimeZone(this.compile(expression.operand), zone, text, this.context);
      }
    }
  }

  /** A condition of WHERE, HAVING or ON. */
  condition(expression: Expression): string {
    return this.compile(expression).sql;
  }

  orderBy(items: readonly OrderItem[], key: (expression: Expression) => string): string {
    return items
      .map(
        ({ expression, descending, nulls }) =>
          `${key(expression)} ${descending ? 'DESC' : 'ASC'} NULLS ${nulls ?? (descending ? 'FIRST' : 'LAST')}`,
      )
      .join(', ');
  }

  /** The text of an expression as ORDER BY key: numbers in text form in their numeric order. */
  sortKey(expression: Expression): string {
    const value = this.compile(expression);
    if (value.text === true) return asNumber(value);
    return value.type.name === 'TIMESTAMP WITH TIME ZONE' ? asInstant(value, this.context) : value.sql;
  }

  private column(path: readonly string[], position: number): Compiled {
    const name = path.at(-1)!;
    const found = findColumn(this.scope, path);
    if (found === 'ambiguous') throw new OracleError(918, `${name}: column ambiguously defined`, position);
    if (found !== null) return found;
    if (path.length === 1) {
      if (name === 'ROWNUM') return { sql: 'row_number() OVER ()', type: NUMBER, nullable: false };
      const call = functions[name];
      if (
        call !== undefined &&
        [
          'SYSDATE',
          'SYSTIMESTAMP',
          'CURRENT_DATE',
          'CURRENT_TIMESTAMP',
          'LOCALTIMESTAMP',
          'USER',
          'UID',
          'DBTIMEZONE',
          'SESSIONTIMEZONE',
        ].includes(name)
      )
        return call({ args: [], expressions: [], context: this.context });
    }
    const joined = path.join('.');
    if (joined.endsWith('DBMS_FLASHBACK.GET_SYSTEM_CHANGE_NUMBER'))
      return functions[joined]?.({ args: [], expressions: [], context: this.context }) ?? nullValue();
    throw identifierInvalid(path.map((part) => `"${part}"`).join('.'), position);
  }

  private call(expression: Extract<Expression, { kind: 'call' }>): Compiled {
    const { name, star, distinct, over } = expression;
    const { context } = this;
    const args = expression.args.map((arg) => this.compile(arg));
    const call = { args, expressions: expression.args, context };
    const aggregate = aggregates[name];
    if (aggregate !== undefined || (over !== null && windowFunctions[name] !== undefined)) {
      let value = star ? { sql: 'count(*)', type: NUMBER, nullable: false } : (aggregate ?? windowFunctions[name]!)(call);
      if (distinct) value = { ...value, sql: value.sql.replace('(', '(DISTINCT ') };
      return over === null ? value : { ...value, sql: `${value.sql} OVER (${this.window(over)})` };
    }
    const translate = functions[name];
    if (translate === undefined || over !== null || distinct || star)
      throw identifierInvalid(
        name
          .split('.')
          .map((part) => `"${part}"`)
          .join('.'),
        expression.position,
      );
    return translate(call);
  }

  private window(window: Window): string {
    const partition =
      window.partitionBy.length === 0 ? '' : `PARTITION BY ${window.partitionBy.map((item) => this.compile(item).sql).join(', ')}`;
    const order = window.orderBy.length === 0 ? '' : ` ORDER BY ${this.orderBy(window.orderBy, (item) => this.sortKey(item))}`;
    return partition + order;
  }

  private bind(index: number, name: string): Compiled {
    const { context } = this;
    if (context.binds === null) return { sql: 'NULL', type: varchar(4000), nullable: true };
    const value = context.binds[index];
    if (value === undefined) throw new OracleError(1008, `value for bind variable placeholder :${name} was not provided`);
    return bindValue(value, context);
  }

  private binary(operator: string, left: Compiled, right: Compiled): Compiled {
    const { context } = this;
    const isNullable = left.nullable || right.nullable;
    switch (operator) {
      case 'AND':
      case 'OR':
        return condition(`(${left.sql} ${operator} ${right.sql})`);
      case '||': {
        const length = [left, right].reduce((sum, side) => sum + (isCharacter(side.type) ? (side.type.length ?? 4000) : 64), 0);
        const lob = left.type.name === 'CLOB' || right.type.name === 'CLOB';
        return {
          sql: `nullif(concat(${asText(left, context)}, ${asText(right, context)}), '')`,
          type: lob ? { name: 'CLOB' } : varchar(Math.min(length, 4000)),
          nullable: isNullable,
        };
      }
      case '+':
      case '-':
      case '*':
      case '/':
        return this.arithmetic(operator, left, right, isNullable);
      default: {
        const [leftSql, rightSql] = comparable(left, right, context);
        return condition(`(${leftSql} ${operator} ${rightSql})`);
      }
    }
  }

  private arithmetic(operator: string, left: Compiled, right: Compiled, isNullable: boolean): Compiled {
    const { context } = this;
    const isInterval = (value: Compiled): boolean => value.type.name === 'INTERVAL DAY TO SECOND';
    const days = (value: Compiled): string => `to_microseconds(CAST(round(${asNumber(value)} * 86400) * 1000000 AS BIGINT))`;
    if (isDatetime(left.type) && isDatetime(right.type) && operator === '-') {
      if (left.type.name !== 'DATE' || right.type.name !== 'DATE')
        return {
          sql: `(${asInstant(left, context)} - ${asInstant(right, context)})`,
          type: { name: 'INTERVAL DAY TO SECOND' },
          nullable: isNullable,
        };
      return { sql: `((epoch_us(${left.sql}) - epoch_us(${right.sql})) / 86400000000.0)`, type: NUMBER, nullable: isNullable };
    }
    const [moment, amount] = isDatetime(left.type) ? [left, right] : [right, left];
    if (isDatetime(moment.type)) {
      if (operator !== '+' && (operator !== '-' || moment !== left))
        throw new OracleError(932, `inconsistent datatypes: expected NUMBER got ${moment.type.name}`);
      if (!isInterval(amount))
        return { sql: `(${asTimestamp(moment, context)} ${operator} ${days(amount)})`, type: DATE, nullable: isNullable };
      if (isNano(moment.type))
        throw new OracleError(932, 'inconsistent datatypes: this server adds intervals to timestamps of up to 6 digits');
      if (moment.type.name === 'TIMESTAMP WITH TIME ZONE')
        return { ...moment, sql: `{utc: (${moment.sql}).utc ${operator} ${amount.sql}, zone: (${moment.sql}).zone}`, nullable: isNullable };
      return { sql: `(${moment.sql} ${operator} ${amount.sql})`, type: moment.type, nullable: isNullable };
    }
    const [a, b] = [asNumber(left), asNumber(right)];
    if (operator === '/')
      return {
        sql: `(CASE WHEN ${b} = 0 THEN error('ORA-01476: divisor is equal to zero') ELSE CAST(${a} AS DOUBLE) / ${b} END)`,
        type: NUMBER,
        nullable: isNullable,
      };
    return { sql: `(${a} ${operator} ${b})`, type: NUMBER, nullable: isNullable };
  }

  private inCondition(expression: Extract<Expression, { kind: 'in' }>): Compiled {
    const operands = expression.operand.map((item) => this.compile(item));
    const not = expression.negated ? 'NOT ' : '';
    if (!Array.isArray(expression.values)) {
      const { sql, columns } = this.compileQuery(expression.values as Query, this.context, this.scope);
      if (columns.length !== operands.length)
        throw new OracleError(
          columns.length > operands.length ? 913 : 947,
          columns.length > operands.length ? 'too many values' : 'not enough values',
          expression.position,
        );
      const alias = `q${++this.context.aliases.count}`;
      const pairs = operands.map((operand, index) =>
        comparable(operand, { ...columns[index]!, sql: `"${alias}".c${index + 1}` }, this.context),
      );
      const left = pairs.map(([side]) => side).join(', ');
      const right = pairs.map(([, side]) => side).join(', ');
      const wrapped = pairs.length > 1;
      return condition(`(${wrapped ? `(${left})` : left} ${not}IN (SELECT ${wrapped ? `(${right})` : right} FROM (${sql}) "${alias}"))`);
    }
    const rows = (expression.values as readonly (readonly Expression[])[]).map((row) =>
      operands.map((operand, index) => {
        const value = row[index];
        if (value === undefined || row.length !== operands.length) throw new OracleError(947, 'not enough values', expression.position);
        const [left, right] = comparable(operand, this.compile(value), this.context);
        return { left, right };
      }),
    );
    const sameLeft = operands.length === 1 && rows.every((row) => row[0]!.left === rows[0]![0]!.left);
    if (sameLeft) return condition(`(${rows[0]![0]!.left} ${not}IN (${rows.map((row) => row[0]!.right).join(', ')}))`);
    return condition(`${not}(${rows.map((row) => `(${row.map(({ left, right }) => `${left} = ${right}`).join(' AND ')})`).join(' OR ')})`);
  }

  private caseExpression(expression: Extract<Expression, { kind: 'case' }>): Compiled {
    const operand = expression.operand === null ? null : this.compile(expression.operand);
    const results = expression.branches.map(({ then }) => this.compile(then));
    if (expression.otherwise !== null) results.push(this.compile(expression.otherwise));
    const { sqls, type, text } = unify(results, this.context);
    const whens = expression.branches.map(({ when }, index) => {
      const test = this.compile(when);
      if (operand === null) return `WHEN ${test.sql} THEN ${sqls[index]!}`;
      const [left, right] = comparable(operand, test, this.context);
      return `WHEN ${left} = ${right} THEN ${sqls[index]!}`;
    });
    const otherwise = expression.otherwise === null ? '' : ` ELSE ${sqls.at(-1)!}`;
    return {
      sql: `(CASE ${whens.join(' ')}${otherwise} END)`,
      type,
      nullable: expression.otherwise === null || results.some((result) => result.nullable),
      text,
    };
  }
}

const condition = (sql: string): Compiled => ({ sql, type: BOOLEAN, nullable: true });

const nullValue = (): Compiled => ({ sql: 'NULL', type: varchar(1), nullable: true });

/** A numeric literal: a DECIMAL as long as 38 digits hold it, else exact text. */
function numberLiteral(written: string): Compiled {
  if (/[fd]$/i.test(written)) {
    const isFloat = /f$/i.test(written);
    return {
      sql: `CAST('${written.slice(0, -1)}' AS ${isFloat ? 'FLOAT' : 'DOUBLE'})`,
      type: { name: isFloat ? 'BINARY_FLOAT' : 'BINARY_DOUBLE' },
      nullable: false,
    };
  }
  const text = canonicalNumber(written);
  const digits = text.replace(/[-.]/g, '').replace(/^0+/, '').length;
  const scale = text.includes('.') ? text.length - text.indexOf('.') - 1 : 0;
  if (digits > 38 || scale > 38) return { sql: quote(text), type: NUMBER, nullable: false, text: true, literal: text };
  return {
    sql: scale === 0 && digits <= 18 ? text : `CAST('${text}' AS DECIMAL(${Math.max(digits, scale, 1)},${scale}))`,
    type: NUMBER,
    nullable: false,
    literal: text,
  };
}

/** The value of a placeholder: numbers and datetimes as literals, texts and bytes as parameters of DuckDB. */
function bindValue(value: BindValue, context: CompileContext): Compiled {
  switch (value.kind) {
    case 'null':
      return { sql: 'NULL', type: value.type === WireType.NUMBER ? NUMBER : varchar(4000), nullable: true };
    case 'number':
      return numberLiteral(value.text);
    case 'string':
      return textParameter(value.text, context, false);
    case 'raw':
      if (value.bytes.length <= LONGEST_INLINE)
        return { sql: `unhex('${value.bytes.toString('hex')}')`, type: { name: 'RAW', length: value.bytes.length }, nullable: false };
      context.parameters.push(blobValue(value.bytes));
      return { sql: `$${context.parameters.length}::BLOB`, type: { name: 'RAW', length: value.bytes.length }, nullable: false };
    case 'double':
      return { sql: `CAST('${value.value}' AS DOUBLE)`, type: { name: 'BINARY_DOUBLE' }, nullable: false };
    case 'boolean':
      return { sql: value.value ? 'TRUE' : 'FALSE', type: BOOLEAN, nullable: false };
    case 'datetime': {
      const { text, zoneMinutes, nanoseconds } = value.value;
      const nano = nanoseconds % 1000 !== 0;
      const literal = nano ? `TIMESTAMP_NS '${text}'` : `TIMESTAMP '${text.slice(0, -3)}'`;
      const scale = nano ? 9 : 6;
      if (zoneMinutes !== null)
        return { sql: `{utc: ${literal}, zone: ${zoneMinutes}}`, type: { name: 'TIMESTAMP WITH TIME ZONE', scale }, nullable: false };
      if (value.type === WireType.TIMESTAMP_LTZ)
        return { sql: literal, type: { name: 'TIMESTAMP WITH LOCAL TIME ZONE', scale }, nullable: false };
      return { sql: literal, type: value.type === WireType.DATE ? DATE : { name: 'TIMESTAMP', scale }, nullable: false };
    }
    case 'lob': {
      const content = context.lobText(value.locator);
      if (typeof content === 'string') return textParameter(content, context, true);
      context.parameters.push(blobValue(content));
      return { sql: `$${context.parameters.length}::BLOB`, type: { name: 'BLOB' }, nullable: false };
    }
  }
}

/** Longer texts and bytes are handed to DuckDB as parameters instead of standing in the statement. */
const LONGEST_INLINE = 1000;

function textParameter(text: string, context: CompileContext, isLob: boolean): Compiled {
  if (text.length <= LONGEST_INLINE && !text.includes('\0'))
    return { sql: quote(text), type: isLob ? { name: 'CLOB' } : varchar(Math.max(1, Buffer.byteLength(text))), nullable: false };
  context.parameters.push(text);
  const sql = `$${context.parameters.length}::VARCHAR`;
  return { sql, type: isLob ? { name: 'CLOB' } : varchar(Math.max(1, Buffer.byteLength(text))), nullable: false };
}

function pick(source: Source, name: string): SourceColumn | 'ambiguous' | null {
  const found = source.columns.filter((column) => column.name === name);
  if (found.length > 1) return 'ambiguous';
  return found[0] ?? source.pseudo.find((column) => column.name === name) ?? null;
}

/** Finds a column by its path, in this query block, then in those around it. */
export function findColumn(scope: Scope, path: readonly string[]): SourceColumn | 'ambiguous' | null {
  const name = path.at(-1)!;
  for (let current: Scope | null = scope; current !== null; current = current.parent) {
    const candidates: (SourceColumn | 'ambiguous')[] = [];
    if (path.length === 1) {
      const merged = current.merged.get(name);
      if (merged !== undefined) return merged;
    }
    for (const source of current.sources) {
      if (path.length === 2 && source.name !== path[0]) continue;
      if (path.length === 3 && (source.name !== path[1] || source.schema !== path[0])) continue;
      if (path.length > 3) continue;
      const found = pick(source, name);
      if (found !== null) candidates.push(found);
    }
    if (candidates.length > 1 || candidates[0] === 'ambiguous') return 'ambiguous';
    if (candidates[0] !== undefined) return candidates[0];
  }
  return null;
}
