import { selectStatement, wrapStatement } from '../../src/readers/oracle-statement';

const code = (reason: string): unknown => expect.objectContaining({ code: 'SQL_INVALID', details: { table: 'T', reason } });

describe('the SELECT of a flow', () => {
  test.each([
    ['select 1 from dual', 'select 1 from dual'],
    ['  select 1 from dual ;\n', 'select 1 from dual'],
    ['-- the plans\nselect /*+ full(p) */ * from plan p -- all of them\n', 'select /*+ full(p) */ * from plan p'],
    ['with x as (select 1 a from dual) select a from x', 'with x as (select 1 a from dual) select a from x'],
    ['(select 1 from dual)', '(select 1 from dual)'],
    ["select ';' a, q'[it's; for update]' b, \"for update\" from dual", "select ';' a, q'[it's; for update]' b, \"for update\" from dual"],
  ])('%j is sent as %j', (sql, sent) => {
    expect(selectStatement('T', sql)).toBe(sent);
  });

  test.each([
    ['', 'it is empty'],
    [' -- nothing\n;', 'it is empty'],
    ['delete from plan', 'it begins with delete, not with SELECT or WITH'],
    ['select 1 from dual; drop table plan', 'it has more than one statement'],
    ['select * from plan for update', 'it locks rows with FOR UPDATE'],
    ['select * from plan FOR\n UPDATE of name', 'it locks rows with FOR UPDATE'],
    ['with function f return number is begin return 1; end; select f from dual', 'it has more than one statement'],
    ['with function f return number select f from dual', 'it declares PL/SQL in its WITH clause'],
    ["select 'abc from dual", 'a string literal is not closed'],
    ['select 1 /* from dual', 'a comment is not closed'],
    ['select "a from dual', 'a name in quotes is not closed'],
  ])('%j is refused', (sql, reason) => {
    expect(() => selectStatement('T', sql)).toThrow(code(reason) as Error);
  });
});

describe('wrapping a SELECT', () => {
  const sql = 'select a, b from t -- end';

  test('leaves it alone when no column is replaced', () => {
    expect(wrapStatement('T', sql, [{ name: 'A', select: undefined }])).toBe(sql);
  });

  test('replaces columns around it, and a comment at its end does not swallow the bracket', () => {
    const wrapped = wrapStatement('T', sql, [
      { name: 'A', select: undefined },
      { name: 'b c', select: 'TO_CHAR("b c")' },
    ]);
    expect(wrapped).toBe('SELECT "A", TO_CHAR("b c") AS "b c"\nFROM (\nselect a, b from t -- end\n)');
  });

  test('refuses a column that has no name which could be written', () => {
    const columns = [
      { name: '"a"||B', select: undefined },
      { name: 'C', select: 'TO_CHAR("C")' },
    ];
    expect(() => wrapStatement('T', sql, columns)).toThrow(expect.objectContaining({ code: 'SQL_COLUMN_NAMES' }) as Error);
  });
});
