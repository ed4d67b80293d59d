import fc from 'fast-check';
import { columnLineage, type ColumnLineage } from '../../src/lib/lineage/column-lineage';
import type { TableLookup } from '../../src/lib/lineage/table-catalog';
import { Workspace } from '../../src/lib/duckdb/workspace';
import { randomSelect, randomTables } from './random-select';

const lookup: TableLookup = ({ name }) => {
  const columns = randomTables[name];
  return Promise.resolve(columns && { owner: '', name, columns, uniqueKeys: [] });
};

type Rows = readonly (readonly (number | null)[])[];
type Data = Readonly<Record<string, Rows>>;

const data: fc.Arbitrary<Data> = fc.record(
  Object.fromEntries(
    Object.entries(randomTables).map(([name, columns]) => [
      name,
      fc.array(fc.tuple(...columns.map(() => fc.option(fc.nat(3), { freq: 6 }))), { minLength: 3, maxLength: 7 }),
    ]),
  ),
);
const choices = fc.array(fc.nat(839), { minLength: 60, maxLength: 60, size: 'max' });

/** Ways to change all values of a column, each with what it is in short. */
const changes: readonly ((value: number | null, row: number) => number | null)[] = [
  () => null,
  (value, row) => (value === null ? 1 : (value * 7 + row * 3 + 1) % 5),
];

async function fill(workspace: Workspace, name: string, rows: Rows): Promise<void> {
  await workspace.run(`truncate ${name}`);
  if (rows.length > 0)
    await workspace.run(`insert into ${name} values ${rows.map((row) => `(${row.map((value) => String(value)).join(', ')})`).join(', ')}`);
}

/** The values of each column of a statement, in an order of their own; undefined when DuckDB rejects it. */
async function valuesOf(workspace: Workspace, sql: string): Promise<string[] | undefined> {
  try {
    const rows = await workspace.query(sql);
    const names = Object.keys(rows[0] ?? {});
    return names.map((name) => JSON.stringify(rows.map((row) => String(row[name])).sort()));
  } catch {
    return undefined;
  }
}

/** Whether a column of a table is listed for one target, or for all. */
function lists({ columns, indirect }: ColumnLineage, target: number, table: string, column: string, onlyDirect = false): boolean {
  const all = [...(columns[target]?.sources ?? []), ...(onlyDirect ? [] : indirect)];
  return all.some((source) => source.table.name === table && source.column === column && !(onlyDirect && source.kind === 'INDIRECT'));
}

test('a source column that lineage does not list can hold anything without changing the target, and most of the direct ones change it', async () => {
  await using workspace = await Workspace.open({ memoryLimit: '256MB' });
  for (const [name, columns] of Object.entries(randomTables))
    await workspace.run(`create table ${name} (${columns.map((column) => `${column} integer`).join(', ')})`);
  let accepted = 0;
  let unlisted = 0;
  let direct = 0;
  let changed = 0;
  const runs = Number(process.env['LINEAGE_RUNS'] ?? 40);
  await fc.assert(
    fc.asyncProperty(choices, data, async (chosen, tables) => {
      const sql = randomSelect(chosen);
      for (const [name, rows] of Object.entries(tables)) await fill(workspace, name, rows);
      const before = await valuesOf(workspace, sql);
      if (!before || before.length === 0) return;
      accepted++;
      const lineage = await columnLineage(sql, { dialect: 'duckdb', lookup });
      expect({ sql, complete: lineage.complete, unresolved: lineage.unresolved }).toEqual({ sql, complete: true, unresolved: [] });
      expect(lineage.columns).toHaveLength(before.length);
      for (const [name, columns] of Object.entries(randomTables)) {
        if (!lineage.tables.some((table) => table.name === name)) continue;
        for (const [place, column] of columns.entries()) {
          const differs = before.map(() => false);
          for (const change of changes) {
            const rows = tables[name]!.map((row, index) => row.map((value, at) => (at === place ? change(value, index) : value)));
            await fill(workspace, name, rows);
            const after = await valuesOf(workspace, sql);
            before.forEach((values, target) => {
              const same = after === undefined || values === (after[target] ?? '[]');
              if (!same) differs[target] = true;
              if (!same && !lists(lineage, target, name, column))
                throw new Error(
                  `${name}.${column} changes column ${target} but is not listed:\n${sql}\nbefore ${values}\nafter ${after[target] ?? '[]'}`,
                );
            });
          }
          await fill(workspace, name, tables[name]!);
          for (const target of before.keys()) {
            if (!lists(lineage, target, name, column)) unlisted++;
            if (!lists(lineage, target, name, column, true)) continue;
            direct++;
            if (differs[target] === true) changed++;
          }
        }
      }
    }),
    { numRuns: runs },
  );
  // The statements are DuckDB's, most of them yield rows, and what is listed is listed for a reason.
  expect(accepted).toBeGreaterThan(runs / 2);
  expect(unlisted).toBeGreaterThan(accepted);
  expect(changed / direct).toBeGreaterThan(0.5);
});
