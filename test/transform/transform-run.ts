import { AvroInt, AvroNVarchar, AvroDecimal, AvroDate, ValueSchema } from '../../src/lib';
import { Transformation } from '../../src/lib/transform/transformation';
import { testRun, type TestRun } from '../readers/test-run';

export interface TransformRun extends TestRun {
  readonly steps: Transformation;
}

/** Schema of table PLAN: key ID; SITE may be NULL. */
export function planSchema(): ValueSchema {
  const schema = new ValueSchema('PLAN', 'LIMS')
    .addField('ID', new AvroInt(), 'Number of the plan', false, { sourceDataType: 'NUMBER(5)' })
    .addField('NAME', new AvroNVarchar(40), 'Name of the plan', false, { sensitivity: 'PUBLIC', sourceDataType: 'VARCHAR2(40)' })
    .addField('SITE', new AvroInt(), 'Where it is carried out')
    .addField('PRICE', new AvroDecimal(12, 2), 'Price of one run', true, {
      semantics: { type: 'MEASURE', aggregationFormula: 'sum(PRICE)', currencyFieldName: 'CURRENCY' },
    })
    .addField('CURRENCY', new AvroNVarchar(3), 'Currency of the price')
    .addField('CREATED', new AvroDate(), 'When it was made');
  return schema.setPks(['ID']);
}

/** Schema of table SITE: key ID. */
export function siteSchema(): ValueSchema {
  return new ValueSchema('SITE', 'LIMS')
    .addField('ID', new AvroInt(), 'Number of the site', false)
    .addField('NAME', new AvroNVarchar(40), 'Name of the site', true, { sensitivity: 'INTERNAL' })
    .setPks(['ID']);
}

/** A run in whose workspace PLAN (three rows) and SITE (two rows) were loaded. */
export async function transformRun(secrets: Readonly<Record<string, unknown>> = {}): Promise<TransformRun> {
  const run = await testRun(secrets);
  const { workspace } = run;
  const tables = { PLAN: planSchema(), SITE: siteSchema() };
  for (const [name, schema] of Object.entries(tables)) {
    await workspace.createTable(
      name,
      schema.tableFields.map((field) => ({ name: field.name, type: field.type.duckdbType() })),
    );
  }
  await workspace.run(
    `INSERT INTO "PLAN" VALUES (1, 'water', 10, 2.50, 'EUR', DATE '2024-01-02'), (2, 'steel', 20, NULL, 'USD', NULL), (3, 'air', NULL, 1, 'EUR', DATE '2024-01-02')`,
  );
  await workspace.run(`INSERT INTO "SITE" VALUES (10, 'Lyon'), (20, NULL)`);
  const steps = new Transformation(run.context);
  for (const [name, schema] of Object.entries(tables)) steps.source(name, schema);
  return { ...run, steps };
}

/** One line for each column: name, type, `!` when it cannot be NULL, and its description. */
export function show(schema: ValueSchema): string[] {
  return schema.tableFields.map(
    ({ name, type, nullable, doc }) => `${name} ${type.toString()}${nullable ? '' : '!'}${doc === undefined ? '' : `: ${doc}`}`,
  );
}
