import { Lease, type LeaseHolder } from '../state/lease';
import type { FlowServices } from './flow-services';
import { flowState } from './run-flow';
import type { RunReport } from './run-report';
import type { SingleDataflow } from './single-dataflow';

/** What GET answers about one dataflow. */
export interface FlowStatus {
  readonly function: string;
  readonly dataflow: string;
  readonly environment: string;
  /** The run under way, if any. */
  readonly active: LeaseHolder | null;
  readonly pointer: { readonly value: string; readonly run: string; readonly savedAt: string } | null;
  /** The last runs, newest first. */
  readonly runs: readonly RunReport[];
}

/** How many of the past runs the status shows. */
const SHOWN_RUNS = 20;

/** Reads how a dataflow is doing. Opens neither reader nor producer and changes nothing. */
export async function flowStatus(flow: SingleDataflow, services: FlowServices): Promise<FlowStatus> {
  const settings = services.settings();
  const state = flowState(flow, services, settings);
  const [pointer, holder, runs] = await Promise.all([state.readPointer(), Lease.holder(state), state.lastRuns(SHOWN_RUNS)]);
  return {
    function: flow.functionName,
    dataflow: flow.dataflowName,
    environment: settings.ENVIRONMENT,
    active: holder && !holder.expired ? holder : null,
    pointer: pointer ? { value: pointer.value, run: pointer.run, savedAt: pointer.savedAt.toISOString() } : null,
    runs: runs.map(({ report }) => JSON.parse(report) as RunReport),
  };
}
