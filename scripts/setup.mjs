// Makes a bare clone ready to run: packages, the Kafka client's native build, DuckDB's extensions and, with --tests, the parts that the tests use.
// Needs only Node. Says what it does, and ends at once when everything is in place.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';

function say(text) {
  console.log(`setup: ${text}`);
}

function stop(text) {
  console.error(`setup: ${text}`);
  process.exit(1);
}

/** Runs a command quietly; its output goes to .cache/logs and is shown when it fails. */
function run(title, command, args, options = {}) {
  const started = Date.now();
  const result = spawnSync(command, args, { cwd: root, encoding: 'utf8', maxBuffer: 1 << 28, shell: npm.endsWith('.cmd'), ...options });
  const output = `${result.stdout ?? ''}${result.stderr ?? ''}${result.error ? String(result.error) : ''}`;
  const logs = path.join(root, '.cache', 'logs');
  mkdirSync(logs, { recursive: true });
  writeFileSync(path.join(logs, `${title.replaceAll(/\W+/g, '-')}.log`), output);
  return { ok: result.status === 0, output, seconds: ((Date.now() - started) / 1000).toFixed(0) };
}

function lastLines(text, count = 25) {
  return text.trimEnd().split('\n').slice(-count).join('\n');
}

function checkNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major < 20 || (major === 20 && minor < 19)) stop(`Node ${process.versions.node} is too old; install Node 20.19 or newer, best 22.`);
}

function installPackages() {
  const stamp = path.join(root, 'node_modules', '.tablecast-packages');
  const wanted = createHash('sha256')
    .update(readFileSync(path.join(root, 'package-lock.json')))
    .update(`${process.platform} ${process.arch} ${process.versions.modules}`)
    .digest('hex');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return;
  say('installing packages (npm ci) …');
  // Install scripts are off: the only one needed is the Kafka client's, which has its own step with its own advice.
  const result = run('npm ci', npm, ['ci', '--ignore-scripts', '--no-audit', '--no-fund']);
  if (!result.ok) stop(`npm ci failed:\n${lastLines(result.output)}`);
  writeFileSync(stamp, wanted);
  say(`packages installed in ${result.seconds} s`);
}

const kafkaPackage = path.join(root, 'node_modules', '@confluentinc', 'kafka-javascript');

function kafkaClientLoads() {
  // Asked of a child process: exit statuses of native builds are not to be trusted, and a failed load must not stay in this one.
  return spawnSync(process.execPath, ['-e', "require('@confluentinc/kafka-javascript')"], { cwd: root }).status === 0;
}

function installKafkaClient() {
  if (kafkaClientLoads()) return;
  say('fetching the Kafka client’s prebuilt binary …');
  const preGyp = path.join(root, 'node_modules', '.bin', process.platform === 'win32' ? 'node-pre-gyp.cmd' : 'node-pre-gyp');
  run('kafka client download', preGyp, ['install', '--fallback-to-build=false'], { cwd: kafkaPackage });
  if (kafkaClientLoads()) return say('Kafka client ready');
  say('there is no prebuilt binary to be had; building it from source (one to three minutes) …');
  installBuildPackages();
  rmSync(path.join(kafkaPackage, 'build'), { recursive: true, force: true });
  const result = run('kafka client build', npm, ['rebuild', '@confluentinc/kafka-javascript'], {
    env: { ...process.env, CKJS_LINKING: 'dynamic', MAKEFLAGS: '' },
  });
  if (!kafkaClientLoads()) {
    rmSync(path.join(kafkaPackage, 'build'), { recursive: true, force: true });
    stop(
      `the Kafka client could not be built. It needs a C++ compiler, make, Python 3 and the libraries named above.\n${lastLines(result.output)}`,
    );
  }
  say(`Kafka client built in ${result.seconds} s`);
}

const debianPackages = [
  'g++',
  'make',
  'python3',
  'libssl-dev',
  'zlib1g-dev',
  'libzstd-dev',
  'libcurl4-openssl-dev',
  'libsasl2-dev',
  'liblz4-dev',
];

function installBuildPackages() {
  if (process.platform !== 'linux') return;
  const missing = debianPackages.filter((name) => {
    const status = spawnSync('dpkg-query', ['-W', '-f', '${Status}', name], { encoding: 'utf8' });
    return status.error === undefined && !status.stdout.startsWith('install ok installed');
  });
  if (spawnSync('dpkg-query', ['--version']).error !== undefined) {
    return say('the build needs a C++ compiler, make, Python 3 and the headers of OpenSSL, zlib, zstd, curl, SASL and lz4');
  }
  if (missing.length === 0) return;
  if (process.getuid?.() !== 0) {
    stop(
      `the build needs some packages; run this and start again:\n  sudo apt-get install -y --no-install-recommends ${missing.join(' ')}`,
    );
  }
  say(`installing Debian packages: ${missing.join(' ')} …`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  run('apt-get update', 'apt-get', ['update'], { env });
  const result = run('apt-get install', 'apt-get', ['install', '-y', '--no-install-recommends', ...missing], { env });
  if (!result.ok) stop(`apt-get install failed:\n${lastLines(result.output)}`);
}

async function installTestParts() {
  const required = process.env.TABLECAST_REQUIRE_ALL === '1';
  const missing = [];
  for (const part of ['kafka', 'registry', 'python', 'checkers']) {
    const { install } = await import(`./parts/${part}.mjs`);
    const result = await install();
    if (!result.ok) missing.push(`${part}: ${result.reason}`);
  }
  for (const line of missing) say(`not available, its tests are skipped: ${line}`);
  if (required && missing.length > 0) stop('every part is required (TABLECAST_REQUIRE_ALL=1)');
}

/** Without them everything works but the flows that read a lakehouse, so a machine without internet goes on. */
async function installExtensions() {
  const { install } = await import('./parts/duckdb-extensions.mjs');
  const result = await install();
  if (result.ok) return;
  say(`not available, flows that read a lakehouse fail: ${result.reason}`);
  if (process.env.TABLECAST_REQUIRE_ALL === '1') stop('every part is required (TABLECAST_REQUIRE_ALL=1)');
}

checkNode();
installPackages();
installKafkaClient();
await installExtensions();
if (process.argv.includes('--tests')) await installTestParts();
