import { DeltaRunner, type DeltaStrategy, type LoadedTable, type Logger, type Selection } from '../../../src/lib';
import { OracleConnectionSettings } from '../../../src/readers/oracle-connection-settings';
import { OracleReader } from '../../../src/readers/oracle-reader';
import { TABLE, type OracleItems } from './oracle-items';
import { RoundsFlow } from './rounds-flow';

/** Publishes the items by a strategy. */
class ItemsRunner extends DeltaRunner<OracleReader> {
  protected override readonly backfillBy = ['PLANT'];

  constructor(
    logger: Logger,
    protected override readonly strategy: DeltaStrategy | DeltaStrategy<OracleReader>,
    private readonly beforeReading: () => void | Promise<void>,
  ) {
    super(logger);
  }

  protected override async load(reader: OracleReader, { condition, binds }: Selection): Promise<LoadedTable> {
    await this.beforeReading();
    await reader.load('ITEM', `select * from ${TABLE} where ${condition}`, 'ITEM', 'SHOP', { binds });
    return { table: 'ITEM', schema: reader.tableSchema };
  }
}

/**
 * A flow that reads the items and publishes them by the strategy.
 * @param kafka further properties of the Kafka client
 * @param beforeReading what happens in each run between the strategy's own preparations and the SELECT
 */
export function startItemsFlow(
  source: OracleItems,
  strategy: () => DeltaStrategy | DeltaStrategy<OracleReader>,
  beforeReading: () => void | Promise<void> = () => undefined,
  kafka: Readonly<Record<string, string | number>> = {},
): Promise<RoundsFlow> {
  return RoundsFlow.start({
    table: 'ITEM',
    reader: (logger) => new OracleReader(new OracleConnectionSettings('Shop'), logger),
    runner: (logger) => new ItemsRunner(logger, strategy(), beforeReading),
    secrets: { Shop: source.secret },
    kafka,
  });
}
