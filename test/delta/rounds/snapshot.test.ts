import { RowType, snapshot } from '../../../src/lib';
import type { SnapshotOptions } from '../../../src/lib/delta/snapshot';
import { startItemsFlow } from './items-flow';
import type { MessageRules } from './message-rules';
import { itemParts, OracleItems } from './oracle-items';
import { playRounds, roundsOf, roundsTimeout } from './run-rounds';

interface Case {
  readonly options: SnapshotOptions;
  readonly rules: Omit<MessageRules, 'kind'>;
  readonly rounds: number;
}

const cases: readonly Case[] = [
  { options: {}, rules: {}, rounds: roundsOf(0.4) },
  { options: { before: true, ignore: ['HITS'] }, rules: { before: true, ignore: ['HITS'] }, rounds: roundsOf() },
  { options: { deletes: 'EXTERMINATE' }, rules: { gone: RowType.EXTERMINATE }, rounds: roundsOf(0.2) },
];

describe('deltas by snapshot', () => {
  test.each(cases)(
    'after each of $rounds rounds the consumer holds what the source holds: $options',
    ({ options, rules, rounds }) =>
      playRounds(`snapshot ${JSON.stringify(options)}`, rounds, async (random) => {
        const source = await OracleItems.start(random, { deletes: 'removed', ...(rules.ignore && { ignore: rules.ignore }) });
        const flow = await startItemsFlow(source, () => snapshot(options));
        return { source, flow, rules: { kind: 'changes', ...rules }, parts: itemParts };
      }),
    roundsTimeout,
  );
});
