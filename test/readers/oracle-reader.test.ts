import { OracleServer } from '../../local/oracle/server';
import { describeWithOracle } from '../support/parts';
import { oracleReaderSuite } from './oracle-reader-suite';

describe('OracleReader on the embedded server', () => {
  let server: OracleServer;
  oracleReaderSuite(
    async () => {
      server = await OracleServer.start({ users: [{ name: 'LIMS', password: 'Embedded-1', privileges: ['DBA'] }] });
      return { user: 'LIMS', password: 'Embedded-1', connectString: server.connectString };
    },
    () => server[Symbol.asyncDispose](),
  );
});

describeWithOracle('OracleReader on a real Oracle database', (database) => {
  oracleReaderSuite(
    () => Promise.resolve(database),
    () => Promise.resolve(),
  );
});
