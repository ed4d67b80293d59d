// What the three parts share: each is installed once into .cache/parts/<name>, with a stamp that says of what.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { accessSync, constants, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

const here = path.dirname(fileURLToPath(import.meta.url));
const parts = path.resolve(here, '..', '..', '.cache', 'parts');

/** The full path of a program, or null when the machine does not have it. */
export function which(program) {
  const endings = process.platform === 'win32' ? ['.exe', '.cmd', '.bat'] : [''];
  for (const folder of (process.env.PATH ?? '').split(path.delimiter)) {
    for (const ending of endings) {
      const file = path.join(folder, program + ending);
      try {
        accessSync(file, constants.X_OK);
        return file;
      } catch {
        // Not in this folder.
      }
    }
  }
  return null;
}

/** Runs a program to its end, quietly. @returns its output. @throws Error with the last lines of the output */
export function execute(program, args, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], ...options });
    let output = '';
    child.stdout.on('data', (data) => (output += data));
    child.stderr.on('data', (data) => (output += data));
    child.on('error', reject);
    child.on('close', (status) => {
      if (status === 0) resolve(output);
      else
        reject(new Error(`${path.basename(program)} ${args[0]} ended with ${status}:\n${output.trim().split('\n').slice(-15).join('\n')}`));
    });
  });
}

/**
 * One part: `files` (beside this script) say what is installed, `tools` are the programs that it needs, `build` fills a folder.
 * The returned `inspect` only looks; `install` also installs. Both answer `{ok: true, path}` or `{ok: false, reason}`.
 */
export function definePart({ name, title, files, tools, build }) {
  const folder = path.join(parts, name);
  const stamp = path.join(folder, '.stamp');

  function wanted() {
    const hash = createHash('sha256').update(`${process.platform} ${process.arch}`);
    for (const file of files) hash.update(readFileSync(path.join(here, file)));
    return hash.digest('hex');
  }

  function missingTool() {
    return tools.find((tool) => which(tool) === null);
  }

  function installed() {
    return existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted();
  }

  function inspect() {
    const tool = missingTool();
    if (tool !== undefined) return { ok: false, reason: `${title} needs ${tool}, which is not on this machine` };
    if (!installed()) return { ok: false, reason: `${title} is not installed; run: node scripts/setup.mjs --tests` };
    return { ok: true, path: folder };
  }

  async function install() {
    const tool = missingTool();
    if (tool !== undefined || installed()) return inspect();
    const started = Date.now();
    console.log(`setup: installing ${title} …`);
    // Built aside and moved in one step: who looks meanwhile sees all of it or nothing.
    const aside = `${folder}.${process.pid}`;
    try {
      rmSync(aside, { recursive: true, force: true });
      mkdirSync(aside, { recursive: true });
      await build({ folder: aside, here });
      writeFileSync(path.join(aside, '.stamp'), wanted());
      rmSync(folder, { recursive: true, force: true });
      renameSync(aside, folder);
    } catch (error) {
      if (installed()) return inspect(); // somebody else was quicker
      return { ok: false, reason: `${title} could not be installed: ${error.message}` };
    } finally {
      rmSync(aside, { recursive: true, force: true });
    }
    console.log(`setup: ${title} installed in ${((Date.now() - started) / 1000).toFixed(0)} s`);
    return inspect();
  }

  return { inspect, install };
}
