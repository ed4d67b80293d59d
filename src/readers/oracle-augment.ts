import { encodeName, type RunJournal, type ValueSchema } from '../lib/index';
import { resolveProjection, type ColumnSource, type SelectProjection } from '../lib/lineage/select-projection';
import type { DictionaryTable, OracleDictionary } from './oracle-dictionary';

/**
 * Completes a schema, made from a SELECT's columns, with what the data dictionary says about the tables behind them: the source's type and comment of each
 * column, the table's comment, primary and foreign keys. What does not resolve is noted as UNRESOLVED in the run's journal.
 * @param columns names of the SELECT's columns, in their order
 */
export async function augmentFromDictionary(
  schema: ValueSchema,
  sql: string,
  columns: readonly string[],
  dictionary: OracleDictionary,
  journal: RunJournal,
): Promise<void> {
  const found = new Map<string, DictionaryTable>();
  const projection = await resolveProjection(sql, async (name, owner) => {
    const table = await dictionary.table(name, owner);
    if (table) found.set(keyOf(table), table);
    return table;
  });
  const sources = sourcesByColumn(projection, columns);
  const tableOf = (source: ColumnSource): DictionaryTable | undefined => found.get(keyOf(source.table));

  for (const [name, source] of sources) {
    const field = schema.field(name);
    if (!field || !source) continue;
    const type = tableOf(source)?.columnTypes.get(source.column);
    if (type !== undefined) field.setSourceDataType(type);
    if (field.doc === undefined) field.setDoc(commentOf(source, tableOf));
  }

  const keyColumns = projection.key?.columns.map((index) => projection.columns[index]?.name ?? '');
  const key = keyColumns?.every((name) => sources.has(name)) ? keyColumns : undefined;
  if (key && schema.pks.length === 0) schema.setPks(key);

  const main = mainTable(projection, found);
  if (main?.comment !== undefined && schema.doc === undefined) schema.setDoc(main.comment);
  addForeignKeys(schema, sources, found);

  for (const { column, fragment, reason } of projection.unresolved) {
    journal.note('UNRESOLVED', `${schema.name}${column === undefined ? '' : `.${column}`}: ${shorten(fragment)} ${reason}`);
  }
  if (schema.pks.length === 0)
    journal.note('UNRESOLVED', `${schema.name}: no primary key of the tables read is certain to stay unique in this SELECT`);
}

/** Columns by the names Oracle gave them; matched by place when the whole projection is known, else by name. */
function sourcesByColumn(projection: SelectProjection, columns: readonly string[]): Map<string, ColumnSource | undefined> {
  if (projection.complete && projection.columns.length === columns.length) {
    return new Map(columns.map((name, index) => [name, projection.columns[index]?.source]));
  }
  return new Map(
    columns.map((name) => {
      const named = projection.columns.filter((column) => column.name === name);
      return [name, named.length === 1 ? named[0]?.source : undefined];
    }),
  );
}

/** The comment of the column itself, or of the one behind a view's column. */
function commentOf(source: ColumnSource, tableOf: (source: ColumnSource) => DictionaryTable | undefined): string | undefined {
  const comment = tableOf(source)?.columnComments.get(source.column);
  return comment ?? (source.behind ? commentOf(source.behind, tableOf) : undefined);
}

/** The table that the rows stand for: the only one, or the one whose key is kept. */
function mainTable(projection: SelectProjection, found: ReadonlyMap<string, DictionaryTable>): DictionaryTable | undefined {
  const named = new Map(projection.columns.flatMap(({ source }) => (source ? [[keyOf(source.table), source.table] as const] : [])));
  const only = named.size === 1 ? [...named.keys()][0] : projection.key ? keyOf(projection.key.table) : undefined;
  const table = only === undefined ? undefined : found.get(only);
  if (table?.comment !== undefined || !projection.key) return table;
  return found.get(keyOf(projection.key.table));
}

/** A foreign key counts when all its columns are projected from one mention of its table. */
function addForeignKeys(
  schema: ValueSchema,
  sources: ReadonlyMap<string, ColumnSource | undefined>,
  found: ReadonlyMap<string, DictionaryTable>,
): void {
  const mentions = new Map<number, { readonly table: DictionaryTable; readonly columns: Map<string, string> }>();
  for (const [name, source] of sources) {
    for (let one = source; one; one = one.behind) {
      const table = found.get(keyOf(one.table));
      if (!table) continue;
      const mention = mentions.get(one.mention) ?? { table, columns: new Map<string, string>() };
      if (!mention.columns.has(one.column)) mention.columns.set(one.column, name);
      mentions.set(one.mention, mention);
    }
  }
  const known = new Set(schema.foreignKeys.map(({ fkName }) => fkName));
  for (const { table, columns } of mentions.values()) {
    for (const foreignKey of table.foreignKeys) {
      const left = foreignKey.columns.map((column) => columns.get(column));
      if (left.includes(undefined) || known.has(foreignKey.name)) continue;
      known.add(foreignKey.name);
      schema.addForeignKey({
        fkName: foreignKey.name,
        fkSchemaFqn: [...(schema.namespace === undefined ? [] : [schema.namespace]), encodeName(foreignKey.referencedTable)].join('.'),
        conditions: foreignKey.referencedColumns.map((rightFieldName, index) => ({ leftFieldName: left[index] ?? '', rightFieldName })),
      });
    }
  }
}

function keyOf({ owner, name }: { readonly owner: string; readonly name: string }): string {
  return JSON.stringify([owner, name]);
}

function shorten(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ');
  return line.length > 100 ? `${line.slice(0, 99)}…` : line;
}
