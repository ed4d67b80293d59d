import { transformRun } from './transform-run';

test('wrong SQL names the step and says what DuckDB says, once', async () => {
  await using run = await transformRun();
  await expect(run.steps.table('BAD', 'select NAMES from PLAN')).rejects.toThrow(
    'The transformation stopped at BAD: Binder Error: Referenced column "NAMES" not found in FROM clause! Candidate bindings: "NAME"',
  );
  await expect(run.steps.view('BAD', 'select from')).rejects.toMatchObject({ code: 'TRANSFORM_FAILED', details: { step: 'BAD' } });
});

test('a value that does not fit names the step and nothing of the row', async () => {
  await using run = await transformRun();
  const failure = run.steps.table('BAD', 'select cast(NAME as integer) as NUMBER from PLAN');
  await expect(failure).rejects.toMatchObject({ code: 'TRANSFORM_FAILED', details: { step: 'BAD' } });
  const shown = await failure.catch((error: unknown) => `${String(error)} ${JSON.stringify(error)} ${String((error as Error).cause)}`);
  for (const name of ['water', 'steel', 'air']) expect(shown).not.toContain(name);
});

test('a step holds one SELECT, no other statement', async () => {
  await using run = await transformRun();
  await expect(run.steps.table('BAD', 'select 1 as A; drop table PLAN')).rejects.toMatchObject({ code: 'TRANSFORM_FAILED' });
  await expect(run.steps.table('BAD', 'drop table PLAN')).rejects.toMatchObject({ code: 'TRANSFORM_FAILED' });
  expect(await run.workspace.hasTable('PLAN')).toBe(true);
});

test('a run that has been stopped begins no step', async () => {
  await using run = await transformRun();
  run.stop(new Error('the lease was lost'));
  await expect(run.steps.table('LATE', 'select 1 as A')).rejects.toThrow('the lease was lost');
  await expect(run.steps.audit('PLAN', [])).rejects.toThrow('the lease was lost');
});
