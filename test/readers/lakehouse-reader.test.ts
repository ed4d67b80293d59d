import { join } from 'node:path';
import { LocalDeltaTable } from '../../local/lakehouse/local-delta-table';
import { describeWithExtensions } from '../support/parts';
import { openLakehouse, stock, temporaryFolder } from './lakehouse-trial';

describeWithExtensions('the lakehouse reader on tables of a folder', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let table: LocalDeltaTable;

  beforeAll(async () => {
    folder = await temporaryFolder();
    table = await LocalDeltaTable.create(join(folder.path, 'STOCK'), stock, [
      { plant: 'A/B ü', item: 1, amount: '1.500', counted: '2024-01-31 10:15:30.123456+00' },
      { plant: 'C', item: 1, amount: '9999999.999', counted: null },
      { plant: 'C', item: 2, amount: null, counted: null },
    ]);
    await table.commit({ upserts: [{ plant: 'C', item: 2, amount: '2' }], deletes: [{ plant: 'C', item: 1 }] });
  });

  afterAll(async () => {
    await table[Symbol.asyncDispose]();
    await folder[Symbol.asyncDispose]();
  });

  const lake = () => openLakehouse({ url: folder.path });

  test('load brings the newest version, exactly, and completes the schema from the table', async () => {
    await using trial = await lake();
    const { reader, workspace } = trial;
    expect(await reader.load('S', 'STOCK', 'STOCK', 'LAKE', { key: ['plant', 'item'] })).toBe(1);
    expect(await workspace.query('SELECT * FROM S ORDER BY ALL')).toEqual([
      { plant: 'A/B ü', item: 1n, amount: '1.500', counted: '2024-01-31 10:15:30.123456+00' },
      { plant: 'C', item: 2n, amount: '2.000', counted: null },
    ]);
    const schema = reader.tableSchema;
    expect(schema.fullName).toBe('LAKE.STOCK');
    expect(schema.doc).toBe('What is in stock');
    expect(schema.pks).toEqual(['plant', 'item']);
    expect(schema.tableFields.map((field) => [field.name, String(field.type), field.nullable, field.sourceDataType, field.doc])).toEqual([
      ['plant', 'STRING', false, 'string', 'Where it is'],
      ['item', 'LONG', false, 'long', undefined],
      ['amount', 'DECIMAL(10,3)', true, 'decimal(10,3)', 'In kilograms'],
      ['counted', 'TIMESTAMP_MICROS', true, 'timestamp', undefined],
    ]);
  });
});
