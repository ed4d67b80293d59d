// Checks what the compiler does not see: workflows, their shell steps, scripts, Dockerfile, compose.yaml, Bicep. Needs no network.
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { inspect, install, program } from './parts/checkers.mjs';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const installed = process.argv.includes('--install') ? await install() : inspect();
if (!installed.ok) {
  console.error(`check:ship: ${installed.reason}`);
  process.exit(1);
}

const below = (folder, ending) =>
  readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith(ending))
    .map((name) => `${folder}/${name}`)
    .sort();
const workflows = below('.github/workflows', '.yml');
const python = program(installed.path, 'python');

const checks = [
  // Runs shellcheck on each `run:` too.
  ['actionlint', program(installed.path, 'actionlint'), ['-shellcheck', program(installed.path, 'shellcheck'), '-pyflakes=', ...workflows]],
  ['zizmor', program(installed.path, 'zizmor'), ['--offline', '--quiet', '--config', '.github/zizmor.yml', '.github']],
  ['shellcheck', program(installed.path, 'shellcheck'), ['.ci/run', ...below('scripts', '.sh')]],
  ['hadolint', program(installed.path, 'hadolint'), ['Dockerfile']],
  ['schema of compose.yaml', python, ['-m', 'check_jsonschema', '--builtin-schema', 'vendor.compose-spec', 'compose.yaml']],
  ['schema of dependabot.yml', python, ['-m', 'check_jsonschema', '--builtin-schema', 'vendor.dependabot', '.github/dependabot.yml']],
  ['schema of the workflows', python, ['-m', 'check_jsonschema', '--builtin-schema', 'vendor.github-workflows', ...workflows]],
  ['Bicep', python, ['scripts/parts/checkers/parse_bicep.py', ...below('infra', '.bicep')]],
];

let failed = 0;
for (const [name, command, args] of checks) {
  const { status, stdout, stderr, error } = spawnSync(command, args, { cwd: root, encoding: 'utf8' });
  if (status === 0) continue;
  failed++;
  console.error(`check:ship: ${name}:\n${error ? String(error) : `${stdout}${stderr}`.trim()}`);
}
if (failed > 0) process.exitCode = 1;
else console.log(`check:ship: ${checks.map(([name]) => name).join(', ')}: nothing found`);
