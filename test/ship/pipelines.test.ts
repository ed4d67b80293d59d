import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join, resolve } from 'node:path';
import { describeWith } from '../support/parts';

const root = resolve(__dirname, '../..');

interface Ended {
  readonly status: number;
  readonly output: string;
}

/** Without blocking this process, which may have to answer. */
function run(command: string, args: readonly string[], environment: Record<string, string> = {}): Promise<Ended> {
  return new Promise((ended) => {
    execFile(command, args, { cwd: root, env: { ...process.env, ...environment } }, (error, stdout, stderr) => {
      ended({ status: typeof error?.code === 'number' ? error.code : error === null ? 0 : 1, output: stdout + stderr });
    });
  });
}

describeWith(['checkers'], 'what ships the app', () => {
  test('passes actionlint, zizmor, shellcheck, hadolint, its schemas and the Bicep parser', async () => {
    const { status, output } = await run(process.execPath, ['scripts/check-ship.mjs']);
    expect({ status, output }).toEqual({ status: 0, output: expect.stringContaining('nothing found') as string });
  });
});

describe('the workflows', () => {
  const workflows = readdirSync(join(root, '.github/workflows')).map((name) => ({
    name,
    text: readFileSync(join(root, '.github/workflows', name), 'utf8'),
  }));

  test('use actions by the digest of a commit, and name the version; each action has one', () => {
    const uses = workflows
      .flatMap(({ text }) => [...text.matchAll(/uses: (\S+)(.*)/g)])
      .filter(([, action]) => action?.startsWith('./') !== true);
    expect(uses.length).toBeGreaterThan(10);
    for (const [line] of uses) expect(line).toMatch(/uses: [\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
    const digests = new Map<string, Set<string>>();
    for (const [, action = ''] of uses) {
      const [name = '', digest = ''] = action.split('@');
      digests.set(name, (digests.get(name) ?? new Set()).add(digest));
    }
    for (const [name, found] of digests) expect({ name, digests: found.size }).toEqual({ name, digests: 1 });
  });

  test('store no credential, and begin without permissions', () => {
    for (const { text } of workflows) {
      expect(text).not.toMatch(/secrets\.|publish-profile|client-secret|creds:/);
      expect(text).toMatch(/^permissions: \{\}$/m);
    }
  });

  test('that deploy exclude one another by DEPLOY_TARGET', () => {
    const targets = workflows.flatMap(({ text }) => /if: vars\.DEPLOY_TARGET == '([\w-]+)'/.exec(text)?.[1] ?? []);
    expect(targets.sort()).toEqual(['container-app', 'function-app']);
  });
});

describe('the smoke test', () => {
  async function serve(answers: readonly number[]): Promise<{ server: Server; address: string; asked: string[] }> {
    const asked: string[] = [];
    const server = createServer((request, response) => {
      asked.push(`${request.method ?? ''} ${request.url ?? ''} ${String(request.headers['x-functions-key'])}`);
      response.writeHead(answers[Math.min(asked.length, answers.length) - 1] ?? 500).end('{"detail": "the table is not there"}');
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    return { server, address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
  }

  const smoke = (address: string, ...routes: string[]): Promise<Ended> =>
    run('bash', ['scripts/deploy/smoke-test.sh', address, ...routes], { FUNCTION_KEY: 'key', SMOKE_TRIES: '3', SMOKE_PAUSE: '0' });

  test('waits for an app that is starting, and asks each route with the key', async () => {
    const { server, address, asked } = await serve([503, 404, 200]);
    try {
      expect((await smoke(address, 'LABWARE/run', 'STARTEK/run')).status).toBe(0);
      expect(asked).toEqual([...Array<string>(3).fill('GET /api/LABWARE/run key'), 'GET /api/STARTEK/run key']);
    } finally {
      server.close();
    }
  });

  test('fails with what the app answered, and does not say the key', async () => {
    const { server, address, asked } = await serve([500]);
    try {
      const { status, output } = await smoke(address, 'LABWARE/run');
      expect(status).toBe(1);
      expect(output).toContain('GET /api/LABWARE/run answers 500 after 3 tries');
      expect(output).toContain('the table is not there');
      expect(output).not.toMatch(/\bkey\b/);
      expect(asked).toHaveLength(3);
    } finally {
      server.close();
    }
  });
});
