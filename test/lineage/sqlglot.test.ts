import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { columnLineage } from '../../src/lib/lineage/column-lineage';
import { describeWithPython } from '../support/parts';
import { runPython } from '../support/python';
import { goldenFolder, limsOptions } from './lims-tables';

/** For each statement: the direct sources of each column as `TABLE.COLUMN`, or why sqlglot has no answer. */
type Answers = Readonly<Record<string, readonly (readonly string[])[] | string>>;

/** Statements about which sqlglot says something else, and why. */
const disagreements: Readonly<Record<'oracle' | 'duckdb', Readonly<Record<string, string>>>> = {
  oracle: {
    'apply-and-lateral': 'sqlglot lists the columns by which a lateral query is correlated, and not those that it selects',
    collection: 'sqlglot does not parse TABLE(…) of a function',
    'connect-by': 'sqlglot takes LEVEL and CONNECT_BY_ISLEAF for columns',
    'delta-query': 'sqlglot does not know ORA_ROWSCN',
    flashback: 'sqlglot does not know ORA_ROWSCN',
    intersect: 'the values are those of the left query, the right one only chooses among them',
    'json-table': 'sqlglot does not know of what JSON_TABLE makes its rows',
    'model-clause': 'sqlglot does not parse MODEL, and neither does our parser',
    'natural-join': 'the values of an inner join are those of the left side; sqlglot takes both',
    'pivot-without-aliases': 'sqlglot names the columns of a PIVOT in another way than Oracle, and then finds every column',
    'pseudo-columns': 'sqlglot takes pseudo-columns for columns',
    'recursive-common-table': 'sqlglot ends at the recursive reference as if it were a table',
    'star-of-unknown-table': 'sqlglot does not name the other columns when one * cannot be expanded',
    'union-and-minus': 'MINUS takes no values from its right query',
    unpivot: 'the column of names holds constants, not values of the columns named',
    'unpivot-groups': 'the column of names holds constants, not values of the columns named',
    using: 'the values of a left join are those of the left side; sqlglot takes both',
  },
  duckdb: {
    'columns-by-list': 'sqlglot does not expand COLUMNS(…)',
    'columns-by-pattern': 'sqlglot does not expand COLUMNS(…)',
    'columns-together': 'sqlglot does not expand COLUMNS(…)',
    'except-all': 'EXCEPT takes no values from its right query',
    'generated-rows': 'sqlglot does not know of what generate_series makes its rows',
    lateral: 'sqlglot lists the columns by which a lateral query is correlated, and not those that it selects',
    'natural-join': 'the values of an inner join are those of the left side; sqlglot takes both',
    'pivot-of-unknown-values': 'sqlglot does not follow the PIVOT statement',
    'pivot-statement': 'sqlglot does not follow the PIVOT statement',
    'star-of-a-table-function': 'sqlglot cannot ask DuckDB for the columns of a function',
    'structures-and-lists': 'sqlglot does not follow the member of a structure that has an alias further left',
    'union-by-name': 'sqlglot matches the columns of UNION BY NAME by their places',
    'unknown-table': 'sqlglot does not name the other columns when one * cannot be expanded',
    'unpivot-clause': 'the column of names holds constants, not values of the columns named',
    'unpivot-statement': 'sqlglot does not follow the UNPIVOT statement',
    'whole-row': 'sqlglot does not know that the name of a table can stand for its row',
  },
};

async function ours(folder: string, dialect: 'oracle' | 'duckdb'): Promise<Map<string, string[][]>> {
  const answers = new Map<string, string[][]>();
  for (const file of readdirSync(path.join(folder, dialect)).filter((name) => name.endsWith('.sql'))) {
    const { columns } = await columnLineage(readFileSync(path.join(folder, dialect, file), 'utf8'), limsOptions[dialect]);
    const direct = columns.map(({ sources }) => {
      const names = sources
        .filter(({ kind }) => kind === 'DIRECT')
        .map(({ table, column }) => {
          // sqlglot calls a file by its path, and a table behind a link by both names.
          const name = table.name === 'file' ? String(table.locations) : table.name;
          return `${name}${table.link === undefined ? '' : `@${table.link}`}.${column}`.toUpperCase();
        });
      return [...new Set(names)].sort();
    });
    answers.set(path.basename(file, '.sql'), direct);
  }
  return answers;
}

describeWithPython('direct source columns beside those that sqlglot finds', () => {
  test.each(['oracle', 'duckdb'] as const)('statements of %s agree, but for the disagreements explained', async (dialect) => {
    const theirs = JSON.parse(await runPython('column_lineage.py', goldenFolder, dialect)) as Answers;
    const mine = await ours(goldenFolder, dialect);
    expect([...mine.keys()].sort()).toEqual(Object.keys(theirs).sort());
    const differing = [...mine].filter(([name, columns]) => JSON.stringify(columns) !== JSON.stringify(theirs[name]));
    const unexplained = differing.filter(([name]) => disagreements[dialect][name] === undefined);
    expect(Object.fromEntries(unexplained.map(([name, columns]) => [name, { ours: columns, theirs: theirs[name] }]))).toEqual({});
    // An explanation that is no longer needed is wrong.
    expect(Object.keys(disagreements[dialect]).filter((name) => !differing.some(([one]) => one === name))).toEqual([]);
  });
});
