import { readSettings, type Logger, type RunContext } from '../../src/lib';
import { Workspace } from '../../src/lib/duckdb/workspace';
import { LineageRecorder } from '../../src/lib/lineage/lineage-recorder';
import { MemorySnapshotStore } from '../../src/lib/state/memory-snapshot-store';

const silent: Logger = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };

/** A run's context for a reader: a real workspace, one secret, and a journal that remembers. */
export interface TestRun extends AsyncDisposable {
  readonly context: RunContext;
  readonly workspace: Workspace;
  readonly logger: Logger;
  /** Notes as `KIND text`. */
  readonly notes: readonly string[];
  /** Stops the run, as a lost lease does. */
  readonly stop: (reason: Error) => void;
}

export async function testRun(secrets: Readonly<Record<string, unknown>>): Promise<TestRun> {
  const controller = new AbortController();
  const workspace = await Workspace.open({ memoryLimit: '256MB', signal: controller.signal });
  const notes: string[] = [];
  const context: RunContext = {
    id: '01J0000000000000000000TEST',
    functionName: 'Test',
    dataflowName: 'Test',
    startedAt: new Date(0),
    workspace,
    lineage: new LineageRecorder({ producerName: 'Test', dataflowName: 'Test' }),
    snapshots: new MemorySnapshotStore(),
    secrets: { place: 'the test', readSecret: (name) => Promise.resolve(JSON.stringify(secrets[name])) },
    settings: readSettings({}),
    journal: {
      time: (_stage, work) => work(),
      note: (kind, text) => notes.push(`${kind} ${text}`),
      progress: () => undefined,
    },
    logger: silent,
    signal: controller.signal,
  };
  return {
    context,
    workspace,
    logger: silent,
    notes,
    stop: (reason) => {
      controller.abort(reason);
    },
    [Symbol.asyncDispose]: () => workspace.close(),
  };
}
