import { LineageRecorder, type LineageRecorderOptions } from '../../src/lib/lineage/lineage-recorder';
import { AvroInt, AvroNVarchar, ValueSchema } from '../../src/lib/schema';
import { limsCatalog } from './lims-catalog';

export const lims = 'oracle://lims-db:1521/LIMSPRD';
export const kafka = 'kafka://broker:9092';

/** A recorder of flow LAB_Reader. */
export function recorder(options: Partial<LineageRecorderOptions> = {}): LineageRecorder {
  return new LineageRecorder({ producerName: 'LAB_Reader', dataflowName: 'LAB_Reader', ...options });
}

/** Has a workspace table filled from the laboratory's Oracle. */
export function loadLims(lineage: LineageRecorder, table: string, sql: string, columns: readonly string[]): void {
  lineage.loadedBySql(table, { connection: lims, dialect: 'oracle', sql, lookup: limsCatalog, columns });
}

export function schemaOf(name: string, columns: readonly string[]): ValueSchema {
  const schema = new ValueSchema(name, 'LAB');
  for (const column of columns) schema.addField(column, column === 'ID' ? new AvroInt() : new AvroNVarchar(40));
  return schema;
}

/** Publishes a workspace table to the topic of its name. */
export async function publish(lineage: LineageRecorder, table: string, columns: readonly string[], topic = table): Promise<void> {
  const target = { name: topic, connection: kafka, schema: schemaOf(topic, columns) };
  lineage.addTarget(target);
  await lineage.publishing(target, table);
}

/** Sources of each column of a target as `TABLE.COLUMN SUBTYPE`. */
export async function sourcesOf(lineage: LineageRecorder, topic: string): Promise<Record<string, string[]>> {
  const { targets } = await lineage.document();
  const target = targets.find(({ name }) => name === topic)!;
  return Object.fromEntries(
    target.columns.map(({ name, sources }) => [name, sources.map(({ table, column, subtype }) => `${table}.${column} ${subtype}`)]),
  );
}
