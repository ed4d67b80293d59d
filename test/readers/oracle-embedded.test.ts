import oracledb from 'oracledb';
import { OracleServer } from '../../local/oracle/server';
import { OracleConnectionSettings } from '../../src/readers/oracle-connection-settings';
import { OracleReader } from '../../src/readers/oracle-reader';
import { testRun, type TestRun } from './test-run';

/** What only a server in our hands can do: take rights away, lose connections, forget the past. */
describe('OracleReader when the server', () => {
  let server: OracleServer;
  let run: TestRun;
  let reader: OracleReader;

  const start = async (user: string, pageRows = 10): Promise<void> => {
    run = await testRun({ Source: { user, password: 'Embedded-1', connectString: server.connectString } });
    reader = new OracleReader(new OracleConnectionSettings('Source'), run.logger, { pageRows });
    await reader.connect(run.context);
  };
  const failing = (code: string): unknown => expect.objectContaining({ code });
  const sessions = async (): Promise<number> => {
    const connection = await oracledb.getConnection({ user: 'lims', password: 'Embedded-1', connectString: server.connectString });
    try {
      const { rows } = await connection.execute<[number]>("select count(*) from v$session where username <> 'LIMS'", [], {
        outFormat: oracledb.OUT_FORMAT_ARRAY,
      });
      return rows?.[0]?.[0] ?? -1;
    } finally {
      await connection.close();
    }
  };

  beforeAll(async () => {
    const users: readonly (readonly [name: string, privileges: readonly string[]])[] = [
      ['LIMS', ['DBA']],
      ['ALL', ['SELECT ON LIMS.PLAN', 'SELECT ANY DICTIONARY']],
      ['FLASHBACK', ['SELECT ON LIMS.PLAN', 'EXECUTE ON DBMS_FLASHBACK']],
      ['PLAIN', ['SELECT ON LIMS.PLAN']],
      ['NOTHING', ['SELECT ON LIMS.PLAN', 'NO TIMESTAMP_TO_SCN']],
    ];
    server = await OracleServer.start({ users: users.map(([name, privileges]) => ({ name, password: 'Embedded-1', privileges })) });
    await server.run('LIMS', [
      'CREATE TABLE PLAN (ID NUMBER(9) PRIMARY KEY, NAME VARCHAR2(40))',
      "COMMENT ON TABLE PLAN IS 'Plans'",
      ...Array.from({ length: 40 }, (_, id) => `INSERT INTO PLAN VALUES (${id}, 'plan ${id}')`),
      'CREATE TABLE SECRET (ID NUMBER(9))',
    ]);
  });
  afterAll(() => server[Symbol.asyncDispose]());
  afterEach(async () => {
    await reader[Symbol.asyncDispose]();
    await run[Symbol.asyncDispose]();
  });

  test.each(['ALL', 'FLASHBACK', 'PLAIN'])('gives the user %s one of the ways to the SCN, position() finds it', async (user) => {
    await start(user);
    expect(BigInt(await reader.position())).toBeGreaterThan(0n);
    expect(run.notes).toEqual(
      user === 'ALL' ? [] : [expect.stringMatching(/^POSITION .* may read neither GV\$TRANSACTION nor V\$TRANSACTION/)],
    );
  });

  test('gives no way to the SCN, position() says which rights would', async () => {
    await start('NOTHING');
    await expect(reader.position()).rejects.toEqual(failing('POSITION_UNREADABLE'));
  });

  test('does not let the user read a table, the error names it', async () => {
    await start('PLAIN');
    await expect(reader.load('SECRET', 'select * from lims.secret')).rejects.toMatchObject({
      code: 'ORACLE_TABLE_UNKNOWN',
      details: { name: 'LIMS.SECRET' },
    });
  });

  test('lets the user read another schema, keys and comments come from there', async () => {
    await start('PLAIN');
    await reader.load('PLAN', 'select * from lims.plan', 'PLAN', 'LABWARE');
    expect([reader.tableSchema.pks, reader.tableSchema.doc]).toEqual([['ID'], 'Plans']);
  });

  test('cuts the connection while rows are read, the error can be retried', async () => {
    await start('PLAIN');
    jest.spyOn(run.context.journal, 'progress').mockImplementationOnce(() => {
      void server.dropConnections();
    });
    await expect(reader.load('PLAN', 'select * from lims.plan')).rejects.toMatchObject({ code: 'ORACLE_CONNECTION_LOST', retry: true });
  });

  test('has forgotten the state of the run, the error can be retried', async () => {
    await start('ALL');
    await reader.position();
    await server.run('LIMS', ["UPDATE PLAN SET NAME = 'other'"]);
    server.expireUndo();
    await expect(reader.load('PLAN', 'select * from lims.plan')).rejects.toMatchObject({ code: 'ORACLE_SNAPSHOT_TOO_OLD', retry: true });
  });

  test('is left, no session stays open', async () => {
    await start('PLAIN');
    await reader.load('PLAN', 'select * from lims.plan');
    expect(await sessions()).toBe(1);
    await reader[Symbol.asyncDispose]();
    expect(await sessions()).toBe(0);
  });

  test('was never used, none was opened', async () => {
    await start('PLAIN');
    await reader[Symbol.asyncDispose]();
    expect(await sessions()).toBe(0);
  });
});
