import type { OracleServer } from '../../local/oracle/server';
import { Client, startServer } from './support';

describe('transactions', () => {
  let server: OracleServer;

  beforeAll(async () => {
    server = await startServer([
      'create table PARENT (ID number(10) primary key, NAME varchar2(20) not null)',
      'create table CHILD (ID number(10) primary key, PARENT_ID number(10) references PARENT)',
      'create table EVENT (ID number(10) primary key, NAME varchar2(20)) rowdependencies',
      'create table BLOCKS (ID number(10) primary key, NAME varchar2(20))',
    ]);
  });
  afterAll(() => server[Symbol.asyncDispose]());

  beforeEach(async () => {
    await using client = await Client.connect(server);
    for (const table of ['CHILD', 'PARENT', 'EVENT', 'BLOCKS']) await client.run(`delete from ${table}`);
    await client.connection.commit();
  });

  const scn = async (client: Client): Promise<number> => Number(await client.value('select current_scn from v$database'));

  test('a session sees its own changes at once, others after the commit', async () => {
    await using writer = await Client.connect(server);
    await using other = await Client.connect(server);
    expect(await writer.run("insert into PARENT values (1, 'one')")).toBe(1);
    expect(await writer.query('select * from PARENT')).toEqual([['1', 'one']]);
    expect(await other.query('select * from PARENT')).toEqual([]);
    await writer.connection.commit();
    expect(await other.query('select * from PARENT')).toEqual([['1', 'one']]);
    expect(await writer.run("update PARENT set NAME = 'uno' where ID = :1", [1])).toBe(1);
    expect(await other.value('select NAME from PARENT')).toBe('one');
    expect(await writer.value('select NAME from PARENT')).toBe('uno');
    await writer.connection.rollback();
    expect(await writer.value('select NAME from PARENT')).toBe('one');
    expect(await writer.run('delete from PARENT')).toBe(1);
    expect(await writer.value('select count(*) from PARENT')).toBe('0');
    expect(await other.value('select count(*) from PARENT')).toBe('1');
    await writer.connection.commit();
    expect(await other.value('select count(*) from PARENT')).toBe('0');
  });

  test('closing a connection rolls back', async () => {
    {
      await using writer = await Client.connect(server);
      await writer.run("insert into PARENT values (1, 'one')");
    }
    await using client = await Client.connect(server);
    expect(await client.value('select count(*) from PARENT')).toBe('0');
    expect(await client.query('select START_SCN from gv$transaction')).toEqual([]);
  });

  test('a read-only transaction sees one state until it ends, in all its reads', async () => {
    await using writer = await Client.connect(server);
    await using reader = await Client.connect(server);
    await writer.run("insert into PARENT values (1, 'one')", [], { autoCommit: true });
    await reader.run('set transaction read only');
    await writer.run("update PARENT set NAME = 'uno'", [], { autoCommit: true });
    await writer.run("insert into PARENT values (2, 'two')", [], { autoCommit: true });
    await writer.run('insert into CHILD values (1, 1)', [], { autoCommit: true });
    expect(await reader.query('select NAME from PARENT')).toEqual([['one']]);
    expect(await reader.query('select count(*) from CHILD')).toEqual([['0']]);
    await expect(reader.run("insert into PARENT values (3, 'x')")).rejects.toThrow('ORA-01456');
    await expect(reader.run('set transaction read only')).rejects.toThrow('ORA-01453');
    await reader.connection.commit();
    expect(await reader.query('select NAME from PARENT order by ID')).toEqual([['uno'], ['two']]);
  });

  test('rows fetched while others commit belong to the state at the start of the query', async () => {
    await using writer = await Client.connect(server);
    await using reader = await Client.connect(server);
    await writer.connection.executeMany(
      'insert into EVENT values (:1, :2)',
      Array.from({ length: 5000 }, (_, id) => [id, 'before']),
    );
    await writer.connection.commit();
    const result = await reader.connection.execute<unknown[]>('select ID, NAME from EVENT', [], {
      resultSet: true,
      prefetchRows: 10,
      fetchArraySize: 10,
    });
    const rows: unknown[][] = await result.resultSet!.getRows(10);
    await writer.run("update EVENT set NAME = 'after'", [], { autoCommit: true });
    await writer.run('delete from EVENT where ID > 2500', [], { autoCommit: true });
    for (;;) {
      const page = await result.resultSet!.getRows(500);
      rows.push(...page);
      if (page.length === 0) break;
    }
    await result.resultSet!.close();
    expect(rows).toHaveLength(5000);
    expect(rows.every(([, name]) => name === 'before')).toBe(true);
    expect(await reader.query('select count(*), min(NAME), max(NAME) from EVENT')).toEqual([['2501', 'after', 'after']]);
  });

  test('each commit advances the system change number, which the three sources agree on', async () => {
    await using client = await Client.connect(server);
    const before = await scn(client);
    await client.run("insert into PARENT values (1, 'one')", [], { autoCommit: true });
    const after = await scn(client);
    expect(after).toBeGreaterThan(before);
    expect(await client.query('select dbms_flashback.get_system_change_number, timestamp_to_scn(systimestamp) from dual')).toEqual([
      [String(after), String(after)],
    ]);
  });

  test('ORA_ROWSCN is the commit of a row with ROWDEPENDENCIES, and of its block without', async () => {
    await using client = await Client.connect(server);
    for (const table of ['EVENT', 'BLOCKS']) await client.connection.executeMany(`insert into ${table} values (:1, 'x')`, [[1], [2], [3]]);
    await client.connection.commit();
    const start = await scn(client);
    for (const table of ['EVENT', 'BLOCKS']) await client.run(`update ${table} set NAME = 'y' where ID = 2`);
    await client.connection.commit();
    expect(await client.query('select ID from EVENT where ORA_ROWSCN > :1', [start])).toEqual([['2']]);
    expect(await client.query('select ID from BLOCKS where ORA_ROWSCN > :1 order by ID', [start])).toEqual([['1'], ['2'], ['3']]);
    expect(await client.query('select * from EVENT where ORA_ROWSCN > :1', [start])).toEqual([['2', 'y']]);
  });

  test('ROWID names a row for its life', async () => {
    await using client = await Client.connect(server);
    await client.connection.executeMany(
      'insert into EVENT values (:1, :2)',
      Array.from({ length: 200 }, (_, id) => [id, `n${id}`]),
    );
    await client.connection.commit();
    const rowid = await client.value('select ROWID from EVENT where ID = 150');
    expect(rowid).toMatch(/^[A-Za-z0-9+/]{18}$/);
    await client.run("update EVENT set NAME = 'changed' where ROWID = :1", [rowid as string]);
    expect(await client.query('select ID, NAME, ROWID from EVENT where ROWID = :1', [rowid as string])).toEqual([
      ['150', 'changed', rowid],
    ]);
    expect(await client.value('select count(distinct rowidtochar(ROWID)) from EVENT')).toBe('200');
  });

  test('an open transaction stands in v$transaction with the number it began at', async () => {
    await using writer = await Client.connect(server);
    await using reader = await Client.connect(server);
    const start = await scn(reader);
    await writer.run("insert into EVENT values (1, 'late')");
    await reader.run("insert into PARENT values (1, 'x')", [], { autoCommit: true });
    expect(await reader.query('select min(START_SCN) from gv$transaction')).toEqual([[String(start)]]);
    expect(await reader.query('select START_SCN from v$transaction')).toEqual([[String(start)]]);
    await writer.connection.commit();
    expect(await reader.query('select START_SCN from gv$transaction')).toEqual([]);
    // Committed late: the row's number is above the number the reader saw before.
    expect(Number(await reader.value('select ORA_ROWSCN from EVENT'))).toBeGreaterThan(start + 1);
  });

  test('a statement that changes no row opens no transaction', async () => {
    await using client = await Client.connect(server);
    expect(await client.run("update EVENT set NAME = 'x' where ID = -1")).toBe(0);
    expect(await client.query('select START_SCN from v$transaction')).toEqual([]);
  });

  test('a change waits for the transaction that holds the row, and then sees its outcome', async () => {
    await using first = await Client.connect(server);
    await using second = await Client.connect(server);
    await first.run("insert into EVENT values (1, 'a')", [], { autoCommit: true });
    await first.run("update EVENT set NAME = NAME || 'b'");
    const waiting = second.run("update EVENT set NAME = NAME || 'c'");
    await first.connection.commit();
    expect(await waiting).toBe(1);
    await second.connection.commit();
    expect(await first.value('select NAME from EVENT')).toBe('abc');
  });

  test('two transactions that wait for each other: one gets ORA-00060, and the other goes on after it gives up', async () => {
    await using first = await Client.connect(server);
    await using second = await Client.connect(server);
    await first.run("insert into EVENT select 1, 'a' from dual union all select 2, 'b' from dual", [], { autoCommit: true });
    await first.run("update EVENT set NAME = 'first' where ID = 1");
    await second.run("update EVENT set NAME = 'second' where ID = 2");
    const waiting = [
      first.run("update EVENT set NAME = 'first' where ID = 2"),
      second.run("update EVENT set NAME = 'second' where ID = 1"),
    ] as const;
    const loser = await Promise.any(
      waiting.map(async (call, index) => {
        await expect(call).rejects.toThrow('ORA-00060');
        return index;
      }),
    );
    await [first, second][loser]!.connection.rollback();
    expect(await waiting[1 - loser]).toBe(1);
  });

  test('a wait for a row can be cancelled', async () => {
    await using first = await Client.connect(server);
    await using second = await Client.connect(server);
    await first.run("insert into EVENT values (1, 'a')", [], { autoCommit: true });
    await first.run("update EVENT set NAME = 'b'");
    second.connection.callTimeout = 200;
    await expect(second.run("update EVENT set NAME = 'c'")).rejects.toThrow('NJS-123');
    second.connection.callTimeout = 0;
    await first.connection.rollback();
    expect(await second.run("update EVENT set NAME = 'c'")).toBe(1);
  });

  test('flashback reads an older state; too old is ORA-01555, so is an old snapshot', async () => {
    await using client = await Client.connect(server);
    await using reader = await Client.connect(server);
    await client.run("insert into EVENT values (1, 'old')", [], { autoCommit: true });
    const before = await scn(client);
    await client.run("update EVENT set NAME = 'new'", [], { autoCommit: true });
    expect(await client.query('select NAME from EVENT as of scn :1 e where e.ID = 1', [before])).toEqual([['old']]);
    await expect(client.query(`select NAME from EVENT as of scn ${before + 1000}`)).rejects.toThrow('ORA-08181');
    await reader.run('set transaction read only');
    await client.run("update EVENT set NAME = 'newer'", [], { autoCommit: true });
    server.expireUndo();
    await expect(reader.query('select * from EVENT')).rejects.toThrow('ORA-01555');
    await expect(client.query(`select NAME from EVENT as of scn ${before}`)).rejects.toThrow('ORA-01555');
    await reader.connection.rollback();
    expect(await reader.query('select NAME from EVENT')).toEqual([['newer']]);
  });

  test('constraints hold, and a failed statement leaves nothing behind', async () => {
    await using client = await Client.connect(server);
    await client.run("insert into PARENT values (1, 'one')");
    await expect(client.run("insert into PARENT values (1, 'again')")).rejects.toThrow('ORA-00001');
    await expect(client.run('insert into PARENT (ID) values (2)')).rejects.toThrow('ORA-01400');
    await expect(client.run('update PARENT set NAME = null')).rejects.toThrow('ORA-01407');
    await expect(client.run('insert into CHILD values (1, 99)')).rejects.toThrow('ORA-02291');
    await client.run('insert into CHILD values (1, 1)');
    await expect(client.run('delete from PARENT')).rejects.toThrow('ORA-02292');
    await expect(client.run("insert into PARENT values (3, 'a name of more than twenty letters')")).rejects.toThrow('ORA-12899');
    expect(await client.query('select * from PARENT')).toEqual([['1', 'one']]);
    await expect(
      client.run("insert into PARENT select level_no, 'x' from (select 5 level_no from dual union all select 5 from dual)"),
    ).rejects.toThrow('ORA-00001');
    expect(await client.query('select ID from PARENT')).toEqual([['1']]);
  });

  test('executeMany with batch errors names the rows that failed', async () => {
    await using client = await Client.connect(server);
    const result = await client.connection.executeMany("insert into PARENT values (:1, 'x')", [[1], [2], [1], [3], [2]], {
      batchErrors: true,
    });
    expect(result.rowsAffected).toBe(3);
    expect(result.batchErrors?.map(({ offset, message }) => [offset, message.slice(0, 9)])).toEqual([
      [2, 'ORA-00001'],
      [4, 'ORA-00001'],
    ]);
  });

  test('MERGE updates what is there and inserts what is not', async () => {
    await using client = await Client.connect(server);
    await client.connection.executeMany('insert into EVENT values (:1, :2)', [
      [1, 'a'],
      [2, 'b'],
    ]);
    const sql =
      'merge into EVENT e using (select :id as ID, :name as NAME from dual) s on (e.ID = s.ID) when matched then update set e.NAME = s.NAME when not matched then insert (ID, NAME) values (s.ID, s.NAME)';
    expect(await client.run(sql, { id: 2, name: 'B' })).toBe(1);
    expect(await client.run(sql, { id: 3, name: 'C' })).toBe(1);
    expect(await client.query('select * from EVENT order by ID')).toEqual([
      ['1', 'a'],
      ['2', 'B'],
      ['3', 'C'],
    ]);
  });

  test('many sessions change and read side by side, and every sum is consistent', async () => {
    await using setup = await Client.connect(server);
    await setup.run('create table ACCOUNT (ID number(10) primary key, AMOUNT number(12,2))');
    await setup.connection.executeMany(
      'insert into ACCOUNT values (:1, 100)',
      Array.from({ length: 10 }, (_, id) => [id]),
    );
    await setup.connection.commit();
    const transfer = async (seed: number): Promise<void> => {
      await using client = await Client.connect(server);
      for (let step = 0; step < 10; step++) {
        // Always in the order of the key, so that no two wait for each other.
        const [low, high] = [(seed + step) % 5, 5 + ((seed * 3 + step) % 5)];
        await client.run('update ACCOUNT set AMOUNT = AMOUNT - 7.25 where ID = :1', [low]);
        await client.run('update ACCOUNT set AMOUNT = AMOUNT + 7.25 where ID = :1', [high]);
        await client.connection.commit();
      }
    };
    const check = async (): Promise<unknown[]> => {
      await using client = await Client.connect(server);
      const sums: unknown[] = [];
      for (let step = 0; step < 10; step++) sums.push(await client.value('select sum(AMOUNT) from ACCOUNT'));
      return sums;
    };
    const [sums] = await Promise.all([check(), transfer(1), transfer(2), transfer(3)]);
    expect(new Set(sums)).toEqual(new Set(['1000']));
    expect(await setup.value('select sum(AMOUNT) from ACCOUNT where ID < 5')).toBe(String(500 - 30 * 7.25));
  });
});
