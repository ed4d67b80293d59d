import { AvroNVarchar, encodeName, type RunJournal, ValueSchema } from '../lib/index';
import { resolveProjection, type ColumnSource, type SelectProjection } from '../lib/lineage/select-projection';
import type { DictionaryTable, OracleDictionary } from './oracle-dictionary';

/** A column of the SELECT that was loaded. */
export interface LoadedColumn {
  readonly name: string;
  /** Whether its type is the usual one of its Oracle type, not one that the flow declared. */
  readonly hasUsualType: boolean;
}

/**
 * Completes a schema, made from a SELECT's columns, with what the data dictionary says about the tables behind them: the source's type and comment of each
 * column, the table's comment, primary and foreign keys. What does not resolve is noted as UNRESOLVED in the run's journal.
 * @param loaded the SELECT's columns, in their order
 * @returns the schema itself, or, since a field's type never changes, a copy in which texts have their length in characters instead of bytes
 */
export async function augmentFromDictionary(
  schema: ValueSchema,
  sql: string,
  loaded: readonly LoadedColumn[],
  dictionary: OracleDictionary,
  journal: RunJournal,
): Promise<ValueSchema> {
  const found = new Map<string, DictionaryTable>();
  const projection = await resolveProjection(sql, async (name, owner) => {
    const table = await dictionary.table(name, owner);
    if (table) found.set(keyOf(table), table);
    return table;
  });
  const columns = loaded.map(({ name }) => name);
  const { sources, nameAt } = matchColumns(projection, columns);
  const tableOf = (source: ColumnSource): DictionaryTable | undefined => found.get(keyOf(source.table));

  const lengths = new Map<string, number>();
  for (const { name, hasUsualType } of loaded) {
    const field = schema.field(name);
    const source = sources.get(name);
    if (!field || !source) continue;
    const type = tableOf(source)?.columnTypes.get(source.column);
    if (type !== undefined) field.setSourceDataType(type);
    if (field.doc === undefined) field.setDoc(commentOf(source, tableOf));
    const length = tableOf(source)?.columnLengths.get(source.column);
    if (hasUsualType && length !== undefined && field.type.kind === 'NVARCHAR' && field.type.length !== length) lengths.set(name, length);
  }

  const key = projection.key?.columns.map(nameAt);
  if (key && schema.pks.length === 0 && key.every((name) => name !== undefined)) schema.setPks(key);

  const main = mainTable(projection, found);
  if (main?.comment !== undefined && schema.doc === undefined) schema.setDoc(main.comment);
  addForeignKeys(schema, sources, found);

  for (const { column, fragment, reason } of projection.unresolved) {
    journal.note('UNRESOLVED', `${schema.name}${column === undefined ? '' : `.${column}`}: ${shorten(fragment)} ${reason}`);
  }
  if (schema.pks.length === 0)
    journal.note('UNRESOLVED', `${schema.name}: no primary key of the tables read is certain to stay unique in this SELECT`);
  return withTextLengths(schema, lengths);
}

function withTextLengths(schema: ValueSchema, lengths: ReadonlyMap<string, number>): ValueSchema {
  if (lengths.size === 0) return schema;
  const written = schema.toAvro();
  const fields = written.fields.map((field) => {
    const length = lengths.get(field.__originalname);
    if (length === undefined) return field;
    const type = new AvroNVarchar(length).toAvro();
    return { ...field, type: schema.field(field.__originalname)?.nullable === false ? type : ['null', type] };
  });
  return ValueSchema.fromAvro({ ...written, fields });
}

interface MatchedColumns {
  readonly sources: ReadonlyMap<string, ColumnSource | undefined>;
  /** Name of the column at a place of the projection. */
  readonly nameAt: (index: number) => string | undefined;
}

/** Columns by the names Oracle gave them; matched by place when the whole projection is known, else by name. */
function matchColumns(projection: SelectProjection, columns: readonly string[]): MatchedColumns {
  if (projection.complete && projection.columns.length === columns.length) {
    return { sources: new Map(columns.map((name, index) => [name, projection.columns[index]?.source])), nameAt: (index) => columns[index] };
  }
  const sourceOf = (name: string): ColumnSource | undefined => {
    const named = projection.columns.filter((column) => column.name === name);
    return named.length === 1 ? named[0]?.source : undefined;
  };
  return {
    sources: new Map(columns.map((name) => [name, sourceOf(name)])),
    nameAt: (index) => columns.find((name) => name === projection.columns[index]?.name && sourceOf(name) !== undefined),
  };
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
        conditions: foreignKey.referencedColumns.map((rightFieldName, index) => ({
          leftFieldName: left[index] ?? '',
          rightFieldName,
          condition: '=',
        })),
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
