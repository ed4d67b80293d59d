import type { ValueSchema } from '../lib/index';
import { RestReader } from './rest-reader';

/**
 * Reads StarTek, which numbers its pages and says how many records there are.
 *
 * @example
 * const reader = new StarTekReader(new RestConnectionSettings('StarTek-Source'), logger);
 * await reader.load('ATTRIBUTE', new StarTekSchema());
 */
export class StarTekReader extends RestReader {
  /**
   * Reads all attributes into a table of the workspace.
   *
   * @returns number of rows
   * @throws TablecastError as {@link RestReader.loadRecords}
   */
  override load(table: string, schema: ValueSchema): Promise<number> {
    return this.loadRecords(table, {
      path: 'startek/attributes/page',
      paging: { type: 'page', size: ['size', 1000] },
      records: 'data.items',
      total: 'meta.total',
      schema,
    });
  }
}
