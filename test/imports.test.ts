import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { LIBRARY_VERSION } from '../src/lib/version';

const src = path.resolve(__dirname, '../src');

/** Folder → the folders it may import from besides itself. Order: from the flows down to the pure parts. */
const mayImport: Record<string, readonly string[]> = {
  functions: ['runners', 'readers', 'lib/index'],
  runners: ['readers', 'lib/index'],
  readers: ['lib/index', 'lib/lineage'],
  'lib/index': [
    'lib',
    'lib/delta',
    'lib/transform',
    'lib/run',
    'lib/contract',
    'lib/kafka',
    'lib/duckdb',
    'lib/state',
    'lib/secrets',
    'lib/avro',
    'lib/lineage',
    'lib/schema',
  ],
  'lib/delta': ['lib', 'lib/run', 'lib/kafka', 'lib/duckdb', 'lib/state', 'lib/schema'],
  'lib/transform': ['lib', 'lib/duckdb', 'lib/lineage', 'lib/schema'],
  'lib/run': ['lib', 'lib/contract', 'lib/kafka', 'lib/duckdb', 'lib/state', 'lib/secrets', 'lib/avro', 'lib/lineage', 'lib/schema'],
  'lib/contract': ['lib', 'lib/lineage', 'lib/schema'],
  'lib/kafka': ['lib', 'lib/duckdb', 'lib/secrets', 'lib/avro', 'lib/lineage', 'lib/schema'],
  'lib/duckdb': ['lib', 'lib/avro', 'lib/schema'],
  'lib/state': ['lib'],
  'lib/secrets': ['lib'],
  'lib/avro': ['lib/schema', 'lib/errors'],
  'lib/lineage': ['lib/schema', 'lib/errors'],
  'lib/schema': ['lib/errors'],
  // The root of lib: errors, logger, settings, and the context, which names types of the folders that make it up.
  lib: ['lib/duckdb', 'lib/lineage', 'lib/schema', 'lib/secrets', 'lib/state'],
};

/** Package → the folders that may import it; every driver enters through one. */
const packages: Record<string, readonly string[]> = {
  '@azure/functions': ['functions', 'lib/run'],
  '@azure/data-tables': ['lib/state'],
  '@azure/storage-blob': ['lib/state'],
  '@azure/keyvault-secrets': ['lib/secrets'],
  '@azure/identity': ['lib/state', 'lib/secrets', 'lib/kafka'],
  '@confluentinc/kafka-javascript': ['lib/kafka'],
  undici: ['lib/kafka', 'readers'],
  cockatiel: ['readers'],
  '@streamparser/json': ['readers'],
  '@duckdb/node-api': ['lib/duckdb'],
  '@duckdb/node-bindings': ['lib/duckdb'],
  '@polyglot-sql/sdk': ['lib/lineage'],
  'apache-arrow': ['lib/schema', 'lib/duckdb', 'lib/run', 'lib/index', 'readers'],
  avsc: ['lib/avro'],
  oracledb: ['readers'],
  ulid: ['lib/run'],
  zod: ['lib', 'lib/run', 'lib/kafka', 'lib/secrets', 'readers'],
};

interface Import {
  readonly file: string;
  readonly target: string;
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => path.join(folder, name));
}

function importsOf(file: string): Import[] {
  const text = readFileSync(file, 'utf8').replaceAll(/^\s*(\/\/|\*|\/\*).*$/gm, '');
  const pattern =
    /(?:^|[\s;])(?:import|export)\s[^;'"]*?from\s*['"]([^'"]+)['"]|\b(?:import|require)\(\s*['"]([^'"]+)['"]\s*\)|^\s*import\s+['"]([^'"]+)['"]/gm;
  return [...text.matchAll(pattern)].map((match) => ({ file, target: match[1] ?? match[2] ?? match[3] ?? '' }));
}

/** The part of the map a file of src belongs to: `functions`, `lib/kafka`, `lib/index`, or `lib` for files at lib's root. */
function partOf(file: string): string {
  const [first = '', second = '', third] = path.relative(src, file).split(path.sep);
  if (first !== 'lib') return first;
  if (third !== undefined) return `lib/${second}`;
  return second.startsWith('index') ? 'lib/index' : 'lib';
}

/** The file that an import without an ending means: the file itself, or the index of a folder. */
function fileOf(target: string): string {
  return existsSync(`${target}.ts`) ? `${target}.ts` : path.join(target, 'index.ts');
}

/** Like `partOf`, and additionally the exact name of a root file of lib, so that `lib/errors` can be allowed alone. */
function targetsOf(file: string): string[] {
  const part = partOf(file);
  return part === 'lib' ? ['lib', `lib/${path.basename(file, '.ts')}`] : [part];
}

const imports = filesBelow(src).flatMap(importsOf);

function show({ file, target }: Import): string {
  return `${path.relative(src, file)} imports ${target}`;
}

test('imports inside src point down the map only', () => {
  const wrong = imports
    .filter(({ target }) => target.startsWith('.'))
    .filter(({ file, target }) => {
      const from = partOf(file);
      const to = targetsOf(fileOf(path.resolve(path.dirname(file), target)));
      return !to.some((part) => part === from || mayImport[from]?.includes(part));
    });
  expect(wrong.map(show)).toEqual([]);
});

test('src imports neither local nor test', () => {
  const wrong = imports
    .filter(({ target }) => target.startsWith('.'))
    .filter(({ file, target }) => path.relative(src, path.resolve(path.dirname(file), target)).startsWith('..'));
  expect(wrong.map(show)).toEqual([]);
});

test('the library imports nothing from outside it', () => {
  const library = path.join(src, 'lib');
  const wrong = imports
    .filter(({ file, target }) => file.startsWith(library + path.sep) && target.startsWith('.'))
    .filter(({ file, target }) => path.relative(library, path.resolve(path.dirname(file), target)).startsWith('..'));
  expect(wrong.map(show)).toEqual([]);
});

test('the library has a version, and its changelog says what is in it', () => {
  const changelog = readFileSync(path.join(src, 'lib/CHANGELOG.md'), 'utf8');
  expect(/^## (\S+)$/m.exec(changelog)?.[1]).toBe(LIBRARY_VERSION);
});

test('every package enters src through the folders named for it', () => {
  const wrong = imports
    .filter(({ target }) => !target.startsWith('.') && !target.startsWith('node:'))
    .filter(({ file, target }) => {
      const name = target
        .split('/')
        .slice(0, target.startsWith('@') ? 2 : 1)
        .join('/');
      return !(packages[name] ?? []).includes(partOf(file));
    });
  expect(wrong.map(show)).toEqual([]);
});

test('imports are found at all', () => {
  expect(imports.length).toBeGreaterThan(5);
});
