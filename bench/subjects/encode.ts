import type { EncodeRequest } from '../../src/lib/duckdb/encode-rows';
import type { Workspace } from '../../src/lib/duckdb/workspace';
import { KeySchema, RowType, TECHNICAL_FIELDS } from '../../src/lib/schema';
import { measure, type Measurement } from '../measurement';
import { openSource, sourceSchema, sourceTable } from '../source-table';

/** What the producer asks of the workspace for the table. */
export async function encodeRequest(workspace: Workspace): Promise<EncodeRequest> {
  const valueSchema = await sourceSchema(workspace);
  return {
    table: sourceTable,
    valueSchema,
    keySchema: new KeySchema(valueSchema),
    valueSchemaId: 2,
    keySchemaId: 1,
    technical: {
      [TECHNICAL_FIELDS.CHANGE_TYPE]: RowType.REPLACE,
      [TECHNICAL_FIELDS.CHANGE_TIME]: new Date(),
      [TECHNICAL_FIELDS.SOURCE_TRANSACTION]: '01J0000000000000000000BENC',
      [TECHNICAL_FIELDS.SOURCE_SYSTEM]: 'BENCH',
    },
  };
}

/** DuckDB to Avro messages that nobody takes. */
export async function encode({ file }: { readonly file: string }): Promise<Measurement> {
  await using workspace = await openSource(file);
  const request = await encodeRequest(workspace);
  return await measure(() => workspace.encodeRows(request, { write: () => true, ready: () => Promise.resolve() }));
}
