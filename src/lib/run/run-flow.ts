import { ulid } from 'ulid';
import type { RunContext } from '../context';
import { ContractGuard } from '../contract/contract-guard';
import { Workspace } from '../duckdb/workspace';
import { TablecastError } from '../errors';
import { LineageRecorder } from '../lineage/lineage-recorder';
import type { Logger } from '../logger';
import type { Settings } from '../settings';
import { checkPointer, flowLabel, FlowState, type Pointer } from '../state/flow-state';
import { Lease } from '../state/lease';
import type { FlowServices } from './flow-services';
import type { FunctionRunner, NewPointer } from './function-runner';
import { Journal } from './journal';
import { toProblem } from './problem';
import type { CommitResult } from '../kafka/kafka-producer';
import type { RunProducer } from './run-producer';
import { toStoredReport, type RunReport } from './run-report';
import type { RunReader } from './run-reader';
import type { Load, WantedLoad } from './run-request';
import type { SingleDataflow } from './single-dataflow';

/** How a run ended: its report, and for a failed run the error behind the report's problem. */
export interface RunOutcome {
  readonly report: RunReport;
  readonly error?: TablecastError;
}

/** What a run has come to so far; a failed run reports it as far as it goes. */
interface Progress {
  load?: Load;
  before?: Pointer | undefined;
  after: string | null;
  commits: readonly CommitResult[];
}

/**
 * One run of a dataflow, in this order: take the lease; read the pointer and decide the load; open the workspace; connect reader and producer; let the
 * runner load; commit; save the pointer; close everything; add the run to the history; give the lease back. An error on the way rolls the
 * transaction back and leaves the pointer where it was.
 * @throws TablecastError RUN_ACTIVE, STATE_UNREACHABLE, STATE_FORBIDDEN, SETTING_INVALID when no run came about; any other failure is in the outcome
 */
export async function runFlow<R extends RunReader, P extends RunProducer>(
  flow: SingleDataflow<R, P>,
  request: { readonly wanted: WantedLoad; readonly trigger: RunReport['trigger'] },
  services: FlowServices,
  logger: Logger,
): Promise<RunOutcome> {
  const settings = services.settings();
  const state = flowState(flow, services, settings);
  const shutdown = services.shutdown();
  const startedAt = new Date();
  const id = ulid(startedAt.getTime());
  const lease = await Lease.acquire(state, { run: id, since: startedAt, seconds: settings.LEASE_SECONDS }, logger);
  const journal = new Journal(id, logger, settings.PROGRESS_SECONDS);
  if (lease.takenOverFrom !== undefined) {
    journal.note(
      'LEASE_TAKEN_OVER',
      `Run ${lease.takenOverFrom} ended without giving its lease back; what it had not committed is not visible.`,
    );
  }
  const signal = AbortSignal.any([lease.signal, shutdown.signal]);
  const progress: Progress = { after: null, commits: [] };
  let error: TablecastError | undefined;
  try {
    signal.throwIfAborted();
    await load(flow, request.wanted, { id, startedAt, settings, state, lease, journal, signal, logger, services }, progress);
  } catch (caught) {
    error = toRunError(caught, signal);
  }
  const report = toReport();
  logEnd(report, error, logger);
  await keep(
    () => state.saveRun({ id, report: toStoredReport(report) }, settings.HISTORY_RUNS),
    `Run ${id} could not be added to the history`,
    logger,
  );
  await keep(() => lease.release(), `The lease of run ${id} could not be given back; it ends by itself`, logger);
  return error ? { report, error } : { report };

  function toReport(): RunReport {
    const endedAt = new Date();
    return {
      id,
      function: flow.functionName,
      dataflow: flow.dataflowName,
      environment: settings.ENVIRONMENT,
      trigger: request.trigger,
      status: error ? 'failed' : 'succeeded',
      ...(progress.load && { load: progress.load }),
      ...(request.wanted.load === 'backfill' && { filter: request.wanted.filter }),
      startedAt: startedAt.toISOString(),
      endedAt: endedAt.toISOString(),
      seconds: { total: (endedAt.getTime() - startedAt.getTime()) / 1000, ...journal.seconds },
      tables: journal.tables,
      commits: progress.commits,
      pointer: { before: progress.before?.value ?? null, after: progress.after },
      notes: journal.notes,
      ...(error && { problem: toProblem(error, id) }),
    };
  }
}

