import { OracleError, identifierInvalid } from '../oracle-error';
import type { Expression, FromItem, Query, Statement, TableName } from '../sql/ast';
import { ExpressionCompiler } from '../sql/compile-expression';
import { compileQuery, lastAlias, tableSource } from '../sql/compile-query';
import type { CompileContext, Compiled, Scope } from '../sql/context';
import { quote } from '../sql/context';
import { assign } from '../sql/convert';
import type { DuckDBValue } from '@duckdb/node-api';
import type { Column, Table } from './catalog';
import type { Transaction } from './database';
import { LIVE, PENDING } from './versions';

/** Runs one statement of DuckDB within the change. */
export type Run = (sql: string, parameters?: readonly DuckDBValue[]) => Promise<Record<string, DuckDBValue>[]>;

/** Thrown within a change when a row is locked: the statement starts again once that transaction has ended. */
export class RowLocked extends Error {
  constructor(readonly transaction: number) {
    super('row is locked');
  }
}

const nested = (query: Query, context: CompileContext, parent: Scope): ReturnType<typeof compileQuery> =>
  compileQuery(query, context, parent);
const emptyScope: Scope = { sources: [], merged: new Map(), parent: null };
const isDefault = (value: Expression): boolean => value.kind === 'column' && value.path[0] === '';

/** @throws OracleError 942 when there is no such table, 1031 without the privilege, 1732 for a view */
export function targetTable(name: TableName, privilege: string, context: CompileContext): Table {
  const { catalog, user, schema } = context;
  let found;
  try {
    found = catalog.resolve(name, user, schema, privilege);
  } catch (error) {
    // Whoever may read it gets to know that the privilege is missing.
    const readable = ((): boolean => {
      try {
        return catalog.resolve(name, user, schema).kind !== 'system';
      } catch {
        return false;
      }
    })();
    throw readable ? new OracleError(1031, 'insufficient privileges', name.position) : error;
  }
  if (found.kind !== 'table') throw new OracleError(1732, 'data manipulation operation not legal on this view', name.position);
  return found;
}

const columnNamed = (table: Table, name: string, position = 0): Column => {
  const column = table.columns.find((candidate) => candidate.name === name);
  if (column === undefined) throw identifierInvalid(`"${name}"`, position);
  return column;
};

function checkedNotNull(sql: string, column: Column, table: Table, code: 1400 | 1407): string {
  if (column.nullable) return sql;
  const shown = `"${table.owner}"."${table.name}"."${column.name}"`;
  const text = code === 1400 ? `cannot insert NULL into (${shown})` : `cannot update (${shown}) to NULL`;
  return `CASE WHEN ${sql} IS NULL THEN error(${quote(`ORA-0${code}: ${text}`)}) ELSE ${sql} END`;
}

/** One SQL expression per column of the table for a row that is inserted. */
function insertedValues(table: Table, given: ReadonlyMap<string, Compiled>, context: CompileContext): string[] {
  const compiler = new ExpressionCompiler(context, emptyScope, nested);
  return table.columns.map((column) => {
    const value = given.get(column.name) ?? compiler.compile(column.defaultValue ?? { kind: 'null', position: 0 });
    return checkedNotNull(assign(value, column, table, context), column, table, 1400);
  });
}

function insertColumns(table: Table, names: readonly string[] | null): Column[] {
  return names === null ? table.columns : names.map((name) => columnNamed(table, name));
}

function rowExpressions(
  table: Table,
  columns: readonly Column[],
  values: readonly Expression[],
  compiler: ExpressionCompiler,
  context: CompileContext,
): string[] {
  if (values.length < columns.length) throw new OracleError(947, 'not enough values');
  if (values.length > columns.length) throw new OracleError(913, 'too many values');
  const given = new Map<string, Compiled>();
  columns.forEach((column, index) => {
    const value = values[index]!;
    if (!isDefault(value)) given.set(column.name, compiler.compile(value));
  });
  return insertedValues(table, given, context);
}

const storedNames = (table: Table): string => table.columns.map((column) => column.stored).join(', ');
const changedRows = (rows: Record<string, DuckDBValue>[]): number => Number(Object.values(rows[0] ?? { count: 0n })[0]);

