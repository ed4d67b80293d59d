import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { startKafkaBroker } from '../../local/broker/kafka-broker';
import { startLakehouse } from '../../local/lakehouse/lakehouse';
import { limsUsers, startLimsServer } from '../../local/oracle/lims';
import { startSchemaRegistry } from '../../local/registry/schema-registry-server';
import { startRestSource } from '../../local/rest/rest-source';
import { startStorage } from '../../local/storage/azurite';
import { buildProject, type BuiltProject } from '../local/built-project';

/** What docs/deploy.md states, and a little room: who adds a dependency sees what it weighs. */
const greatestSize = 260;

const root = resolve(__dirname, '../..');

describe('the package', () => {
  let project: BuiltProject;
  let folder: string;
  let said: string;

  beforeAll(() => {
    project = buildProject();
    // Outside the repository, where nothing of it is found by chance.
    folder = mkdtempSync(join(tmpdir(), 'package-'));
    const made = spawnSync(process.execPath, ['scripts/package.mjs', '--dist', join(project.folder, 'dist'), '--out', folder], {
      cwd: root,
      encoding: 'utf8',
    });
    said = made.stdout;
    if (made.status !== 0) throw new Error(made.stderr);
  });

  afterAll(() => {
    project[Symbol.dispose]();
    rmSync(folder, { recursive: true, force: true });
  });

  const files = (): string[] => readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((file) => file.replaceAll('\\', '/'));

  test('is no larger than its documentation says', () => {
    const size = Number(/: (\d+) MB in/.exec(said)?.[1]);
    expect(size).toBeGreaterThan(50);
    expect(size).toBeLessThanOrEqual(greatestSize);
    expect(readFileSync(join(root, 'docs/deploy.md'), 'utf8')).toContain(`at most ${greatestSize} MB`);
  });

  test('holds what runs, and nothing to develop with', () => {
    expect(readdirSync(folder).filter((name) => name !== 'extensions' && name !== 'contracts')).toEqual([
      'dist',
      'host.json',
      'node_modules',
      'package.json',
    ]);
    expect(readdirSync(join(folder, 'dist'))).toEqual(['src']);
    expect(files().filter((file) => /\.(ts|map|cc|h|a|o)$/.test(file))).toEqual([]);
    const { devDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { devDependencies: object };
    expect(Object.keys(devDependencies).filter((name) => existsSync(join(folder, 'node_modules', name)))).toEqual([]);
    const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as object;
    expect(Object.keys(manifest)).toEqual(['name', 'version', 'private', 'engines', 'main', 'dependencies']);
  });

  test('has native modules and extensions of its platform only', () => {
    const native = files().filter((file) => /\.(node|duckdb_extension)$/.test(file));
    const others = ['linux', 'darwin', 'win32'].filter((name) => name !== process.platform);
    expect(native.length).toBeGreaterThanOrEqual(3);
    expect(native.filter((file) => others.some((other) => file.includes(`${other}-`)))).toEqual([]);
    expect(native.filter((file) => process.arch !== 'arm64' && file.includes('arm64'))).toEqual([]);
    expect(existsSync(join(folder, 'extensions'))).toBe(existsSync(join(root, 'extensions')));
  });

  test('is not made for a platform that this one is not', () => {
    const made = spawnSync(process.execPath, ['scripts/package.mjs', '--target', 'sunos-sparc-node8'], { cwd: root, encoding: 'utf8' });
    expect(made.status).toBe(1);
    expect(made.stderr).toContain('not for sunos-sparc-node8');
  });

  const flows = existsSync(join(root, 'src/functions')) ? readdirSync(join(root, 'src/functions')) : [];
  if (flows.length === 0) process.stderr.write('skipped: the package runs by itself: the app has no flow\n');

  (flows.length > 0 ? test : test.skip)(
    'runs by itself: the host starts it, each flow answers, and one loads from three kinds of sources',
    async () => {
      await using oracle = await startLimsServer({ samples: 20, vega: false });
      await using rest = await startRestSource();
      await using lakehouse = await startLakehouse();
      await using broker = await startKafkaBroker();
      await using registry = await startSchemaRegistry();
      await using storage = await startStorage();
      const { name: user, password } = limsUsers.reader;
      await using host = await startHost(project, folder, {
        ENVIRONMENT: 'test',
        STATE_STORAGE: storage.connectionString,
        SECRET_LABWARE_SOURCE: JSON.stringify({ user, password, connectString: oracle.connectString }),
        SECRET_STARTEK_SOURCE: JSON.stringify(rest.credentials),
        SECRET_LAKEHOUSE_SOURCE: JSON.stringify({ url: lakehouse.url }),
        SECRET_KAFKA: JSON.stringify({ 'bootstrap.servers': broker.bootstrap, 'schema.registry.url': registry.url }),
      });
      const asked = host.functions.filter(({ methods }) => methods.includes('GET'));
      expect(asked.length).toBeGreaterThanOrEqual(flows.length);
      for (const { url } of asked) expect({ url, status: (await call('GET', url)).status }).toEqual({ url, status: 200 });
      // The flow reads Oracle, the REST service and the lakehouse, and so needs every driver and DuckDB's extensions.
      const transform = host.functions.find(({ url }) => url.endsWith('/TRANSFORM/run'));
      if (transform === undefined || !existsSync(join(folder, 'extensions'))) return;
      expect(await call('PUT', transform.url)).toMatchObject({ status: 200, body: { status: 'succeeded' } });
    },
  );
});

interface PackagedHost extends AsyncDisposable {
  readonly functions: readonly { readonly methods: readonly string[]; readonly url: string }[];
}

async function call(method: string, url: string): Promise<{ status: number; body: unknown }> {
  const response = await fetch(url, { method, headers: { 'x-functions-key': 'h' } });
  return { status: response.status, body: await response.json() };
}

/** The local host in a process of its own, in the package's folder, with no setting but those given. Ends when its input ends. */
async function startHost(project: BuiltProject, folder: string, settings: Record<string, string>): Promise<PackagedHost> {
  const script = `
    const { FunctionsHost } = require(${JSON.stringify(join(project.folder, 'dist/local/functions-host/functions-host.js'))});
    FunctionsHost.start({ log: { write(level, category, message) { console.error(level, category, message); } }, keys: { master: 'm', host: 'h' } }).then((host) => {
      console.log(JSON.stringify(host.functions.flatMap(({ http }) => http ?? [])));
      process.stdin.on('end', () => host[Symbol.asyncDispose]()).resume();
    });`;
  const { PATH = '', SystemRoot = '' } = process.env;
  const child = spawn(process.execPath, ['-e', script], { cwd: folder, env: { PATH, SystemRoot, ...settings } });
  let log = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (log += text));
  const ended = once(child, 'exit');
  const lines = createInterface({ input: child.stdout });
  const served = await Promise.race([once(lines, 'line').then(([line]) => String(line)), ended.then(() => undefined)]);
  if (served === undefined) throw new Error(`The host did not start:\n${log}`);
  return {
    functions: JSON.parse(served) as PackagedHost['functions'],
    async [Symbol.asyncDispose]() {
      child.stdin.end();
      await ended;
      lines.close();
    },
  };
}
