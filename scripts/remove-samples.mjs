// Deletes the sample flows and what only they need: the app is then ready for flows of one's own (npm run new-flow). What stays: the library, the readers for
// Oracle, REST services and lakehouses, the embedded stand-ins with their data, and all tests of these.
//   npm run remove-samples
import { existsSync, readdirSync, readFileSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const inRoot = (file) => path.join(root, file);
const samples = JSON.parse(readFileSync(inRoot('scripts/samples.json'), 'utf8'));

const removed = samples.files.filter((file) => existsSync(inRoot(file)));
if (removed.length === 0) {
  console.log('remove-samples: the samples are gone already.');
  process.exit(0);
}
for (const file of removed) rmSync(inRoot(file), { recursive: true });
for (const folder of ['src/functions', 'src/runners', 'contracts', 'test/functions']) {
  if (existsSync(inRoot(folder)) && readdirSync(inRoot(folder)).length === 0) rmdirSync(inRoot(folder));
}
// The app would still load what was built of them.
rmSync(inRoot('dist'), { recursive: true, force: true });

removeScripts(samples.scripts);
removeTimers();
const pages = ['README.md', ...readdirSync(inRoot('docs'), { recursive: true }).map((name) => path.join('docs', name))];
for (const page of pages.filter((name) => name.endsWith('.md'))) removeParts(page);

console.log(`remove-samples: removed\n${removed.map((file) => `  ${file}`).join('\n')}
and what README.md, package.json and local.settings.json.example said of them.

Next  npm run new-flow -- --name … --source oracle|rest|lakehouse
      in the repository's variables, SMOKE_ROUTES: the route of your flow that a deployment asks whether it runs
      docs/ and README.md speak of the samples as examples; so do the tables of the embedded sources, on which the tests run`);

function removeScripts(names) {
  const text = readFileSync(inRoot('package.json'), 'utf8');
  const json = JSON.parse(text);
  for (const name of names) delete json.scripts[name];
  writeFileSync(inRoot('package.json'), `${JSON.stringify(json, null, 2)}\n`);
}

/** The schedules of functions that are gone. */
function removeTimers() {
  const file = inRoot('local.settings.json.example');
  const json = JSON.parse(readFileSync(file, 'utf8'));
  for (const name of samples.schedules) delete json.Values[name];
  writeFileSync(file, `${JSON.stringify(json, null, 2)}\n`);
}

/** What stands between the comments `samples` and `/samples` of a page. */
function removeParts(page) {
  const text = readFileSync(inRoot(page), 'utf8');
  const shorter = text.replaceAll(/<!-- samples -->\n[\s\S]*?<!-- \/samples -->\n\n?/g, '');
  if (shorter !== text) writeFileSync(inRoot(page), shorter);
}
