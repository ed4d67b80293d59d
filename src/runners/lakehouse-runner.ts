import { DeltaRunner, type LoadedTable, type Selection } from '../lib';
import type { LakehouseReader } from '../readers/lakehouse-reader';
import { tableVersion } from '../readers/lakehouse-table-version';

/** The weather of some cities, day by day, from a Delta table that is partitioned by city. */
export class LakehouseRunner extends DeltaRunner<LakehouseReader> {
  protected override readonly strategy = tableVersion();
  protected override readonly backfillBy = ['location'];

  protected override async load(reader: LakehouseReader, { condition, binds }: Selection): Promise<LoadedTable> {
    // Delta tables declare no key, so the flow does; it is checked before anything is published.
    await reader.load('WEATHER', 'WEATHER', 'WEATHER', 'LAKEHOUSE', { key: ['location', 'date'], where: condition, binds });
    const schema = reader.tableSchema
      .setDataProductOwnerEmail('weather@example.com')
      .setRepoUrl('https://github.com/example/weather')
      .setSourceSystemUri('https://lakehouse.example.com')
      .setTicketsUrl('https://tickets.example.com/weather')
      .setDataClassification('PUBLIC')
      .setPartitionBy(['location']);
    return { table: 'WEATHER', schema };
  }
}