/** The state of a dataflow in the storage of the settings. */
export function flowState({ functionName, dataflowName }: SingleDataflow, services: FlowServices, settings: Settings): FlowState {
  return new FlowState(services.state(settings), { environment: settings.ENVIRONMENT, functionName, dataflowName });
}

interface RunParts {
  readonly id: string;
  readonly startedAt: Date;
  readonly settings: Settings;
  readonly state: FlowState;
  readonly lease: Lease;
  readonly journal: Journal;
  readonly signal: AbortSignal;
  readonly logger: Logger;
  readonly services: FlowServices;
}

async function load<R extends RunReader, P extends RunProducer>(
  flow: SingleDataflow<R, P>,
  wanted: WantedLoad,
  run: RunParts,
  progress: Progress,
): Promise<void> {
  const { settings, state, journal, logger } = run;
  if (wanted.load !== 'auto') progress.load = wanted.load;
  const before = await state.readPointer();
  progress.before = before;
  progress.after = before?.value ?? null;
  const runner = flow.runner(logger);
  progress.load = chooseLoad(flow, wanted.load, before, runner.deltaIsFullLoad);
  const lineage = new LineageRecorder({
    producerName: flow.functionName,
    dataflowName: flow.dataflowName,
    required: flow.lineage === 'required',
    published: await state.readLineage(),
    // An initial load brings all tables of the flow, others perhaps only those that have changes.
    keepsOthers: progress.load !== 'initial',
  });

  const opened: AsyncDisposable[] = [];
  try {
    const workspace = await Workspace.open({
      memoryLimit: settings.WORKSPACE_MEMORY_LIMIT,
      folder: settings.WORKSPACE_FOLDER,
      extensionDirectory: settings.WORKSPACE_EXTENSIONS,
      signal: run.signal,
    });
    opened.push(workspace);
    const context: RunContext = {
      id: run.id,
      functionName: flow.functionName,
      dataflowName: flow.dataflowName,
      startedAt: run.startedAt,
      ...(before && { pointer: before.value }),
      workspace,
      contract: new ContractGuard(settings, flow, journal),
      lineage,
      snapshots: run.services.snapshots(settings, state.flow),
      secrets: run.services.secrets(settings),
      settings,
      journal,
      logger,
      signal: run.signal,
    };
    const reader = flow.reader(logger);
    opened.push(reader);
    const producer = flow.producer(logger);
    opened.push(producer);
    await journal.time('connect', () => reader.connect(context));
    await journal.time('connect', () => producer.connect(context));
    try {
      const pointer = await callRunner(runner, wanted, progress.load, { producer, reader, before, context });
      if (typeof pointer === 'string') checkPointer(pointer, flowLabel(flow));
      await journal.time('commit', () => commit(producer, run));
      progress.commits = producer.commits;
      if (typeof pointer === 'string') {
        await journal.time('save', () => savePointer(pointer, flow, run, progress));
        progress.after = pointer;
      }
      const published = lineage.toSave;
      if (published !== undefined)
        await keep(
          () => state.saveLineage(published),
          `The lineage document of run ${run.id} could not be noted; the next run publishes it again`,
          logger,
        );
    } catch (error) {
      // A runner may have committed in between: what is visible belongs into the report.
      progress.commits = producer.commits;
      await keep(() => producer.abort(), `Run ${run.id}: the transaction could not be rolled back; the broker ends it by itself`, logger);
      throw error;
    }
  } finally {
    for (const part of opened.reverse())
      await keep(() => part[Symbol.asyncDispose](), `Run ${run.id}: something could not be closed`, logger);
  }
}

