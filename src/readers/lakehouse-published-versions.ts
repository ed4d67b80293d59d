import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { quoteLiteral, type RunContext } from '../lib/index';
import type { DeltaPosition } from './lakehouse-reader';

/** `<commit id>-<version>-<identity of the table>` */
const NAME = /^[0-9A-Z]{26}-(\d+)-([\w-]*)$/;

/**
 * Notes, before the commit of a run, which version it publishes: when the pointer cannot be saved after the commit, or is not meant to move (a backfill),
 * consumers have rows that the pointer does not tell of.
 */
export async function notePublished(run: RunContext, { version, id = '' }: DeltaPosition): Promise<void> {
  const { workspace, snapshots, journal } = run;
  const file = path.join(workspace.folder, `${randomUUID()}.parquet`);
  await workspace.run(`COPY (SELECT ${version} AS version, ${quoteLiteral(id)} AS id) TO ${quoteLiteral(file)} (FORMAT parquet)`);
  await journal.time('save', () => snapshots.save(`${run.id}-${version}-${id}`, file));
}

/**
 * The versions after a position that consumers may have, ascending. Removes the notes that tell nothing any more: a position that has been saved settles all
 * versions up to its own.
 */
export async function doubtfulVersions({ snapshots, journal }: RunContext, position: DeltaPosition | undefined): Promise<number[]> {
  return journal.time('save', async () => {
    const found = new Set<number>();
    for (const name of await snapshots.names()) {
      const [, version, id] = NAME.exec(name) ?? [];
      if (position !== undefined && version !== undefined && Number(version) > position.version && id === (position.id ?? ''))
        found.add(Number(version));
      else await snapshots.remove(name);
    }
    return [...found].sort((a, b) => a - b);
  });
}
