import { app, runHooks } from '../../local/functions-host/functions-core';
import { dataFlow } from '../../src/lib/run/data-flow';
import { appServices } from '../../src/lib/run/flow-services';
import { registerTimer } from '../../src/lib/run/register-timer';
import { flowUnderTest } from './flow-under-test';

const { flow } = flowUnderTest();

afterEach(() => {
  delete process.env['TEST_SCHEDULE'];
  app.functions.clear();
});

test('a timer is registered when its setting is set, with the setting as its schedule', () => {
  process.env['TEST_SCHEDULE'] = '0 0 5 * * *';
  registerTimer(flow);
  const registered = app.functions.get('TEST_Reader_Timer');
  expect(Object.values(registered!.metadata.bindings)).toMatchObject([{ type: 'timerTrigger', schedule: '%TEST_SCHEDULE%' }]);
});

test.each([undefined, '', ' '])('no timer is registered when its setting is %j', (value) => {
  if (value !== undefined) process.env['TEST_SCHEDULE'] = value;
  registerTimer(flow);
  expect([...app.functions]).toEqual([]);
});

test('making a flow connects nothing and makes none of its parts', () => {
  const never = (): never => {
    throw new Error('made too early');
  };
  expect(() => dataFlow({ name: 'F', route: 'f', schedule: 'F', reader: never, producer: never, runner: never })).not.toThrow();
});

test.each([[[]], [['SAMPLE', '']]])('a flow whose dataflows nobody could name is refused where it is made: %j', (dataflows) => {
  expect(() => flowUnderTest({ dataflows })).toThrow(expect.objectContaining({ code: 'NAME_INVALID' }) as Error);
});

test('when the host ends the app, the runs under way are stopped first', async () => {
  const { call, steps } = flowUnderTest({ services: { shutdown: () => appServices.shutdown() } });
  const order: string[] = [];
  const loading = new Promise<void>((resolve) => {
    steps.initialLoad = (run) =>
      new Promise((_resolve, reject) => {
        run.signal.addEventListener('abort', () => {
          reject(new Error('stopped'));
        });
        resolve();
      });
  });
  const answer = call('PUT').then(({ body }) => order.push(body.code));
  await loading;
  await runHooks('appTerminate', {}).then(() => order.push('host ends'));
  await answer;
  expect(order.sort()).toEqual(['RUN_STOPPED', 'host ends']);
});
