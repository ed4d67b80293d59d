import { KafkaProducer, type KeySchema, type ProduceOptions, type RowType, type Target, type TargetOptions, type ValueSchema } from '../../src/lib';
import type { RunContext } from '../../src/lib/context';
import { topicName } from '../../src/lib/kafka/topic-name';

/** Stands in for the producer of a flow that is described: connects to nothing and keeps what would have been published. */
export class ContractProducer extends KafkaProducer {
  readonly targets: Target[] = [];
  #context: RunContext | undefined;

  override connect(context: RunContext): Promise<void> {
    this.#context = context;
    return Promise.resolve();
  }

  override addTarget(
    name: string,
    table: string,
    keySchema: KeySchema,
    valueSchema: ValueSchema,
    options: TargetOptions = {},
  ): Promise<Target> {
    const { zone, sourceSystem } = this.options;
    const topic = options.topic ?? topicName(this.#context?.settings.TOPIC_TEMPLATE ?? '', { environment: PLACEHOLDER, zone, sourceSystem, table: name });
    const target = {
      name,
      table,
      topic: topic.replaceAll(AS_WRITTEN, PLACEHOLDER),
      partitions: 1,
      keySchema,
      valueSchema,
      keySchemaId: 0,
      valueSchemaId: 0,
    };
    this.targets.push(target);
    this.#context?.lineage.addTarget({ ...recordedAs(target), schema: valueSchema });
    return Promise.resolve(target);
  }

  override produceRow(): void {
    // There is nobody to send it to.
  }

  override ready(): Promise<void> {
    return Promise.resolve();
  }

  override async produceFromDuckdb(table: string, target: Target, _rowType: RowType, { lineageOf = table }: ProduceOptions = {}): Promise<number> {
    await this.#context?.lineage.publishing(recordedAs(target), lineageOf);
    return 0;
  }

  override commit(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  override abort(): Promise<void> {
    return Promise.resolve();
  }

  override [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve();
  }
}

/** How the lineage document names a target; its broker is another one in each environment. */
export function recordedAs({ topic, name }: Target): { readonly name: string; readonly connection: string } {
  return { name: `${topic}:${name}`, connection: 'kafka' };
}

const PLACEHOLDER = '{environment}';
/** As it comes out of `topicName`. */
const AS_WRITTEN = '_x007benvironment_x007d';
