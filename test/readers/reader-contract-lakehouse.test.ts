import { readdir, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { LocalDeltaTable } from '../../local/lakehouse/local-delta-table';
import { LakehouseConnectionSettings } from '../../src/readers/lakehouse-connection-settings';
import { LakehouseReader } from '../../src/readers/lakehouse-reader';
import { describeWithExtensions } from '../support/parts';
import { temporaryFolder } from './lakehouse-trial';
import { readerContract } from './reader-contract';

/** Files below the folder that this process has open; only Linux tells. */
async function openBelow(folder: string): Promise<number> {
  const descriptors = await readdir('/proc/self/fd').catch(() => []);
  const files = await Promise.all(descriptors.map((name) => readlink(`/proc/self/fd/${name}`).catch(() => '')));
  return files.filter((file) => file.startsWith(folder)).length;
}

describeWithExtensions('LakehouseReader keeps the contract of readers:', () => {
  readerContract(async () => {
    const folder = await temporaryFolder();
    const columns = [
      { name: 'plant', type: 'string', nullable: false },
      { name: 'item', type: 'long', nullable: false },
      { name: 'amount', type: 'decimal(38,5)' },
      { name: 'name', type: 'string' },
    ];
    const options = { columns, key: ['plant', 'item'], partitionBy: ['plant'] };
    const expected = Array.from({ length: 250 }, (_, i) => [
      `plant ${i % 4}`,
      String(i),
      i % 5 === 0 ? null : `1234567890123456789012345678${String(i).padStart(3, '0')}.12345`,
      i % 7 === 0 ? null : `näme 🧪 ${i}`,
    ]);
    const rows = expected.map(([plant = null, item = null, amount = null, name = null]) => ({ plant, item, amount, name }));
    const tables = [
      await LocalDeltaTable.create(join(folder.path, 'THING'), { name: 'THING', ...options }, rows),
      await LocalDeltaTable.create(join(folder.path, 'EMPTY'), { name: 'EMPTY', ...options }),
    ];
    const account = 'AccountName=tablecast;AccountKey=bm90LXRoZS1yaWdodC1rZXk=';
    return {
      secret: { url: folder.path },
      reader: (secretName, logger) => new LakehouseReader(new LakehouseConnectionSettings(secretName), logger),
      load: (reader, table, what) => reader.load(table, what === 'rows' ? 'THING' : 'EMPTY', 'THING', 'TEST', { key: ['plant', 'item'] }),
      expected,
      failures: {
        'no such folder': { secret: { url: join(folder.path, 'elsewhere') }, code: 'LAKEHOUSE_TABLE_UNKNOWN', retry: false },
        'nobody listens': {
          secret: {
            url: 'az://lake/tables',
            connectionString: `DefaultEndpointsProtocol=http;${account};BlobEndpoint=http://127.0.0.1:1/tablecast;`,
          },
          code: 'LAKEHOUSE_UNREACHABLE',
          retry: true,
        },
      },
      confidential: ['bm90LXRoZS1yaWdodC1rZXk'],
      open: () => openBelow(folder.path),
      [Symbol.asyncDispose]: async () => {
        for (const table of tables) await table[Symbol.asyncDispose]();
        await folder[Symbol.asyncDispose]();
      },
    };
  });
});
