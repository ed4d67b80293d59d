// Writes the files of a new flow, builds the app with it, and writes its contract. Whatever goes wrong, everything is as it was before.
//   npm run new-flow -- --name labware-product --source oracle --sql "select * from LIMSPRD.PRODUCT"
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { readArguments, usage, UsageError } from './new-flow/arguments.mjs';
import { filesOf } from './new-flow/files.mjs';
import { embeddedSecretsWith, whatIsTaken } from './new-flow/taken.mjs';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const describeFlows = 'dist/local/contracts/main.js';
const inRoot = (file) => path.join(root, file);

/** @returns whether it went well */
async function newFlow(args) {
  const flow = readArguments(args);
  if (flow === undefined) {
    console.log(usage);
    return true;
  }
  const own = await filesOf(flow, root);
  const secrets = embeddedSecretsWith(flow, root);
  const problems = [...whatIsTaken(flow, own, root), ...secrets.problems];
  if (problems.length > 0) throw new UsageError(problems.join('\n'));

  const restore = remember(
    [...Object.keys(own), ...Object.keys(secrets.files), 'local.settings.json.example', ...built(own)],
    `contracts/${flow.functionName}`,
  );
  // Ctrl-C ends what runs below too: the failure of that puts everything back.
  process.on('SIGINT', () => undefined);
  for (const [file, text] of Object.entries({ ...own, ...secrets.files })) {
    mkdirSync(path.dirname(inRoot(file)), { recursive: true });
    writeFileSync(inRoot(file), text);
  }
  const failed = complete(flow);
  if (failed !== undefined) {
    restore();
    console.error(`${failed}${/_TABLE_UNKNOWN/.test(failed) ? `\n\n${tablesHint}` : ''}\n\nnew-flow: nothing was written.`);
    return false;
  }
  report(flow, [...Object.keys(own), ...Object.keys(secrets.files)]);
  return true;
}

const tablesHint = `The embedded Oracle database, on which the new flow's test runs, has the tables of local/oracle/lims-schema.ts with the rows of
local/oracle/lims-rows.ts. Add yours there, as Oracle's own statements, and run this again.`;

/** What the compiler makes of the sources, which the app would still load, and what it remembers of having done so. */
function built(files) {
  const sources = Object.keys(files).filter((file) => file.startsWith('src/'));
  return ['dist/.tsbuildinfo', ...sources.flatMap((file) => ['.js', '.js.map'].map((ending) => `dist/${file.replace(/\.ts$/, ending)}`))];
}

/** @returns what brings back these files and the folder as they are now */
function remember(files, folder) {
  const before = new Map(files.map((file) => [file, existsSync(inRoot(file)) ? readFileSync(inRoot(file)) : undefined]));
  const hadFolder = existsSync(inRoot(folder));
  return () => {
    for (const [file, text] of before) {
      if (text === undefined) rmSync(inRoot(file), { force: true });
      else writeFileSync(inRoot(file), text);
    }
    if (!hadFolder) rmSync(inRoot(folder), { recursive: true, force: true });
  };
}

/**
 * Builds the app, lets the flow describe itself on the embedded source, which writes its contract, and writes what is generated from settings.
 * @returns what to print when a step fails
 */
function complete({ functionName }) {
  const steps = [
    ['building', 'node_modules/typescript/bin/tsc'],
    ['describing the flow', describeFlows],
    ['writing the example of the settings', 'scripts/docs.mjs', 'local.settings.json.example'],
  ];
  for (const [what, script, ...args] of steps) {
    console.log(`new-flow: ${what} …`);
    const { status, stdout, stderr } = spawnSync(process.execPath, [script, ...args], { cwd: root, encoding: 'utf8' });
    const lines = `${stdout}${stderr}`.trim().split('\n');
    if (status === 0) continue;
    if (script !== describeFlows) return lines.join('\n');
    // What is wrong with other flows is not for this one to say.
    const own = lines.filter((line) => line.startsWith(functionName) && line.includes('cannot be described'));
    if (own.length > 0) return own.join('\n');
  }
  return undefined;
}

function report({ functionName, table, file, route, secret, schedule }, files) {
  const contract = `contracts/${functionName}`;
  const contracts = existsSync(inRoot(contract)) ? readdirSync(inRoot(contract)).map((name) => `${contract}/${name}`) : [];
  console.log(`\n${functionName} publishes ${table}. Written:\n${[...files, ...contracts].map((name) => `  ${name}`).join('\n')}`);
  if (contracts.length === 0) console.log('  No contract: its source could not be reached. "npm run docs:flows" writes it later.');
  console.log(`
Try it    npx jest test/functions/${file}.test.ts
Serve it  npm run dev, then PUT /api/${route}
Ship it   secret ${secret}, app setting ${schedule} for the timer; owner, links and classification in the new files
Change    after each change of what it publishes: npm run docs:flows`);
}

newFlow(process.argv.slice(2)).then(
  (well) => {
    process.exitCode = well ? 0 : 1;
  },
  (error) => {
    console.error(error instanceof UsageError ? `${error.message.replaceAll(/^/gm, 'new-flow: ')}\n\n${usage}` : error);
    process.exitCode = 1;
  },
);
