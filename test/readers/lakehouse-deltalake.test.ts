import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { BlobServiceClient } from '@azure/storage-blob';
import { startBlobStorage, type LocalBlobStorage } from '../../local/storage/azurite';
import { describeWithExtensionsAndPython } from '../support/parts';
import { runPython } from '../support/python';
import { setRealEnvironment } from '../support/real-environment';
import { openLakehouse, temporaryFolder, type LakehouseTrial } from './lakehouse-trial';

describeWithExtensionsAndPython('the lakehouse reader on tables of other writers', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let storage: LocalBlobStorage;

  beforeAll(async () => {
    folder = await temporaryFolder();
    await runPython('delta_tables.py', folder.path);
    storage = await startBlobStorage();
    await setRealEnvironment('AZURITE_BLOB_STORAGE_URL', new URL(storage.url).origin);
    const container = BlobServiceClient.fromConnectionString(storage.connectionString).getContainerClient('lake');
    await container.create();
    for (const entry of await readdir(folder.path, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue;
      const file = join(entry.parentPath, entry.name);
      await container.getBlockBlobClient(`tables${file.slice(folder.path.length)}`).uploadFile(file);
    }
  });

  afterAll(async () => {
    await storage.close();
    await folder[Symbol.asyncDispose]();
  });

  describe.each([
    ['a folder', () => openLakehouse({ url: folder.path })],
    ['blob storage', () => openLakehouse({ url: 'az://lake/tables', connectionString: storage.connectionString })],
  ])('in %s', (_where, open) => {
    let trial: LakehouseTrial;
    beforeAll(async () => {
      trial = await open();
    });
    afterAll(() => trial[Symbol.asyncDispose]());

    /** The rows of a version, as lines. */
    async function read(location: string, options: { version?: number; timestamp?: string; where?: string } = {}): Promise<string[]> {
      await trial.reader.load('T', location, 'T', 'LAKE', options);
      const rows = await trial.workspace.query('SELECT * FROM T');
      return rows.map((row) => Object.values(row).map(String).join(' ')).sort();
    }

    test('each version of a table has the rows of that version', async () => {
      expect(await trial.reader.version('PARTS')).toBe(3);
      expect(await read('PARTS', { version: 0 })).toEqual(['a 2024-01-01 1.5', 'a 2024-01-02 2.5', 'b 2024-01-01 null']);
      expect(await read('PARTS', { version: 2 })).toEqual(['a 2024-01-01 1.5', 'b 2024-01-01 null', 'c d/é% 2024-01-01 9']);
      expect(await read('PARTS')).toEqual(['a 2024-01-01 1.5', 'b 2024-01-01 100', 'c d/é% 2024-01-01 9']);
      expect(await read('PARTS', { where: `place = 'c d/é%'` })).toEqual(['c d/é% 2024-01-01 9']);
    });

    test('values of every type are exact, nested ones too', async () => {
      await trial.reader.load('T', 'TYPES', 'T', 'LAKE');
      const rows = await trial.workspace.query('SELECT columns(*)::VARCHAR FROM T');
      const byName = rows.map((row) => Object.values(row));
      expect(byName.find(([i8]) => i8 === '-128')?.slice(1)).toEqual([
        ...['-32768', '-2147483648', '-9223372036854775808', '0.1', '0.1', '-1.23', '-12345678901234567890123456.1234567890', 'true'],
        ...[`ü'😀`, '\\x00\\xFF', '0001-01-01', '2024-01-31 10:15:30.123456+00', '2024-01-31 10:15:30.123456'],
        ...['[1, NULL, 3]', `{'a': 1, 'b c': [x, NULL]}`, '{k=1.5}'],
      ]);
      expect(byName.find(([i8]) => i8 === '127')?.slice(1)).toEqual([
        ...['32767', '2147483647', '9223372036854775807', 'inf', 'nan', '9999999.99', '9999999999999999999999999999.9999999999', 'false'],
        ...['', '', '9999-12-31', '1900-01-01 00:00:00+00', '0001-01-01 00:00:00', '[]', `{'a': NULL, 'b c': NULL}`, '{}'],
      ]);
      expect(new Set(byName.find(([i8]) => i8 === null))).toEqual(new Set([null]));
      expect(trial.reader.tableSchema.tableFields.map(({ type, sourceDataType }) => `${String(type)} ${String(sourceDataType)}`)).toEqual([
        ...['BYTE byte', 'SHORT short', 'INT integer', 'LONG long', 'FLOAT float', 'DOUBLE double'],
        ...['DECIMAL(9,2) decimal(9,2)', 'DECIMAL(38,10) decimal(38,10)', 'BOOLEAN boolean', 'STRING string', 'BYTES binary', 'DATE date'],
        ...['TIMESTAMP_MICROS timestamp', 'LOCAL_TIMESTAMP_MICROS timestamp_ntz', 'ARRAY<INT> array<integer>'],
        ...['RECORD struct struct<a: integer, b c: array<string>>', 'MAP<DECIMAL(5,1)> map<string, decimal(5,1)>'],
      ]);
    });

    test('tables with checkpoints are read before, at and after the checkpoint', async () => {
      expect(await read('CHECKPOINTS')).toHaveLength(15);
      expect(await read('CHECKPOINTS', { version: 9 })).toHaveLength(10);
      expect(await read('CHECKPOINTS', { version: 3 })).toEqual(['0', '1', '2', '3']);
      await trial.reader.load('T', 'CHECKPOINTS', 'T', 'LAKE', { version: 12 });
      expect(trial.reader.tableSchema.doc).toBe('with checkpoints');
    });

    test('a version before the log begins is gone, and the error says where it begins', async () => {
      expect(await read('CLEANED')).toEqual(['0', '1', '2', '3', '4', '5', '6']);
      expect(await read('CLEANED', { version: 5 })).toHaveLength(6);
      await expect(read('CLEANED', { version: 4 })).rejects.toMatchObject({
        code: 'LAKEHOUSE_VERSION_GONE',
        message: expect.stringContaining('version 4: its log goes back to version 5 only') as string,
      });
    });

    test('a version whose files were cleaned up is gone', async () => {
      expect(await read('VACUUMED')).toEqual(['2']);
      await expect(read('VACUUMED', { version: 1 })).rejects.toMatchObject({
        code: 'LAKEHOUSE_VERSION_GONE',
        message: expect.stringContaining('a file of that version is no longer there') as string,
        cause: { message: expect.stringContaining('.parquet') as string },
      });
    });

    test('a column that was added is there from its version on; comments and NOT NULL come from the table', async () => {
      expect(await read('COLUMNS', { version: 1 })).toEqual(['1 one']);
      expect(await read('COLUMNS')).toEqual(['1 one null', '2 two true']);
      const schema = trial.reader.tableSchema;
      expect(schema.doc).toBe('A table that describes itself');
      expect(schema.tableFields.map(({ name, nullable, doc, sourceDataType }) => [name, nullable, doc, sourceDataType])).toEqual([
        ['id', false, 'Number of the row', 'long'],
        ['name', true, undefined, 'varchar(20)'],
        ['extra', true, undefined, 'boolean'],
      ]);
    });

    test('a time stands for the version that was the newest then', async () => {
      expect(await read('TIMES', { timestamp: '2024-01-03T12:00:00Z' })).toEqual(['0', '1', '2']);
      expect(await read('TIMES', { timestamp: '2024-01-03T11:59:59.999Z' })).toEqual(['0', '1']);
      expect(await read('TIMES', { timestamp: '2030-01-01' })).toHaveLength(6);
      await expect(read('TIMES', { timestamp: '2023-12-31T00:00:00Z' })).rejects.toMatchObject({ code: 'LAKEHOUSE_VERSION_GONE' });
    });

    test('rows that a deletion vector marks are left out, in their version', async () => {
      expect(await read('VECTORS')).toEqual(['1', '3', '5']);
      expect(await read('VECTORS', { version: 0 })).toEqual(['1', '2', '3', '4', '5']);
    });

    test('columns that are named otherwise in the files have their own names', async () => {
      expect(await read('MAPPED')).toEqual(['7']);
      expect(trial.reader.tableSchema.field('item number')?.doc).toBe('Number of the item');
    });

    test('a feature that DuckDB does not know is named', async () => {
      await expect(read('FUTURE')).rejects.toMatchObject({
        code: 'LAKEHOUSE_UNSUPPORTED',
        message: expect.stringContaining(`Feature 'fromTheFuture' is not supported`) as string,
      });
    });

    test('a place without a table is named', async () => {
      await expect(read('NOWHERE')).rejects.toMatchObject({
        code: 'LAKEHOUSE_TABLE_UNKNOWN',
        message: expect.stringContaining('/NOWHERE') as string,
      });
    });
  });
});
