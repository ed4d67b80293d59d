import type { TableContract } from './table-contract';

export type FindingCode =
  | 'NO_OWNER'
  | 'NO_REPO'
  | 'NO_TICKETS'
  | 'NO_SOURCE_SYSTEM'
  | 'NO_CLASSIFICATION'
  | 'NO_DESCRIPTION'
  | 'NO_KEY'
  | 'COLUMN_UNDOCUMENTED'
  | 'COLUMN_UNKNOWN'
  | 'LINK_INVALID'
  | 'LINEAGE_UNRESOLVED';

/** Something that a flow should say about its table. */
export interface Finding {
  readonly code: FindingCode;
  /** What is missing, and what to write. */
  readonly text: string;
}

/**
 * What a contract lacks: nobody to ask, no key, columns that nobody explained, names that lead nowhere. None of it keeps a run from publishing.
 *
 * @example lintContract({ schema }).map(({ text }) => text); // ['nobody owns it: setDataProductOwnerEmail(…)']
 */
export function lintContract({ schema, lineage }: TableContract): Finding[] {
  const findings: Finding[] = [];
  const find = (code: FindingCode, text: string): void => void findings.push({ code, text });
  const link = (code: FindingCode, url: string | undefined, missing: string): void => {
    if (!url) find(code, missing);
    else if (!URL.canParse(url)) find('LINK_INVALID', `${url} is no address`);
  };

  if (!schema.dataProductOwnerEmail) find('NO_OWNER', 'nobody owns it: setDataProductOwnerEmail(…)');
  link('NO_REPO', schema.repoUrl, 'it does not say where its code is: setRepoUrl(…)');
  link('NO_TICKETS', schema.ticketsUrl, 'it does not say where to report mistakes: setTicketsUrl(…)');
  link('NO_SOURCE_SYSTEM', schema.sourceSystemUri, 'it does not say which system it comes from: setSourceSystemUri(…)');
  if (!schema.dataClassification) find('NO_CLASSIFICATION', 'it does not say how sensitive it is: setDataClassification(…)');
  if (!schema.doc) find('NO_DESCRIPTION', 'it has no description: setDoc(…), or a comment at the source');
  if (schema.pks.length === 0) find('NO_KEY', 'it has no key, so consumers cannot update rows: setPks([…])');

  const undocumented = schema.tableFields.filter(({ doc }) => !doc).map(({ name }) => name);
  if (undocumented.length > 0)
    find('COLUMN_UNDOCUMENTED', `columns without description: ${undocumented.join(', ')}; field(…).setDoc(…), or comments at the source`);

  const named: [use: string, columns: readonly (string | undefined)[]][] = [
    ['the key', schema.pks],
    ['partition by', schema.partitionBy],
    ['row-level security', schema.rowLevelSecurity.map(({ field }) => field)],
    ...schema.foreignKeys.map(({ fkName, conditions }): [string, string[]] => [
      `the foreign key ${fkName ?? ''}`.trimEnd(),
      conditions.map(({ leftFieldName }) => leftFieldName),
    ]),
    ...schema.tableFields.map(({ name, semantics }): [string, (string | undefined)[]] => [
      `the semantics of ${name}`,
      [semantics?.currencyFieldName, semantics?.currencyConversionDate, semantics?.uomFieldName],
    ]),
  ];
  for (const [use, columns] of named)
    for (const column of columns)
      if (column !== undefined && !schema.field(column)) find('COLUMN_UNKNOWN', `${use} names ${column}, which is no column`);

  for (const text of lineage?.unresolved ?? []) find('LINEAGE_UNRESOLVED', text);
  return findings;
}
