import { limsUsers, startLimsServer } from '../../local/oracle/lims';
import type { OracleServer } from '../../local/oracle/server';
import { Client } from './support';

describe('the LIMS database', () => {
  let server: OracleServer;
  let reader: Client;
  const as = ({ name, password }: { readonly name: string; readonly password: string }): Promise<Client> =>
    Client.connect(server, name, password);

  beforeAll(async () => {
    server = await startLimsServer({ bulkRows: 5000, samples: 50 });
    reader = await as(limsUsers.reader);
  });
  afterAll(async () => {
    await reader[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
  });

  test('has its rows', async () => {
    const counts = await Promise.all(
      ['SAMPLE_PLAN', 'PRODUCT', 'SAMPLE', 'RESULT', 'BULK', 'ACTIVE_SAMPLE_PLAN'].map(async (name) => {
        await using own = await as(limsUsers.reader);
        return [name, await own.value(`select count(*) from LIMSPRD.${name}`)];
      }),
    );
    expect(Object.fromEntries(counts)).toEqual({
      SAMPLE_PLAN: '5',
      PRODUCT: '4',
      SAMPLE: '50',
      RESULT: '250',
      BULK: '5000',
      ACTIVE_SAMPLE_PLAN: '3',
    });
  });

  test('has values that a careless reader would spoil', async () => {
    expect(
      await reader.query(
        `select to_char(VALID_FROM, 'YYYY-MM-DD HH24:MI:SS'), RETENTION, BATCH_SIZE, TOLERANCE, SERIAL, C$LOCATION, "Sample type", STATUS, to_char(RELEASED_AT, 'TZH:TZM') from LIMSPRD.SAMPLE_PLAN where NAME = 'WATER-DAILY' and VERSION = 1`,
      ),
    ).toEqual([['0050-03-01 12:30:45', '.5', '12300', '.00123', '9'.repeat(38), 'Shelf 4', 'liquid', 'ACTIVE  ', '+05:30']]);
    expect(
      await reader.query(
        "select length(SPECIFICATION), length(REMARKS), dbms_lob.getlength(ATTACHMENT) from LIMSPRD.SAMPLE_PLAN where NAME = 'LONG-TEXTS'",
      ),
    ).toEqual([['40000', '1500', '2000']]);
    expect((await reader.query("select SPECIFICATION from LIMSPRD.SAMPLE_PLAN where NAME = 'LONG-TEXTS'"))[0]?.[0]).toBe(
      '0123456789'.repeat(4000),
    );
  });

  test('shows its structure in the data dictionary', async () => {
    expect(
      await reader.query(
        `select k.COLUMN_NAME from all_constraints c join all_cons_columns k on k.OWNER = c.OWNER and k.CONSTRAINT_NAME = c.CONSTRAINT_NAME
         where c.OWNER = :owner and c.TABLE_NAME = :name and c.CONSTRAINT_TYPE = 'P' order by k.POSITION`,
        { owner: 'LIMSPRD', name: 'SAMPLE_PLAN' },
      ),
    ).toEqual([['NAME'], ['VERSION']]);
    expect(
      await reader.query(
        "select R_OWNER, R_CONSTRAINT_NAME from all_constraints where TABLE_NAME = 'SAMPLE_PLAN' and CONSTRAINT_TYPE = 'R'",
      ),
    ).toEqual([['LIMSPRD', 'PRODUCT_PK']]);
    const columns = await reader.query(
      "select COLUMN_NAME, DATA_TYPE, DATA_PRECISION, DATA_SCALE, CHAR_LENGTH, CHAR_USED, NULLABLE from all_tab_columns where TABLE_NAME = 'SAMPLE_PLAN' order by COLUMN_ID",
    );
    expect(columns).toHaveLength(25);
    expect(columns).toEqual(
      expect.arrayContaining([
        ['VERSION', 'NUMBER', '5', '0', '0', null, 'N'],
        ['NAME', 'VARCHAR2', null, null, '40', 'C', 'N'],
        ['DESCRIPTION', 'NVARCHAR2', null, null, '200', 'C', 'Y'],
        ['RETENTION', 'NUMBER', null, null, '0', null, 'Y'],
        ['BATCH_SIZE', 'NUMBER', '5', '-2', '0', null, 'Y'],
        ['FACTOR', 'FLOAT', '63', null, '0', null, 'Y'],
        ['MEASURED_AT', 'TIMESTAMP(9)', null, '9', '0', null, 'Y'],
        ['RELEASED_AT', 'TIMESTAMP(6) WITH TIME ZONE', null, '6', '0', null, 'Y'],
        ['FINGERPRINT', 'RAW', null, null, '0', null, 'Y'],
      ]),
    );
    expect(await reader.query("select COMMENTS from all_tab_comments where OWNER = 'LIMSPRD' and TABLE_NAME = 'SAMPLE_PLAN'")).toEqual([
      ['Plans that say which samples are taken, when, and what is tested'],
    ]);
    expect(
      await reader.query("select COMMENTS from all_col_comments where TABLE_NAME = 'SAMPLE_PLAN' and COLUMN_NAME = 'C$LOCATION'"),
    ).toEqual([["Where the samples are kept; added by a customer's own module"]]);
    expect(
      await reader.query(
        "select OWNER, SYNONYM_NAME, TABLE_OWNER, TABLE_NAME from all_synonyms where SYNONYM_NAME in ('PLANS', 'LIMS_PRODUCT') order by 2",
      ),
    ).toEqual([
      ['PUBLIC', 'LIMS_PRODUCT', 'LIMSPRD', 'PRODUCT'],
      ['TABLECAST', 'PLANS', 'LIMSPRD', 'SAMPLE_PLAN'],
    ]);
    expect(await reader.query("select REFERENCED_NAME from all_dependencies where NAME = 'ACTIVE_SAMPLE_PLAN' order by 1")).toEqual([
      ['PRODUCT'],
      ['SAMPLE_PLAN'],
    ]);
    expect(await reader.value("select TEXT from all_views where VIEW_NAME = 'ACTIVE_SAMPLE_PLAN'")).toContain('join LIMSPRD.PRODUCT');
  });

  test('is read through synonyms, private and public', async () => {
    expect(await reader.value('select count(*) from PLANS')).toBe('5');
    expect(await reader.value('select count(*) from LIMS_PRODUCT')).toBe('4');
    await using reporting = await as(limsUsers.reporting);
    await expect(reporting.query('select * from PLANS')).rejects.toThrow('ORA-00942');
    expect(await reporting.value('select count(*) from LIMS_PRODUCT')).toBe('4');
  });

  test('gives each user his rights only', async () => {
    await using reporting = await as(limsUsers.reporting);
    expect(await reporting.value('select count(*) from LIMSPRD.SAMPLE')).toBe('50');
    for (const name of ['LIMSPRD.BULK', 'v$database', 'v$transaction'])
      await expect(reporting.query(`select * from ${name}`)).rejects.toThrow('ORA-00942');
    await using restricted = await as(limsUsers.restricted);
    await expect(restricted.query('select timestamp_to_scn(systimestamp) from dual')).rejects.toThrow('ORA-00904');
    await using outsider = await as(limsUsers.outsider);
    await expect(outsider.query('select * from LIMSPRD.SAMPLE_PLAN')).rejects.toThrow('ORA-00942');
    await expect(reader.run('delete from LIMSPRD.RESULT')).rejects.toThrow('ORA-01031');
  });

  test('changes at the source are made by its owner', async () => {
    await using owner = await as(limsUsers.owner);
    const before = server.currentScn;
    await owner.run("update RESULT set ENTRY = 'changed' where RESULT_NUMBER = 7");
    await owner.run("insert into RESULT values (1001, 1, 'EXTRA', 'new', null, null, systimestamp)");
    await owner.run('delete from RESULT where RESULT_NUMBER = 9');
    await owner.connection.commit();
    expect(await reader.query('select RESULT_NUMBER, ENTRY from LIMSPRD.RESULT where ORA_ROWSCN > :1 order by 1', [before])).toEqual([
      ['7', 'changed'],
      ['1001', 'new'],
    ]);
    expect(await reader.value('select count(*) from LIMSPRD.RESULT')).toBe('250');
  });

  test('has public data sets with keys beside it', async () => {
    expect(await reader.query('select ORIGIN, count(*) from VEGA.CAR group by ORIGIN order by 2 desc')).toEqual([
      ['USA', '254'],
      ['Japan', '79'],
      ['Europe', '73'],
    ]);
    expect(
      await reader.query("select to_char(min(DAY), 'YYYY-MM-DD'), max(TEMP_MAX) from VEGA.WEATHER where LOCATION = 'Seattle'"),
    ).toEqual([['2012-01-01', '35.6']]);
    expect(await reader.query('select count(*), count(distinct TITLE) from VEGA.MOVIE')).toEqual([['3201', expect.any(String)]]);
    expect(await reader.value('select count(*) from VEGA.FLIGHT f join VEGA.AIRPORT a on a.IATA = f.ORIGIN')).toBe('20000');
  });
});
