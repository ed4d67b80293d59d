import type { RunContext } from '../context';
import { TablecastError } from '../errors';
import type { KafkaProducer } from '../kafka/kafka-producer';
import type { Logger } from '../logger';
import { flowLabel } from '../state/flow-state';
import type { RunProducer } from './run-producer';
import type { RunReader } from './run-reader';
import type { Filter } from './run-request';
import type { SourceAdapter } from './source-adapter';

/** The new delta pointer; nothing leaves the pointer as it is. */
// eslint-disable-next-line @typescript-eslint/no-invalid-void-type -- a load that returns nothing is written without a return statement
export type NewPointer = string | void;

/**
 * A flow's own part: which tables, which SQL. The reader and the producer are connected when a load is called. What a load returns becomes the
 * delta pointer: first the rows are committed, then the pointer is saved; a load that throws publishes nothing and leaves the pointer alone.
 *
 * @example
 * class OrdersRunner extends FunctionRunner<OracleReader> {
 *   override async initialLoad(producer: KafkaProducer, reader: OracleReader) {
 *     const since = await reader.position();
 *     await reader.load('ORDERS', 'select * from SHOP.ORDERS', 'ORDERS', 'SHOP');
 *     await producer.replaceTable('ORDERS', reader.tableSchema);
 *     return since;
 *   }
 *   override async deltaLoad(producer: KafkaProducer, reader: OracleReader, pointer: string) { … }
 * }
 */
export abstract class FunctionRunner<R extends RunReader = SourceAdapter, P extends RunProducer = KafkaProducer> {
  /** Whether a delta load may run without a pointer, because it reads everything anyway: it is then an initial load. See `FullLoadRunner`. */
  get deltaIsFullLoad(): boolean {
    return false;
  }

  constructor(protected readonly logger: Logger) {}

  /** Publishes everything. Return the position in the source from which the next delta starts, taken before reading. */
  abstract initialLoad(producer: P, reader: R, run: RunContext): Promise<NewPointer>;

  /** Publishes what changed since `pointer`. Return the position from which the next delta starts, taken before reading. */
  abstract deltaLoad(producer: P, reader: R, pointer: string, run: RunContext): Promise<NewPointer>;

  /**
   * Publishes the rows that `filter` selects anew, in place of those that consumers have: `replaceTable` with that filter. The delta pointer stays as it
   * is, so deltas go on as if nothing had happened; there need not be one yet.
   * @param filter column → value as text; a row is selected when all of them agree. It comes from outside: columns the flow does not know are to be refused,
   * values go into SQL as binds
   * @throws TablecastError BACKFILL_UNSUPPORTED unless the runner writes this method
   */
  backfill(_producer: P, _reader: R, _filter: Filter, run: RunContext): Promise<void> {
    return Promise.reject(new TablecastError('BACKFILL_UNSUPPORTED', { function: flowLabel(run) }));
  }
}

/** A flow whose delta load is a full load: only `initialLoad` is to be written, and PATCH works from the start. */
export abstract class FullLoadRunner<R extends RunReader = SourceAdapter, P extends RunProducer = KafkaProducer> extends FunctionRunner<
  R,
  P
> {
  override get deltaIsFullLoad(): boolean {
    return true;
  }

  override deltaLoad(producer: P, reader: R, _pointer: string, run: RunContext): Promise<NewPointer> {
    return this.initialLoad(producer, reader, run);
  }
}
