import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * The built JavaScript files of the app in `folder`, by the glob in `main` of its package.json, e.g. `dist/src/{index.js,functions/*.js}`.
 * `*` (within one folder name) and `{a,b}` are understood, which is what Functions projects use.
 * @throws Error when package.json has no `main` or no file fits it
 */
export function appFiles(folder: string): string[] {
  const { main } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { main?: string };
  if (main === undefined) throw new Error(`package.json of ${folder} has no "main"`);
  const files = braces(main).flatMap((pattern) => expand(folder, pattern.split('/')));
  if (files.length === 0) throw new Error(`No file fits "main" of package.json, ${main}: build the app first (npm run build)`);
  return [...new Set(files)].sort();
}

function braces(pattern: string): string[] {
  const found = /^(.*?)\{([^{}]*)\}(.*)$/.exec(pattern);
  if (found === null) return [pattern];
  const [, before = '', choices = '', after = ''] = found;
  return choices.split(',').flatMap((choice) => braces(before + choice + after));
}

function expand(folder: string, [segment, ...rest]: string[]): string[] {
  if (segment === undefined) return [folder];
  if (!existsSync(folder)) return [];
  if (!segment.includes('*')) return existsSync(join(folder, segment)) ? expand(join(folder, segment), rest) : [];
  const name = new RegExp(`^${segment.replaceAll(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*')}$`);
  return readdirSync(folder)
    .filter((entry) => name.test(entry))
    .flatMap((entry) => expand(join(folder, entry), rest));
}
