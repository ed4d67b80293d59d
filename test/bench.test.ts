import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { spread } from '../bench/measurement';
import { isMet, rate, reportPage, type Verdict } from '../bench/report';
import { alternate, type Contender } from '../bench/rounds';
import { openSource, sourceFile, sourceSchema, sourceTable } from '../bench/source-table';
import { compare } from '../bench/subjects/compare';
import { encode } from '../bench/subjects/encode';

const measurement = (rows: number, seconds: number) => ({ rows, seconds, cpuSeconds: seconds, peakMb: 100 });

test('the median of an even number of rounds lies between the two in the middle', () => {
  expect(spread([4, 1, 3, 2])).toEqual({ min: 1, median: 2.5, max: 4 });
  expect(spread([9, 1, 5])).toEqual({ min: 1, median: 5, max: 9 });
  expect(rate([measurement(100, 1), measurement(100, 2), measurement(100, 4)])).toBe(50);
});

test('contenders take turns, and each begins a round once', async () => {
  const order: string[] = [];
  const contender = (name: string): Contender => ({
    name,
    run: () => {
      order.push(name);
      return Promise.resolve(measurement(10, 1));
    },
  });
  const log = jest.spyOn(console, 'log').mockImplementation(() => undefined);
  const results = await alternate(['a', 'b', 'c'].map(contender), 3);
  log.mockRestore();
  expect(order.join('')).toBe('abcbcacab');
  expect([...results.values()].map((rounds) => rounds.length)).toEqual([3, 3, 3]);
});

test('the page says of each demand whether it is met', () => {
  const verdict = (value: number, direction: Verdict['direction']): Verdict => ({ text: 'x', value, limit: 10, direction, unit: '×' });
  expect([verdict(10, 'at least'), verdict(9, 'at least'), verdict(10, 'at most'), verdict(11, 'at most')].map(isMet)).toEqual([
    true,
    false,
    true,
    false,
  ]);
  const results = new Map([['tablecast', [measurement(1000, 1), measurement(1000, 0.5)]]]);
  const page = reportPage('a machine', [{ title: 'Speed', explanation: 'Why.', results, verdicts: [verdict(9, 'at least')] }]);
  expect(page).toContain('| tablecast | 1,000 | 1,000 | **1,500** | 2,000 | 750.0 | 100 | 2 |');
  expect(page).toContain('- x: **9.00 ×** (at least 10 ×: NOT met)');
});

test('every subject gets the same table', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'bench-'));
  try {
    const file = await sourceFile(folder, 3000);
    expect(await sourceFile(folder, 3000)).toBe(file);
    await using workspace = await openSource(file);
    expect(await workspace.rowCount(sourceTable)).toBe(3000);
    expect((await sourceSchema(workspace)).pks).toEqual(['id']);
    expect((await encode({ file })).rows).toBe(3000);
    expect((await compare({ file })).rows).toBe(3000);
  } finally {
    await rm(folder, { recursive: true });
  }
});
