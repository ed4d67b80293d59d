import type { RunContext } from '../context';
import { quoteIdentifier, quoteLiteral } from '../duckdb/quote';
import type { Workspace } from '../duckdb/workspace';
import { TablecastError } from '../errors';
import { TECHNICAL_FIELDS } from '../schema';
import type { KnownTable } from './column-facts';
import { auditQuery, brokenBy, checkRules, textOf, type RowRule } from './row-rule';
import { stepFailed } from './transform-error';

/** Keys that a message names. */
const EXAMPLES = 3;
const AUDIT = TECHNICAL_FIELDS.AUDIT;

/** Fills `__audit` of a table by rules; see `Transformation.audit`. */
export async function auditTable(
  { workspace, journal }: Pick<RunContext, 'workspace' | 'journal'>,
  table: KnownTable,
  rules: readonly RowRule[],
  earlierRules: ReadonlySet<string>,
): Promise<void> {
  const { name } = table;
  checkRules(name, rules, earlierRules);
  if (rules.length === 0) return;
  for (const rule of rules) await check(workspace, name, rule, 'LIMIT 0');
  try {
    await replace(workspace, name, auditQuery(name, rules, table.columns.includes(AUDIT)));
  } catch (error) {
    // A value stopped it: which rule it was shows when each is evaluated alone.
    for (const rule of rules) await check(workspace, name, rule, '');
    throw stepFailed(`the rules of ${name}`, error);
  }
  const counts = await countBroken(workspace, name, rules);
  const rows = await workspace.rowCount(name);
  for (const rule of rules)
    journal.note('AUDIT', `${name}: ${counts.get(rule.name) ?? 0} of ${rows} rows are ${rule.result} by ${rule.name}`);
  const stopping = rules.find((rule) => rule.stop === true && (counts.get(rule.name) ?? 0) > 0);
  if (stopping) throw await stopped(workspace, table, stopping, counts.get(stopping.name) ?? 0);
}

async function check(workspace: Workspace, table: string, rule: RowRule, limit: string): Promise<void> {
  try {
    await workspace.query(
      `SELECT count(*), count(message) FROM (SELECT broken, CASE WHEN broken THEN ${textOf(rule)} END AS message ` +
        `FROM (SELECT *, ${brokenBy(rule)} AS broken FROM ${quoteIdentifier(table)}) ${limit}) WHERE broken`,
    );
  } catch (error) {
    throw stepFailed(`rule ${rule.name} of ${table}`, error);
  }
}

async function replace(workspace: Workspace, table: string, query: string): Promise<void> {
  const name = quoteIdentifier(table);
  const [kind] = await workspace.query('SELECT table_type FROM information_schema.tables WHERE lower(table_name) = lower(?)', [table]);
  if (kind?.['table_type'] !== 'VIEW') return workspace.run(`CREATE OR REPLACE TABLE ${name} AS ${query}`);
  const made = quoteIdentifier(`${table}__audited`);
  await workspace.run(`CREATE TABLE ${made} AS ${query}`);
  await workspace.run(`DROP VIEW ${name}`);
  await workspace.run(`ALTER TABLE ${made} RENAME TO ${name}`);
}

/** Rows by rule. Only the audit column is read, and of that only what is not PASS. */
async function countBroken(workspace: Workspace, table: string, rules: readonly RowRule[]): Promise<ReadonlyMap<string, number>> {
  const rows = await workspace.query(
    `SELECT detail.__transformationname AS rule, count(*) AS rows ` +
      `FROM (SELECT unnest(${AUDIT}.__details) AS detail FROM ${quoteIdentifier(table)} WHERE ${AUDIT}.__transformresult <> 'PASS') GROUP BY 1`,
  );
  const counts = new Map(rows.map(({ rule, rows: count }) => [String(rule), Number(count)]));
  return new Map(rules.map(({ name }) => [name, counts.get(name) ?? 0]));
}

async function stopped(workspace: Workspace, table: KnownTable, rule: RowRule, count: number): Promise<TablecastError> {
  const columns = table.primaryKey ?? [];
  const details = { rule: rule.name, table: table.name, count };
  if (columns.length === 0) return new TablecastError('AUDIT_STOPPED', { ...details, keys: 'the table has no key' });
  const text = columns.map((column) => `coalesce(CAST(${quoteIdentifier(column)} AS VARCHAR), 'null')`).join(` || ', ' || `);
  const rows = await workspace.query(
    `SELECT ${text} AS key FROM ${quoteIdentifier(table.name)} ` +
      `WHERE list_contains(list_transform(${AUDIT}.__details, lambda detail: detail.__transformationname), ${quoteLiteral(rule.name)}) ` +
      `ORDER BY ${columns.map(quoteIdentifier).join(', ')} LIMIT ${EXAMPLES}`,
  );
  return new TablecastError('AUDIT_STOPPED', { ...details, keys: rows.map(({ key }) => `(${String(key)})`) });
}