/** INSERT … VALUES with one or many rows of bind values (one context each, parameters shared), or INSERT … SELECT. */
export async function insert(
  statement: Extract<Statement, { kind: 'insert' }>,
  contexts: readonly CompileContext[],
  transaction: Transaction,
  run: Run,
): Promise<number> {
  const context = contexts[0]!;
  const table = targetTable(statement.table, 'INSERT', context);
  const columns = insertColumns(table, statement.columns);
  const life = `${transaction.mark}, ${LIVE}`;
  let source: string;
  if (statement.values !== null) {
    const { values } = statement;
    const rows = contexts.map(
      (each) => `(${rowExpressions(table, columns, values, new ExpressionCompiler(each, emptyScope, nested), each).join(', ')}, ${life})`,
    );
    source = `VALUES ${rows.join(', ')}`;
  } else {
    const { sql, columns: output } = compileQuery(statement.query!, context);
    if (output.length !== columns.length)
      throw new OracleError(
        output.length > columns.length ? 913 : 947,
        output.length > columns.length ? 'too many values' : 'not enough values',
      );
    const given = new Map(columns.map((column, index): [string, Compiled] => [column.name, { ...output[index]!, sql: `q.c${index + 1}` }]));
    source = `SELECT ${insertedValues(table, given, context).join(', ')}, ${life} FROM (${sql}) q`;
  }
  transaction.tables.add(table);
  const count = changedRows(
    await run(`INSERT INTO store.${table.stored} (${storedNames(table)}, scn_from, scn_to) ${source}`, context.parameters),
  );
  await checkKeys(table, transaction, run);
  await checkParents(table, context, transaction, run);
  return count;
}

/** Marks the rows in `changed` as ended by the transaction; its own versions just go. */
async function endVersions(table: Table, transaction: Transaction, run: Run): Promise<number> {
  const [state] = await run(
    `SELECT count(*) AS rows, max(CASE WHEN scn_to > ${LIVE} THEN scn_to END) AS locked, count(*) FILTER (WHERE scn_to < ${LIVE}) AS gone FROM changed`,
  );
  const locked = state?.['locked'];
  if (typeof locked === 'bigint') throw new RowLocked(Number(locked - PENDING));
  if (state?.['gone'] !== 0n) throw new OracleError(8177, "can't serialize access for this transaction");
  transaction.tables.add(table);
  await run(`DELETE FROM store.${table.stored} WHERE rowid IN (SELECT version FROM changed WHERE scn_from = ${transaction.mark})`);
  await run(
    `UPDATE store.${table.stored} SET scn_to = ${transaction.mark} WHERE rowid IN (SELECT version FROM changed WHERE scn_from <> ${transaction.mark})`,
  );
  return Number(state['rows']);
}

async function insertChanged(table: Table, transaction: Transaction, run: Run): Promise<void> {
  await run(
    `INSERT INTO store.${table.stored} (${storedNames(table)}, row_number, scn_from, scn_to) SELECT ${table.columns.map((column) => `n_${column.stored}`).join(', ')}, row_number, ${transaction.mark}, ${LIVE} FROM changed`,
  );
}

/** The values before the change, for the check of references. */
const oldValues = (table: Table, alias: string): string =>
  table.columns.map((column) => `"${alias}".${column.stored} AS o_${column.stored}`).join(', ');

type Assignments = readonly { readonly column: string; readonly position: number; readonly value: Expression }[];

function newValues(table: Table, set: Assignments, alias: string, compiler: ExpressionCompiler, context: CompileContext): string {
  const changes = new Map(set.map((item) => [columnNamed(table, item.column, item.position), item.value]));
  return table.columns
    .map((column) => {
      const value = changes.get(column);
      if (value === undefined) return `"${alias}".${column.stored} AS n_${column.stored}`;
      const compiled = compiler.compile(isDefault(value) ? (column.defaultValue ?? { kind: 'null', position: 0 }) : value);
      return `${checkedNotNull(assign(compiled, column, table, context), column, table, 1407)} AS n_${column.stored}`;
    })
    .join(', ');
}

