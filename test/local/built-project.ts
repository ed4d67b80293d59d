import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { transformFileSync } from '@swc/core';

const root = resolve(__dirname, '../..');

/** The project as `npm run build` makes it, but in a folder of its own and without type checks, so that a test can run it as processes of their own. */
export interface BuiltProject extends Disposable {
  /** Holds package.json, host.json and dist. */
  readonly folder: string;
}

export function buildProject(): BuiltProject {
  mkdirSync(join(root, '.cache'), { recursive: true });
  // Inside the repository, so that node_modules is found.
  const folder = mkdtempSync(join(root, '.cache/built-'));
  for (const part of ['src', 'local']) {
    for (const file of readdirSync(join(root, part), { recursive: true, encoding: 'utf8' })) {
      if (!file.endsWith('.ts') || file.endsWith('.d.ts')) continue;
      const target = join(folder, 'dist', part, file.replace(/\.ts$/, '.js'));
      const { code } = transformFileSync(join(root, part, file), {
        jsc: { parser: { syntax: 'typescript' }, target: 'es2022' },
        module: { type: 'commonjs', ignoreDynamic: true },
      });
      mkdirSync(dirname(target), { recursive: true });
      writeFileSync(target, code);
    }
  }
  for (const file of ['package.json', 'host.json']) cpSync(join(root, file), join(folder, file));
  if (existsSync(join(root, 'extensions'))) symlinkSync(join(root, 'extensions'), join(folder, 'extensions'), 'junction');
  return {
    folder,
    [Symbol.dispose]: () => {
      rmSync(folder, { recursive: true });
    },
  };
}
