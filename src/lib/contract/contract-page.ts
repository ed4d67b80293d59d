import type { Field, ValueSchema } from '../schema';
import { foreignKeyText, governanceText, semanticsText } from './governance-text';
import { lineagePicture } from './lineage-picture';
import type { ContractName, TableContract } from './table-contract';
import { typeText } from './type-text';

/** What a page says beside the contract itself. */
export interface PageFacts extends ContractName {
  /** With `{environment}` in place of the environment's name, e.g. `{environment}.RAW.LABWARE.SAMPLE_PLAN`. */
  readonly topic: string;
}

/** The readable page of a contract, in Markdown as GitHub shows it. What is not set is shown as not set: a reader asks for it as much as for what is. */
export function contractPage(contract: TableContract, facts: PageFacts): string {
  const { schema } = contract;
  const parts = [
    '<!-- Written by `npm run docs:flows`; what it says is defined by the code of the flow. -->',
    `# ${text(facts.table)}`,
    schema.doc === undefined ? '' : text(schema.doc),
    table(['', ''], overview(schema, facts)),
    '## Columns',
    columns(contract),
    '## Governance',
    table(
      ['', ''],
      Object.entries(governanceText(schema))
        .filter(([property]) => !OVERVIEW.includes(property))
        .map(([property, value]) => [sentence(property), value === undefined ? NOT_SET : text(value)]),
    ),
    '## Foreign keys',
    schema.foreignKeys.length > 0 ? schema.foreignKeys.map((key) => `- ${text(foreignKeyText(key))}`).join('\n') : 'None.',
    ...lineage(contract, facts),
  ];
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`;
}

const NOT_SET = '–';
/** Of the governance, what stands at the head of the page. */
const OVERVIEW: readonly string[] = ['owner', 'code', 'tickets', 'source system'];

function overview(schema: ValueSchema, facts: PageFacts): string[][] {
  const flow = facts.dataflowName === facts.functionName ? facts.functionName : `${facts.functionName}, dataflow ${facts.dataflowName}`;
  const governance = governanceText(schema);
  return [
    ['Topic', code(facts.topic)],
    ['Schema', code(schema.fullName)],
    ['Published by', text(flow)],
    ['Key', schema.pks.length > 0 ? schema.pks.map(code).join(', ') : 'none'],
    ...OVERVIEW.map((property) => [sentence(property), link(governance[property])]),
  ];
}

function columns({ schema, lineage }: TableContract): string {
  const rows = schema.tableFields.map((field) => [
    code(field.name),
    code(typeText(field.type)),
    field.nullable ? 'yes' : 'no',
    keyNumber(schema, field),
    [field.doc, semanticsText(field), field.default == null ? undefined : `default ${JSON.stringify(field.default)}`]
      .filter(Boolean)
      .map((part) => text(part!))
      .join('<br>'),
    text(field.sensitivity ?? ''),
    [
      ...(lineage?.columns[field.name]?.sources.map(code) ?? []),
      ...(field.sourceDataType === undefined ? [] : [text(field.sourceDataType)]),
    ].join('<br>'),
  ]);
  return table(['column', 'type', 'null', 'key', 'description', 'sensitivity', 'source'], rows);
}

function keyNumber({ pks }: ValueSchema, { name }: Field): string {
  const index = pks.indexOf(name);
  return index < 0 ? '' : String(index + 1);
}

function lineage({ schema, lineage: sources }: TableContract, facts: PageFacts): string[] {
  if (!sources) return [];
  const formulas = schema.tableFields.flatMap(({ name }) => {
    const formula = sources.columns[name]?.formula;
    return formula === undefined ? [] : [[code(name), code(formula)]];
  });
  return [
    '## Lineage',
    lineagePicture(sources, facts.table),
    ...(formulas.length > 0 ? [table(['column', 'is computed as'], formulas)] : []),
    ...(sources.rows.length > 0
      ? ['Which rows there are, and how they are combined, is decided by:', sources.rows.map((row) => `- ${text(row)}`).join('\n')]
      : []),
    ...(sources.unresolved.length > 0 ? ['Not traced:', sources.unresolved.map((line) => `- ${text(line)}`).join('\n')] : []),
  ];
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n');
}

function sentence(property: string): string {
  return property.charAt(0).toUpperCase() + property.slice(1);
}

/** Plain text: what comes from a source's comments may be no markup, and no new row of a table. */
function text(value: string): string {
  return value
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll(/[\\`*[\]|~]|(?<!\w)[_#]|_(?!\w)/g, String.raw`\$&`)
    .replaceAll(/\s+/g, ' ')
    .trim();
}

function code(value: string): string {
  const line = value.replaceAll(/\s+/g, ' ').trim().replaceAll('|', '\\|');
  const ticks = '`'.repeat(Math.max(0, ...[...line.matchAll(/`+/g)].map(([run]) => run.length)) + 1);
  return ticks.length > 1 ? `${ticks} ${line} ${ticks}` : `\`${line}\``;
}

function link(value: string | undefined): string {
  if (value === undefined) return NOT_SET;
  if (URL.canParse(value) && /^https?:/.test(value)) return `<${new URL(value).href}>`;
  return /^[\w.+-]+@[\w.-]+$/.test(value) ? `<${value}>` : text(value);
}
