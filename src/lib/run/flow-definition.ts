import type { Logger } from '../logger';
import type { FunctionRunner } from './function-runner';
import type { RunProducer } from './run-producer';
import type { RunReader } from './run-reader';
import type { SourceAdapter } from './source-adapter';

interface FlowBasics<R extends RunReader, P extends RunProducer> {
  /** Name of the function, e.g. `LABWARE_Reader`. */
  readonly name: string;
  /** Route below the host's prefix, e.g. `LABWARE/run`. */
  readonly route: string;
  /** App setting that holds the timer's schedule, e.g. `LABWARE_SCHEDULE`. Without that setting the flow has no timer. */
  readonly schedule: string;
  /**
   * Whether a table is published only when it is known of each of its columns where it comes from: `required` stops the run (LINEAGE_UNRESOLVED) before its
   * rows are sent. Default `best-effort`: what is not known is noted.
   */
  readonly lineage?: 'best-effort' | 'required';
  reader(logger: Logger): R;
  producer(logger: Logger): P;
}

/** A flow with one runner. Its dataflow has the function's name. */
interface FlowOfOne<R extends RunReader, P extends RunProducer> extends FlowBasics<R, P> {
  runner(logger: Logger): FunctionRunner<R, P>;
  readonly dataflows?: never;
}

/** A flow with several runners over the same source. */
interface FlowOfSeveral<R extends RunReader, P extends RunProducer> extends FlowBasics<R, P> {
  /**
   * Runners by the name of their dataflow, e.g. `{ SAMPLE: (logger) => new SampleRunner(logger) }`. A request names the one it means; the timer runs
   * each in turn. Each has its own pointer, lease, history and transactional id, so a name, once in use, stays.
   */
  readonly dataflows: Readonly<Record<string, (logger: Logger) => FunctionRunner<R, P>>>;
  readonly runner?: never;
}

/**
 * A flow, as its file in `src/functions` describes it: either one `runner`, or `dataflows`. Reader, producer and runner are made anew for each run and
 * connect only once its lease is held.
 */
export type FlowDefinition<R extends RunReader = SourceAdapter, P extends RunProducer = RunProducer> =
  FlowOfOne<R, P> | FlowOfSeveral<R, P>;
