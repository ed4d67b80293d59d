import { TablecastError } from '../errors';
import type { Logger } from '../logger';
import type { FlowDefinition } from './flow-definition';
import type { FunctionRunner } from './function-runner';
import type { RunProducer } from './run-producer';
import type { RunReader } from './run-reader';

/** One dataflow of a flow: what a run, or a look at its state, needs of the flow's definition. */
export interface SingleDataflow<R extends RunReader = RunReader, P extends RunProducer = RunProducer> {
  readonly functionName: string;
  readonly dataflowName: string;
  /** See `FlowDefinition.lineage`. */
  readonly lineage?: FlowDefinition<R, P>['lineage'];
  reader(logger: Logger): R;
  producer(logger: Logger): P;
  runner(logger: Logger): FunctionRunner<R, P>;
}

/** All dataflows of a flow, in the order of its definition. */
export function dataflowsOf<R extends RunReader, P extends RunProducer>(flow: FlowDefinition<R, P>): readonly SingleDataflow<R, P>[] {
  const runners = flow.dataflows ? Object.entries(flow.dataflows) : [[flow.name, (logger: Logger) => flow.runner(logger)] as const];
  return runners.map(([dataflowName, runner]) => ({
    functionName: flow.name,
    dataflowName,
    lineage: flow.lineage,
    reader: (logger) => flow.reader(logger),
    producer: (logger) => flow.producer(logger),
    runner,
  }));
}

/** @throws TablecastError NAME_INVALID for a flow that no request could start */
export function checkDataflows(flow: FlowDefinition<RunReader>): void {
  const names = dataflowsOf(flow).map(({ dataflowName }) => dataflowName);
  const reason = names.length === 0 ? `${flow.name} has none` : names.includes('') ? 'it is empty' : undefined;
  if (reason !== undefined) throw new TablecastError('NAME_INVALID', { what: 'dataflow', name: '', reason });
}

/**
 * The dataflow that a request means. Only a flow with one runner may be asked without a name.
 * @throws TablecastError DATAFLOW_MISSING, DATAFLOW_UNKNOWN
 */
export function chooseDataflow<R extends RunReader, P extends RunProducer>(
  flow: FlowDefinition<R, P>,
  name: string | undefined,
): SingleDataflow<R, P> {
  const all = dataflowsOf(flow);
  const dataflows = all.map(({ dataflowName }) => dataflowName);
  if (name === undefined && flow.dataflows) throw new TablecastError('DATAFLOW_MISSING', { function: flow.name, dataflows });
  const chosen = name === undefined ? all[0] : all.find(({ dataflowName }) => dataflowName === name);
  if (!chosen) throw new TablecastError('DATAFLOW_UNKNOWN', { function: flow.name, dataflow: name ?? '', dataflows });
  return chosen;
}
