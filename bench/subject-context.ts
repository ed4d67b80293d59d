import type { RunContext } from '../src/lib/context';
import type { Workspace } from '../src/lib/duckdb/workspace';
import { LineageRecorder } from '../src/lib/lineage/lineage-recorder';
import type { Logger } from '../src/lib/logger';
import { Journal } from '../src/lib/run/journal';
import { readSettings } from '../src/lib/settings';
import { MemorySnapshotStore } from '../src/lib/state/memory-snapshot-store';

const silent = (): void => undefined;
export const silentLogger: Logger = { debug: silent, info: silent, warn: silent, error: silent };

/** A run's context for a subject: default settings, one secret. @param name unlike that of every other measurement: it is in topic and transactional id */
export function subjectContext(name: string, workspace: Workspace, secret: object): RunContext {
  return {
    id: '01J0000000000000000000BENCH'.slice(0, 26),
    functionName: 'Bench',
    dataflowName: name,
    startedAt: new Date(),
    workspace,
    lineage: new LineageRecorder({ producerName: 'Bench', dataflowName: name }),
    snapshots: new MemorySnapshotStore(),
    secrets: { place: 'the benchmark', readSecret: () => Promise.resolve(JSON.stringify(secret)) },
    settings: readSettings({ ENVIRONMENT: name }),
    journal: new Journal(name, silentLogger),
    logger: silentLogger,
    signal: new AbortController().signal,
  };
}
