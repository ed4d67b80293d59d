import { RowType } from '../../../src/lib';
import type { TableVersionOptions } from '../../../src/readers/lakehouse-table-version';
import { describeWithExtensions } from '../../support/parts';
import { LakeItems, lakeParts } from './lake-items';
import { startLakeItemsFlow } from './lake-items-flow';
import type { MessageRules } from './message-rules';
import { playRounds, roundCount, roundsTimeout } from './run-rounds';

interface Case {
  readonly options: TableVersionOptions;
  readonly rules: Omit<MessageRules, 'kind'>;
  readonly share: number;
}

const cases: readonly Case[] = [
  { options: {}, rules: {}, share: 1 },
  { options: { before: true, deletes: 'EXTERMINATE' }, rules: { before: true, gone: RowType.EXTERMINATE }, share: 0.4 },
];

describeWithExtensions('deltas by versions of a Delta table', () => {
  test.each(cases)(
    `after each of ${roundCount} rounds the consumer holds what the source holds: $options`,
    ({ options, rules, share }) =>
      playRounds(
        `tableVersion ${JSON.stringify(options)}`,
        async (random) => {
          const source = await LakeItems.start(random);
          const flow = await startLakeItemsFlow(source, options);
          return { source, flow, rules: { kind: 'changes', ...rules }, parts: lakeParts };
        },
        share,
      ),
    roundsTimeout,
  );
});
