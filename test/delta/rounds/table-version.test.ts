import { RowType } from '../../../src/lib';
import type { TableVersionOptions } from '../../../src/readers/lakehouse-table-version';
import { describeWithExtensions } from '../../support/parts';
import { LakeItems, lakeParts } from './lake-items';
import { startLakeItemsFlow } from './lake-items-flow';
import type { MessageRules } from './message-rules';
import { playRounds, roundsOf, roundsTimeout } from './run-rounds';

interface Case {
  readonly options: TableVersionOptions;
  readonly rules: Omit<MessageRules, 'kind'>;
  readonly rounds: number;
}

const cases: readonly Case[] = [
  { options: {}, rules: {}, rounds: roundsOf() },
  { options: { before: true, deletes: 'EXTERMINATE' }, rules: { before: true, gone: RowType.EXTERMINATE }, rounds: roundsOf(0.2) },
];

describeWithExtensions('deltas by versions of a Delta table', () => {
  test.each(cases)(
    'after each of $rounds rounds the consumer holds what the source holds: $options',
    ({ options, rules, rounds }) =>
      playRounds(`tableVersion ${JSON.stringify(options)}`, rounds, async (random) => {
        const source = await LakeItems.start(random);
        const flow = await startLakeItemsFlow(source, options);
        return { source, flow, rules: { kind: 'changes', ...rules }, parts: lakeParts };
      }),
    roundsTimeout,
  );
});
