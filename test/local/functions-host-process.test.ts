import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { transformFileSync } from '@swc/core';

const root = resolve(__dirname, '../..');

/** The host as JavaScript and a small built app, in a folder from which node_modules can be reached. */
function builtApp(): string {
  mkdirSync(join(root, '.cache'), { recursive: true });
  const folder = mkdtempSync(join(root, '.cache/functions-host-'));
  for (const file of readdirSync(join(root, 'local/functions-host'))) {
    const { code } = transformFileSync(join(root, 'local/functions-host', file), {
      jsc: { parser: { syntax: 'typescript' }, target: 'es2022' },
      module: { type: 'commonjs' },
    });
    mkdirSync(join(folder, 'host'), { recursive: true });
    writeFileSync(join(folder, 'host', file.replace(/\.ts$/, '.js')), code);
  }
  mkdirSync(join(folder, 'dist/functions'), { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{"main":"dist/{index.js,functions/*.js}"}');
  writeFileSync(
    join(folder, 'dist/index.js'),
    `require('@azure/functions').app.http('Index', { route: 'index', handler: () => ({ body: 'index' }) });`,
  );
  writeFileSync(
    join(folder, 'dist/functions/one.js'),
    `require('@azure/functions').app.http('One', { route: 'one', handler: () => ({ body: 'one' }) });`,
  );
  return folder;
}

test('a process of its own serves the files that "main" of package.json names, and ends by itself when the host has stopped', async () => {
  const folder = builtApp();
  try {
    const script = `
      const { FunctionsHost } = require('./host/functions-host.js');
      (async () => {
        const host = await FunctionsHost.start({ log: { write() {} } });
        console.log(host.functions.map(({ name }) => name).join(' '));
        console.log(await (await fetch(host.address + '/api/index')).text(), await (await fetch(host.address + '/api/one')).text());
        await host[Symbol.asyncDispose]();
      })();`;
    const { stdout, stderr } = await promisify(execFile)(process.execPath, ['-e', script], { cwd: folder });
    expect({ stdout, stderr }).toEqual({ stdout: 'One Index\nindex one\n', stderr: '' });
  } finally {
    rmSync(folder, { recursive: true });
  }
});
