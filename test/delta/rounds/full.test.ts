import { full } from '../../../src/lib';
import { startItemsFlow } from './items-flow';
import { itemParts, OracleItems } from './oracle-items';
import { playRounds, roundCount, roundsTimeout } from './run-rounds';

test(
  `deltas that are full loads: after each of ${roundCount} rounds the consumer holds what the source holds`,
  () =>
    playRounds('full', async (random) => {
      const source = await OracleItems.start(random, { deletes: 'removed' });
      const flow = await startItemsFlow(source, full);
      return { source, flow, rules: { kind: 'full' }, silent: false, parts: itemParts };
    }),
  roundsTimeout,
);
