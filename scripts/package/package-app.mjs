// Makes the folder that is deployed: what the app needs to run on this platform, and nothing else.
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { productionPackages } from './production-packages.mjs';

/** Platform and Node version that the package fits, e.g. `linux-x64-node22`: native modules are built for both. */
export const target = `${process.platform}-${process.arch}-node${process.versions.node.split('.')[0]}`;

/** Names of files that only people, compilers and debuggers read. Licences stay. */
const unneeded =
  /\.(md|markdown|map|ts|mts|cts|tsbuildinfo|flow|gyp|gypi|cc|c|h|a|o|py|sh|ps1|html|ya?ml)$|^\.|^(Makefile|CHANGELOG.*|tsconfig.*\.json)$/i;

/** Folders of packages, by path, that are for other platforms, for browsers, or for building. */
const unneededFolders = [
  /^@azure\/[^/]+\/dist\/(browser|react-native|workerd)$/,
  /^@azure-rest\/[^/]+\/dist\/(browser|react-native|workerd)$/,
  /^@typespec\/[^/]+\/dist\/(browser|react-native|workerd)$/,
  /^@azure\/msal-browser\/(lib|src|types)$/,
  /^apache-arrow\/(src|bin)$/,
];

/** A package that holds its sources and its build too is named by the files that it needs. */
const neededFiles = {
  '@confluentinc/kafka-javascript': /^(LICENSE.*|librdkafka\.js|lib\/.*\.js|build\/(Release|deps)\/[^/]*\.(node|dll|dylib|so\.\d+))$/,
};

/**
 * @param {{root: string, dist: string, out: string}} options `root` holds package.json and node_modules, `dist` the built code,
 * `out` is made anew
 * @returns {{bytes: number, files: number}} what lies in `out`
 */
export function packageApp({ root, dist, out }) {
  rmSync(out, { recursive: true, force: true });
  mkdirSync(out, { recursive: true });
  writeFileSync(path.join(out, 'package.json'), `${JSON.stringify(manifest(root), null, 2)}\n`);
  copyFileSync(path.join(root, 'host.json'), path.join(out, 'host.json'));
  copyTree(path.join(dist, 'src'), path.join(out, 'dist', 'src'), (file, isFolder) => isFolder || file.endsWith('.js'));
  for (const folder of productionPackages(root)) copyPackage(root, folder, out);
  copyExtensions(root, out);
  copyContracts(root, out);
  return size(out);
}

/** package.json without what only developers need; a host that sees no dependency to install installs none. */
function manifest(root) {
  const {
    name,
    version,
    private: isPrivate,
    engines,
    main,
    dependencies,
  } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));
  return { name, version, private: isPrivate, engines, main, dependencies };
}

function copyPackage(root, folder, out) {
  const name = folder.replace(/^.*node_modules\//, '');
  copyTree(path.join(root, folder), path.join(out, folder), (file, isFolder) => {
    const inPackage = file.split(path.sep).join('/');
    const base = path.basename(file);
    if (isFolder) return base !== 'node_modules' && !unneededFolders.some((pattern) => pattern.test(`${name}/${inPackage}`));
    if (base === 'package.json') return true;
    return neededFiles[name]?.test(inPackage) ?? (!unneeded.test(base) && !isForOtherPlatform(base));
  });
}

/** Native modules of drivers that bring those of all platforms, e.g. `oracledb-26.0.0-darwin-arm64.node`. */
function isForOtherPlatform(file) {
  const found = /-(linux|darwin|win32)-(x64|arm64)\.node(-buildinfo\.txt)?$/.exec(file);
  return found !== null && `${found[1]}-${found[2]}` !== `${process.platform}-${process.arch}`;
}

/** Without the pages that are made of them. */
function copyContracts(root, out) {
  const source = path.join(root, 'contracts');
  if (existsSync(source)) copyTree(source, path.join(out, 'contracts'), (file, isFolder) => isFolder || !file.endsWith('.md'));
}

const duckdbPlatforms = {
  'linux-x64': 'linux_amd64',
  'linux-arm64': 'linux_arm64',
  'darwin-x64': 'osx_amd64',
  'darwin-arm64': 'osx_arm64',
  'win32-x64': 'windows_amd64',
};

/** DuckDB loads extensions of exactly its own version; without them all flows run but those that read a lakehouse. */
function copyExtensions(root, out) {
  const { version } = JSON.parse(readFileSync(path.join(root, 'node_modules/@duckdb/node-api/package.json'), 'utf8'));
  const place = path.join(`v${version.replace(/-.*$/, '')}`, duckdbPlatforms[`${process.platform}-${process.arch}`] ?? '');
  const source = path.join(root, 'extensions', place);
  if (!existsSync(source)) return;
  copyTree(source, path.join(out, 'extensions', place), (file) => file.endsWith('.duckdb_extension'));
}

/** Copies the files that are wanted, links as the files they lead to: not every way of deployment keeps links. */
function copyTree(source, destination, wanted, below = '') {
  for (const entry of readdirSync(path.join(source, below), { withFileTypes: true })) {
    const file = path.join(below, entry.name);
    const real = realpathSync(path.join(source, file));
    const isFolder = statSync(real).isDirectory();
    if (!wanted(file, isFolder)) continue;
    if (isFolder) {
      copyTree(source, destination, wanted, file);
    } else {
      mkdirSync(path.join(destination, below), { recursive: true });
      copyFileSync(real, path.join(destination, file));
    }
  }
}

function size(folder) {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const bytes = files.reduce((sum, entry) => sum + statSync(path.join(entry.parentPath, entry.name)).size, 0);
  return { bytes, files: files.length };
}
