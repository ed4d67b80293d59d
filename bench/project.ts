import { existsSync } from 'node:fs';
import path from 'node:path';

/** The project's folder, from the compiled program or from the source. */
export const projectFolder = findProject(__dirname);

function findProject(folder: string): string {
  if (existsSync(path.join(folder, 'package.json'))) return folder;
  const parent = path.dirname(folder);
  if (parent === folder) throw new Error('The benchmarks are not inside the project');
  return findProject(parent);
}
