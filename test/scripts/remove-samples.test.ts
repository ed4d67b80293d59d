import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ProjectCopy } from './project-copy';

// Compiling the project takes its time on a busy machine.
jest.setTimeout(300_000);

test('without the samples everything compiles, no page has a broken program or link, and a second time there is nothing to do', async () => {
  using project = new ProjectCopy();
  const { files } = JSON.parse(readFileSync(join(project.folder, 'scripts/samples.json'), 'utf8')) as { files: string[] };
  expect(files.filter((file) => !project.has(file))).toEqual([]);
  const removed = await project.run('scripts/remove-samples.mjs');
  expect([removed.status, removed.text]).toEqual([0, expect.stringContaining('src/functions/labware.ts')]);
  expect(files.filter((file) => project.has(file))).toEqual([]);

  // The tests' project contains the app, the stand-ins and the tests.
  const compiled = await project.run('node_modules/typescript/bin/tsc', '-p', 'test/tsconfig.json', '--incremental', 'false');
  expect(compiled).toEqual({ status: 0, text: '' });
  const pages = await project.run('node_modules/jest/bin/jest.js', 'test/docs.test.ts');
  expect([pages.status, pages.text]).toEqual([0, expect.stringContaining('2 passed')]);
  expect((await project.run('scripts/remove-samples.mjs')).text).toContain('gone already');
});
