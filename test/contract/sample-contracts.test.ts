import { cp, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { docsFlows } from '../../local/contracts/docs-flows';
import { EmbeddedSources } from '../../local/contracts/embedded-sources';
import { contractTables, readContractSchema } from '../../src/lib/contract/contract-files';
import { lintContract } from '../../src/lib/contract/lint-contract';
import { tableLineage } from '../../src/lib/contract/table-lineage';
import type { TargetLineage } from '../../src/lib/lineage/lineage-document';
import { registeredFlows } from '../../src/lib/run/flow-registry';
import { EnvironmentSecrets } from '../../src/lib/secrets/environment-secrets';
import { readSettings } from '../../src/lib/settings';
import '../../src/functions/labware';
import '../../src/functions/labware-results';
import '../../src/functions/lakehouse';
import '../../src/functions/startek';
import '../../src/functions/transform';
import { describeWithExtensions } from '../support/parts';

const contracts = path.resolve(__dirname, '../../contracts');
const nothing = (): void => undefined;

describeWithExtensions('the contracts of the sample flows', () => {
  // Only theirs: other flows of the app have contracts too.
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'tablecast-contracts-'));
    for (const { name } of registeredFlows()) await cp(path.join(contracts, name), path.join(folder, name), { recursive: true });
  });
  afterAll(async () => {
    await rm(folder, { recursive: true });
  });

  test('are those that the flows have, and the linter has nothing to say about them', async () => {
    await using sources = await EmbeddedSources.start({});
    const lines: string[] = [];
    const well = await docsFlows({
      flows: registeredFlows(),
      folder,
      check: true,
      requireAll: true,
      print: (line) => void lines.push(line),
      settings: readSettings({}),
      secrets: new EnvironmentSecrets(sources.environment),
      logger: { debug: nothing, info: nothing, warn: nothing, error: nothing },
    });
    expect({ well, lines }).toEqual({ well: true, lines: [] });
  });

  test('tell all that the linter asks for', async () => {
    const flows = await readdir(folder);
    expect(flows).toEqual(registeredFlows().map(({ name }) => name));
    for (const name of flows) {
      for (const table of await contractTables(path.join(folder, name))) {
        const schema = await readContractSchema(path.join(folder, name, `${table}.avsc`));
        const lineage = JSON.parse(await readFile(path.join(folder, name, `${table}.lineage.json`), 'utf8')) as TargetLineage;
        expect(lintContract({ schema: schema!, lineage: tableLineage(lineage) })).toEqual([]);
      }
    }
  });
});
