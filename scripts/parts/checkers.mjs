// Programs that check workflows, shell scripts, the Dockerfile, compose.yaml and the Bicep files. Wheels bring the programs with them; actionlint is built.
import path from 'node:path';
import process from 'node:process';
import { definePart, execute } from './part.mjs';

export const { inspect, install } = definePart({
  name: 'checkers',
  title: 'the checkers (actionlint, zizmor, shellcheck, hadolint, check-jsonschema, pycep)',
  files: ['checkers/requirements.txt', 'checkers/go.mod', 'checkers/go.sum'],
  tools: ['python3', 'go'],
  async build({ folder, here }) {
    const place = path.join(here, 'checkers');
    await execute('python3', ['-m', 'venv', folder]);
    const pip = ['-m', 'pip', 'install', '--quiet', '--no-input', '--disable-pip-version-check'];
    await execute(program(folder, 'python'), [...pip, '--only-binary', ':all:', '-r', path.join(place, 'requirements.txt')]);
    await execute('go', ['build', '-o', program(folder, 'actionlint'), 'github.com/rhysd/actionlint/cmd/actionlint'], {
      cwd: place,
      env: { ...process.env, GOFLAGS: '-mod=readonly' },
    });
  },
});

/** One of the installed programs. */
export function program(folder, name) {
  return process.platform === 'win32' ? path.join(folder, 'Scripts', `${name}.exe`) : path.join(folder, 'bin', name);
}
