import { quoteIdentifier, quoteLiteral } from '../duckdb/quote';
import { TablecastError } from '../errors';
import type { KafkaProducer } from '../kafka/kafka-producer';
import { RowType, TECHNICAL_FIELDS } from '../schema';
import type { DeltaTask, LoadedTable } from './delta-strategy';

/** Column of a table of changes that says of each row what it is: a RowType letter. */
export const CHANGE_TYPE = TECHNICAL_FIELDS.CHANGE_TYPE;

/**
 * The key by which a strategy tells rows apart.
 * @throws TablecastError KEY_MISSING
 */
export function keyOf({ table, schema }: LoadedTable, strategy: string): readonly string[] {
  if (schema.pks.length === 0) throw new TablecastError('KEY_MISSING', { table, strategy });
  return schema.pks;
}

/**
 * Replaces the table, or the rows of a filter, at every consumer by the rows that do not count as deleted.
 * @returns number of rows
 */
export async function publishAll(
  { producer, run }: DeltaTask,
  loaded: LoadedTable,
  deletedWhen?: string,
  filter?: Readonly<Record<string, string>>,
): Promise<number> {
  const { table, schema, options } = loaded;
  const more = filter === undefined ? {} : { filter };
  if (deletedWhen === undefined) return producer.replaceTable(table, schema, { ...options, ...more });
  const live = `${table}__live`;
  await run.workspace.run(
    `CREATE OR REPLACE VIEW ${quoteIdentifier(live)} AS SELECT * FROM ${quoteIdentifier(table)} WHERE (${deletedWhen}) IS NOT TRUE`,
  );
  return producer.replaceTable(live, schema, { name: table, ...options, ...more, lineageOf: table });
}

/**
 * Publishes all rows of the table as UPSERT, those that count as deleted as DELETE.
 * @returns number of rows
 */
export async function publishUpserts({ producer, run }: DeltaTask, loaded: LoadedTable, deletedWhen?: string): Promise<number> {
  const { table, schema, options } = loaded;
  if (deletedWhen === undefined) return producer.upsertTable(table, schema, options);
  await run.workspace.checkKey(table, schema.pks);
  const changes = `${table}__changes`;
  await run.workspace.run(
    `CREATE OR REPLACE VIEW ${quoteIdentifier(changes)} AS SELECT *, ${upsertOrDelete(deletedWhen)} AS ${quoteIdentifier(CHANGE_TYPE)} FROM ${quoteIdentifier(table)}`,
  );
  return publishChanges(producer, changes, loaded);
}

/** SQL of a row's change type: UPSERT, or DELETE for a row that counts as deleted. */
export function upsertOrDelete(deletedWhen: string | undefined): string {
  const upsert = quoteLiteral(RowType.UPSERT);
  return deletedWhen === undefined ? upsert : `CASE WHEN ${deletedWhen} THEN ${quoteLiteral(RowType.DELETE)} ELSE ${upsert} END`;
}

/**
 * Publishes a table of changes, whose column `__change_type` says what each row is. A key may have several rows: check the key of the source before.
 * @returns number of rows
 */
export function publishChanges(producer: KafkaProducer, changes: string, { table, schema, options }: LoadedTable): Promise<number> {
  return producer.upsertTable(changes, schema, { name: table, ...options, uniqueKeys: false, lineageOf: table });
}
