// Writes what is generated from code: docs/errors.md, docs/settings.md, docs/types.md, docs/api.md and local.settings.json.example.
// With --check it writes nothing and fails when one is stale. A name given as argument limits it to that file. Runs on the built code (npm run build).
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import prettier from 'prettier';
import { typesPage } from './docs/types-page.mjs';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const require = createRequire(import.meta.url);
const { errorDefinitions } = require(path.join(root, 'dist/src/lib/errors.js'));
const { settingsSchema } = require(path.join(root, 'dist/src/lib/settings.js'));
const { z } = require('zod');

const cell = (text) => String(text).replaceAll('|', '\\|').replaceAll('\n', ' ');
const table = (head, rows) => [head, head.map(() => '---'), ...rows].map((row) => `| ${row.map(cell).join(' | ')} |`).join('\n') + '\n';

function errorsPage() {
  const rows = Object.entries(errorDefinitions).map(([code, e]) => [`\`${code}\``, e.status, e.retry ? 'yes' : 'no', e.message, e.fix]);
  return `# Errors

Every error that a run can end with. The HTTP answer is \`application/problem+json\` (RFC 9457) with the \`code\` and the \`fix\` of this table;
the history of runs and the log hold the same. "Retry" says whether the same request can succeed later without anybody changing anything.
After an error nothing of the run is visible to a consumer that reads committed messages only, and the delta pointer stands where it was.

${table(['code', 'HTTP', 'retry', 'message', 'what to do'], rows)}`;
}

function settings() {
  const schema = z.toJSONSchema(settingsSchema, { io: 'input' });
  return Object.entries(schema.properties).map(([name, property]) => ({
    name,
    values: property.enum
      ? property.enum.map((value) => `\`${value}\``).join(', ')
      : property.type === 'integer'
        ? 'whole number'
        : (property.type ?? 'number'),
    default: property.default,
    description: property.description ?? '',
  }));
}

/** The settings with the schedules of the flows' timers, as the functions name them. */
function schedules() {
  const folder = path.join(root, 'src/functions');
  const files = existsSync(folder) ? readdirSync(folder) : [];
  return files.flatMap((file) =>
    [...readFileSync(path.join(folder, file), 'utf8').matchAll(/\bschedule: '(\w+)'/g)].map(([, name]) => name),
  );
}

function settingsPage() {
  const rows = settings().map((s) => [`\`${s.name}\``, s.values, s.default === undefined ? 'not set' : `\`${s.default}\``, s.description]);
  return `# Settings

App settings (environment variables) of the app. A missing or wrong one is reported with all others at once, as \`SETTING_INVALID\`.

${table(['setting', 'values', 'default', 'meaning'], rows)}
A flow's schedule is an app setting too, an NCRONTAB expression with six fields (seconds first), e.g. \`0 30 2 * * *\`. The flow's function names it:
\`schedule: 'LABWARE_SCHEDULE'\`. The timer exists only when the setting does.

How to reach source, broker and registry is not a setting but a [secret](secrets.md).
`;
}

function settingsExample() {
  const values = { FUNCTIONS_WORKER_RUNTIME: 'node', AzureWebJobsStorage: 'UseDevelopmentStorage=true' };
  for (const setting of settings()) values[setting.name] = setting.default === undefined ? '' : String(setting.default);
  for (const name of schedules()) values[name] = '';
  return JSON.stringify({ IsEncrypted: false, Values: values }, null, 2) + '\n';
}

const pages = {
  'docs/errors.md': errorsPage,
  'docs/settings.md': settingsPage,
  'docs/types.md': () => typesPage(root, table),
  'docs/api.md': async () => (await import('./docs/api-page.mjs')).apiPage(root, table),
  'local.settings.json.example': settingsExample,
};

let stale = false;
const chosen = process.argv.slice(2).filter((argument) => argument !== '--check');
for (const [name, write] of Object.entries(pages)) {
  if (chosen.length > 0 && !chosen.includes(name)) continue;
  const text = await write();
  const file = path.join(root, name);
  const options = { ...(await prettier.resolveConfig(file)), parser: name.endsWith('.md') ? 'markdown' : 'json' };
  const formatted = await prettier.format(text, options);
  let present = '';
  try {
    present = readFileSync(file, 'utf8');
  } catch (error) {
    if (error.code !== 'ENOENT') throw error;
  }
  if (present === formatted) continue;
  if (process.argv.includes('--check')) {
    console.error(`${name} is stale: run "npm run docs" and commit it`);
    stale = true;
  } else {
    writeFileSync(file, formatted);
    console.log(`wrote ${name}`);
  }
}
if (stale) process.exit(1);