/** UPDATE: the old versions end, new ones with the same row number begin. */
export async function update(
  statement: Extract<Statement, { kind: 'update' }>,
  context: CompileContext,
  transaction: Transaction,
  run: Run,
): Promise<number> {
  const table = targetTable(statement.table, 'UPDATE', context);
  const { sql, source } = tableSource(table, context.snapshot, context, statement.alias ?? statement.table.name);
  const alias = lastAlias(context);
  const compiler = new ExpressionCompiler(context, { sources: [source], merged: new Map(), parent: null }, nested);
  const values = newValues(table, statement.set, alias, compiler, context);
  const where = statement.where === null ? '' : ` WHERE ${compiler.condition(statement.where)}`;
  await run(
    `CREATE OR REPLACE TEMP TABLE changed AS SELECT "${alias}".version, "${alias}".row_number, "${alias}".scn_from, "${alias}".scn_to, ${oldValues(table, alias)}, ${values} FROM ${sql}${where}`,
    context.parameters,
  );
  const count = await endVersions(table, transaction, run);
  await insertChanged(table, transaction, run);
  const touched = new Set(statement.set.map(({ column }) => column));
  if (table.keys.some((key) => key.columns.some((column) => touched.has(column)))) {
    await checkKeys(table, transaction, run);
    await checkChildren(table, context, transaction, run);
  }
  if (table.foreignKeys.some((key) => key.columns.some((column) => touched.has(column))))
    await checkParents(table, context, transaction, run);
  return count;
}

/** DELETE. */
export async function remove(
  statement: Extract<Statement, { kind: 'delete' }>,
  context: CompileContext,
  transaction: Transaction,
  run: Run,
): Promise<number> {
  const table = targetTable(statement.table, 'DELETE', context);
  const { sql, source } = tableSource(table, context.snapshot, context, statement.alias ?? statement.table.name);
  const alias = lastAlias(context);
  const compiler = new ExpressionCompiler(context, { sources: [source], merged: new Map(), parent: null }, nested);
  const where = statement.where === null ? '' : ` WHERE ${compiler.condition(statement.where)}`;
  await run(
    `CREATE OR REPLACE TEMP TABLE changed AS SELECT "${alias}".version, "${alias}".row_number, "${alias}".scn_from, "${alias}".scn_to, ${oldValues(table, alias)} FROM ${sql}${where}`,
    context.parameters,
  );
  const count = await endVersions(table, transaction, run);
  await checkChildren(table, context, transaction, run);
  return count;
}

/** MERGE with one update and one insert clause. */
export async function merge(
  statement: Extract<Statement, { kind: 'merge' }>,
  context: CompileContext,
  transaction: Transaction,
  run: Run,
): Promise<number> {
  const table = targetTable(statement.table, 'UPDATE', context);
  const name = statement.alias ?? statement.table.name;
  // The source as a query of its own: `SELECT * FROM source`.
  const from: FromItem = statement.source;
  const query: Query = {
    with: [],
    orderBy: [],
    offset: null,
    limit: null,
    body: {
      kind: 'select',
      distinct: false,
      items: [{ kind: 'star', table: null, position: 0 }],
      from: [from],
      where: null,
      groupBy: [],
      having: null,
    },
  };
  const compiledSource = compileQuery(query, context);
  const sourceName = from.kind === 'table' ? (from.alias ?? from.name.name) : from.kind === 'query' ? from.alias : null;
  const using = {
    name: sourceName,
    schema: null,
    pseudo: [],
    columns: compiledSource.columns.map((column, index) => ({ ...column, sql: `"u".c${index + 1}` })),
  };
  const { sql, source } = tableSource(table, context.snapshot, context, name);
  const alias = lastAlias(context);
  const both = new ExpressionCompiler(context, { sources: [source, using], merged: new Map(), parent: null }, nested);
  const on = both.condition(statement.on);
  const joined = `FROM ${sql} JOIN (${compiledSource.sql}) "u" ON ${on}`;
  let count = 0;
  await run(`CREATE OR REPLACE TEMP TABLE added AS SELECT 1 AS nothing`);
  if (statement.insert !== null) {
    const columns = insertColumns(table, statement.insert.columns);
    const compiler = new ExpressionCompiler(context, { sources: [using], merged: new Map(), parent: null }, nested);
    const values = rowExpressions(table, columns, statement.insert.values, compiler, context).map(
      (value, index) => `${value} AS ${table.columns[index]!.stored}`,
    );
    await run(
      `CREATE OR REPLACE TEMP TABLE added AS SELECT ${values.join(', ')} FROM (${compiledSource.sql}) "u" WHERE NOT EXISTS (SELECT 1 FROM ${sql} WHERE ${on})`,
      context.parameters,
    );
  }
  if (statement.update !== null) {
    const values = newValues(table, statement.update, alias, both, context);
    await run(
      `CREATE OR REPLACE TEMP TABLE changed AS SELECT "${alias}".version, "${alias}".row_number, "${alias}".scn_from, "${alias}".scn_to, ${values} ${joined}`,
      context.parameters,
    );
    const [twice] = await run('SELECT count(*) - count(DISTINCT version) AS twice FROM changed');
    if (twice?.['twice'] !== 0n) throw new OracleError(30926, 'unable to get a stable set of rows in the source tables');
    count += await endVersions(table, transaction, run);
    await insertChanged(table, transaction, run);
  }
  if (statement.insert !== null) {
    transaction.tables.add(table);
    count += changedRows(
      await run(
        `INSERT INTO store.${table.stored} (${storedNames(table)}, scn_from, scn_to) SELECT ${storedNames(table)}, ${transaction.mark}, ${LIVE} FROM added`,
      ),
    );
  }
  await checkKeys(table, transaction, run);
  await checkParents(table, context, transaction, run);
  return count;
}

