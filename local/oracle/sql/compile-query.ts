import { OracleError, invalidStatement, tableMissing } from '../oracle-error';
import type { SystemValue, Table } from '../store/catalog';
import { LIVE, PENDING } from '../store/versions';
import type { Expression, FromItem, Query, Select, SelectItem, SetOperation } from './ast';
import { ExpressionCompiler } from './compile-expression';
import type { CompileContext, Compiled, CompiledQuery, OutputColumn, Scope, Snapshot, Source, SourceColumn } from './context';
import { quote } from './context';
import { asNumber, digitsOf as literalDigits, unify } from './convert';
import { conjunction, conjuncts, nameOf, rewriteOuterJoins } from './outer-joins';
import { NUMBER, ROWID, isNumeric, isTextNumber, storageType, varchar } from './types';

/** Common table expressions in reach: their SQL name and columns. */
type CommonTables = ReadonlyMap<string, { readonly sqlName: string; readonly columns: readonly OutputColumn[] }>;

/** The condition under which a stored row version is visible. */
export function visible(snapshot: Snapshot, alias: string): string {
  const own = snapshot.transaction === null ? null : PENDING + BigInt(snapshot.transaction);
  const born =
    own === null ? `"${alias}".scn_from <= ${snapshot.scn}` : `("${alias}".scn_from <= ${snapshot.scn} OR "${alias}".scn_from = ${own})`;
  const alive =
    own === null ? `"${alias}".scn_to > ${snapshot.scn}` : `"${alias}".scn_to > ${snapshot.scn} AND "${alias}".scn_to <> ${own}`;
  return `${born} AND ${alive}`;
}

/** The visible rows of a table as a source: columns by their stored names, with ROWID and ORA_ROWSCN. */
export function tableSource(
  table: Table,
  snapshot: Snapshot,
  context: CompileContext,
  name: string | null,
): { readonly sql: string; readonly source: Source } {
  const alias = `t${++context.aliases.count}`;
  const inner = `s${context.aliases.count}`;
  const scn =
    table.rowsPerBlock <= 1
      ? `CASE WHEN "${inner}".scn_from >= ${LIVE} THEN NULL ELSE "${inner}".scn_from END`
      : // Every change in a block, a deletion too, moves the number of all its rows.
        `(SELECT max(greatest(CASE WHEN b.scn_from <= ${snapshot.scn} THEN b.scn_from ELSE 0 END, CASE WHEN b.scn_to <= ${snapshot.scn} THEN b.scn_to ELSE 0 END)) FROM store.${table.stored} b WHERE b.row_number // ${table.rowsPerBlock} = "${inner}".row_number // ${table.rowsPerBlock})`;
  const columns = table.columns.map((column) => `"${inner}".${column.stored}`).join(', ');
  const sql = `(SELECT ${columns}, "${inner}".rowid AS version, "${inner}".row_number, "${inner}".scn_from, "${inner}".scn_to, ${scn} AS row_scn FROM store.${table.stored} "${inner}" WHERE ${visible(snapshot, inner)}) "${alias}"`;
  const source: Source = {
    name,
    schema: table.owner,
    columns: table.columns.map((column): SourceColumn => ({
      name: column.name,
      sql: `"${alias}".${column.stored}`,
      type: column.type,
      nullable: column.nullable,
      text: isTextNumber(column.type),
    })),
    pseudo: [
      { name: 'ORA_ROWSCN', sql: `"${alias}".row_scn`, type: NUMBER, nullable: true },
      { name: 'ROWID', sql: `ora_rowid('${table.stored}', "${alias}".row_number)`, type: ROWID, nullable: false },
    ],
  };
  return { sql, source };
}

/** Alias under which DuckDB knows a table source made last. */
export const lastAlias = (context: CompileContext): string => `t${context.aliases.count}`;

/**
 * Translates a query to DuckDB's SQL; the columns of the result are `c1`, `c2`, …
 * @throws OracleError as Oracle would: 942, 904, 918, 913, 1789, …
 */
