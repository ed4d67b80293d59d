import { FunctionRunner, type KafkaProducer } from '../lib';
import type { OracleReader } from '../readers/oracle-reader';

/**
 * RESULT grows and its rows change: the delta load reads the rows committed since the pointer, a system change number (SCN), and publishes them
 * as upserts. Deleted rows leave no trace that a query could find; an initial load brings the consumers in line with those.
 */
export class LabwareResultsRunner extends FunctionRunner<OracleReader> {
  override async initialLoad(producer: KafkaProducer, reader: OracleReader): Promise<string> {
    const position = await reader.position();
    await reader.load('RESULT', 'select * from LIMSPRD.RESULT', 'RESULT', 'LABWARE');
    await producer.replaceTable('RESULT', reader.tableSchema);
    return position;
  }

  override async deltaLoad(producer: KafkaProducer, reader: OracleReader, pointer: string): Promise<string> {
    const position = await reader.position();
    // ORA_ROWSCN is the SCN of the commit, or a later one where a block shares it: a row may come twice, none is missed.
    const sql = 'select * from LIMSPRD.RESULT where ORA_ROWSCN > :since';
    await reader.load('RESULT', sql, 'RESULT', 'LABWARE', { binds: { since: BigInt(pointer) } });
    await producer.upsertTable('RESULT', reader.tableSchema);
    return position;
  }
}