/** Rows that stand when this transaction is done, other open transactions' new rows included. */
const standing = (transaction: Transaction): string => `scn_to >= ${LIVE} AND scn_to <> ${transaction.mark}`;

const storedColumns = (table: Table, names: readonly string[]): string[] => names.map((name) => columnNamed(table, name).stored);

async function checkKeys(table: Table, transaction: Transaction, run: Run): Promise<void> {
  for (const key of table.keys) {
    const columns = storedColumns(table, key.columns).join(', ');
    const rows = await run(
      `SELECT max(CASE WHEN scn_from > ${LIVE} AND scn_from <> ${transaction.mark} THEN scn_from END) AS other FROM store.${table.stored} WHERE ${standing(transaction)} AND (${columns}) IN (SELECT (${columns}) FROM store.${table.stored} WHERE scn_from = ${transaction.mark}) GROUP BY ${columns} HAVING count(*) > 1 LIMIT 1`.replace(
        `(${columns}) IN (SELECT (${columns})`,
        columns.includes(',') ? `(${columns}) IN (SELECT (${columns})` : `${columns} IN (SELECT ${columns}`,
      ),
    );
    const [row] = rows;
    if (row === undefined) continue;
    // The same key in another open transaction: its end decides.
    if (typeof row['other'] === 'bigint') throw new RowLocked(Number(row['other'] - PENDING));
    throw new OracleError(1, `unique constraint (${table.owner}.${key.name}) violated`);
  }
}

const match = (left: string, leftColumns: readonly string[], right: string, rightColumns: readonly string[]): string =>
  leftColumns.map((column, index) => `${left}.${column} = ${right}.${rightColumns[index]!}`).join(' AND ');

async function checkParents(table: Table, context: CompileContext, transaction: Transaction, run: Run): Promise<void> {
  for (const key of table.foreignKeys) {
    const parent = context.catalog.get(key.owner, key.table);
    if (parent?.kind !== 'table') continue;
    const columns = storedColumns(table, key.columns);
    const [row] = await run(
      `SELECT 1 AS orphan FROM store.${table.stored} a WHERE a.scn_from = ${transaction.mark} AND ${columns.map((column) => `a.${column} IS NOT NULL`).join(' AND ')} AND NOT EXISTS (SELECT 1 FROM store.${parent.stored} p WHERE ${match('p', storedColumns(parent, key.references), 'a', columns)} AND p.scn_to >= ${LIVE} AND p.scn_to <> ${transaction.mark} AND (p.scn_from < ${LIVE} OR p.scn_from = ${transaction.mark})) LIMIT 1`,
    );
    if (row !== undefined) throw new OracleError(2291, `integrity constraint (${table.owner}.${key.name}) violated - parent key not found`);
  }
}

async function checkChildren(table: Table, context: CompileContext, transaction: Transaction, run: Run): Promise<void> {
  for (const child of context.catalog.objects.values()) {
    if (child.kind !== 'table') continue;
    for (const key of child.foreignKeys) {
      if (key.owner !== table.owner || key.table !== table.name) continue;
      const parentColumns = storedColumns(table, key.references);
      const oldColumns = parentColumns.map((column) => `o_${column}`);
      const [row] = await run(
        `SELECT 1 AS child FROM changed d WHERE NOT EXISTS (SELECT 1 FROM store.${table.stored} p WHERE ${match('p', parentColumns, 'd', oldColumns)} AND p.scn_to >= ${LIVE} AND p.scn_to <> ${transaction.mark}) AND EXISTS (SELECT 1 FROM store.${child.stored} c WHERE ${match('c', storedColumns(child, key.columns), 'd', oldColumns)} AND c.scn_to >= ${LIVE} AND c.scn_to <> ${transaction.mark}) LIMIT 1`,
      );
      if (row !== undefined) throw new OracleError(2292, `integrity constraint (${child.owner}.${key.name}) violated - child record found`);
    }
  }
}
