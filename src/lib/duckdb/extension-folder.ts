import { existsSync } from 'node:fs';
import path from 'node:path';

/** The folder `extensions` of the app, beside its `host.json`, in which the setup puts DuckDB's extensions; undefined when there is none. */
export function extensionFolder(): string | undefined {
  // The code lies deeper in the built app than in the sources.
  for (let folder = __dirname; folder !== path.dirname(folder); folder = path.dirname(folder)) {
    if (!existsSync(path.join(folder, 'host.json'))) continue;
    const extensions = path.join(folder, 'extensions');
    return existsSync(extensions) ? extensions : undefined;
  }
  return undefined;
}
