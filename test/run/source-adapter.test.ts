import { Table, vectorFromArray } from 'apache-arrow';
import {
  AvroBoolean,
  AvroBytes,
  AvroDate,
  AvroDecimal,
  AvroInt,
  AvroLong,
  AvroString,
  AvroTimestampMicros,
  SourceAdapter,
  ValueSchema,
  Workspace,
  type RunContext,
} from '../../src/lib';
import { LineageRecorder } from '../../src/lib/lineage/lineage-recorder';
import { Journal } from '../../src/lib/run/journal';
import { EnvironmentSecrets } from '../../src/lib/secrets/environment-secrets';
import { readSettings } from '../../src/lib/settings';
import { recordingLogger } from '../state/recording-logger';
import { MemorySnapshotStore } from '../../src/lib/state/memory-snapshot-store';

class PagesReader extends SourceAdapter {
  async load(table: string, pages: readonly (readonly number[])[]): Promise<void> {
    const { name, namespace } = this.schemaName ?? { name: table, namespace: 'TEST' };
    const schema = new ValueSchema(name, namespace).addField('n o', new AvroInt(), '', false).addField('TEXT', new AvroString());
    const arrowSchema = await this.prepareLoad(table, schema);
    await Promise.all(
      pages.map((numbers) => {
        const texts = numbers.map((number) => (number % 2 === 0 ? String(number) : null));
        const columns = {
          'n o': vectorFromArray([...numbers], arrowSchema.fields[0]!.type),
          TEXT: vectorFromArray(texts, arrowSchema.fields[1]!.type),
        };
        return this.insertPage(table, numbers.length === 0 ? new Table(arrowSchema) : new Table(arrowSchema, columns));
      }),
    );
  }

  secret(name: string): Promise<string> {
    return this.readSecret(name);
  }
}

describe('a reader', () => {
  let workspace: Workspace;
  let journal: Journal;
  let abort: AbortController;

  beforeEach(async () => {
    workspace = await Workspace.open({ memoryLimit: '128MB' });
    journal = new Journal('RUN', recordingLogger());
    abort = new AbortController();
  });

  afterEach(async () => {
    await workspace.close();
  });

  async function connected(): Promise<PagesReader> {
    const context: RunContext = {
      id: 'RUN',
      functionName: 'F',
      dataflowName: 'F',
      startedAt: new Date(),
      workspace,
      lineage: new LineageRecorder({ producerName: 'TEST', dataflowName: 'TEST' }),
      snapshots: new MemorySnapshotStore(),
      secrets: new EnvironmentSecrets({ SECRET_TOKEN: 'abc' }),
      settings: readSettings({}),
      journal,
      logger: recordingLogger(),
      signal: abort.signal,
    };
    const reader = new PagesReader(recordingLogger());
    await reader.connect(context);
    return reader;
  }

  test('fills a table of the workspace page by page, several at once, and counts its rows', async () => {
    const reader = await connected();
    await reader.load('NUMBERS', [[1, 2, 3], [], [4], [5, 6]]);
    expect(await workspace.query('select count(*) as rows, sum("n o") as total, count("TEXT") as texts from "NUMBERS"')).toEqual([
      { rows: 6n, total: 21n, texts: 3n },
    ]);
    expect(journal.tables).toEqual({ NUMBERS: { read: 6 } });
    expect(journal.seconds.read).toBeGreaterThanOrEqual(0);
  });

  test('fills a table with objects by column name, exactly', async () => {
    const reader = await connected();
    const schema = new ValueSchema('MIXED', 'TEST')
      .addField('ID', new AvroLong(), '', false)
      .addField('AMOUNT', new AvroDecimal(38, 10))
      .addField('AT', new AvroTimestampMicros())
      .addField('DAY', new AvroDate())
      .addField('YES', new AvroBoolean())
      .addField('DATA', new AvroBytes())
      .addField('TEXT', new AvroString());
    await reader.prepareLoad('MIXED', schema);
    await reader.insertRows('MIXED', [
      {
        ID: 9_223_372_036_854_775_807n,
        AMOUNT: '1234567890123456789012345678.0123456789',
        AT: '2024-03-31 02:30:00.123456',
        DAY: new Date('2024-02-29'),
        YES: true,
        DATA: Uint8Array.of(0, 255),
        TEXT: 'ä\u0000😀',
      },
      { ID: 2, AMOUNT: 1.5, AT: new Date('0050-01-01T00:00:00.001Z'), TEXT: '', unknown: 'left out' },
    ]);
    const sql =
      'select "ID"::VARCHAR as id, "AMOUNT"::VARCHAR as amount, "AT"::VARCHAR as at, "DAY"::VARCHAR as day, "YES" as yes, hex("DATA") as data, "TEXT" as text from "MIXED"';
    expect(await workspace.query(sql)).toEqual([
      {
        id: '9223372036854775807',
        amount: '1234567890123456789012345678.0123456789',
        at: expect.stringMatching(/^2024-03-31 02:30:00.123456/) as string,
        day: '2024-02-29',
        yes: true,
        data: '00FF',
        text: 'ä\u0000😀',
      },
      {
        id: '2',
        amount: '1.5000000000',
        at: expect.stringMatching(/^0050-01-01 00:00:00.001/) as string,
        day: null,
        yes: null,
        data: null,
        text: '',
      },
    ]);
    expect(journal.tables).toEqual({ MIXED: { read: 2 } });
    await expect(reader.insertRows('MIXED', [{ ID: 1.5 }])).rejects.toMatchObject({ code: 'VALUE_INVALID' });
    expect(await workspace.rowCount('MIXED')).toBe(2);
  });

  test('loads a table anew when it is told to, and starts to count again', async () => {
    const reader = await connected();
    await reader.load('NUMBERS', [[1, 2, 3]]);
    await reader.load('NUMBERS', [[4]]);
    expect(await workspace.rowCount('NUMBERS')).toBe(1);
    expect(journal.tables).toEqual({ NUMBERS: { read: 1 } });
  });

  test('keeps the schema of the table loaded last, with the name that was set for it', async () => {
    const reader = await connected();
    reader.setSchemaNameForSql('Numbers', 'MATHS');
    await reader.load('NUMBERS', []);
    await reader.augmentSchema();
    expect(reader.tableSchema).toMatchObject({ name: 'Numbers', namespace: 'MATHS' });
    expect(reader.tableSchema.setRepoUrl('https://example.com/repo')).toBe(reader.tableSchema);
  });

  test('reads secrets of the app', async () => {
    const reader = await connected();
    expect(await reader.secret('token')).toBe('abc');
    await expect(reader.secret('other')).rejects.toMatchObject({ code: 'SECRET_MISSING' });
  });

  test('takes no further page when the run has to stop', async () => {
    const reader = await connected();
    abort.abort(new Error('stop'));
    await expect(reader.load('NUMBERS', [[1]])).rejects.toThrow('stop');
  });

  test('that is used before it is connected, or asked for a schema before it loaded, says so', async () => {
    await using reader = new PagesReader(recordingLogger());
    await expect(reader.load('NUMBERS', [])).rejects.toMatchObject({ code: 'READER_NOT_READY' });
    expect(() => reader.tableSchema).toThrow(/no table has been loaded/);
  });
});
