import { quoteIdentifier, quoteLiteral } from '../duckdb/quote';
import { subquery } from '../duckdb/encode-rows';
import { TablecastError } from '../errors';
import { TECHNICAL_FIELDS } from '../schema';
import { technicalFields } from '../schema/technical-fields';

/**
 * What must not be true of a row. A row that breaks no rule is PASS; one that breaks several has the worst of their results.
 *
 * @example
 * const rule: RowRule = { name: 'PH_RANGE', when: 'ANALYSIS = $$PH$$ and MEAN not between 0 and 14', result: 'FAIL', text: "'pH ' || MEAN", quality: 0 };
 */
export interface RowRule {
  /** Names the rule in the row and in the report, e.g. `PH_RANGE`; at most 1024 characters. */
  readonly name: string;
  /** SQL condition on the table's columns that a row fulfils when it breaks the rule. NULL counts as not broken: write `X is null or …` where it should. */
  readonly when: string;
  readonly result: 'WARN' | 'FAIL';
  /** SQL expression that tells about the row, e.g. `'only ' || RESULTS || ' results'`; cut at 1024 characters. Without it the row has no text. */
  readonly text?: string;
  /** How much such a row is worth, in percent from 0 (nothing) to 100. Default: none given. */
  readonly quality?: number;
  /** Whether a row that breaks the rule stops the run before anything is sent. Default false. */
  readonly stop?: boolean;
}

const AUDIT = TECHNICAL_FIELDS.AUDIT;
const LONGEST = 1024;

/** The DuckDB type of `__audit`. */
export const auditType = technicalFields()
  .find(({ name }) => name === AUDIT)!
  .type.duckdbType();

/** @throws TablecastError AUDIT_RULE_INVALID */
export function checkRules(table: string, rules: readonly RowRule[], usedNames: ReadonlySet<string>): void {
  const names = new Set(usedNames);
  for (const { name, quality } of rules) {
    const invalid = (reason: string) => new TablecastError('AUDIT_RULE_INVALID', { rule: name, table, reason });
    if (name === '' || name.length > LONGEST) throw invalid(`its name needs 1 to ${LONGEST} characters`);
    if (names.has(name)) throw invalid('there is another rule of that name');
    if (quality !== undefined && !(Number.isInteger(quality) && quality >= 0 && quality <= 100))
      throw invalid(`its quality has to be a whole number from 0 to 100, not ${quality}`);
    names.add(name);
  }
}

/** The condition of a rule, never NULL. */
export function brokenBy({ when }: RowRule): string {
  return `coalesce(CAST((${when.replace(/[;\s]+$/, '')}\n) AS BOOLEAN), false)`;
}

/** What a rule says of a row that breaks it. */
export function textOf({ text }: RowRule): string {
  return text === undefined ? 'NULL' : `left(CAST((${text.replace(/[;\s]+$/, '')}\n) AS VARCHAR), ${LONGEST})`;
}

/**
 * The SELECT that adds `__audit` to each row. Each condition is evaluated once for a row; what an earlier audit found is kept.
 * @param audited whether the table has the column already
 */
export function auditQuery(table: string, rules: readonly RowRule[], audited: boolean): string {
  const flag = (index: number): string => quoteIdentifier(`__rule_${index}`);
  const flags = rules.map((rule, index) => `${brokenBy(rule)} AS ${flag(index)}`);
  const texts = rules
    .map((rule, index) =>
      rule.text === undefined ? [] : [`CASE WHEN ${flag(index)} THEN ${textOf(rule)} END AS ${quoteIdentifier(`__text_${index}`)}`],
    )
    .flat();
  const anyOf = (result: RowRule['result']): string => {
    const broken = rules.flatMap((rule, index) => (rule.result === result ? [flag(index)] : []));
    if (audited) broken.push(`coalesce(${AUDIT}.__transformresult = ${quoteLiteral(result)}, false)`);
    return broken.length === 0 ? 'false' : broken.join(' OR ');
  };
  const details = rules.map((rule, index) => {
    const text = rule.text === undefined ? 'NULL' : quoteIdentifier(`__text_${index}`);
    const detail =
      `{'__transformationname': ${quoteLiteral(rule.name)}, '__transformresult': ${quoteLiteral(rule.result)}, ` +
      `'__transformresult_text': CAST(${text} AS VARCHAR), '__transformresult_quality': CAST(${rule.quality ?? 'NULL'} AS TINYINT)}`;
    return `CASE WHEN ${flag(index)} THEN ${detail} END`;
  });
  const found = `list_filter([${details.join(', ')}], lambda detail: detail IS NOT NULL)`;
  const earlier = audited ? `list_concat(${AUDIT}.__details, ${found})` : found;
  const clean = audited
    ? `${AUDIT}.__details IS NULL AND NOT (${rules.map((_, index) => flag(index)).join(' OR ')})`
    : `NOT (${rules.map((_, index) => flag(index)).join(' OR ')})`;
  const result = `CASE WHEN ${anyOf('FAIL')} THEN 'FAIL' WHEN ${anyOf('WARN')} THEN 'WARN' ELSE 'PASS' END`;
  const audit = `CAST({'__transformresult': ${result}, '__details': CASE WHEN ${clean} THEN NULL ELSE ${earlier} END} AS ${auditType})`;
  const helpers = [
    ...rules.map((_, index) => flag(index)),
    ...rules.flatMap((rule, index) => (rule.text === undefined ? [] : [quoteIdentifier(`__text_${index}`)])),
  ];
  const flagged = `SELECT *, ${flags.join(', ')} FROM ${quoteIdentifier(table)}`;
  const told = texts.length === 0 ? flagged : `SELECT *, ${texts.join(', ')} FROM ${subquery(flagged)}`;
  const others = [...helpers, ...(audited ? [AUDIT] : [])];
  return `SELECT * EXCLUDE (${others.join(', ')}), ${audit} AS ${AUDIT} FROM ${subquery(told)}`;
}
