import fc from 'fast-check';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { performance } from 'node:perf_hooks';
import { columnLineage } from '../../src/lib/lineage/column-lineage';
import { goldenFolder, limsOptions } from './lims-tables';

const dialects = ['oracle', 'duckdb'] as const;

function statementsOf(dialect: string): string[] {
  const folder = path.join(goldenFolder, dialect);
  return readdirSync(folder)
    .filter((name) => name.endsWith('.sql'))
    .map((name) => readFileSync(path.join(folder, name), 'utf8'));
}

/** A report as reports are: a common table for each step, each with CASE, windows and joins, and one query that brings them together. */
function longStatement(steps: number): string {
  const step = (index: number): string => {
    const before = index === 0 ? 'SAMPLE' : `STEP_${index - 1}`;
    return `STEP_${index} as (
  select
    x.SAMPLE_NUMBER,
    x.PLAN_NAME,
    case
      when r.UNITS = 'mg' and r.NUMERIC_ENTRY > ${index} then r.NUMERIC_ENTRY / 1000
      when r.UNITS = 'g' then r.NUMERIC_ENTRY
      else nvl(r.NUMERIC_ENTRY, p.PRICE)
    end as AMOUNT,
    row_number() over (partition by x.SAMPLE_NUMBER order by r.CHANGED_ON desc) as NTH,
    (select max(o.CHANGED_ON) from RESULT o where o.SAMPLE_NUMBER = x.SAMPLE_NUMBER and o.ANALYSIS = 'A${index}') as LATEST,
    coalesce(x.PLAN_VERSION, p.VERSION, ${index}) as PLAN_VERSION
  from ${before} x
  left join RESULT r on r.SAMPLE_NUMBER = x.SAMPLE_NUMBER and r.ANALYSIS = 'A${index}'
  left join SAMPLE_PLAN p on p.NAME = x.PLAN_NAME and p.VERSION = x.PLAN_VERSION
  where exists (select 1 from PRODUCT q where q.PRODUCT_ID = p.PRODUCT_ID and q.GRADE <> 'X')
)`;
  };
  const sums = Array.from(
    { length: steps },
    (_, index) => `  sum(case when s${index}.NTH = 1 then s${index}.AMOUNT end) as AMOUNT_${index}`,
  );
  const joins = Array.from(
    { length: steps - 1 },
    (_, index) => `left join STEP_${index + 1} s${index + 1} on s${index + 1}.SAMPLE_NUMBER = s0.SAMPLE_NUMBER`,
  );
  return `with ${Array.from({ length: steps }, (_, index) => step(index)).join(',\n')}
select
  s0.PLAN_NAME,
${sums.join(',\n')}
from STEP_0 s0
${joins.join('\n')}
group by s0.PLAN_NAME
order by 1`;
}

describe.each(dialects)('lineage of any statement of %s', (dialect) => {
  test('gives the same answer in the same order each time', async () => {
    for (const sql of statementsOf(dialect)) {
      const [one, other] = [await columnLineage(sql, limsOptions[dialect]), await columnLineage(sql, limsOptions[dialect])];
      expect(JSON.stringify(one)).toBe(JSON.stringify(other));
    }
  });

  test('never throws: what is cut or mixed up is listed with the reason', async () => {
    const statements = statementsOf(dialect).map((sql) => sql.split(/(?<=\s)|(?=[(),.])/));
    const piece = fc.tuple(
      fc.nat(statements.length - 1),
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.double({ min: 0, max: 1, noNaN: true }),
    );
    const mixed = fc.array(piece, { minLength: 1, maxLength: 3 }).map((pieces) =>
      pieces
        .map(([index, from, to]) => {
          const words = statements[index]!;
          return words.slice(Math.floor(Math.min(from, to) * words.length), Math.ceil(Math.max(from, to) * words.length)).join('');
        })
        .join(' '),
    );
    await fc.assert(
      fc.asyncProperty(mixed, async (sql) => {
        const lineage = await columnLineage(sql, limsOptions[dialect]);
        if (!lineage.complete) expect(lineage.unresolved.length).toBeGreaterThan(0);
      }),
      { numRuns: 150 },
    );
  });

  test('a text that is no SQL is unresolved as a whole, by the parser’s reason', async () => {
    const lineage = await columnLineage('select from where', limsOptions[dialect]);
    expect(lineage).toMatchObject({ columns: [], complete: false, indirect: [], tables: [] });
    expect(lineage.unresolved).toEqual([{ fragment: 'select from where', reason: expect.stringContaining('not understood') as string }]);
  });

  test('several statements are not one', async () => {
    const lineage = await columnLineage('select 1 as a from dual; select 2 as b from dual', limsOptions[dialect]);
    expect(lineage.unresolved).toEqual([expect.objectContaining({ reason: 'is not one statement' })]);
  });

  test('common tables deeper than the stack reaches are listed', async () => {
    const common = Array.from(
      { length: 260 },
      (_, index) => `c${index} as (select a.ANALYSIS from ${index === 0 ? 'RESULT' : `c${index - 1}`} a)`,
    );
    const lineage = await columnLineage(`with ${common.join(', ')} select ANALYSIS from c259`, limsOptions[dialect]);
    expect(lineage.unresolved).toContainEqual(expect.objectContaining({ reason: 'is within 250 other queries' }));
  });
});

test('a report of more than 300 lines is understood to the last column; the time it takes is printed', async () => {
  const sql = longStatement(16);
  await columnLineage('select 1 from dual', limsOptions.oracle);
  const started = performance.now();
  const before = process.cpuUsage();
  const lineage = await columnLineage(sql, limsOptions.oracle);
  const took = performance.now() - started;
  const used = process.cpuUsage(before);
  const lines = sql.split('\n').length;
  process.stdout.write(
    `lineage of a statement of ${lines} lines: ${took.toFixed(0)} ms, of them ${((used.user + used.system) / 1000).toFixed(0)} ms of CPU\n`,
  );
  expect(lines).toBeGreaterThan(300);
  expect(lineage.unresolved).toEqual([]);
  expect(lineage.columns).toHaveLength(17);
  const last = lineage.columns[16]!.sources.filter(({ kind }) => kind === 'DIRECT').map(
    ({ table, column, subtype }) => `${table.name}.${column} ${subtype}`,
  );
  expect(last).toEqual(['RESULT.NUMERIC_ENTRY AGGREGATION', 'SAMPLE_PLAN.PRICE AGGREGATION']);
});

test('a time-limited URL loses its token', async () => {
  const lineage = await columnLineage("select a from read_csv('https://lake.example/x.csv?sig=secret&se=1')", limsOptions.duckdb);
  expect(JSON.stringify(lineage)).not.toContain('secret');
  expect(lineage.tables).toEqual([{ name: 'read_csv', locations: ['https://lake.example/x.csv'] }]);
});

test('the connection text of a database function is not repeated', async () => {
  const lineage = await columnLineage("select a from postgres_scan('host=x password=secret', 'public', 't')", limsOptions.duckdb);
  expect(JSON.stringify(lineage)).not.toContain('secret');
  expect(lineage.tables).toEqual([{ name: 'postgres_scan' }]);
});
