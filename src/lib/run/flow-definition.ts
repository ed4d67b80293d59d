import type { Logger } from '../logger';
import type { FunctionRunner } from './function-runner';
import type { RunProducer } from './run-producer';
import type { SourceAdapter } from './source-adapter';

/** A flow, as its file in `src/functions` describes it. The three parts are made anew for each run and connect only once its lease is held. */
export interface FlowDefinition<R extends SourceAdapter = SourceAdapter, P extends RunProducer = RunProducer> {
  /** Name of the function, e.g. `LABWARE_Reader`. */
  readonly name: string;
  /** Name of the data flow within the function; the function's name when not given. Each has its own pointer, lease and history. */
  readonly dataflow?: string;
  /** Route below the host's prefix, e.g. `LABWARE/run`. */
  readonly route: string;
  /** App setting that holds the timer's schedule, e.g. `LABWARE_SCHEDULE`. Without that setting the flow has no timer. */
  readonly schedule: string;
  reader(logger: Logger): R;
  producer(logger: Logger): P;
  runner(logger: Logger): FunctionRunner<R, P>;
}
