import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startLakehouse } from '../../local/lakehouse/lakehouse';
import { LocalDeltaTable } from '../../local/lakehouse/local-delta-table';
import { describeWithPython } from '../support/parts';
import { runPython } from '../support/python';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tablecast-delta-'));
});

afterAll(async () => {
  await rm(folder, { recursive: true });
});

const columns = [
  { name: 'plant', type: 'string' },
  { name: 'id', type: 'long', nullable: false },
  { name: 'amount', type: 'decimal(6,2)' },
  { name: 'day', type: 'date' },
] as const;

/** What Python's `deltalake` reads, version by version, rows in the order of their ids. */
async function deltalake(table: string, ...versions: readonly number[]): Promise<Record<string, string | null>[][]> {
  const read = JSON.parse(await runPython('read_delta.py', table, ...versions.map(String))) as Record<string, string | null>[][];
  return read.map((rows) => rows.sort((a, b) => Number(a['id']) - Number(b['id'])));
}

describeWithPython('the local Delta table', () => {
  test('another reader finds in each version what was committed, in partitions with any name', async () => {
    const path = join(folder, 'PARTS');
    await using table = await LocalDeltaTable.create(path, { name: 'PARTS', columns, key: ['id'], partitionBy: ['plant'] }, [
      { plant: `a b/ü%='`, id: 1, amount: '1.50', day: '2024-01-31' },
      { plant: null, id: 2, amount: null, day: null },
      { plant: 'C', id: 3, amount: 3, day: '0001-01-01' },
    ]);
    const versions = [await table.rows()];
    // A row changes its partition, another one goes, a third comes.
    await table.commit({
      upserts: [
        { plant: 'C', id: 1, amount: 7 },
        { plant: 'D', id: 4 },
      ],
      deletes: [{ id: 3 }, { id: 99 }],
    });
    versions.push(await table.rows());
    await table.addColumn({ name: 'unit', type: 'string' });
    await table.commit({ upserts: [{ plant: 'D', id: 5, unit: 'kg' }] });
    versions.push(await table.rows());
    expect(versions[1]).toEqual([
      { plant: 'C', id: '1', amount: '7.00', day: null },
      { plant: null, id: '2', amount: null, day: null },
      { plant: 'D', id: '4', amount: null, day: null },
    ]);
    expect(await deltalake(path, 0, 1, 3)).toEqual(versions);
    expect(table.version).toBe(3);
  });

  test('a table without partitions can lose all its rows and get some again', async () => {
    const path = join(folder, 'PLAIN');
    await using table = await LocalDeltaTable.create(path, { name: 'PLAIN', columns, key: ['id'] }, [{ id: 1 }]);
    await table.commit({ deletes: [{ id: 1 }] });
    await table.commit({ upserts: [{ id: 2 }] });
    expect((await deltalake(path, 0, 1, 2)).map((rows) => rows.map((row) => row['id']))).toEqual([['1'], [], ['2']]);
    await table.vacuum();
    expect((await readdir(path)).filter((name) => name.endsWith('.parquet'))).toHaveLength(1);
    expect(await deltalake(path, 2)).toHaveLength(1);
  });

  test('the local lakehouse has the weather, and leaves nothing behind', async () => {
    const lakehouse = await startLakehouse();
    const [rows] = await deltalake(join(lakehouse.url, 'WEATHER'), 0);
    expect(rows).toHaveLength(2922);
    const [seattle] = await lakehouse.weather.rows();
    expect(rows).toContainEqual(seattle);
    await lakehouse[Symbol.asyncDispose]();
    await expect(readdir(lakehouse.url)).rejects.toMatchObject({ code: 'ENOENT' });
  });
});
