import { RowType, snapshot } from '../../../src/lib';
import type { SnapshotOptions } from '../../../src/lib/delta/snapshot';
import { startItemsFlow } from './items-flow';
import type { MessageRules } from './message-rules';
import { itemParts, OracleItems } from './oracle-items';
import { playRounds, roundCount, roundsTimeout } from './run-rounds';

interface Case {
  readonly options: SnapshotOptions;
  readonly rules: Omit<MessageRules, 'kind'>;
  readonly share: number;
}

const cases: readonly Case[] = [
  { options: {}, rules: {}, share: 1 },
  { options: { before: true, ignore: ['HITS'] }, rules: { before: true, ignore: ['HITS'] }, share: 1 },
  { options: { deletes: 'EXTERMINATE' }, rules: { gone: RowType.EXTERMINATE }, share: 0.4 },
];

describe('deltas by snapshot', () => {
  test.each(cases)(
    `after each of ${roundCount} rounds the consumer holds what the source holds: $options`,
    ({ options, rules, share }) =>
      playRounds(
        `snapshot ${JSON.stringify(options)}`,
        async (random) => {
          const source = await OracleItems.start(random, { deletes: 'removed', ...(rules.ignore && { ignore: rules.ignore }) });
          const flow = await startItemsFlow(source, () => snapshot(options));
          return { source, flow, rules: { kind: 'changes', ...rules }, parts: itemParts };
        },
        share,
      ),
    roundsTimeout,
  );
});
