import fc from 'fast-check';
import type { Stage } from '../../src/lib/context';
import { StageClock } from '../../src/lib/run/stage-clock';

/** Lets time pass that a clock of milliseconds notices. */
function spin(milliseconds: number): void {
  const until = performance.now() + milliseconds;
  while (performance.now() < until);
}

const sum = (seconds: Partial<Record<Stage, number>>): number => Object.values(seconds).reduce((total, value) => total + value, 0);

test('a stage that is entered inside another takes its time from it', async () => {
  const clock = new StageClock();
  const started = performance.now();
  await clock.time('publish', async () => {
    spin(5);
    await clock.time('check', () => {
      spin(20);
      return Promise.resolve();
    });
    spin(5);
  });
  const passed = (performance.now() - started) / 1000;
  const seconds = clock.seconds();
  expect(seconds.check).toBeGreaterThanOrEqual(0.019);
  expect(seconds.publish).toBeGreaterThanOrEqual(0.009);
  expect(sum(seconds)).toBeLessThanOrEqual(passed + 0.002);
});

test('whatever the order in which stages begin and end, together they are never longer than the time that passed', async () => {
  const stages = fc.array(fc.tuple(fc.constantFrom<Stage>('read', 'publish', 'check'), fc.nat(3), fc.nat(3)), { maxLength: 8 });
  await fc.assert(
    fc.asyncProperty(stages, async (plan) => {
      const clock = new StageClock();
      const started = performance.now();
      await Promise.all(
        plan.map(([stage, before, inside]) =>
          clock.time(stage, async () => {
            for (let step = 0; step < before; step += 1) await Promise.resolve();
            await clock.time('augment', () => {
              spin(inside / 10);
              return Promise.resolve();
            });
          }),
        ),
      );
      const passed = (performance.now() - started) / 1000;
      expect(sum(clock.seconds())).toBeLessThanOrEqual(passed + 0.003);
    }),
    { numRuns: 30 },
  );
});

test('a stage that fails counts as well, and its error comes through', async () => {
  const clock = new StageClock();
  await expect(clock.time('read', () => Promise.reject(new Error('no')))).rejects.toThrow('no');
  expect(Object.keys(clock.seconds())).toEqual(['read']);
  spin(5);
  expect(clock.seconds().read).toBeLessThan(0.005);
});
