// Which npm packages the app needs when it runs, by package-lock.json.
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** What a package needs to be installed only: their own code asks for them nowhere else. */
const installOnly = { '@confluentinc/kafka-javascript': ['@mapbox/node-pre-gyp', 'js-yaml', 'nan', 'tar'] };

/**
 * The folders of the production dependencies below `root`, each as `node_modules/…`; those of other platforms are not installed and left out.
 * @throws Error when one that is not optional is not installed
 */
export function productionPackages(root) {
  const { packages } = JSON.parse(readFileSync(path.join(root, 'package-lock.json'), 'utf8'));
  const found = new Set();
  const follow = (from) => {
    const { name = from.replace(/^.*node_modules\//, ''), dependencies = {}, optionalDependencies = {} } = packages[from];
    for (const dependency of Object.keys({ ...dependencies, ...optionalDependencies })) {
      if (installOnly[name]?.includes(dependency)) continue;
      const folder = resolve(packages, from, dependency);
      if (folder === undefined || found.has(folder)) continue;
      if (!existsSync(path.join(root, folder))) {
        if (dependency in optionalDependencies || packages[folder].optional === true) continue;
        throw new Error(`${folder} is not installed; run: node scripts/setup.mjs`);
      }
      found.add(folder);
      follow(folder);
    }
  };
  follow('');
  return [...found].sort();
}

/** As Node looks for it: in the package's own node_modules, then in those above. */
function resolve(packages, from, dependency) {
  for (let place = from; ; place = place.replace(/(^|\/)node_modules\/(@[^/]+\/)?[^/]+$/, '')) {
    const folder = `${place === '' ? '' : `${place}/`}node_modules/${dependency}`;
    if (packages[folder] !== undefined) return folder;
    if (place === '') return undefined;
  }
}