export function compileQuery(
  query: Query,
  context: CompileContext,
  parent: Scope | null = null,
  common: CommonTables = new Map(),
): CompiledQuery {
  const tables = new Map(common);
  const definitions: string[] = [];
  for (const { name, columns, query: definition } of query.with) {
    const compiled = compileQuery(definition, context, null, tables);
    const sqlName = `w${++context.aliases.count}`;
    definitions.push(`"${sqlName}" AS (${compiled.sql})`);
    if (columns !== null && columns.length !== compiled.columns.length)
      throw new OracleError(32038, 'number of WITH clause column names does not match number of elements in select list');
    tables.set(name, { sqlName, columns: compiled.columns.map((column, index) => ({ ...column, name: columns?.[index] ?? column.name })) });
  }
  const head = definitions.length === 0 ? '' : `WITH ${definitions.join(', ')} `;
  const body =
    query.body.kind === 'select'
      ? new Block(query.body, context, parent, tables).compile(query)
      : compileSet(query.body, query, context, parent, tables);
  const limit = rowLimit(query, context, parent);
  return { sql: `${head}${body.sql}${limit}`, columns: body.columns };
}

function rowLimit(query: Query, context: CompileContext, parent: Scope | null): string {
  const compiler = new ExpressionCompiler(context, { sources: [], merged: new Map(), parent }, nested(new Map()));
  const limit = query.limit === null ? '' : ` LIMIT CAST(${asNumber(compiler.compile(query.limit))} AS BIGINT)`;
  const offset = query.offset === null ? '' : ` OFFSET CAST(${asNumber(compiler.compile(query.offset))} AS BIGINT)`;
  return limit + offset;
}

const nested =
  (common: CommonTables) =>
  (query: Query, context: CompileContext, parent: Scope): CompiledQuery =>
    compileQuery(query, context, parent, common);

const digitsOf = ({ digits }: { readonly digits?: readonly [number, number] }): { digits?: readonly [number, number] } =>
  digits === undefined ? {} : { digits };

function compileSet(set: SetOperation, query: Query, context: CompileContext, parent: Scope | null, common: CommonTables): CompiledQuery {
  const left = compileQuery(set.left, context, parent, common);
  const right = compileQuery(set.right, context, parent, common);
  if (left.columns.length !== right.columns.length) throw new OracleError(1789, 'query block has incorrect number of result columns');
  const leftSqls: string[] = [];
  const rightSqls: string[] = [];
  const columns = left.columns.map((column, index): OutputColumn => {
    const other = right.columns[index]!;
    const { sqls, type, text, digits } = unify(
      [
        { sql: `l.c${index + 1}`, type: column.type, nullable: column.nullable, text: column.text, ...digitsOf(column) },
        { sql: `r.c${index + 1}`, type: other.type, nullable: other.nullable, text: other.text, ...digitsOf(other) },
      ],
      context,
    );
    if (isNumeric(column.type) !== isNumeric(other.type))
      throw new OracleError(1790, 'expression must have same datatype as corresponding expression');
    leftSqls.push(`${sqls[0]!} AS c${index + 1}`);
    rightSqls.push(`${sqls[1]!} AS c${index + 1}`);
    return { name: column.name, type, nullable: column.nullable || other.nullable, text, ...(digits === undefined ? {} : { digits }) };
  });
  const operator = { UNION: 'UNION', 'UNION ALL': 'UNION ALL', MINUS: 'EXCEPT', INTERSECT: 'INTERSECT' }[set.operator];
  let sql = `(SELECT ${leftSqls.join(', ')} FROM (${left.sql}) l) ${operator} (SELECT ${rightSqls.join(', ')} FROM (${right.sql}) r)`;
  if (query.orderBy.length > 0) {
    const source: Source = {
      name: null,
      schema: null,
      pseudo: [],
      columns: columns.map((column, index) => ({ ...column, sql: `u.c${index + 1}` })),
    };
    const compiler = new ExpressionCompiler(context, { sources: [source], merged: new Map(), parent }, nested(common));
    const order = compiler.orderBy(query.orderBy, (expression) =>
      expression.kind === 'number' ? expression.text : compiler.sortKey(expression),
    );
    sql = `SELECT * FROM (${sql}) u ORDER BY ${order}`;
  }
  return { sql, columns };
}

/** Name of a column that has no alias: the expression without blanks, as Oracle shows it. */
function derivedName(item: Extract<SelectItem, { kind: 'expression' }>): string {
  if (item.alias !== null) return item.alias;
  if (item.expression.kind === 'column') return item.expression.path.at(-1)!;
  return item.text.replace(/\s+/g, '').toUpperCase().slice(0, 128);
}

