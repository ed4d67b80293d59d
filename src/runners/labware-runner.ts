import { createKeyRow, createTruncateRow, FullLoadRunner, KeySchema, RowType, type KafkaProducer } from '../lib';
import type { OracleReader } from '../readers/oracle-reader';

/** SAMPLE_PLAN is small and has nothing that tells what changed: its delta load is a full load. */
export class LabwareRunner extends FullLoadRunner<OracleReader> {
  override async initialLoad(producer: KafkaProducer, reader: OracleReader): Promise<string> {
    const since = await reader.position(); // before reading, so that no change falls between two runs
    await reader.load('SAMPLE_PLAN', 'select * from LIMSPRD.SAMPLE_PLAN', 'SAMPLE_PLAN', 'LABWARE');
    const schema = reader.tableSchema
      .setDataProductOwnerEmail('lims@example.com')
      .setRepoUrl('https://github.com/example/labware')
      .setSourceSystemUri('https://labware.example.com')
      .setTicketsUrl('https://tickets.example.com/labware')
      .setDataClassification('INTERNAL')
      .setRetentionPeriod({ value: 10, unit: 'YEARS' });
    const keySchema = new KeySchema(schema);
    const target = await producer.addTarget('SAMPLE_PLAN', 'SAMPLE_PLAN', keySchema, schema);
    // Consumers empty their table at the TRUNCATE row and fill it with the REPLACE rows, in one transaction.
    const truncateRow = createTruncateRow(schema);
    producer.produceRow(target, createKeyRow(truncateRow, keySchema), truncateRow, RowType.TRUNCATE);
    await producer.produceFromDuckdb('SAMPLE_PLAN', target, RowType.REPLACE);
    return since; // becomes the delta pointer, after the commit
  }
}
