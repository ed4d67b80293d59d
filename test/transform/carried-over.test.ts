import fc from 'fast-check';
import { AvroString, ValueSchema } from '../../src/lib';
import { TablecastError } from '../../src/lib/errors';
import { Transformation } from '../../src/lib/transform/transformation';
import { testRun, type TestRun } from '../readers/test-run';
import { randomSteps, randomTables, shapes, type RandomTables } from './random-steps';

/** Runs of the property; more by the environment, to search longer. */
const RUNS = Number(process.env['CARRIED_OVER_RUNS'] ?? 40);

/**
 * Every column's description is the beginning of all its values: a column that claims another's description has other values. Columns with the same
 * description have the same kind of values, so that they can be joined.
 */
const tables: Readonly<
  Record<
    'A' | 'B' | 'C',
    { readonly columns: Readonly<Record<string, readonly [doc: string, nullable: boolean]>>; readonly key: readonly string[] }
  >
> = {
  A: { columns: { ID: ['A', false], K: ['K', true], V: ['V', true], W: ['W', false] }, key: ['ID'] },
  B: { columns: { A_ID: ['A', false], NR: ['N', false], K: ['K', true], B_V: ['X', true] }, key: ['A_ID', 'NR'] },
  C: { columns: { K: ['K', false], C_V: ['V', true], S: ['S', true] }, key: ['K'] },
};

const value = (doc: string, n: number, nullable: boolean): string => (nullable && n === 0 ? 'NULL' : `'${doc}:${n}'`);

/** Makes the tables, with keys that are unique. */
async function fill(run: TestRun, { a, b, c }: RandomTables): Promise<Transformation> {
  const steps = new Transformation(run.context);
  const numbers = {
    A: a.map((row, index) => [index, ...row]),
    B: b.map((row, index) => [index >> 1, index & 1, ...row]),
    C: c.slice(0, 5).map((row, index) => [index, ...row]),
  };
  for (const [name, { columns, key }] of Object.entries(tables)) {
    const schema = new ValueSchema(name);
    for (const [column, [doc, nullable]] of Object.entries(columns)) schema.addField(column, new AvroString(), doc, nullable);
    await run.workspace.createTable(
      name,
      Object.keys(columns).map((column) => ({ name: column, type: 'VARCHAR' })),
    );
    const list = numbers[name as 'A'].map(
      (row) =>
        `(${Object.values(columns)
          .map(([doc, nullable], index) => value(doc, row[index] ?? 0, nullable))
          .join(', ')})`,
    );
    if (list.length > 0) await run.workspace.run(`INSERT INTO ${name} VALUES ${list.join(', ')}`);
    steps.source(name, schema.setPks([...key]));
  }
  return steps;
}

test('what is carried over is true of the rows, for random tables and random steps', async () => {
  await using run = await testRun({});
  const { workspace } = run;
  const seen = { columns: 0, carried: 0, keys: 0, notNull: 0 };

  await fc.assert(
    fc.asyncProperty(randomTables, randomSteps, async (rows, wanted) => {
      const steps = await fill(run, rows);
      const relations = ['A', 'B', 'C'];
      for (const [index, { shape, view, reads, choices }] of wanted.entries()) {
        const read = await Promise.all(
          reads.map(async (at) => {
            const name = relations[at % relations.length]!;
            return { name, columns: (await workspace.columns(name)).map((column) => column.name) };
          }),
        );
        const name = `STEP_${index}_${view ? 'V' : 'T'}`;
        const sql = shapes[shape]!(read[0]!, read[1]!, choices);
        try {
          await (view ? steps.view(name, sql) : steps.table(name, sql));
          // Joins of joins would grow without end.
          if ((await workspace.rowCount(name)) <= 60) relations.push(name);
        } catch (error) {
          if (!(error instanceof TablecastError) || error.code !== 'TRANSFORM_FAILED') throw error;
          // Some choices make names ambiguous, or use what is not there.
          continue;
        }
        const schema = await steps.schemaOf(name);
        const claims = schema.tableFields.flatMap((field) => [
          ...(field.doc === undefined ? [] : [{ kind: 'carried' as const, false: `NOT starts_with("${field.name}", '${field.doc}:')` }]),
          ...(field.nullable ? [] : [{ kind: 'notNull' as const, false: `"${field.name}" IS NULL` }]),
        ]);
        seen.columns += schema.tableFields.length;
        for (const { kind } of claims) seen[kind]++;
        if (claims.length > 0) {
          const counts = claims.map((claim, at) => `count(*) FILTER (WHERE ${claim.false}) AS c${at}`);
          const [found = {}] = await workspace.query(`SELECT ${counts.join(', ')} FROM ${name}`);
          const wrong = claims.filter((_, at) => found[`c${at}`] !== 0n).map((claim) => `${name}: ${sql}: ${claim.false}`);
          expect(wrong).toEqual([]);
        }
        if (schema.pks.length > 0) {
          seen.keys++;
          await workspace.checkKey(name, schema.pks).catch((error: unknown) => {
            throw new Error(`${name}: ${sql}: ${String(error)}`);
          });
        }
      }
    }),
    { numRuns: RUNS },
  );
  expect(seen.carried).toBeGreaterThan(seen.columns / 3);
  expect(seen.keys).toBeGreaterThan(RUNS / 4);
});
