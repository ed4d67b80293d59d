import { startRestSource } from '../../local/rest/rest-source';
import { RestConnectionSettings } from '../../src/readers/rest-connection-settings';
import { StarTekReader } from '../../src/readers/startek-reader';
import { StarTekSchema } from '../../src/readers/startek-schema';
import { testRun } from './test-run';

test('StarTek is read by its own reader, several pages at the same time, with a login that does not live long', async () => {
  await using source = await startRestSource({ tokenSeconds: 1 });
  source.misbehave({ fault: 'slow', milliseconds: 20 });
  await using run = await testRun({ 'StarTek-Source': source.credentials });
  await using reader = new StarTekReader(new RestConnectionSettings('StarTek-Source'), run.logger);
  await reader.connect(run.context);
  const count = source.rows.sorted().length;
  expect(await reader.load('ATTRIBUTE', new StarTekSchema())).toBe(count);
  expect(await run.workspace.rowCount('ATTRIBUTE')).toBe(count);
  await run.workspace.checkKey('ATTRIBUTE', reader.tableSchema.pks);
  expect(source.mostAtOnce).toBe(4);
});
