import type { RunContext } from '../context';
import type { KafkaProducer } from '../kafka/kafka-producer';
import type { Logger } from '../logger';
import type { RunProducer } from './run-producer';
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
export abstract class FunctionRunner<R extends SourceAdapter = SourceAdapter, P extends RunProducer = KafkaProducer> {
  /** Whether a delta load may run without a pointer, because it reads everything anyway: it is then an initial load. See `FullLoadRunner`. */
  readonly deltaIsFullLoad: boolean = false;

  constructor(protected readonly logger: Logger) {}

  /** Publishes everything. Return the position in the source from which the next delta starts, taken before reading. */
  abstract initialLoad(producer: P, reader: R, run: RunContext): Promise<NewPointer>;

  /** Publishes what changed since `pointer`. Return the position from which the next delta starts, taken before reading. */
  abstract deltaLoad(producer: P, reader: R, pointer: string, run: RunContext): Promise<NewPointer>;
}

/** A flow whose delta load is a full load: only `initialLoad` is to be written, and PATCH works from the start. */
export abstract class FullLoadRunner<R extends SourceAdapter = SourceAdapter, P extends RunProducer = KafkaProducer> extends FunctionRunner<
  R,
  P
> {
  override readonly deltaIsFullLoad: boolean = true;

  override deltaLoad(producer: P, reader: R, _pointer: string, run: RunContext): Promise<NewPointer> {
    return this.initialLoad(producer, reader, run);
  }
}
