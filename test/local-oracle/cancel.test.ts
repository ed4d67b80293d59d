import type { OracleServer } from '../../local/oracle/server';
import { Client, startServer } from './support';

const slow = 'select count(*) from NUMBERS a, NUMBERS b, NUMBERS c, NUMBERS d where a.ID + b.ID + c.ID + d.ID < 0';

describe('a call that is broken off', () => {
  let server: OracleServer;
  let client: Client;

  beforeAll(async () => {
    server = await startServer(['create table NUMBERS (ID number(10))']);
    await server.database.fill(server.table('SCOTT', 'NUMBERS'), 'SELECT i FROM range(2000) r(i)');
    client = await Client.connect(server);
  });
  afterAll(async () => {
    await client[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
  });
  afterEach(async () => {
    client.connection.callTimeout = 0;
    // The connection stays usable, and nothing of the broken call is left over.
    expect(await client.query('select 1, :1 from dual', ['x'])).toEqual([['1', 'x']]);
  });

  test('by break() ends with ORA-01013', async () => {
    const call = expect(client.query(slow)).rejects.toThrow('ORA-01013');
    await client.connection.break();
    await call;
  });

  test('by callTimeout ends with NJS-123', async () => {
    client.connection.callTimeout = 100;
    await expect(client.query(slow)).rejects.toThrow('NJS-123');
  });

  test('while it sleeps', async () => {
    client.connection.callTimeout = 100;
    await expect(client.run('begin dbms_session.sleep(60); end;')).rejects.toThrow('NJS-123');
  });

  test('at any moment, between two pages too', async () => {
    let broken = 0;
    for (let round = 0; round < 30; round++) {
      const result = await client.connection.execute('select a.ID, b.ID from NUMBERS a, NUMBERS b', [], {
        resultSet: true,
        prefetchRows: 50,
        fetchArraySize: 50,
      });
      const pages = (async (): Promise<void> => {
        for (let page = 0; page < 20; page++) await result.resultSet!.getRows(200);
      })().catch((error: unknown) => {
        expect(String(error)).toContain('ORA-01013');
        broken++;
      });
      for (let turn = 0; turn < round; turn++) await new Promise((resolve) => setImmediate(resolve));
      await client.connection.break();
      await pages;
      await result.resultSet!.close().catch(() => undefined);
    }
    expect(broken).toBeGreaterThan(0);
  });

  test('does not touch other sessions', async () => {
    await using other = await Client.connect(server);
    const result = await other.connection.execute('select ID from NUMBERS', [], { resultSet: true, prefetchRows: 10, fetchArraySize: 10 });
    client.connection.callTimeout = 50;
    await expect(client.query(slow)).rejects.toThrow('NJS-123');
    expect(await result.resultSet!.getRows(3000)).toHaveLength(2000);
    await result.resultSet!.close();
  });
});
