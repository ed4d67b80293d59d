import { execFile } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const root = resolve(__dirname, '../..');

/** What a command said, and how it ended. */
export interface Ended {
  readonly status: number | null;
  /** Output and errors. */
  readonly text: string;
}

/** A copy of the project in a folder of its own, for commands that change it; packages and parts are those of the project. */
export class ProjectCopy implements Disposable {
  readonly folder = mkdtempSync(join(tmpdir(), 'tablecast-copy-'));

  constructor() {
    const not = ['node_modules', '.cache', '.git', 'coverage', 'extensions'];
    cpSync(root, this.folder, { recursive: true, filter: (source) => !not.some((name) => source === join(root, name)) });
    for (const name of ['node_modules', '.cache', 'extensions'])
      if (existsSync(join(root, name))) symlinkSync(join(root, name), join(this.folder, name), 'junction');
  }

  /** Runs a script of Node, as npm would. */
  run(script: string, ...args: readonly string[]): Promise<Ended> {
    return new Promise((done) => {
      const child = execFile(process.execPath, [script, ...args], { cwd: this.folder }, (_error, stdout, stderr) => {
        done({ status: child.exitCode, text: `${stdout}${stderr}` });
      });
    });
  }

  has(file: string): boolean {
    return existsSync(join(this.folder, file));
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true });
  }
}