/** @throws TablecastError DELTA_WITHOUT_POINTER */
function chooseLoad(flow: SingleDataflow, wanted: Load | 'auto', pointer: Pointer | undefined, deltaIsFullLoad: boolean): Load {
  if (wanted === 'auto') return pointer ? 'delta' : 'initial';
  if (wanted === 'delta' && !pointer && !deltaIsFullLoad) throw new TablecastError('DELTA_WITHOUT_POINTER', { function: flowLabel(flow) });
  return wanted;
}

async function callRunner<R extends RunReader, P extends RunProducer>(
  runner: FunctionRunner<R, P>,
  wanted: WantedLoad,
  load: Load,
  { producer, reader, before, context }: { producer: P; reader: R; before: Pointer | undefined; context: RunContext },
): Promise<NewPointer> {
  if (wanted.load === 'backfill') {
    // It brings some of the rows: whatever it returns cannot be where the next delta starts.
    await runner.backfill(producer, reader, wanted.filter, context);
    return;
  }
  // Only a delta that is a full load gets this far without a pointer.
  return load === 'initial' || !before
    ? runner.initialLoad(producer, reader, context)
    : runner.deltaLoad(producer, reader, before.value, context);
}

async function commit(producer: RunProducer, { lease, signal }: RunParts): Promise<void> {
  signal.throwIfAborted();
  // The signal follows the clock; only the storage knows for sure that nobody else holds the lease at this moment.
  await lease.renew();
  await producer.commit();
}

/** @throws TablecastError POINTER_NOT_SAVED: by now the rows are published, and the caller must know both */
async function savePointer(pointer: string, flow: SingleDataflow, { id, state }: RunParts, { before }: Progress): Promise<void> {
  try {
    await state.savePointer(pointer, id, before);
  } catch (error) {
    const reason = TablecastError.from(error).message;
    throw new TablecastError('POINTER_NOT_SAVED', { run: id, function: flowLabel(flow), reason }, { cause: error });
  }
}

/** When the run was told to stop, that is why it failed, whatever it stumbled over on its way out. */
function toRunError(caught: unknown, signal: AbortSignal): TablecastError {
  const error = TablecastError.from(caught);
  const reason: unknown = signal.aborted ? signal.reason : undefined;
  if (!(reason instanceof TablecastError) || error.code === reason.code || error.code === 'POINTER_NOT_SAVED') return error;
  return new TablecastError(reason.code, reason.details, { cause: caught });
}

/** Does what must not change how the run ended: a failure is logged, no more. */
async function keep(work: () => PromiseLike<unknown>, complaint: string, logger: Logger): Promise<void> {
  try {
    await work();
  } catch (error) {
    logger.warn(complaint, { reason: error instanceof Error ? error.message : String(error) });
  }
}

function logEnd(report: RunReport, error: TablecastError | undefined, logger: Logger): void {
  const flow = flowLabel({ functionName: report.function, dataflowName: report.dataflow });
  const summary = `Run ${report.id} of ${flow} (${report.load ?? 'load undecided'}) ${report.status} after ${report.seconds.total} s`;
  if (error) logger.error(`${summary}: ${error.code}: ${error.message}`, { code: error.code, fix: error.fix, causes: causesOf(error) });
  else logger.info(summary, { tables: report.tables, pointer: report.pointer.after?.slice(0, 1_000) });
}

/** The messages of the errors behind an error, outermost first. */
function causesOf(error: Error): string[] {
  const messages: string[] = [];
  for (let cause = error.cause; cause instanceof Error && messages.length < 10; cause = cause.cause)
    messages.push(`${cause.name}: ${cause.message}`);
  return messages;
}
