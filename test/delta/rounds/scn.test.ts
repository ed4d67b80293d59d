import type { TopicMessage } from '../../../local/consumer/read-topic';
import type { RunReport } from '../../../src/lib';
import { scn } from '../../../src/readers/oracle-scn';
import { startItemsFlow } from './items-flow';
import { textOf } from './message-rules';
import { itemParts, OracleItems } from './oracle-items';
import { playRounds, roundsOf, roundsTimeout } from './run-rounds';

/** Rows that come though they were committed before the pointer, or do not come though they were committed after it; and a pointer that is too late. */
function checkScn(source: OracleItems, exact: boolean, report: RunReport, messages: readonly TopicMessage[]): string[] {
  const changed = new Set(source.changedSince(Number(report.pointer.before)).map(textOf));
  const came = new Set(messages.map(({ key }) => textOf(key)));
  const missing = [...changed].filter((key) => !came.has(key));
  const needless = exact ? [...came].filter((key) => !changed.has(key)) : [];
  const late = Number(report.pointer.after) > source.openSince;
  return [
    ...missing.map((key) => `${key} is missing`),
    ...needless.map((key) => `${key} comes without a change`),
    ...(late ? [`the pointer ${report.pointer.after ?? ''} is after the start of an open transaction, ${source.openSince}`] : []),
  ];
}

describe('deltas by SCN', () => {
  test.each([
    { table: 'a table with ROWDEPENDENCIES', rowDependencies: true, rounds: roundsOf() },
    { table: 'a table that keeps SCNs by block', rowDependencies: false, rounds: roundsOf(0.2) },
  ])(
    'after each of $rounds rounds the consumer holds what the source holds: $table',
    ({ table, rowDependencies, rounds }) =>
      playRounds(`scn, ${table}`, rounds, async (random) => {
        const source = await OracleItems.start(random, { deletes: 'marked', rowDependencies });
        const flow = await startItemsFlow(source, () => scn({ deletedWhen: `STATUS = 'X'` }));
        return {
          source,
          flow,
          // A transaction that is open holds the pointer back, and what was committed since its start comes again.
          rules: { kind: 'upserts', repeats: true },
          silent: false,
          parts: itemParts,
          check: (report, messages) => checkScn(source, rowDependencies, report, messages),
        };
      }),
    roundsTimeout,
  );
});
