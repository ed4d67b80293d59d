// Makes the folder dist/package, which is the Function App's package and the content of the image. The app must be built (npm run build).
//
//   node scripts/package.mjs [--target linux-x64-node22] [--dist dist] [--out dist/package]
//
// --target only checks: native modules are those of this machine, so a package is made on the platform and the Node version that it runs on.
import { existsSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { packageApp, target } from './package/package-app.mjs';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const { values } = parseArgs({
  options: { target: { type: 'string' }, dist: { type: 'string', default: 'dist' }, out: { type: 'string', default: 'dist/package' } },
});

function stop(text) {
  console.error(`package: ${text}`);
  process.exit(1);
}

if (values.target !== undefined && values.target !== target) {
  stop(`this machine makes packages for ${target}, not for ${values.target}. See docs/deploy.md.`);
}
const dist = path.resolve(root, values.dist);
if (!existsSync(path.join(dist, 'src'))) stop('the app is not built; run: npm run package');
const out = path.resolve(root, values.out);
const { bytes, files } = packageApp({ root, dist, out });
if (!existsSync(path.join(out, 'extensions'))) console.error('package: without DuckDB’s extensions, flows that read a lakehouse will fail');
console.log(`package: ${out}: ${(bytes / 1e6).toFixed(0)} MB in ${files} files, for ${target}`);
