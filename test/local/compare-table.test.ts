import oracledb from 'oracledb';
import { compareTable } from '../../local/compare-table';
import { TableImage } from '../../local/consumer/table-image';
import { OracleServer } from '../../local/oracle/server';
import type { Row } from '../../src/lib';

/** What a consumer holds after these rows. */
function imageOf(rows: readonly Row[]): TableImage {
  const image = new TableImage();
  rows.forEach((row, offset) => {
    image.apply({ partition: 0, offset, key: { ID: row['ID'] }, value: { ...row, __change_type: 'R' }, schemaName: 'T' });
  });
  return image;
}

describe('the comparison of a table with what a consumer holds', () => {
  const rows: readonly Row[] = [
    { ID: 1, AMOUNT: '0.50', NOTE: '1.50', AT: 1_709_170_215_000n },
    { ID: 2, AMOUNT: '-12.30', NOTE: null, AT: null },
  ];
  const compare = async (image: TableImage) => {
    await using server = await OracleServer.start({ users: [{ name: 'SCOTT', password: 'tiger', privileges: ['DBA'] }] });
    await server.run('SCOTT', [
      'create table SCOTT.T (ID number(5) primary key, AMOUNT number(5,2), NOTE varchar2(10), AT date)',
      `insert into SCOTT.T values (1, .5, '1.50', to_date('2024-02-29 01:30:15', 'YYYY-MM-DD HH24:MI:SS'))`,
      'insert into SCOTT.T values (2, -12.3, null, null)',
    ]);
    const connection = await oracledb.getConnection({ user: 'scott', password: 'tiger', connectString: server.connectString });
    try {
      return await compareTable(connection, 'SCOTT.T', image);
    } finally {
      await connection.close();
    }
  };

  test('equal values are equal, however each side writes its numbers and times', async () => {
    expect(await compare(imageOf(rows))).toEqual({ sourceRows: 2, consumerRows: 2, differences: 0, examples: [] });
  });

  test.each<[string, readonly Row[], number]>([
    ['a row too few', rows.slice(1), 1],
    ['a row too many', [...rows, { ID: 3, AMOUNT: null, NOTE: null, AT: null }], 1],
    ['another number', [{ ...rows[0], AMOUNT: '0.51' }, rows[1]!], 2],
    ['another text, though the same number', [{ ...rows[0], NOTE: '1.5' }, rows[1]!], 2],
    ['another time', [{ ...rows[0], AT: 1_709_170_216_000n }, rows[1]!], 2],
    ['a value instead of null', [rows[0]!, { ...rows[1], NOTE: '' }], 2],
  ])('%s is a difference', async (_, held, differences) => {
    const compared = await compare(imageOf(held));
    expect(compared.differences).toBe(differences);
    expect(compared.examples.length).toBeGreaterThan(0);
  });
});
