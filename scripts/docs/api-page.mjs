import { readdirSync } from 'node:fs';
import path from 'node:path';
import { readExports } from './exports.mjs';

/** Folder of the library → what its part of the page is called. */
const parts = {
  run: 'Flows and runs',
  delta: 'Deltas',
  transform: 'Transformations',
  kafka: 'Publishing',
  schema: 'Schemas, types and rows',
  duckdb: 'The workspace',
  secrets: 'Secrets',
  lineage: 'Lineage',
  contract: 'Contracts',
  state: 'State',
  '': 'Settings, errors and context',
};

/** Readers of the app that a newer version of the library comes with; a team's own are not in the page. */
const readerFiles = /^(oracle|rest|lakehouse)-(reader|connection-settings|scn|table-version|paging)\.ts$/;

export function apiPage(root, table) {
  const readers = readdirSync(path.join(root, 'src/readers'))
    .filter((name) => readerFiles.test(name) || name === 'rest-fields.ts')
    .map((name) => `src/readers/${name}`);
  const [library, ...ofReaders] = readExports(root, ['src/lib/index.ts', ...readers]);
  const rows = (exported) =>
    exported
      .toSorted((a, b) => a.name.localeCompare(b.name, 'en'))
      .map(({ name, kind, sentence, file }) => [`[\`${name}\`](../${file})`, kind, sentence.replaceAll(/\{@link (\S+?)\}/g, '`$1`')]);
  const folderOf = ({ file }) => /^src\/lib\/(?:(\w+)\/)?/.exec(file)?.[1] ?? '';
  const sections = Object.entries(parts).map(([folder, title]) => [title, library.filter((exported) => folderOf(exported) === folder)]);
  sections.push(['Readers (src/readers)', ofReaders.flat()]);
  return `# API

What functions, runners and readers import: the first sentence of each doc comment. The name leads to the code, which has parameters, errors and examples.

${sections
  .filter(([, exported]) => exported.length > 0)
  .map(([title, exported]) => `## ${title}\n\n${table(['name', 'kind', 'what it is'], rows(exported))}`)
  .join('\n')}`;
}
