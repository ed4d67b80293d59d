import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { appFiles } from './functions-host/app-files';

/** The project's folder, from its built code in dist/local. */
export const projectFolder = join(__dirname, '../..');

/** Loads the built app as the Functions worker does. A project that has no flow yet has nothing to load. */
export function loadApp(): void {
  if (!existsSync(join(projectFolder, 'dist/src/functions'))) return;
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- as the worker does
  for (const file of appFiles(projectFolder)) require(file);
}
