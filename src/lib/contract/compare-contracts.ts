import { type Field, KeySchema, type ValueSchema } from '../schema';
import { type CompatibilityMode, type Obstacle, obstacles } from './avro-compatibility';
import { foreignKeyText, governanceText, semanticsText } from './governance-text';
import type { TableContract } from './table-contract';
import { typeText } from './type-text';

export type ChangeKind =
  | 'TABLE_ADDED'
  | 'TABLE_REMOVED'
  /** Name or namespace of the schema. */
  | 'TABLE_RENAMED'
  | 'KEY_CHANGED'
  | 'COLUMN_ADDED'
  | 'COLUMN_REMOVED'
  | 'COLUMN_RETYPED'
  | 'NULLABILITY_CHANGED'
  | 'DEFAULT_CHANGED'
  | 'COLUMNS_REORDERED'
  /** Where the values of a column, or the rows, come from. */
  | 'SOURCES_CHANGED'
  /** Owner, links, retention, … of the table; sensitivity of a column; foreign keys. */
  | 'GOVERNANCE_CHANGED'
  /** Descriptions, semantics, the source's own type. */
  | 'DESCRIPTION_CHANGED';

/** One difference between two contracts. */
export interface Change {
  readonly kind: ChangeKind;
  readonly column?: string;
  /** What of it changed, e.g. `owner`. */
  readonly property?: string;
  /** In words; undefined where there was nothing. */
  readonly before?: string;
  readonly after?: string;
}

/** What changed between two contracts of a table, and what a schema registry says to it. */
export interface ContractDifference {
  readonly changes: readonly Change[];
  /** Why a mode does not allow the new schemas after the old ones; empty when it does, or when a contract is new or gone. */
  readonly obstacles: (mode: CompatibilityMode) => readonly Obstacle[];
}

/**
 * Compares two contracts of one table. A missing one stands for a table that is not published.
 *
 * @example
 * const { changes, obstacles } = compareContracts({ schema: before }, { schema: after });
 * changes.map(changeText);   // ['column PRICE: type DECIMAL(10,2) → DECIMAL(12,2)']
 * obstacles('BACKWARD');     // []
 */
export function compareContracts(before: TableContract | undefined, after: TableContract | undefined): ContractDifference {
  if (!before || !after) {
    const kind = after ? 'TABLE_ADDED' : 'TABLE_REMOVED';
    return { changes: before === after ? [] : [{ kind }], obstacles: () => [] };
  }
  const changes = [
    ...changeOf('TABLE_RENAMED', { before: before.schema.fullName, after: after.schema.fullName }),
    ...changeOf('KEY_CHANGED', { before: keyText(before.schema), after: keyText(after.schema) }),
    ...compareColumns(before.schema, after.schema),
    ...compareSources(before, after),
    ...compareGovernance(before.schema, after.schema),
    ...changeOf('DESCRIPTION_CHANGED', { before: before.schema.doc, after: after.schema.doc }, { property: 'description' }),
  ];
  return {
    changes,
    obstacles: (mode) => [
      ...obstacles(mode, before.schema.toAvro(), after.schema.toAvro()),
      ...obstacles(mode, new KeySchema(before.schema).toAvro(), new KeySchema(after.schema).toAvro()),
    ],
  };
}

/** A change as a line for a reviewer, e.g. `column PRICE: type DECIMAL(10,2) → DECIMAL(12,2)`. */
export function changeText({ kind, column, property, before = 'none', after = 'none' }: Change): string {
  const where = column === undefined ? '' : `column ${column}: `;
  const change = `${before} → ${after}`;
  switch (kind) {
    case 'TABLE_ADDED':
      return 'the table is new';
    case 'TABLE_REMOVED':
      return 'the table is published no more';
    case 'TABLE_RENAMED':
      return `schema ${change}`;
    case 'KEY_CHANGED':
      return `key ${change}`;
    case 'COLUMN_ADDED':
      return `${where}added, ${after}`;
    case 'COLUMN_REMOVED':
      return `${where}removed, it was ${before}`;
    case 'COLUMN_RETYPED':
      return `${where}type ${change}`;
    case 'COLUMNS_REORDERED':
      return `order of columns ${change}`;
    default:
      return `${where}${property ?? ''} ${change}`;
  }
}

type Values = Pick<Change, 'before' | 'after'> | { readonly before: string | undefined; readonly after: string | undefined };

function changeOf(kind: ChangeKind, { before, after }: Values, where: Pick<Change, 'column' | 'property'> = {}): Change[] {
  if (before === after) return [];
  return [{ kind, ...where, ...(before !== undefined && { before }), ...(after !== undefined && { after }) }];
}

