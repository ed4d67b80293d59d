import type { EncodedField, Layout } from '../avro/column-layout';
import { encodeField } from '../avro/encode-row';
import { unionBranches } from '../avro/value-codec';
import { ValueMismatch } from '../avro/value-mismatch';
import { TablecastError } from '../errors';
import { type AvroType, type Field, fromDuckdbType, KEY_TIME_FIELD, type KeySchema, type Row, type ValueSchema } from '../schema';
import { type ColumnCast, exactCast } from './exact-cast';
import { quoteIdentifier } from './quote';

/** A column of the generated query. */
export interface PlannedColumn {
  /** Original name, for messages. */
  readonly name: string;
  readonly field: Field;
  readonly sql: string;
  readonly layout: Layout;
  readonly misfit: string | undefined;
}

/** What to select and how the fields of key and value come from it. */
export interface PublishPlan {
  readonly columns: readonly PlannedColumn[];
  readonly keyFields: readonly EncodedField[];
  readonly valueFields: readonly EncodedField[];
  /** Index of the column that holds the time of sending, which is not selected; undefined when the table has a primary key. */
  readonly clock: number | undefined;
}

interface SourceColumn {
  readonly name: string;
  readonly type: string;
}

/**
 * Plans how rows of a source are encoded. Each field takes the source's column of its name (DuckDB ignores case); a technical field that is no column
 * takes the given constant, any other field without column is null.
 *
 * @throws TablecastError COLUMN_UNKNOWN when a field that must not be null has no column
 * @throws TablecastError VALUE_INVALID when a constant does not fit its field
 */
export function planPublish(
  table: string,
  source: readonly SourceColumn[],
  valueSchema: ValueSchema,
  keySchema: KeySchema,
  technical: Row,
): PublishPlan {
  const columns: PlannedColumn[] = [];
  const sourceOf = (field: Field): SourceColumn | undefined =>
    source.find(({ name }) => name === field.name) ?? source.find(({ name }) => name.toLowerCase() === field.name.toLowerCase());
  const plan = (field: Field): EncodedField => {
    const column = sourceOf(field);
    if (column === undefined) return { constant: constantOf(table, field, technical[field.name] ?? null) };
    const { cast, branch } = castOf(column, field);
    let index = columns.findIndex((known) => known.name === column.name && known.sql === cast.sql && known.layout === cast.layout);
    if (index < 0 || cast.layout === 'encoded') {
      index = columns.push({ name: column.name, field, sql: cast.sql, layout: cast.layout, misfit: cast.misfit }) - 1;
    }
    const branches = unionBranches(field.type, field.nullable);
    const nullBranch = branches?.indexOf(null) ?? -1;
    return {
      column: index,
      layout: cast.layout,
      nullBranch: nullBranch < 0 ? undefined : nullBranch,
      branch: branches === undefined ? undefined : branches.indexOf(branch),
      length: 'length' in branch ? branch.length : undefined,
    };
  };
  const valueFields = valueSchema.fields.map(plan);
  if (keySchema.hasPrimaryKey) return { columns, keyFields: keySchema.fields.map(plan), valueFields, clock: undefined };
  const clock = columns.length;
  return { columns, keyFields: keySchema.fields.map((field) => clockField(field, clock)), valueFields, clock };
}

function castOf(column: SourceColumn, field: Field): { readonly cast: ColumnCast; readonly branch: AvroType } {
  const sql = quoteIdentifier(column.name);
  const branch = branchOf(field.type, column);
  const cast = exactCast(sql, column.type, branch);
  return cast === undefined ? { cast: { sql, layout: 'encoded' }, branch: field.type } : { cast, branch };
}

/** A union with a plain column has one branch only: that of the column's own type, or the first that is no null. */
function branchOf(type: AvroType, column: SourceColumn): AvroType {
  if (type.kind !== 'UNION' || column.type.startsWith('UNION')) return type;
  const own = fromDuckdbType(column.type, column.name);
  return type.items.find((item) => item.kind === own.kind) ?? type.items.find((item) => item.kind !== 'NULL') ?? type;
}

function clockField(field: Field, column: number): EncodedField {
  if (field.name !== KEY_TIME_FIELD) throw new TablecastError('COLUMN_UNKNOWN', { table: field.name, column: field.name, use: 'key' });
  return { column, layout: 'int64', nullBranch: undefined, branch: undefined };
}

function constantOf(table: string, field: Field, value: unknown): Uint8Array {
  if (value === null && !field.nullable)
    throw new TablecastError('COLUMN_UNKNOWN', { table, column: field.name, use: 'schema (not null)' });
  try {
    return encodeField(field, value);
  } catch (error) {
    if (!(error instanceof ValueMismatch)) throw error;
    throw new TablecastError('VALUE_INVALID', { table, column: field.name, row: 'the same in all rows', reason: error.message });
  }
}
