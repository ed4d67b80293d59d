import type { OracleServer } from '../../local/oracle/server';
import { Client, startServer } from './support';

describe('statement forms', () => {
  let server: OracleServer;
  let client: Client;

  beforeAll(async () => {
    server = await startServer([
      'create table DEPT (DEPT_NO number(4) primary key, NAME varchar2(20) not null)',
      'create table EMP (EMP_NO number(6) primary key, NAME varchar2(20), DEPT_NO number(4) references DEPT, SALARY number(9,2), HIRED date, "Mixed Case" varchar2(10), COST$CENTRE varchar2(10))',
      "insert into DEPT values (10, 'Research')",
      "insert into DEPT values (20, 'Sales')",
      "insert into DEPT values (30, 'Empty')",
      "insert into EMP values (1, 'Ada', 10, 5000.5, date '2020-01-15', 'x', 'c1')",
      "insert into EMP values (2, 'Bob', 10, 3000, date '2021-02-28', null, null)",
      "insert into EMP values (3, 'Cleo', 20, null, to_date('2022-03-01 13:45:59', 'YYYY-MM-DD HH24:MI:SS'), 'y', 'c2')",
      "insert into EMP values (4, 'Dan', null, 100, null, 'z', 'c3')",
      'create view RICH as select NAME, SALARY from EMP where SALARY > 2500',
      'create view NAMED (WHO, WHAT) as select e.NAME, d.NAME from EMP e left join DEPT d on d.DEPT_NO = e.DEPT_NO',
      'create synonym PEOPLE for EMP',
      'create public synonym EVERYONE for SCOTT.NAMED',
    ]);
    client = await Client.connect(server);
  });
  afterAll(async () => {
    await client[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
  });

  test.each<readonly [sql: string, rows: readonly (readonly unknown[])[]]>([
    ["select 1, 'x', null from dual", [['1', 'x', null]]],
    ['select name from emp where emp_no = 1', [['Ada']]],
    ['select "NAME", "Mixed Case", cost$centre from SCOTT.EMP "E" where "E".EMP_NO = 3', [['Cleo', 'y', 'c2']]],
    [
      'select e.name, d.name from emp e join dept d on d.dept_no = e.dept_no order by e.emp_no',
      [
        ['Ada', 'Research'],
        ['Bob', 'Research'],
        ['Cleo', 'Sales'],
      ],
    ],
    [
      'select e.name, d.name from emp e inner join dept d using (dept_no) order by 1 desc',
      [
        ['Cleo', 'Sales'],
        ['Bob', 'Research'],
        ['Ada', 'Research'],
      ],
    ],
    [
      'select dept_no, count(e.name) from dept left outer join emp e using (dept_no) group by dept_no order by dept_no',
      [
        ['10', '2'],
        ['20', '1'],
        ['30', '0'],
      ],
    ],
    [
      'select e.name, d.name from emp e, dept d where e.dept_no = d.dept_no(+) order by e.emp_no',
      [
        ['Ada', 'Research'],
        ['Bob', 'Research'],
        ['Cleo', 'Sales'],
        ['Dan', null],
      ],
    ],
    [
      "select d.name, e.name from dept d, emp e where d.dept_no = e.dept_no (+) and e.name(+) like 'A%' order by d.dept_no",
      [
        ['Research', 'Ada'],
        ['Sales', null],
        ['Empty', null],
      ],
    ],
    ['select d.name, e.name from emp e right join dept d on d.dept_no = e.dept_no where e.name is null', [['Empty', null]]],
    [
      "select d.name, salary from dept d, emp e where d.dept_no = e.dept_no(+) and hired(+) > date '2021-12-31' and e.emp_no(+) < 4 order by d.dept_no",
      [
        ['Research', null],
        ['Sales', null],
        ['Empty', null],
      ],
    ],
    [
      "select * from (select emp_no, dept_no as no from emp) e, (select dept_no, name as n from dept) where no(+) = dept_no and n = 'Sales'",
      [['3', '20', '20', 'Sales']],
    ],
    ['select count(*) from emp full join dept on emp.dept_no = dept.dept_no', [['5']]],
    ['select count(*) from emp cross join dept', [['12']]],
    ['select a.name from emp a, emp b where a.emp_no = b.emp_no + 1 order by a.emp_no', [['Bob'], ['Cleo'], ['Dan']]],
    ["select name from emp where dept_no in (select dept_no from dept where name = 'Sales')", [['Cleo']]],
    ['select name from dept d where not exists (select 1 from emp e where e.dept_no = d.dept_no)', [['Empty']]],
    [
      'select name, (select d.name from dept d where d.dept_no = e.dept_no) from emp e where emp_no >= 3 order by emp_no',
      [
        ['Cleo', 'Sales'],
        ['Dan', null],
      ],
    ],
    ['select n from (select name as n, emp_no from emp where salary is not null) q where q.emp_no < 3 order by n', [['Ada'], ['Bob']]],
    [
      'with a as (select * from emp where dept_no = 10), b (who) as (select name from a) select who from b order by who',
      [['Ada'], ['Bob']],
    ],
    ['select name from rich order by salary', [['Bob'], ['Ada']]],
    ['select * from everyone where what is null', [['Dan', null]]],
    ['select p.name from people p where p.emp_no between 2 and 3 order by p.name desc', [['Cleo'], ['Bob']]],
    ["select name from emp where name like '_o%' or name not like '%a%' and name <> 'Cleo' order by 1", [['Bob']]],
    ['select dept_no, sum(salary) total from emp group by dept_no having count(*) > 1', [['10', '8000.5']]],
    ['select distinct dept_no from emp order by dept_no nulls first', [[null], ['10'], ['20']]],
    ['select dept_no from emp order by dept_no desc, emp_no', [[null], ['20'], ['10'], ['10']]],
    ['select emp_no from emp where rownum <= 2', [['1'], ['2']]],
    ['select count(*) from emp where rownum < 3', [['2']]],
    ['select emp_no from (select emp_no from emp order by emp_no desc) where rownum <= 1', [['4']]],
    ['select emp_no from emp order by emp_no offset 1 rows fetch next 2 rows only', [['2'], ['3']]],
    ['select emp_no from emp order by emp_no fetch first 1 row only', [['1']]],
    ['select dept_no from dept minus select dept_no from emp', [['30']]],
    ['select dept_no from dept intersect select dept_no from emp order by 1', [['10'], ['20']]],
    ['select 1 from dual union all select 2.5 from dual union all select 1 from dual order by 1', [['1'], ['1'], ['2.5']]],
    ['(select 1 a from dual) union (select 1 from dual)', [['1']]],
    [
      "select nvl(salary, -1), nvl2(salary, 'yes', 'no'), coalesce(null, dept_no, 0), decode(dept_no, 10, 'ten', 20, 'twenty', 'other') from emp where emp_no in (3, 4) order by emp_no",
      [
        ['-1', 'no', '20', 'twenty'],
        ['100', 'yes', '0', 'other'],
      ],
    ],
    [
      "select case when salary > 4000 then 'much' when salary is null then 'none' else 'some' end, case dept_no when 10 then 1 end from emp order by emp_no",
      [
        ['much', '1'],
        ['some', '1'],
        ['none', null],
        ['some', null],
      ],
    ],
    [
      "select upper(name) || '-' || lower(name) || null, substr(name, -2), substr(name, 2, 1), length(name), instr(name, 'd'), lpad(emp_no, 3, '0'), trim(' x '), replace(name, 'A', 'a') from emp where emp_no = 1",
      [['ADA-ada', 'da', 'd', '3', '2', '001', 'x', 'ada']],
    ],
    [
      'select round(salary / 3, 2), trunc(5.678, 1), mod(7, 3), abs(-2.5), floor(2.7), ceil(2.1), 7 / 2, -salary from emp where emp_no = 1',
      [['1666.83', '5.6', '1', '2.5', '2', '3', '3.5', '-5000.5']],
    ],
    [
      "select to_char(hired, 'DD.MM.YYYY HH24:MI'), to_char(hired + 1.5, 'YYYY-MM-DD HH24:MI'), to_char(trunc(hired), 'HH24:MI'), hired - date '2022-03-01' > 0.5, extract(year from hired) from emp where emp_no = 3",
      [['01.03.2022 13:45', '2022-03-03 01:45', '00:00', true, '2022']],
    ],
    [
      "select to_char(salary), to_char(0.5), to_char(-0.25), to_char(12.5, 'FM0000.00'), to_char(7, '000') from emp where emp_no = 1",
      [['5000.5', '.5', '-.25', '0012.50', ' 007']],
    ],
    [
      "select to_char(add_months(date '2024-01-31', 1), 'YYYY-MM-DD'), to_char(last_day(date '2024-02-10'), 'DD'), to_char(timestamp '2024-01-01 10:00:00.5' + interval '90' minute, 'HH24:MI:SS.FF3') from dual",
      [['2024-02-29', '29', '11:30:00.500']],
    ],
    [
      'select row_number() over (partition by dept_no order by salary desc nulls last) r, name from emp where dept_no = 10 order by r',
      [
        ['1', 'Ada'],
        ['2', 'Bob'],
      ],
    ],
    [
      "select user, sys_context('USERENV', 'CURRENT_SCHEMA'), sys_context('userenv', 'service_name') from dual",
      [['SCOTT', 'SCOTT', 'LIMS']],
    ],
    ['select sysdate - sysdate, sysdate <= systimestamp from dual', [['0', true]]],
    ['select count(*) /* all */ from emp -- of them', [['4']]],
    ["select q'?' from dual".replace("q'?'", "'it''s'"), [["it's"]]],
    ['select max(name), min(hired) is null from emp', [['Dan', false]]],
    ['select (select count(*) from emp where dept_no = d.dept_no) n from dept d order by n desc, d.dept_no', [['2'], ['1'], ['0']]],
    ["select e.name from emp e where (e.dept_no, e.name) in (select dept_no, 'Bob' from dept)", [['Bob']]],
  ])('%s', async (sql, rows) => {
    // Conditions are no columns in Oracle; comparing them is a short cut of this table.
    const written = sql.replace(/, ([^,]+ (?:>|<=) [^,]+|min\(hired\) is null)(?=,| from)/g, ', case when $1 then 1 else 0 end');
    const expected = rows.map((row) => row.map((value) => (typeof value === 'boolean' ? (value ? '1' : '0') : value)));
    expect(await client.query(written)).toEqual(expected);
  });

  test('binds by position, once per occurrence, and by name', async () => {
    expect(await client.query('select :1, :2, :3 from dual', ['a', 2, null])).toEqual([['a', '2', null]]);
    expect(
      await client.query('select NAME from EMP where EMP_NO = :no or EMP_NO = :other or EMP_NO = :no order by 1', { no: 1, other: 2 }),
    ).toEqual([['Ada'], ['Bob']]);
    expect(await client.query('select NAME from EMP where NAME = :1', ["' or '1' = '1"])).toEqual([]);
    expect(await client.query('select NAME from EMP where HIRED >= :d order by EMP_NO', { d: new Date('2021-02-28T00:00:00') })).toEqual([
      ['Bob'],
      ['Cleo'],
    ]);
  });

  test('a repeated statement runs from the client’s cache, with new binds and types', async () => {
    for (const value of [1, 2, '3', 4, '1'])
      expect(await client.value('select EMP_NO from EMP where EMP_NO = :1', [value])).toBe(String(value));
    expect(await client.value('select EMP_NO from EMP where EMP_NO = :1', [null])).toBeUndefined();
  });

  test('more rows than a page arrive once each and in order, whatever the page size', async () => {
    const sql = 'select a.EMP_NO * 1000 + b.EMP_NO * 100 + c.EMP_NO * 10 + d.EMP_NO from EMP a, EMP b, EMP c, EMP d order by 1';
    const all = await client.query(sql);
    expect(all).toHaveLength(256);
    for (const size of [1, 2, 7, 100, 255, 256, 257, 1000])
      expect(await client.query(sql, [], { prefetchRows: size, fetchArraySize: size })).toEqual(all);
    expect(await client.query(sql, [], { prefetchRows: 0, fetchArraySize: 16 })).toEqual(all);
  });

  test('a description comes without running the statement', async () => {
    const info = await client.connection.getStatementInfo(
      'select EMP_NO, NAME n, SALARY * 2 "double pay", HIRED from EMP where EMP_NO = :x',
    );
    expect(info.bindNames).toEqual(['X']);
    expect(
      info.metaData?.map(({ name, dbTypeName, precision, scale, byteSize, nullable }) => [
        name,
        dbTypeName,
        precision,
        scale,
        byteSize,
        nullable,
      ]),
    ).toEqual([
      ['EMP_NO', 'NUMBER', 6, 0, undefined, false],
      ['N', 'VARCHAR2', undefined, undefined, 20, true],
      ['double pay', 'NUMBER', 0, -127, undefined, true],
      ['HIRED', 'DATE', undefined, undefined, undefined, true],
    ]);
  });

  test('a statement in the client’s cache follows a table that changes its shape', async () => {
    await client.run('create table SHAPE (ID number(5), NAME varchar2(10))');
    await client.run("insert into SHAPE values (1, 'x')", [], { autoCommit: true });
    expect(await client.query('select * from SHAPE')).toEqual([['1', 'x']]);
    await client.run('alter table SHAPE add (DAY date)');
    expect(await client.query('select * from SHAPE')).toEqual([['1', 'x', null]]);
    await client.run('alter table SHAPE drop column NAME');
    await client.run("insert into SHAPE (ID, DAY) values (2, date '2024-01-01')");
    expect(await client.query('select * from SHAPE order by ID')).toEqual([
      ['1', null],
      ['2', new Date('2024-01-01T00:00:00')],
    ]);
    expect(await client.query('select * from SHAPE')).toHaveLength(2);
  });

  test('results that are not read to their end leave nothing behind', async () => {
    for (let round = 0; round < 150; round++) {
      const result = await client.connection.execute('select a.EMP_NO from EMP a, EMP b, EMP c', [], {
        resultSet: true,
        prefetchRows: 2,
        fetchArraySize: 2,
      });
      await result.resultSet!.getRow();
      await result.resultSet!.close();
    }
    expect(await client.value('select count(*) from EMP')).toBe('4');
  });

  test('a long connect string, a small and a large packet size make no difference', async () => {
    for (const parameters of [`?sdu=512`, `?sdu=65535`, `?sdu=2097152&connection_id_prefix=${'p'.repeat(250)}`]) {
      await using other = await Client.connect(server, 'scott', 'tiger', parameters);
      expect(await other.query("select rpad('x', 3000, 'yz'), NAME from EMP order by EMP_NO")).toHaveLength(4);
    }
  });

  test('ALTER SESSION sets the schema and the time zone, and accepts the rest', async () => {
    await using other = await Client.connect(server);
    await other.run("alter session set nls_date_format = 'YYYY'");
    await other.run("alter session set time_zone = '+02:00'");
    expect(
      await other.query(
        "select sessiontimezone, to_char(cast(timestamp '2024-01-01 12:00:00 +00:00' as timestamp with local time zone), 'HH24:MI') from dual",
      ),
    ).toEqual([['+02:00', '14:00']]);
    await server.run('SCOTT', ['create user OWNER2 identified by x', 'grant DBA to OWNER2', 'create table OWNER2.ONLY_THERE (ID number)']);
    await expect(other.query('select * from ONLY_THERE')).rejects.toThrow('ORA-00942');
    await other.run('alter session set current_schema = OWNER2');
    expect(await other.query('select * from ONLY_THERE')).toEqual([]);
  });
});
