import { DeltaRunner, type LoadedTable, type Logger, type Selection } from '../../../src/lib';
import { LakehouseConnectionSettings } from '../../../src/readers/lakehouse-connection-settings';
import { LakehouseReader } from '../../../src/readers/lakehouse-reader';
import { tableVersion, type TableVersionOptions } from '../../../src/readers/lakehouse-table-version';
import type { LakeItems } from './lake-items';
import { RoundsFlow } from './rounds-flow';

/** Publishes the items of the lakehouse by the versions of their table. */
class LakeItemsRunner extends DeltaRunner<LakehouseReader> {
  protected override readonly strategy;
  protected override readonly backfillBy = ['plant'];

  constructor(logger: Logger, options: TableVersionOptions) {
    super(logger);
    this.strategy = tableVersion(options);
  }

  protected override async load(reader: LakehouseReader, { condition, binds }: Selection): Promise<LoadedTable> {
    await reader.load('ITEM', 'ITEM', 'ITEM', 'SHOP', { key: ['plant', 'id'], where: condition, binds });
    return { table: 'ITEM', schema: reader.tableSchema };
  }
}

/** A flow that reads the items of the lakehouse. */
export function startLakeItemsFlow(source: LakeItems, options: TableVersionOptions = {}): Promise<RoundsFlow> {
  return RoundsFlow.start({
    table: 'ITEM',
    reader: (logger) => new LakehouseReader(new LakehouseConnectionSettings('Lake'), logger),
    runner: (logger) => new LakeItemsRunner(logger, options),
    secrets: { Lake: { url: source.folder } },
  });
}
