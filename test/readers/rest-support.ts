import { AvroDecimal, AvroInt, AvroNVarchar, ValueSchema } from '../../src/lib';
import { RestConnectionSettings } from '../../src/readers/rest-connection-settings';
import { RestReader, type RestReaderOptions, type RestRequest } from '../../src/readers/rest-reader';
import { testRun, type TestRun } from './test-run';

/** A reader for whatever a test asks for. */
export class AnyReader extends RestReader {
  override load(table: string, request: RestRequest): Promise<number> {
    return this.loadRecords(table, request);
  }
}

/** Impatient, so that tests do not wait; the shares between the pauses are as ever. */
export const impatient: RestReaderOptions = { pauseSeconds: 0.001, maxPauseSeconds: 0.05, tries: 3 };

/** A connected reader with a workspace of its own. */
export class ReaderRun implements AsyncDisposable {
  private constructor(
    readonly reader: AnyReader,
    readonly run: TestRun,
  ) {}

  static async open(url: string, options: RestReaderOptions = {}, auth: object = { type: 'none' }): Promise<ReaderRun> {
    const run = await testRun({ 'Any-Source': { url, auth } });
    const reader = new AnyReader(new RestConnectionSettings('Any-Source'), run.logger, { ...impatient, ...options });
    await reader.connect(run.context);
    return new ReaderRun(reader, run);
  }

  /** The rows of a table as text, ordered. */
  async rows(table: string): Promise<string[]> {
    const rows = await this.run.workspace.query(`SELECT CAST(COLUMNS(*) AS VARCHAR) FROM "${table}"`);
    return rows.map((row) => JSON.stringify(Object.values(row))).sort();
  }

  /** Tables and views that are in the workspace. */
  async tables(): Promise<string[]> {
    const rows = await this.run.workspace.query('SELECT table_name FROM information_schema.tables ORDER BY 1');
    return rows.map((row) => String(row['table_name']));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.reader[Symbol.asyncDispose]();
    await this.run[Symbol.asyncDispose]();
  }
}

/** Items with a key, a text and an exact number. */
export function itemSchema(): ValueSchema {
  return new ValueSchema('ITEM', 'TEST')
    .addField('ID', new AvroInt(), undefined, false)
    .addField('NAME', new AvroNVarchar(100))
    .addField('AMOUNT', new AvroDecimal(30, 5))
    .setPks(['ID']);
}

export interface Item {
  readonly ID: number;
  readonly NAME: string | null;
  readonly AMOUNT: string | null;
}

export function items(count: number): Item[] {
  return Array.from({ length: count }, (_, index) => ({ ID: index + 1, NAME: `item ${index + 1}`, AMOUNT: `${index}.5` }));
}

/** What `ReaderRun.rows` gives for them. */
export function rowsOf(list: readonly Item[]): string[] {
  const amount = (text: string | null): string | null => {
    if (text === null) return null;
    const [whole = '', fraction = ''] = text.split('.');
    return `${whole}.${fraction.padEnd(5, '0')}`;
  };
  return list.map(({ ID, NAME, AMOUNT }) => JSON.stringify([String(ID), NAME, amount(AMOUNT)])).sort();
}

export function failing(code: string, details: Readonly<Record<string, unknown>> = {}): unknown {
  return expect.objectContaining({ code, details: expect.objectContaining(details) as unknown });
}