function keyText({ pks }: ValueSchema): string | undefined {
  return pks.length > 0 ? pks.join(', ') : undefined;
}

function compareColumns(before: ValueSchema, after: ValueSchema): Change[] {
  const removed = before.tableFields.filter(({ name }) => !after.field(name));
  const added = after.tableFields.filter(({ name }) => !before.field(name));
  const kept = before.tableFields.filter((field) => !removed.includes(field));
  const keptNow = after.tableFields.filter((field) => !added.includes(field));
  const order = { before: kept.map(({ name }) => name).join(', '), after: keptNow.map(({ name }) => name).join(', ') };
  return [
    ...removed.map((field): Change => ({ kind: 'COLUMN_REMOVED', column: field.name, before: columnText(field) })),
    ...added.map((field): Change => ({ kind: 'COLUMN_ADDED', column: field.name, after: columnText(field) })),
    ...kept.flatMap((field) => compareColumn(field, after.field(field.name)!)),
    ...changeOf('COLUMNS_REORDERED', order),
  ];
}

function columnText(field: Field): string {
  return `${typeText(field.type)}${field.nullable ? '' : ' NOT NULL'}`;
}

function compareColumn(before: Field, after: Field): Change[] {
  const column = after.name;
  const compare = (kind: ChangeKind, property: string, of: (field: Field) => string | undefined): Change[] =>
    changeOf(kind, { before: of(before), after: of(after) }, { column, property });
  const changes = [
    ...compare('COLUMN_RETYPED', 'type', ({ type }) => typeText(type)),
    ...compare('NULLABILITY_CHANGED', 'nullability', ({ nullable }) => (nullable ? 'NULL' : 'NOT NULL')),
    ...compare('DEFAULT_CHANGED', 'default', (field) => (field.default == null ? undefined : JSON.stringify(field.default))),
    ...compare('GOVERNANCE_CHANGED', 'sensitivity', ({ sensitivity }) => sensitivity),
    ...compare('DESCRIPTION_CHANGED', 'description', ({ doc }) => doc),
    ...compare('DESCRIPTION_CHANGED', 'type at the source', ({ sourceDataType }) => sourceDataType),
    ...compare('DESCRIPTION_CHANGED', 'semantics', semanticsText),
    ...compare('DESCRIPTION_CHANGED', 'earlier names', ({ aliases }) => (aliases.length > 0 ? aliases.join(', ') : undefined)),
    ...compare('DESCRIPTION_CHANGED', 'use', ({ internal, technical }) =>
      technical ? 'technical' : internal ? 'internal' : 'of the table',
    ),
  ];
  if (changes.length > 0 || before.type.equals(after.type)) return changes;
  // Not seen in the words for it: descriptions of fields within a structure.
  return [{ kind: 'DESCRIPTION_CHANGED', column, property: 'description of its fields', before: 'as it was', after: 'changed' }];
}

function compareSources(before: TableContract, after: TableContract): Change[] {
  if (!before.lineage || !after.lineage) return [];
  const { lineage: old } = before;
  const { lineage: now } = after;
  const text = (items: readonly string[] | undefined): string | undefined => (items && items.length > 0 ? items.join(', ') : undefined);
  const columns = after.schema.tableFields.map(({ name }) => name).filter((name) => before.schema.field(name));
  return [
    ...changeOf('SOURCES_CHANGED', { before: text(old.tables), after: text(now.tables) }, { property: 'sources' }),
    ...columns.flatMap((column) => {
      const [was, is] = [old.columns[column], now.columns[column]];
      return [
        ...changeOf('SOURCES_CHANGED', { before: text(was?.sources), after: text(is?.sources) }, { column, property: 'sources' }),
        ...changeOf('SOURCES_CHANGED', { before: was?.formula, after: is?.formula }, { column, property: 'formula' }),
      ];
    }),
    ...changeOf('SOURCES_CHANGED', { before: text(old.rows), after: text(now.rows) }, { property: 'columns that decide on rows' }),
    ...changeOf('SOURCES_CHANGED', { before: text(old.unresolved), after: text(now.unresolved) }, { property: 'unresolved' }),
  ];
}

function compareGovernance(before: ValueSchema, after: ValueSchema): Change[] {
  const [old, now] = [governanceText(before), governanceText(after)];
  const keys = ({ foreignKeys }: ValueSchema): string | undefined => foreignKeys.map(foreignKeyText).join('; ') || undefined;
  return [
    ...Object.keys(now).flatMap((property) =>
      changeOf('GOVERNANCE_CHANGED', { before: old[property], after: now[property] }, { property }),
    ),
    ...changeOf('GOVERNANCE_CHANGED', { before: keys(before), after: keys(after) }, { property: 'foreign keys' }),
  ];
}
