import type { TablecastError } from '../../src/lib';
import { show, transformRun } from './transform-run';

const audits = 'select ID, __audit from PLAN order by ID';

test('the worst result wins, and each broken rule is told', async () => {
  await using run = await transformRun();
  await run.steps.audit('PLAN', [
    { name: 'NO_PRICE', when: 'PRICE is null', result: 'WARN', text: "'no price in ' || CURRENCY", quality: 50 },
    { name: 'NO_DATE', when: 'CREATED is null', result: 'FAIL', quality: 0 },
    { name: 'NO_SITE', when: 'SITE is null', result: 'WARN' },
  ]);
  const detail = (name: string, result: string, text: string | null, quality: number | null) => ({
    __transformationname: name,
    __transformresult: result,
    __transformresult_text: text,
    __transformresult_quality: quality,
  });
  expect(await run.workspace.query(audits)).toEqual([
    { ID: 1, __audit: { __transformresult: 'PASS', __details: null } },
    {
      ID: 2,
      __audit: {
        __transformresult: 'FAIL',
        __details: [detail('NO_PRICE', 'WARN', 'no price in USD', 50), detail('NO_DATE', 'FAIL', null, 0)],
      },
    },
    { ID: 3, __audit: { __transformresult: 'WARN', __details: [detail('NO_SITE', 'WARN', null, null)] } },
  ]);
  expect(run.notes).toEqual([
    'AUDIT PLAN: 1 of 3 rows are WARN by NO_PRICE',
    'AUDIT PLAN: 1 of 3 rows are FAIL by NO_DATE',
    'AUDIT PLAN: 1 of 3 rows are WARN by NO_SITE',
  ]);
});

test('a condition that is NULL is not broken', async () => {
  await using run = await transformRun();
  await run.steps.audit('PLAN', [{ name: 'DEAR', when: 'PRICE > 100', result: 'FAIL' }]);
  expect(run.notes).toEqual(['AUDIT PLAN: 0 of 3 rows are FAIL by DEAR']);
  expect(await run.workspace.query("select count(*) as n from PLAN where __audit.__transformresult = 'PASS'")).toEqual([{ n: 3n }]);
});

test('a second audit adds to the first', async () => {
  await using run = await transformRun();
  await run.steps.audit('PLAN', [{ name: 'NO_DATE', when: 'CREATED is null', result: 'FAIL' }]);
  await run.steps.audit('PLAN', [{ name: 'NO_PRICE', when: 'PRICE is null or ID = 1', result: 'WARN' }]);
  const rows = await run.workspace.query(
    'select ID, __audit.__transformresult as result, list_transform(__audit.__details, lambda d: d.__transformationname) as rules from PLAN order by ID',
  );
  expect(rows).toEqual([
    { ID: 1, result: 'WARN', rules: ['NO_PRICE'] },
    { ID: 2, result: 'FAIL', rules: ['NO_DATE', 'NO_PRICE'] },
    { ID: 3, result: 'PASS', rules: null },
  ]);
});

test('an audited view becomes a table, and neither key nor descriptions are lost', async () => {
  await using run = await transformRun();
  await run.steps.view('NAMES', 'select ID, NAME from PLAN');
  await run.steps.audit('NAMES', [{ name: 'SHORT', when: 'length(NAME) < 4', result: 'WARN' }]);
  const schema = await run.steps.schemaOf('NAMES');
  expect(show(schema)).toEqual(['ID INT!: Number of the plan', 'NAME STRING!: Name of the plan']);
  expect(schema.pks).toEqual(['ID']);
  expect(run.notes).toEqual(['AUDIT NAMES: 1 of 3 rows are WARN by SHORT']);
});

test('a rule that is to stop the run names itself, the number of rows and three keys', async () => {
  await using run = await transformRun();
  await run.steps.table('MANY', 'select coalesce(ID * 100 + i, 0)::integer as ID from PLAN, range(3) r(i) group by all');
  const failure = await run.steps
    .audit('MANY', [
      { name: 'FINE', when: 'ID < 0', result: 'FAIL', stop: true },
      { name: 'LARGE', when: 'ID >= 101', result: 'FAIL', stop: true },
    ])
    .catch((error: unknown) => error as TablecastError);
  expect([failure?.code, failure?.status]).toEqual(['AUDIT_STOPPED', 422]);
  expect(failure?.message).toBe('8 rows of MANY break the rule LARGE, which stops the run, e.g. (101), (102), (200)');
  expect(run.notes).toContain('AUDIT MANY: 8 of 9 rows are FAIL by LARGE');
});

test('a rule with wrong SQL is named, also when only a value shows it, and no value is', async () => {
  await using run = await transformRun();
  const fine = { name: 'FINE', when: 'ID < 0', result: 'WARN' } as const;
  await expect(run.steps.audit('PLAN', [fine, { name: 'BAD', when: 'NAMES = 1', result: 'WARN' }])).rejects.toThrow(
    'rule BAD of PLAN: Binder Error',
  );
  const failure = run.steps.audit('PLAN', [fine, { name: 'CAST', when: 'cast(NAME as integer) > 1', result: 'WARN' }]);
  await expect(failure).rejects.toMatchObject({ code: 'TRANSFORM_FAILED', details: { step: 'rule CAST of PLAN' } });
  expect(await failure.catch(String)).not.toMatch(/water|steel|air/);
});

test('names of rules are values, not SQL', async () => {
  await using run = await transformRun();
  await run.steps.audit('PLAN', [{ name: `it's "odd"; --`, when: 'ID = 1', result: 'WARN' }]);
  expect(run.notes).toEqual([`AUDIT PLAN: 1 of 3 rows are WARN by it's "odd"; --`]);
});

test.each([
  ['a name twice', [{ name: 'A', when: 'true', result: 'WARN' } as const, { name: 'A', when: 'true', result: 'WARN' } as const]],
  ['no name', [{ name: '', when: 'true', result: 'WARN' } as const]],
  ['a quality beyond 100', [{ name: 'A', when: 'true', result: 'WARN', quality: 101 } as const]],
])('rules with %s are refused', async (_, rules) => {
  await using run = await transformRun();
  await expect(run.steps.audit('PLAN', rules)).rejects.toMatchObject({ code: 'AUDIT_RULE_INVALID' });
});

test('a table that is not there is an error', async () => {
  await using run = await transformRun();
  await expect(run.steps.audit('NOWHERE', [])).rejects.toMatchObject({ code: 'TABLE_UNKNOWN' });
});
