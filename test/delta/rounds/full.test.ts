import { full } from '../../../src/lib';
import { startItemsFlow } from './items-flow';
import { itemParts, OracleItems } from './oracle-items';
import { playRounds, roundsOf, roundsTimeout } from './run-rounds';

test(
  `deltas that are full loads: after each of ${roundsOf()} rounds the consumer holds what the source holds`,
  () =>
    playRounds('full', roundsOf(), async (random) => {
      const source = await OracleItems.start(random, { deletes: 'removed' });
      const flow = await startItemsFlow(source, full);
      return { source, flow, rules: { kind: 'full' }, silent: false, parts: itemParts };
    }),
  roundsTimeout,
);