/** ROWNUM <= n, ROWNUM < n or ROWNUM = 1: the most rows it lets through, as SQL. */
function rowNumberLimit(condition: Expression, compiler: ExpressionCompiler): string | null {
  if (condition.kind !== 'binary' || condition.left.kind !== 'column' || condition.left.path.join('.') !== 'ROWNUM') return null;
  const bound = asNumber(compiler.compile(condition.right));
  if (condition.operator === '<=') return `greatest(0, CAST(floor(${bound}) AS BIGINT))`;
  if (condition.operator === '<') return `greatest(0, CAST(ceil(${bound}) AS BIGINT) - 1)`;
  if (condition.operator === '=') return `CASE WHEN ${bound} = 1 THEN 1 ELSE 0 END`;
  throw invalidStatement('ROWNUM is supported with <=, < and = 1', condition.position);
}

const aggregateNames = new Set(['COUNT', 'SUM', 'AVG', 'MIN', 'MAX', 'STDDEV', 'VARIANCE', 'MEDIAN']);

function isAggregate(expression: Expression): boolean {
  if (expression.kind === 'call' && expression.over === null && aggregateNames.has(expression.name)) return true;
  if (expression.kind === 'subquery' || expression.kind === 'exists') return false;
  return Object.values(expression).some((value) =>
    ([value].flat(2) as unknown[]).some(
      (item) => typeof item === 'object' && item !== null && 'kind' in item && 'position' in item && isAggregate(item as Expression),
    ),
  );
}

/** @throws OracleError 918 when `*` stands for two columns of one name */
function checkStar(source: Source): void {
  const seen = new Set<string>();
  for (const { name } of source.columns) {
    if (seen.has(name)) throw new OracleError(918, `${name}: column ambiguously defined`);
    seen.add(name);
  }
}

/** One SELECT … FROM … with its sources. */
class Block {
  private readonly sources: Source[] = [];
  private readonly merged = new Map<string, SourceColumn>();
  private readonly scope: Scope;
  private readonly compiler: ExpressionCompiler;

  constructor(
    private readonly select: Select,
    private readonly context: CompileContext,
    private readonly parent: Scope | null,
    private readonly common: CommonTables,
  ) {
    this.scope = { sources: this.sources, merged: this.merged, parent };
    this.compiler = new ExpressionCompiler(context, this.scope, nested(common));
  }

  compile(query: Query): CompiledQuery {
    const { select, compiler } = this;
    const { from, where } = rewriteOuterJoins(select.from, select.where, (name) => this.holderOf(name));
    let fromSql = from.map((item) => this.fromItem(item)).join(', ');
    // An outer join may have moved tables; `*` keeps the order they were written in.
    if (from !== select.from) this.sources.sort((a, b) => this.writtenAt(a) - this.writtenAt(b));
    let limit = '';
    const conditions = conjuncts(where).filter((condition) => {
      const bound = rowNumberLimit(condition, compiler);
      if (bound !== null) limit = ` LIMIT ${bound}`;
      return bound === null;
    });
    const rest = conjunction(conditions);
    let whereSql = rest === null ? '' : ` WHERE ${compiler.condition(rest)}`;
    const expressions = select.items.flatMap((item) => (item.kind === 'expression' ? [item.expression] : []));
    if (limit !== '' && (query.orderBy.length > 0 || select.groupBy.length > 0 || select.distinct || expressions.some(isAggregate))) {
      // ROWNUM cuts before sorting and grouping: the rows are cut in a subquery that keeps the table's alias.
      const [only] = this.sources;
      const alias = /"(\w+)"$/.exec(fromSql)?.[1];
      if (this.sources.length !== 1 || only === undefined || alias === undefined)
        throw invalidStatement('ROWNUM over a join with ORDER BY or grouping');
      fromSql = `(SELECT "${alias}".* FROM ${fromSql}${whereSql}${limit}) "${alias}"`;
      whereSql = '';
      limit = '';
    }
    const { columns, sqls, aliases } = this.items();
    const groupBy =
      select.groupBy.length === 0 ? '' : ` GROUP BY ${select.groupBy.map((item) => `(${compiler.compile(item).sql})`).join(', ')}`;
    const having = select.having === null ? '' : ` HAVING ${compiler.condition(select.having)}`;
    const order =
      query.orderBy.length === 0
        ? ''
        : ` ORDER BY ${compiler.orderBy(query.orderBy, (expression) => {
            if (expression.kind === 'number') return expression.text;
            const position = expression.kind === 'column' && expression.path.length === 1 ? aliases.get(expression.path[0]!) : undefined;
            if (position === undefined) return compiler.sortKey(expression);
            return columns[position - 1]?.text === true ? `CAST(c${position} AS DOUBLE)` : String(position);
          })}`;
    return {
      sql: `SELECT ${select.distinct ? 'DISTINCT ' : ''}${sqls.join(', ')} FROM ${fromSql}${whereSql}${groupBy}${having}${order}${limit}`,
      columns,
    };
  }

