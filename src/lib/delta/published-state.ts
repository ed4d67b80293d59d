import type { RunContext } from '../context';
import { quoteIdentifier, quoteLiteral } from '../duckdb/quote';
import { UNCERTAIN } from './compare-tables';
import { type Doubtful, loadFile } from './kept-file';
import { KEY_HASH, ROW_HASH } from './row-hash';

/**
 * Makes a table or view of what consumers have, as far as the kept files tell. When other runs may have been committed since the one that the pointer names, a
 * row about which the files do not agree is uncertain, and will be published again in any case; its values are those of the youngest file.
 *
 * @throws TablecastError SNAPSHOT_MISSING, …
 */
export async function loadPublished(run: RunContext, view: string, pointer: string, { whole, backfills }: Doubtful): Promise<void> {
  if (whole.length + backfills.length === 0) {
    await loadFile(run, view, pointer);
    return;
  }
  const names = [pointer, ...whole, ...backfills];
  const parts: string[] = [];
  for (const name of names) {
    const part = `${view}_${parts.length}`;
    await loadFile(run, part, name);
    parts.push(
      `SELECT *, ${quoteLiteral(name)} AS __file, ${String(backfills.includes(name))} AS __backfill FROM ${quoteIdentifier(part)}`,
    );
  }
  const agreed = `count(*) OVER key = ${1 + whole.length} AND NOT bool_or(__backfill) OVER key AND min(${ROW_HASH}) OVER key = max(${ROW_HASH}) OVER key`;
  await run.workspace.run(`CREATE OR REPLACE TABLE ${quoteIdentifier(view)} AS
    SELECT * EXCLUDE (__file, __backfill) REPLACE (CASE WHEN ${agreed} THEN ${ROW_HASH} ELSE ${UNCERTAIN} END AS ${ROW_HASH})
    FROM (${parts.join('\nUNION ALL BY NAME\n')})
    WINDOW key AS (PARTITION BY ${KEY_HASH})
    QUALIFY row_number() OVER (PARTITION BY ${KEY_HASH} ORDER BY __file DESC) = 1`);
}
