import oracledb from 'oracledb';
import { OracleServer } from '../../local/oracle/server';
import { OracleConnectionSettings } from '../../src/readers/oracle-connection-settings';
import { OracleReader } from '../../src/readers/oracle-reader';
import { readerContract } from './reader-contract';

const password = 'Contract-1';
const wrongPassword = 'Contract-2';

describe('OracleReader keeps the contract of readers:', () => {
  readerContract(async () => {
    const server = await OracleServer.start({
      users: [
        { name: 'OWNER', password, privileges: ['DBA'] },
        { name: 'READER', password, privileges: ['SELECT ANY TABLE', 'SELECT ANY DICTIONARY'] },
      ],
    });
    const rows = Array.from({ length: 250 }, (_, i) => [
      String(i),
      i % 7 === 0 ? null : `näme 🧪 ${i}`,
      i % 5 === 0 ? null : `1234567890123456789012345678${String(i).padStart(3, '0')}.12345`,
    ]);
    const value = (text: string | null): string => (text === null ? 'null' : /^[\d.]+$/.test(text) ? text : `'${text}'`);
    await server.run('OWNER', [
      'create table THING (ID number(9) primary key, NAME varchar2(40 char), AMOUNT number(38,5))',
      ...rows.map((row) => `insert into THING values (${row.map((cell) => value(cell ?? null)).join(', ')})`),
    ]);
    const { connectString } = server;
    const watcher = await oracledb.getConnection({ user: 'OWNER', password, connectString });
    return {
      secret: { user: 'READER', password, connectString },
      reader: (secretName, logger) => new OracleReader(new OracleConnectionSettings(secretName), logger, { pageRows: 40 }),
      load: (reader, table, what) =>
        reader.load(table, `select * from OWNER.THING where ${what === 'rows' ? 'ID >= 0' : 'ID < 0'}`, 'THING', 'TEST'),
      expected: rows,
      failures: {
        'a wrong password': { secret: { user: 'READER', password: wrongPassword, connectString }, code: 'ORACLE_LOGIN', retry: false },
        'nobody listens': {
          secret: { user: 'READER', password, connectString: '127.0.0.1:1/LIMS', connectTimeout: 5 },
          code: 'ORACLE_UNREACHABLE',
          retry: true,
        },
      },
      confidential: [password, wrongPassword],
      open: async () => {
        const options = { outFormat: oracledb.OUT_FORMAT_ARRAY };
        const result = await watcher.execute<[number]>("select count(*) from v$session where username = 'READER'", [], options);
        return result.rows?.[0]?.[0] ?? -1;
      },
      [Symbol.asyncDispose]: async () => {
        await watcher.close();
        await server[Symbol.asyncDispose]();
      },
    };
  });
});
