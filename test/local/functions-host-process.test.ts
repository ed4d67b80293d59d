import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { buildProject } from './built-project';

const functions = require.resolve('@azure/functions');

/** A small app as it is deployed: JavaScript, found by the glob of package.json. */
function writeApp(folder: string): void {
  mkdirSync(join(folder, 'dist/functions'), { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{"main":"dist/{index.js,functions/*.js}"}');
  for (const [file, name] of [
    ['index', 'Index'],
    ['functions/one', 'One'],
  ]) {
    writeFileSync(
      join(folder, `dist/${file}.js`),
      `require(${JSON.stringify(functions)}).app.http('${name}', { handler: () => ({ body: '${name}' }) });`,
    );
  }
  writeFileSync(join(folder, 'dist/functions/notes.txt'), 'not code');
}

test('a process of its own serves the files that "main" of package.json names, and ends by itself when the host has stopped', async () => {
  using project = buildProject();
  const folder = mkdtempSync(join(tmpdir(), 'functions-app-'));
  try {
    writeApp(folder);
    const script = `
      const { FunctionsHost } = require(${JSON.stringify(join(project.folder, 'dist/local/functions-host/functions-host.js'))});
      (async () => {
        const host = await FunctionsHost.start({ log: { write() {} } });
        for (const { http } of host.functions) console.log(await (await fetch(http.url)).text());
        await host[Symbol.asyncDispose]();
      })();`;
    const { stdout, stderr } = await promisify(execFile)(process.execPath, ['-e', script], { cwd: folder });
    expect({ stdout, stderr }).toEqual({ stdout: 'One\nIndex\n', stderr: '' });
  } finally {
    rmSync(folder, { recursive: true });
  }
});
