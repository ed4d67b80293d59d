import type { DeletionPolicy, Duration, Field, ForeignKey, ValueSchema } from '../schema';

/** What a schema says about the table as a data product: property → its value in words, undefined where nothing is set. In the order of the page. */
export function governanceText(schema: ValueSchema): Readonly<Record<string, string | undefined>> {
  return {
    owner: schema.dataProductOwnerEmail,
    code: schema.repoUrl,
    tickets: schema.ticketsUrl,
    'source system': schema.sourceSystemUri,
    'kind of table': schema.semantics,
    classification: schema.dataClassification,
    regulations: list(schema.dataRegulations),
    retention: schema.retentionPeriod && durationText(schema.retentionPeriod),
    deletion: schema.deletionPolicy && deletionText(schema.deletionPolicy),
    'may be seen by': list(schema.objectLevelSecurity),
    'rows may be seen by': list(schema.rowLevelSecurity.map(({ dimension, field }) => `${dimension} of ${field}`)),
    'partitioned by': list(schema.partitionBy),
  };
}

/** E.g. `FK_PLAN: PLAN_NAME → LABWARE.SAMPLE_PLAN.NAME`. */
export function foreignKeyText({ fkName, fkSchemaFqn = '?', conditions }: ForeignKey): string {
  const joins = conditions.map(({ leftFieldName, rightFieldName, condition }) =>
    condition === undefined || condition === null || condition === '='
      ? `${leftFieldName} → ${fkSchemaFqn}.${rightFieldName}`
      : `${leftFieldName} ${condition} ${fkSchemaFqn}.${rightFieldName}`,
  );
  return `${fkName === undefined ? '' : `${fkName}: `}${joins.length > 0 ? joins.join(' and ') : fkSchemaFqn}`;
}

/** What a column means to those who report on it, e.g. `MEASURE, sum(AMOUNT), currency in CURRENCY_CODE`. */
export function semanticsText({ semantics }: Field): string | undefined {
  if (!semantics) return undefined;
  const { type, aggregationFormula, currencyFieldName, currencyConversionDate, uomFieldName, hierarchyName, hierarchyLevel } = semantics;
  const parts = [
    type,
    aggregationFormula,
    currencyFieldName && `currency in ${currencyFieldName}`,
    currencyConversionDate && `converted as of ${currencyConversionDate}`,
    uomFieldName && `unit in ${uomFieldName}`,
    hierarchyName && `hierarchy ${hierarchyName}${hierarchyLevel === undefined ? '' : `, level ${hierarchyLevel}`}`,
  ];
  return parts.filter(Boolean).join(', ');
}

function durationText({ value, unit }: Duration): string {
  return value === undefined ? unit.toLowerCase() : `${value} ${value === 1 ? unit.toLowerCase().slice(0, -1) : unit.toLowerCase()}`;
}

function deletionText(policy: DeletionPolicy): string {
  return [durationText(policy), policy.description].filter(Boolean).join(' ');
}

function list(items: readonly string[]): string | undefined {
  return items.length > 0 ? items.join(', ') : undefined;
}
