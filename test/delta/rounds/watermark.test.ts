import { watermark } from '../../../src/lib';
import { startItemsFlow } from './items-flow';
import { itemParts, OracleItems } from './oracle-items';
import { playRounds, roundsOf, roundsTimeout } from './run-rounds';
import { SourceClock, stampTypes } from './source-clock';

interface Case {
  readonly type: keyof typeof stampTypes;
  readonly overlap: '10 minutes' | number;
  /** The same in the unit of the source's clock. */
  readonly window: bigint;
  /** The types differ in how a stamp is read and written only, so one of them gets all the rounds. */
  readonly rounds: number;
}

const tenMinutes = 600_000_000n;

const cases: readonly Case[] = [
  { type: 'timestamp', overlap: '10 minutes', window: tenMinutes, rounds: roundsOf() },
  { type: 'timestamptz', overlap: '10 minutes', window: tenMinutes, rounds: roundsOf(0.2) },
  { type: 'date', overlap: '10 minutes', window: tenMinutes, rounds: roundsOf(0.2) },
  { type: 'number', overlap: Number(tenMinutes), window: tenMinutes, rounds: roundsOf(0.2) },
  { type: 'text', overlap: 0, window: 0n, rounds: roundsOf(0.2) },
];

describe('deltas by watermark', () => {
  test.each(cases)(
    'after each of $rounds rounds the consumer holds what the source holds: $type, $overlap',
    ({ type, overlap, window, rounds }) =>
      playRounds(`watermark, ${type}`, rounds, async (random) => {
        const clock = new SourceClock(random, stampTypes[type], window);
        const source = await OracleItems.start(random, { deletes: 'marked', clock });
        const columns = ['CREATED', 'CHANGED'];
        const strategy = watermark({ columns, type, ...(overlap !== 0 && { overlap }), deletedWhen: `STATUS = 'X'` });
        const flow = await startItemsFlow(source, () => strategy);
        return { source, flow, rules: { kind: 'upserts' }, parts: itemParts };
      }),
    roundsTimeout,
  );
});
