// DuckDB's extensions that read Delta Lake tables, in the folder `extensions` of the app: from DuckDB's own server, or, where that cannot be reached, from the
// PyPI packages of the same signed files. An extension fits one version of DuckDB only, and lies in <folder>/v<version>/<platform>/.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { execute, which } from './part.mjs';

const names = ['delta', 'azure'];
const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..', '..');
const folder = path.join(root, 'extensions');
const title = `the DuckDB extensions ${names.join(' and ')}`;

/** Version and platform of the DuckDB that the app uses, as `{version: 'v1.5.5', platform: 'linux_amd64'}`; it must be installed. */
async function duckdb() {
  const { DuckDBInstance } = await import('@duckdb/node-api');
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  try {
    const rows = await connection.runAndReadAll('SELECT version(), platform FROM pragma_platform()');
    const [version, platform] = rows.getRows()[0];
    return { version, platform };
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

function missing({ version, platform }) {
  return names.filter((name) => !existsSync(path.join(folder, version, platform, `${name}.duckdb_extension`)));
}

/** Whether they are there: `{ok: true, path}` or `{ok: false, reason}`. */
export async function inspect() {
  if (missing(await duckdb()).length === 0) return { ok: true, path: folder };
  return { ok: false, reason: `${title} are not installed; run: node scripts/setup.mjs` };
}

/** Installs those that are not there; answers as `inspect`. */
export async function install() {
  const target = await duckdb();
  const wanted = missing(target);
  if (wanted.length === 0) return { ok: true, path: folder };
  const started = Date.now();
  console.log(`setup: installing ${title} …`);
  // Fetched aside and moved in one by one: who looks meanwhile sees a whole file or none.
  const aside = path.join(folder, `fetching.${process.pid}`);
  try {
    mkdirSync(aside, { recursive: true });
    const files = (await serverAnswers(target, wanted[0])) ? fromServer(wanted, aside) : await fromPackages(wanted, target, aside);
    const place = path.join(folder, target.version, target.platform);
    mkdirSync(place, { recursive: true });
    for (const file of files) renameSync(file, path.join(place, path.basename(file)));
  } catch (error) {
    return { ok: false, reason: `${title} could not be installed: ${error.message}` };
  } finally {
    rmSync(aside, { recursive: true, force: true });
  }
  console.log(`setup: ${title} installed in ${((Date.now() - started) / 1000).toFixed(0)} s`);
  return inspect();
}

/** Asked first, because DuckDB itself waits long where a firewall swallows what is sent. */
async function serverAnswers({ version, platform }, name) {
  try {
    const url = `http://extensions.duckdb.org/${version}/${platform}/${name}.duckdb_extension.gz`;
    return (await fetch(url, { method: 'HEAD', signal: AbortSignal.timeout(5000) })).ok;
  } catch {
    return false;
  }
}

/** DuckDB checks the signature, and puts them where it looks for them. In a process of its own, to be able to end it. */
function fromServer(wanted, aside) {
  const program = `
    const { DuckDBInstance } = require('@duckdb/node-api');
    (async () => {
      const instance = await DuckDBInstance.create(':memory:', { extension_directory: ${JSON.stringify(aside)} });
      const connection = await instance.connect();
      for (const name of ${JSON.stringify(wanted)}) await connection.run('INSTALL ' + name);
    })().catch((error) => { console.error(error.message); process.exitCode = 1; });`;
  const result = spawnSync(process.execPath, ['-e', program], { cwd: root, encoding: 'utf8', timeout: 180_000 });
  if (result.status !== 0) throw new Error(result.stderr?.trim() || 'DuckDB’s server did not send them within three minutes');
  return extensionsBelow(aside);
}

async function fromPackages(wanted, { version }, aside) {
  const python = which('python3') ?? which('python');
  if (python === null) throw new Error('extensions.duckdb.org does not answer, and there is no Python to fetch them from PyPI');
  const packages = wanted.map((name) => `duckdb-extension-${name}==${version.slice(1)}`);
  const quiet = ['--quiet', '--no-input', '--disable-pip-version-check', '--retries', '1', '--timeout', '15'];
  try {
    await execute(python, ['-m', 'pip', 'install', ...quiet, '--no-deps', '--no-compile', '--target', aside, ...packages]);
  } catch (error) {
    throw new Error(`extensions.duckdb.org does not answer, and from PyPI: ${error.message}`, { cause: error });
  }
  const files = extensionsBelow(aside);
  if (files.length < wanted.length) throw new Error(`the packages ${packages.join(' and ')} have no extensions for this platform`);
  return files;
}

function extensionsBelow(place) {
  return readdirSync(place, { recursive: true })
    .filter((name) => name.endsWith('.duckdb_extension'))
    .map((name) => path.join(place, name));
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const result = await install();
  if (!result.ok) {
    console.error(`setup: ${result.reason}`);
    process.exitCode = 1;
  }
}
