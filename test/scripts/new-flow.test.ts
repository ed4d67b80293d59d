import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ProjectCopy, type Ended } from './project-copy';

// Compiling the project takes its time on a busy machine.
jest.setTimeout(300_000);

const script = 'scripts/new-flow.mjs';
const jestScript = 'node_modules/jest/bin/jest.js';

describe('one command after the other in a copy of the project', () => {
  let project: ProjectCopy;
  beforeAll(() => {
    project = new ProjectCopy();
  });
  afterAll(() => {
    project[Symbol.dispose]();
  });
  const sources = (): string[] =>
    ['src', 'test', 'contracts', 'local'].flatMap((name) => readdirSync(join(project.folder, name), { recursive: true, encoding: 'utf8' }));

  test.each<[what: string, args: readonly string[], says: string]>([
    ['nothing', [], '--source is missing'],
    ['bad characters', ['--name', '../evil', '--source', 'oracle'], '--name ../evil: use letters'],
    ['an unknown source', ['--name', 'acme', '--source', 'sap'], 'one of oracle, rest, lakehouse'],
    ['an unknown option', ['--name', 'acme', '--source', 'rest', '--now'], '--now'],
    ['SQL for a source without SQL', ['--name', 'acme', '--source', 'rest', '--sql', 'select 1 from X'], 'a rest source takes no SQL'],
    ['something else than a SELECT', ['--name', 'acme', '--source', 'oracle', '--sql', 'drop table X'], 'it must be a SELECT'],
    ['a bad table', ['--name', 'acme', '--source', 'oracle', '--table', 'A.B'], '--table A.B'],
    ['a bad secret', ['--name', 'acme', '--source', 'oracle', '--secret', "x'y"], "--secret x'y"],
    ['a secret of another source', ['--name', 'labware-new', '--source', 'rest'], 'choose another with --secret'],
  ])('%s is refused with a reason, and nothing is written', async (_what, args, says) => {
    const before = sources();
    const { status, text } = await project.run(script, ...args);
    expect(text).toContain(says);
    expect(status).toBe(1);
    expect(sources()).toEqual(before);
  });

  test('the commands of the tutorial write a flow that compiles, has a contract and passes its test, and show a change of it', async () => {
    const tutorial = readFileSync(join(project.folder, 'docs/tutorial.md'), 'utf8');
    const [, command = ''] = /npm run new-flow -- (.*)/.exec(tutorial) ?? [];
    const args = [...command.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '');
    const { status, text } = await project.run(script, ...args);
    expect([status, text]).toEqual([0, expect.stringContaining('LABWARE_Product_Reader publishes PRODUCT')]);

    const written = ['src/functions/labware-product.ts', 'src/runners/labware-product-runner.ts', 'test/functions/labware-product.test.ts'];
    for (const file of written) expect(tutorial).toContain(file);
    expect(tutorial).toContain('contracts/LABWARE_Product_Reader/PRODUCT.');
    expect(project.has('contracts/LABWARE_Product_Reader/PRODUCT.avsc')).toBe(true);
    const [, file = ''] = /npx jest (\S+)/.exec(tutorial) ?? [];
    await well(
      project.run('node_modules/prettier/bin/prettier.cjs', '--check', ...written),
      project.run('scripts/docs.mjs', '--check', 'local.settings.json.example'),
      project.run(jestScript, file),
    );

    const runner = join(project.folder, 'src/runners/labware-product-runner.ts');
    writeFileSync(runner, readFileSync(runner, 'utf8').replace('UNIT_PRICE, CHANGED_ON', 'UNIT_PRICE, GRADE, CHANGED_ON'));
    await well(project.run('node_modules/typescript/bin/tsc'));
    const flows = await project.run('dist/local/contracts/main.js');
    expect([flows.status, flows.text]).toEqual([0, expect.stringContaining('LABWARE_Product_Reader PRODUCT: column GRADE: added')]);

    const again = await project.run(script, ...args);
    expect([again.status, again.text]).toEqual([1, expect.stringContaining('src/functions/labware-product.ts is there already')]);
  });

  test('flows on a REST service and on a lakehouse pass their tests', async () => {
    await well(project.run(script, '--name', 'AcmeStations', '--source', 'rest'));
    await well(project.run(script, '--name', 'meteo', '--source', 'lakehouse', '--table', 'CLIMATE'));
    await well(
      project.run('node_modules/prettier/bin/prettier.cjs', '--check', 'src', 'test/functions', 'local/embedded-secrets.ts'),
      project.run(jestScript, 'test/functions/acme-stations', 'test/functions/meteo'),
    );
  });

  test('a flow that the source refuses is taken back', async () => {
    const before = sources();
    const { status, text } = await project.run(script, '--name', 'erp-order', '--source', 'oracle', '--sql', 'select * from ERP.ORDERS');
    expect([status, text]).toEqual([
      1,
      expect.stringMatching(/ORACLE_TABLE_UNKNOWN[\s\S]*local\/oracle\/lims-schema.ts[\s\S]*nothing was written/),
    ]);
    expect(sources()).toEqual(before);
  });
});

/** Waits for commands that all have to succeed; of others it shows what they said. */
async function well(...commands: readonly Promise<Ended>[]): Promise<void> {
  const ended = await Promise.all(commands);
  expect(ended.map(({ status, text }) => (status === 0 ? 'well' : text))).toEqual(ended.map(() => 'well'));
}
