import { DeltaRunner, snapshot, type LoadedTable } from '../lib';
import type { StarTekReader } from '../readers/startek-reader';
import { StarTekSchema } from '../readers/startek-schema';

/**
 * The attributes of StarTek. The service does not tell what changed, so a delta load reads everything too, and publishes what differs from what was
 * published last: also the attributes that are gone.
 */
export class StarTekRunner extends DeltaRunner<StarTekReader> {
  protected override readonly strategy = snapshot();

  protected override async load(reader: StarTekReader): Promise<LoadedTable> {
    await reader.load('ATTRIBUTE', new StarTekSchema());
    return { table: 'ATTRIBUTE', schema: reader.tableSchema };
  }
}