  private writtenAt(source: Source): number {
    return this.select.from.findIndex((item) => nameOf(item) === source.name);
  }

  /** The FROM item that has a column of this name. */
  private holderOf(column: string): FromItem | null {
    const has = (item: FromItem): boolean => {
      // Translated for its columns only: what the translation leaves behind is thrown away.
      const probe = new Block(
        { ...this.select, from: [item] },
        { ...this.context, parameters: [], aliases: { count: 0 } },
        this.parent,
        this.common,
      );
      probe.fromItem(item);
      return probe.sources.some((source) => source.columns.some(({ name }) => name === column));
    };
    return this.select.from.find(has) ?? null;
  }

  private items(): { columns: OutputColumn[]; sqls: string[]; aliases: Map<string, number> } {
    const columns: OutputColumn[] = [];
    const sqls: string[] = [];
    const aliases = new Map<string, number>();
    const add = (name: string, value: Compiled): void => {
      const digits = literalDigits(value);
      columns.push({ name, type: value.type, nullable: value.nullable, text: value.text === true, ...(digits === null ? {} : { digits }) });
      const sql = value.sql === 'NULL' ? `CAST(NULL AS ${storageType(value.type)})` : value.sql;
      sqls.push(`${sql} AS c${columns.length}`);
    };
    for (const item of this.select.items) {
      if (item.kind === 'star') {
        for (const column of this.star(item)) add(column.name, column);
        continue;
      }
      add(derivedName(item), this.compiler.compile(item.expression));
      if (item.alias !== null) aliases.set(item.alias, columns.length);
    }
    return { columns, sqls, aliases };
  }

  private star(item: Extract<SelectItem, { kind: 'star' }>): readonly SourceColumn[] {
    if (item.table === null) {
      const merged = [...this.merged.values()];
      this.sources.forEach(checkStar);
      return [...merged, ...this.sources.flatMap((source) => source.columns.filter((column) => !this.merged.has(column.name)))];
    }
    const [first, second] = item.table;
    const source = this.sources.find((candidate) =>
      second === undefined ? candidate.name === first : candidate.name === second && candidate.schema === first,
    );
    if (source === undefined) throw tableMissing(item.table.join('"."'), item.position);
    checkStar(source);
    return source.columns;
  }

  private fromItem(item: FromItem): string {
    const { context } = this;
    switch (item.kind) {
      case 'table': {
        const name = item.alias ?? item.name.name;
        const common = item.name.schema === null ? this.common.get(item.name.name) : undefined;
        if (common === undefined) return this.relation(item, name);
        const alias = `t${++context.aliases.count}`;
        this.derived(name, alias, common.columns);
        return `"${common.sqlName}" "${alias}"`;
      }
      case 'query': {
        const { sql, columns } = compileQuery(item.query, context, this.parent, this.common);
        const alias = `t${++context.aliases.count}`;
        this.derived(item.alias, alias, columns);
        return `(${sql}) "${alias}"`;
      }
      case 'join':
        return this.join(item);
    }
  }

