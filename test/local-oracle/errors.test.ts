import oracledb from 'oracledb';
import type { OracleServer } from '../../local/oracle/server';
import { Client, startServer } from './support';

describe('errors', () => {
  let server: OracleServer;
  let client: Client;

  beforeAll(async () => {
    server = await startServer(
      [
        'create table T (ID number(10) primary key, NAME varchar2(20))',
        'create table U (ID number(10), NAME varchar2(20))',
        "insert into T values (1, 'a')",
        'create view V as select * from T',
      ],
      {
        users: [
          { name: 'POOR', password: 'poor' },
          { name: 'READS', password: 'reads', privileges: ['SELECT ANY TABLE', 'NO TIMESTAMP_TO_SCN'] },
        ],
      },
    );
    client = await Client.connect(server);
  });
  afterAll(async () => {
    await client[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
  });

  test.each([
    ['select * from NOTHING', 'ORA-00942'],
    ['select * from OTHER.T', 'ORA-00942'],
    ['select NOTHING from T', 'ORA-00904: "NOTHING": invalid identifier'],
    ['select t.NOTHING from T', 'ORA-00904: "T"."NOTHING": invalid identifier'],
    ['select x.ID from T', 'ORA-00904'],
    ['select "id" from T', 'ORA-00904: "id"'],
    ['select LIST_SORT(ID) from T', 'ORA-00904: "LIST_SORT"'],
    ['select ID from T, U', 'ORA-00918'],
    ['select * from (select t.ID, u.ID from T t, U u)', 'ORA-00918'],
    ['select NAME, count(*) from T', 'ORA-00979'],
    ['select ID from T where count(*) > 1', 'ORA-00934'],
    ['select ID from T union select ID, NAME from T', 'ORA-01789'],
    ['select ID from T union all select NAME from T', 'ORA-01790'],
    ['select 1 / 0 from dual', 'ORA-01476'],
    ["select to_number('x') from dual", 'ORA-01722'],
    ["select * from T where NAME = 'open", 'ORA-01756'],
    ['select (select ID from T union all select 2 from dual) from dual', 'ORA-01427'],
    ['select ID from T where ID in (select ID, NAME from T)', 'ORA-00913'],
    ['selekt 1 from dual', 'ORA-00900'],
    ['select 1', 'ORA-00900'],
    ['select ID from T where', 'ORA-00900'],
    ['select * from T for update', 'ORA-00900'],
    ['pragma table_info(1)', 'ORA-00900'],
    ["select * from read_csv('/etc/passwd')", 'ORA-00900'],
    ['select `ID` from T', 'ORA-00911'],
    ['insert into T values (1)', 'ORA-00947'],
    ['insert into T (ID, NOTHING) values (1, 2)', 'ORA-00904'],
    ['insert into V values (1, 2)', 'ORA-01732'],
    ['create table T (ID number)', 'ORA-00955'],
    ['drop table NOTHING', 'ORA-00942'],
    ['alter session set CURRENT_SCHEMA = NOBODY', 'ORA-01435'],
  ])('%s ends with %s', async (sql, message) => {
    await expect(client.connection.execute(sql)).rejects.toThrow(message);
    expect(await client.value('select ID from T')).toBe('1');
  });

  test('a placeholder that is named by a reserved word needs quotes', async () => {
    await expect(client.query('select ID from T where ID >= :from', { from: 1 })).rejects.toThrow('ORA-01745');
    expect(await client.query('select ID from T where ID >= :since', { since: 1 })).toEqual([['1']]);
  });

  test('the offset points at the mistake', async () => {
    await expect(client.connection.execute('select ID, NOTHING from T')).rejects.toMatchObject({ errorNum: 904, offset: 11 });
    await expect(client.connection.execute('select ID from T join NOTHING on 1 = 1')).rejects.toMatchObject({ errorNum: 942, offset: 22 });
  });

  test('a placeholder without a value is ORA-01008', async () => {
    await expect(client.connection.execute('select ID from T where ID = :1', [])).rejects.toThrow(/ORA-01008|NJS-098/);
  });

  test.each([
    ['scott', 'wrong', 'ORA-01017'],
    ['nobody', 'tiger', 'ORA-01017'],
    ['"scott"', 'tiger', 'ORA-01017'],
  ])('%s with password %s may not log in', async (user, password, message) => {
    await expect(Client.connect(server, user, password)).rejects.toThrow(message);
  });

  test('an unknown service is NJS-518, nobody listening NJS-503', async () => {
    await expect(
      oracledb.getConnection({ user: 'scott', password: 'tiger', connectString: `127.0.0.1:${server.port}/NOWHERE` }),
    ).rejects.toThrow('NJS-518');
    const port = await (async (): Promise<number> => {
      await using closed = await startServer();
      return closed.port;
    })();
    await expect(oracledb.getConnection({ user: 'scott', password: 'tiger', connectString: `127.0.0.1:${port}/LIMS` })).rejects.toThrow(
      'NJS-503',
    );
  });

  test('a user without rights sees no table and no system view, and may not write', async () => {
    await using poor = await Client.connect(server, 'poor', 'poor');
    for (const name of ['SCOTT.T', 'SCOTT.V', 'v$database', 'gv$transaction'])
      await expect(poor.query(`select * from ${name}`)).rejects.toThrow('ORA-00942');
    await expect(poor.query('select dbms_flashback.get_system_change_number from dual')).rejects.toThrow('ORA-00904');
    expect(Number(await poor.value('select timestamp_to_scn(systimestamp) from dual'))).toBe(server.currentScn);
    expect(await poor.query('select TABLE_NAME from all_tables')).toEqual([]);
    await client.run('grant select on T to POOR');
    expect(await poor.query('select ID from SCOTT.T')).toEqual([['1']]);
    await expect(poor.query('select ID from SCOTT.T as of scn 1')).rejects.toThrow('ORA-01031');
    await expect(poor.run('delete from SCOTT.T')).rejects.toThrow('ORA-01031');
    await client.run('revoke select on T from POOR');
    await expect(poor.query('select ID from SCOTT.T')).rejects.toThrow('ORA-00942');
  });

  test('a function can be kept from a user', async () => {
    await using reads = await Client.connect(server, 'reads', 'reads');
    expect(await reads.query('select ID from SCOTT.T')).toEqual([['1']]);
    await expect(reads.query('select timestamp_to_scn(systimestamp) from dual')).rejects.toThrow('ORA-00904');
  });

  test('a server that goes away ends the call with a broken connection', async () => {
    await using own = await startServer();
    const lost = await Client.connect(own);
    const call = lost.run('begin dbms_session.sleep(30); end;');
    const ended = expect(call).rejects.toThrow(/NJS-500/);
    await own.dropConnections();
    await ended;
    await lost.connection.close().catch(() => undefined);
  });
});
