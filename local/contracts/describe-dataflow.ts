import { KafkaProducer, Workspace, type KafkaProducerOptions, type Logger, type SecretStore, type Settings, type Target } from '../../src/lib';
import type { RunContext } from '../../src/lib/context';
import { LineageRecorder } from '../../src/lib/lineage/lineage-recorder';
import { Journal } from '../../src/lib/run/journal';
import type { TargetLineage } from '../../src/lib/lineage/lineage-document';
import type { SingleDataflow } from '../../src/lib/run/single-dataflow';
import { MemorySnapshotStore } from '../../src/lib/state/memory-snapshot-store';
import { ContractProducer, recordedAs } from './contract-producer';

/** A table that a dataflow publishes, and where its rows come from. */
export interface DescribedTable {
  readonly target: Target;
  /** Where its schemas are registered. */
  readonly producer: KafkaProducerOptions;
  readonly lineage: TargetLineage | undefined;
}

/** Where a description of a flow takes settings and secrets from. */
export interface DescribeServices {
  readonly settings: Settings;
  readonly secrets: SecretStore;
  readonly logger: Logger;
}

/** The name is a ULID's length, as the names of what strategies keep have to be. */
const RUN_ID = '0'.repeat(26);

/**
 * What a dataflow publishes: its initial load is run, but no rows are read, and nothing is leased, published or saved.
 * @returns undefined when the flow publishes with something else than a KafkaProducer
 * @throws TablecastError whatever a run of the flow throws; a source that is not there, for example
 */
export async function describeDataflow(
  flow: SingleDataflow,
  { settings, secrets, logger }: DescribeServices,
): Promise<readonly DescribedTable[] | undefined> {
  await using own = flow.producer(logger);
  if (!(own instanceof KafkaProducer)) return undefined;
  await using workspace = await Workspace.open({
    memoryLimit: settings.WORKSPACE_MEMORY_LIMIT,
    folder: settings.WORKSPACE_FOLDER,
    extensionDirectory: settings.WORKSPACE_EXTENSIONS,
  });
  const context: RunContext = {
    id: RUN_ID,
    functionName: flow.functionName,
    dataflowName: flow.dataflowName,
    startedAt: new Date(),
    workspace,
    describing: true,
    lineage: new LineageRecorder({ producerName: flow.functionName, dataflowName: flow.dataflowName }),
    snapshots: new MemorySnapshotStore(),
    secrets,
    settings,
    journal: new Journal(RUN_ID, logger),
    logger,
    signal: new AbortController().signal,
  };
  await using reader = flow.reader(logger);
  await using producer = new ContractProducer(own.options, logger);
  await reader.connect(context);
  await producer.connect(context);
  await flow.runner(logger).initialLoad(producer, reader, context);
  // The sources are asked for it, so they are still open.
  const { targets } = await context.lineage.document();
  return producer.targets.map((target) => {
    const lineage = targets.find(({ name }) => name === recordedAs(target).name);
    return { target, producer: own.options, lineage: lineage && { ...lineage, name: target.topic } };
  });
}
