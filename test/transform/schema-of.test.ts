import { show, transformRun } from './transform-run';

test('descriptions, key and what cannot be NULL come along through tables and views', async () => {
  await using run = await transformRun();
  const { steps } = run;
  await steps.view('PRICED', 'select * exclude (CREATED) from PLAN where PRICE is not null');
  await steps.table('WITH_SITE', 'select p.ID as PLAN_ID, p.* exclude (ID), s.NAME as SITE_NAME from PRICED p left join SITE s on s.ID = p.SITE');
  await steps.view('RESULT', 'select PLAN_ID, NAME, SITE, SITE_NAME, PRICE, CURRENCY, PRICE * 2 as TWICE from WITH_SITE');
  const schema = await steps.schemaOf('RESULT', 'PLAN_PRICE', 'APP');

  expect(schema.fullName).toBe('APP.PLAN_PRICE');
  expect(show(schema)).toEqual([
    'PLAN_ID INT!: Number of the plan',
    'NAME STRING!: Name of the plan',
    'SITE INT: Where it is carried out',
    'SITE_NAME STRING: Name of the site',
    'PRICE DECIMAL(12,2)!: Price of one run',
    'CURRENCY STRING: Currency of the price',
    'TWICE DECIMAL(18,2)',
  ]);
  expect(schema.pks).toEqual(['PLAN_ID']);
  expect(schema.field('NAME')).toMatchObject({ sensitivity: 'PUBLIC', sourceDataType: 'VARCHAR2(40)' });
  expect(schema.field('SITE_NAME')).toMatchObject({ sensitivity: 'INTERNAL' });
  expect(run.notes).toEqual(['UNRESOLVED PLAN_PRICE.TWICE: PRICE * 2 is computed']);
});
