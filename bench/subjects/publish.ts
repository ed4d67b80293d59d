import { KafkaProducer } from '../../src/lib/kafka/kafka-producer';
import { KafkaSecretSettings } from '../../src/lib/kafka/kafka-secret-settings';
import { createKeyRow, createTruncateRow, KeySchema, RowType } from '../../src/lib/schema';
import { measure, type Measurement } from '../measurement';
import { openSource, sourceSchema, sourceTable } from '../source-table';
import { silentLogger, subjectContext } from '../subject-context';

export interface PublishOptions {
  readonly file: string;
  readonly bootstrap: string;
  readonly registry: string;
  readonly name: string;
}

/** DuckDB to Kafka as a flow does it: TRUNCATE, key check, every row, commit record, commit. Connecting and preparing the topic is not measured. */
export async function publish({ file, bootstrap, registry, name }: PublishOptions): Promise<Measurement> {
  await using workspace = await openSource(file);
  await using producer = new KafkaProducer({ sourceSystem: 'BENCH', zone: 'RAW', settings: new KafkaSecretSettings() }, silentLogger);
  await producer.connect(subjectContext(name, workspace, { 'bootstrap.servers': bootstrap, 'schema.registry.url': registry }));
  const schema = await sourceSchema(workspace);
  const keySchema = new KeySchema(schema);
  const target = await producer.addTarget(sourceTable, sourceTable, keySchema, schema, { topic: name });
  return await measure(async () => {
    const truncateRow = createTruncateRow(schema);
    producer.produceRow(target, createKeyRow(truncateRow, keySchema), truncateRow, RowType.TRUNCATE);
    const rows = await producer.produceFromDuckdb(sourceTable, target, RowType.REPLACE);
    await producer.commit();
    return rows;
  });
}