  private join(item: Extract<FromItem, { kind: 'join' }>): string {
    const before = this.sources.length;
    const left = this.fromItem(item.left);
    const middle = this.sources.length;
    const right = this.fromItem(item.right);
    const nullableSide = (from: number, to: number): void => {
      for (let index = from; index < to; index++) {
        const source = this.sources[index]!;
        this.sources[index] = { ...source, columns: source.columns.map((column) => ({ ...column, nullable: true })) };
      }
    };
    if (item.type === 'LEFT' || item.type === 'FULL') nullableSide(middle, this.sources.length);
    if (item.type === 'RIGHT' || item.type === 'FULL') nullableSide(before, middle);
    if (item.type === 'CROSS') return `(${left} CROSS JOIN ${right})`;
    if (item.using === null)
      return `(${left} ${item.type} JOIN ${right} ON ${item.on === null ? 'TRUE' : this.compiler.condition(item.on)})`;
    const conditions = item.using.map((name) => {
      const find = (from: number, to: number): SourceColumn => {
        const column = this.sources.slice(from, to).flatMap((source) => source.columns.filter((candidate) => candidate.name === name))[0];
        if (column === undefined) throw new OracleError(904, `"${name}": invalid identifier`);
        return column;
      };
      const [a, b] = [find(before, middle), find(middle, this.sources.length)];
      this.merged.set(name, item.type === 'INNER' || item.type === 'LEFT' ? a : { ...a, sql: `coalesce(${a.sql}, ${b.sql})` });
      return `${a.sql} = ${b.sql}`;
    });
    return `(${left} ${item.type} JOIN ${right} ON ${conditions.join(' AND ')})`;
  }

  private derived(name: string | null, alias: string, columns: readonly OutputColumn[]): void {
    this.sources.push({
      name,
      schema: null,
      pseudo: [],
      columns: columns.map((column, index) => ({ ...column, sql: `"${alias}".c${index + 1}` })),
    });
  }

  private relation(item: Extract<FromItem, { kind: 'table' }>, name: string): string {
    const { context } = this;
    const relation = context.catalog.resolve(item.name, context.user, context.schema);
    const snapshot = item.asOf === null ? context.snapshot : this.flashback(item.asOf, relation.kind === 'system' ? null : relation);
    if (relation.kind === 'table') {
      const { sql, source } = tableSource(relation, snapshot, context, name);
      this.sources.push(source);
      return sql;
    }
    const alias = `t${++context.aliases.count}`;
    if (relation.kind === 'view') {
      // A view reads with its owner's privileges.
      const { sql, columns } = compileQuery(relation.query, { ...context, user: relation.owner, schema: relation.owner, snapshot }, null);
      this.derived(
        name,
        alias,
        columns.map((column, index) => ({ ...column, name: relation.columnNames?.[index] ?? column.name })),
      );
      return `(${sql}) "${alias}"`;
    }
    const rows = context.systemRows(relation, context.user);
    const columns = relation.columns.map((column): OutputColumn => ({
      name: column.name,
      type: column.type,
      nullable: true,
      text: isTextNumber(column.type),
    }));
    this.derived(name, alias, columns);
    const value = (item: SystemValue, index: number): string => {
      const type = storageType(columns[index]?.type ?? varchar(1));
      return item === null ? `CAST(NULL AS ${type})` : `CAST(${quote(String(item))} AS ${type})`;
    };
    const names = columns.map((_, index) => `c${index + 1}`).join(', ');
    if (rows.length === 0)
      return `(SELECT ${columns.map((_, index) => `${value(null, index)} AS c${index + 1}`).join(', ')} WHERE FALSE) "${alias}"`;
    return `(VALUES ${rows.map((row) => `(${row.map(value).join(', ')})`).join(', ')}) "${alias}"(${names})`;
  }

  private flashback(scn: Expression, object: { readonly owner: string; readonly name: string } | null): Snapshot {
    const { context } = this;
    if (object !== null && !context.catalog.holds(context.user, 'FLASHBACK', object))
      throw new OracleError(1031, 'insufficient privileges', scn.position);
    const { literal } = this.compiler.compile(scn);
    if (literal === undefined && context.binds !== null) throw invalidStatement('AS OF SCN wants a number or a placeholder', scn.position);
    const wanted = Number(literal ?? context.snapshot.scn);
    if (wanted > context.currentScn) throw new OracleError(8181, 'specified number is not a valid system change number', scn.position);
    context.checkRetention(wanted);
    return { scn: wanted, transaction: null };
  }
}
