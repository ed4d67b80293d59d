import oracledb from 'oracledb';
import { Workspace } from '../../src/lib/duckdb/workspace';
import { OracleConnectionSettings } from '../../src/readers/oracle-connection-settings';
import { OracleReader } from '../../src/readers/oracle-reader';
import { measure, type Measurement } from '../measurement';
import { silentLogger, subjectContext } from '../subject-context';

export interface OracleOptions {
  readonly user: string;
  readonly password: string;
  readonly connectString: string;
}

const statement = 'SELECT * FROM LIMSPRD.BULK';
const pageRows = 4000;

/** Oracle to DuckDB as a flow does it. */
export async function readOracle(options: OracleOptions): Promise<Measurement> {
  await using workspace = await Workspace.open({ memoryLimit: '512MB' });
  await using reader = new OracleReader(new OracleConnectionSettings('Oracle'), silentLogger, { pageRows });
  await reader.connect(subjectContext('oracle', workspace, options));
  return await measure(() => reader.load('BULK', statement));
}

/** The driver alone: pages of the same size that nobody keeps. @param asText numbers as text, as exactness needs it; else as the driver likes it best */
export async function getRows({ asText, ...options }: OracleOptions & { readonly asText: boolean }): Promise<Measurement> {
  const connection = await oracledb.getConnection({ ...options });
  try {
    return await measure(async () => {
      const { resultSet } = await connection.execute<unknown[]>(statement, [], {
        resultSet: true,
        outFormat: oracledb.OUT_FORMAT_ARRAY,
        prefetchRows: pageRows,
        fetchArraySize: pageRows,
        fetchTypeHandler: ({ dbType }) => (asText && dbType === oracledb.DB_TYPE_NUMBER ? { type: oracledb.DB_TYPE_VARCHAR } : undefined),
      });
      let rows = 0;
      for (;;) {
        const page = (await resultSet?.getRows(pageRows)) ?? [];
        rows += page.length;
        if (page.length < pageRows) return rows;
      }
    });
  } finally {
    await connection.close();
  }
}
