import { DeltaRunner, type LoadedTable, type Selection } from '../lib';
import type { OracleReader } from '../readers/oracle-reader';
import { scn } from '../readers/oracle-scn';

/**
 * RESULT grows and its rows change: the delta load reads the rows committed since the pointer, a system change number (SCN), and publishes them
 * as upserts. Deleted rows leave no trace that a query could find; an initial load brings the consumers in line with those.
 */
export class LabwareResultsRunner extends DeltaRunner<OracleReader> {
  protected override readonly strategy = scn();
  protected override readonly backfillBy = ['SAMPLE_NUMBER', 'ANALYSIS'];

  protected override async load(reader: OracleReader, { condition, binds }: Selection): Promise<LoadedTable> {
    await reader.load('RESULT', `select * from LIMSPRD.RESULT where ${condition}`, 'RESULT', 'LABWARE', { binds });
    const schema = reader.tableSchema
      .setDataProductOwnerEmail('lims@example.com')
      .setRepoUrl('https://github.com/example/labware')
      .setSourceSystemUri('https://labware.example.com')
      .setTicketsUrl('https://tickets.example.com/labware')
      .setDataClassification('INTERNAL')
      .setSemantics('FACT');
    return { table: 'RESULT', schema };
  }
}
