import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { closeServer } from '../../local/close-server';
import { LocalDeltaTable } from '../../local/lakehouse/local-delta-table';
import { TablecastError, Workspace } from '../../src/lib';
import { describeWithExtensions } from '../support/parts';
import { openLakehouse, stock, temporaryFolder, type LakehouseTrial } from './lakehouse-trial';

describeWithExtensions('the lakehouse reader on tables of a folder', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let table: LocalDeltaTable;
  let trial: LakehouseTrial;

  beforeAll(async () => {
    folder = await temporaryFolder();
    table = await LocalDeltaTable.create(join(folder.path, 'STOCK'), stock, [
      { plant: 'A/B ü', item: 1, amount: '1.500', counted: '2024-01-31 10:15:30.123456+00' },
      { plant: 'C', item: 1, amount: '9999999.999', counted: null },
      { plant: 'C', item: 2, amount: null, counted: null },
    ]);
    await table.commit({ upserts: [{ plant: 'C', item: 2, amount: '2' }], deletes: [{ plant: 'C', item: 1 }] });
    trial = await openLakehouse({ url: folder.path });
  });

  afterAll(async () => {
    await trial[Symbol.asyncDispose]();
    await table[Symbol.asyncDispose]();
    await folder[Symbol.asyncDispose]();
  });

  test('load brings the newest version, exactly, and completes the schema from the table', async () => {
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

  test('load without a name takes the one that was set, and augmentSchema completes the schema later', async () => {
    const { reader } = trial;
    reader.setSchemaNameForSql('MY_STOCK', 'MINE');
    await reader.load('S', 'STOCK');
    expect(reader.tableSchema.fullName).toBe('MINE.MY_STOCK');
    expect(reader.tableSchema.doc).toBeUndefined();
    reader.tableSchema.field('plant')?.setDoc('My own words');
    await reader.augmentSchema();
    expect(reader.tableSchema.doc).toBe('What is in stock');
    expect(reader.tableSchema.field('plant')?.doc).toBe('My own words');
    expect(reader.tableSchema.field('plant')?.nullable).toBe(false);
  });

  test('a view is read when it is used, and stays at its version', async () => {
    const { reader, workspace } = trial;
    await reader.load('V', 'STOCK', 'STOCK', 'LAKE', { as: 'view', version: 0 });
    expect(await workspace.query(`SELECT table_type FROM information_schema.tables WHERE table_name = 'V'`)).toEqual([
      { table_type: 'VIEW' },
    ]);
    expect(await workspace.rowCount('V')).toBe(3);
    expect(reader.tableSchema.tableFields).toHaveLength(4);
    await expect(reader.load('W', 'STOCK', 'W', '', { as: 'view', where: 'item = $item', binds: { item: 1 } })).rejects.toMatchObject({
      code: 'SQL_BINDS',
    });
  });

  test('a condition selects rows by values that never become SQL', async () => {
    const { reader, workspace } = trial;
    const plant = `' OR true --`;
    await reader.load('S', 'STOCK', 'STOCK', 'LAKE', {
      version: 0,
      where: 'plant = $plant AND item = $item',
      binds: { plant: 'C', item: 2 },
    });
    expect(await workspace.rowCount('S')).toBe(1);
    await reader.load('S', 'STOCK', 'STOCK', 'LAKE', { where: 'plant = $plant', binds: { plant } });
    expect(await workspace.rowCount('S')).toBe(0);
  });

  test('a SELECT joins several Delta tables and tables of the workspace, each at its version', async () => {
    const { reader, workspace } = trial;
    await workspace.run(`CREATE TABLE PLANT AS SELECT 'C' AS plant, 'Chicago' AS city`);
    const [now, first] = [await reader.scan('STOCK'), await reader.scan('STOCK', { version: 0 })];
    const rows = await reader.loadSql(
      'CHANGED',
      `select p.city, n.item, n.amount - coalesce(f.amount, 0) as more from ${now} as n join ${first} as f using (plant, item) join PLANT as p using (plant)`,
      'CHANGED',
      'LAKE',
      { key: ['city', 'item'] },
    );
    expect(rows).toBe(1);
    expect(await workspace.query('SELECT * FROM CHANGED')).toEqual([{ city: 'Chicago', item: 2n, more: '2.000' }]);
    expect(reader.tableSchema.tableFields.map(({ name, type, nullable }) => `${name} ${String(type)} ${String(nullable)}`)).toEqual([
      'city STRING false',
      'item LONG false',
      'more DECIMAL(14,3) true',
    ]);
    await expect(reader.loadSql('X', `select nope from ${now}`)).rejects.toMatchObject({ code: 'WORKSPACE_SQL' });
  });

  test('all reads of a run see the version that was the newest at its first look', async () => {
    await using own = await temporaryFolder();
    await using changing = await LocalDeltaTable.create(join(own.path, 'STOCK'), stock, [{ plant: 'C', item: 1, amount: 1 }]);
    await using run = await openLakehouse({ url: own.path });
    expect(await run.reader.version('STOCK')).toBe(0);
    await changing.commit({ upserts: [{ plant: 'C', item: 2, amount: 2 }] });
    expect(await run.reader.load('S', 'STOCK')).toBe(0);
    expect(await run.workspace.rowCount('S')).toBe(1);
    await using next = await openLakehouse({ url: own.path });
    expect(await next.reader.version('STOCK')).toBe(1);
  });

  test.each([
    [{ version: 2 }, 'LAKEHOUSE_VERSION_GONE', 'its newest version is 1'],
    [{ version: -1 }, 'LAKEHOUSE_VERSION_GONE', 'whole numbers from 0'],
    [{ version: 0.5 }, 'LAKEHOUSE_VERSION_GONE', 'whole numbers from 0'],
    [{ version: 0, timestamp: '2024-01-01' }, 'LAKEHOUSE_LOCATION_INVALID', 'both a version and a timestamp'],
    [{ timestamp: 'yesterday' }, 'LAKEHOUSE_LOCATION_INVALID', 'yesterday is no time'],
    [{ key: ['nope'] }, 'COLUMN_UNKNOWN', 'nope'],
    [{ where: 'nope = 1' }, 'WORKSPACE_SQL', 'nope'],
  ])('load with %j is refused', async (options, code, text) => {
    await expect(trial.reader.load('S', 'STOCK', 'S', 'LAKE', options)).rejects.toMatchObject({
      code,
      message: expect.stringContaining(text) as string,
    });
  });

  test.each(['', '/STOCK', '../STOCK', 'a/../STOCK', 'STOCK/', 'az://other/STOCK', 'ST?CK', 'S%54OCK'])(
    'the location "%s" is refused: tables lie below the folder of the secret',
    async (location) => {
      await expect(trial.reader.load('S', location)).rejects.toMatchObject({ code: 'LAKEHOUSE_LOCATION_INVALID' });
    },
  );

  test('a path with characters that mean something in patterns is read like any other', async () => {
    await using own = await temporaryFolder();
    await using odd = await LocalDeltaTable.create(join(own.path, `it's [1] *ü`, 'STOCK'), stock, [{ plant: 'C', item: 1, amount: 1 }]);
    await odd.commit({ upserts: [{ plant: 'D', item: 2, amount: 2 }] });
    await using run = await openLakehouse({ url: join(own.path, `it's [1] *ü`) });
    expect(await run.reader.load('S', 'STOCK', 'S', 'LAKE')).toBe(1);
    expect(await run.workspace.rowCount('S')).toBe(2);
  });

  test('without DuckDB’s extension the error says which command brings it', async () => {
    await using own = await temporaryFolder();
    await using run = await openLakehouse({ url: folder.path });
    await using workspace = await Workspace.open({ memoryLimit: '128MB', extensionDirectory: own.path });
    await run.reader.connect({ ...run.context, workspace });
    await expect(run.reader.load('S', 'STOCK')).rejects.toMatchObject({
      code: 'EXTENSION_MISSING',
      message: expect.stringContaining('its extension delta') as string,
      fix: expect.stringContaining('node scripts/setup.mjs') as string,
    });
  });
});

describeWithExtensions('the lakehouse reader’s way in', () => {
  const url = 'abfss://ws@onelake.dfs.fabric.invalid/sales.Lakehouse/Tables';
  const token = 'eyJ0eXAi-a-token';

  /** All that an error tells, its causes included. */
  const told = (error: unknown): string => inspect(error, { depth: 10 });

  test('each run gets a token for Azure Storage, which DuckDB keeps for the lakehouse alone and no error tells', async () => {
    const scopes: string[] = [];
    await using trial = await openLakehouse({ url }, (scope) => {
      scopes.push(scope);
      // The first one is about to end, so it is exchanged before the lakehouse is read.
      return Promise.resolve({ tokenValue: token, lifetime: Date.now() + (scopes.length === 1 ? 60_000 : 3_600_000), principal: '' });
    });
    const failure: unknown = await trial.reader.version('ORDERS').catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 'LAKEHOUSE_UNREACHABLE', message: expect.stringContaining('read the log of ORDERS') as string });
    expect(told(failure)).not.toContain(token);
    expect(scopes).toEqual(['https://storage.azure.com/.default', 'https://storage.azure.com/.default']);
    await expect(trial.reader.load('O', '../ORDERS')).rejects.toMatchObject({ code: 'LAKEHOUSE_LOCATION_INVALID' });
    expect(scopes).toHaveLength(2);
    const [secret] = await trial.workspace.query('SELECT name, type, provider, persistent, scope, secret_string FROM duckdb_secrets()');
    expect(secret).toMatchObject({
      name: 'lakehouse lake',
      type: 'azure',
      provider: 'access_token',
      persistent: false,
      scope: [`${url}/`],
    });
    expect(secret?.['secret_string']).toMatch(/access_token=redacted.*account_name=onelake/);
  });

  test('an identity without token ends the run', async () => {
    await using trial = await openLakehouse({ url }, () =>
      Promise.reject(new TablecastError('TOKEN_REFUSED', { scope: 'x', reason: 'none' })),
    );
    await expect(trial.reader.version('ORDERS')).rejects.toMatchObject({ code: 'TOKEN_REFUSED' });
  });

  test.each([
    [401, 'InvalidAuthenticationInfo', 'Unauthorized'],
    [403, 'AuthorizationPermissionMismatch', 'Forbidden'],
  ])('an answer of %d says that the lakehouse refuses', async (status, code, reason) => {
    await using server = await answering(status, code);
    await using trial = await openLakehouse({ url: 'az://lake/tables', connectionString: server.connectionString });
    const failure: unknown = await trial.reader.load('O', 'ORDERS').catch((error: unknown) => error);
    expect(failure).toMatchObject({
      code: 'LAKEHOUSE_FORBIDDEN',
      message: expect.stringContaining(reason) as string,
      fix: expect.stringContaining('Lake') as string,
    });
    expect(told(failure)).not.toContain(KEY);
  });

  test.each([
    [{}, 'url'],
    [{ url: 's3://bucket/tables' }, 's3:'],
    [{ url: 'az://lake/tables' }, 'does not name its storage account'],
    [{ url: 'az:///tables', account: 'lake' }, 'names no container'],
    [{ url: 'az://lake/tables?sig=x', account: 'lake' }, 'neither ? nor #'],
    [{ url: 'az://lake', connectionString: 'AccountName=a;SharedAccessSignature=sv=1&sig=geheim' }, 'shared access signature'],
    [{ url: 'az://lake', connectionString: 'nonsense' }, 'no AccountName'],
    [{ url: 'x', key: 'geheim' }, 'key'],
  ])('the secret %j is refused without being told', async (secret, text) => {
    await using trial = await openLakehouse(secret);
    const failure: unknown = await trial.reader.version('ORDERS').catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 'SECRET_INVALID', message: expect.stringContaining(text) as string });
    expect(told(failure)).not.toContain('geheim');
  });
});

const KEY = Buffer.from('the key of an account').toString('base64');

/** A blob service that has one answer for all. */
async function answering(status: number, code: string): Promise<AsyncDisposable & { readonly connectionString: string }> {
  const server = createServer((_request, response) => {
    response.writeHead(status, { 'content-type': 'application/xml', 'x-ms-error-code': code });
    response.end(`<?xml version="1.0"?><Error><Code>${code}</Code><Message>No.</Message></Error>`);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}/lakeaccount`;
  return {
    connectionString: `DefaultEndpointsProtocol=http;AccountName=lakeaccount;AccountKey=${KEY};BlobEndpoint=${endpoint}`,
    [Symbol.asyncDispose]: () => closeServer(server),
  };
}
