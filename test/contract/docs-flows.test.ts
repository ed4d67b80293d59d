import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { docsFlows } from '../../local/contracts/docs-flows';
import { EmbeddedSources } from '../../local/contracts/embedded-sources';
import { startSchemaRegistry } from '../../local/registry/schema-registry-server';
import { contractTables, readContractSchema } from '../../src/lib/contract/contract-files';
import { lintContract } from '../../src/lib/contract/lint-contract';
import { tableLineage } from '../../src/lib/contract/table-lineage';
import type { TargetLineage } from '../../src/lib/lineage/lineage-document';
import { type AnyFlow, registeredFlows } from '../../src/lib/run/flow-registry';
import { EnvironmentSecrets } from '../../src/lib/secrets/environment-secrets';
import { readSettings } from '../../src/lib/settings';
import '../../src/functions/labware';
import '../../src/functions/labware-results';
import '../../src/functions/lakehouse';
import '../../src/functions/startek';
import '../../src/functions/transform';
import { describeWithExtensions } from '../support/parts';

const contracts = path.resolve(__dirname, '../../contracts');
const silent = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'tablecast-contracts-'));
});

afterEach(async () => {
  await rm(folder, { recursive: true });
});

interface Outcome {
  readonly well: boolean;
  readonly lines: string[];
}

async function run(
  check: boolean,
  flows: readonly AnyFlow[],
  { secrets = {}, requireAll = false }: { secrets?: Readonly<Record<string, string | undefined>>; requireAll?: boolean } = {},
): Promise<Outcome> {
  const lines: string[] = [];
  const well = await docsFlows({
    flows,
    folder,
    check,
    requireAll,
    print: (line) => void lines.push(line),
    settings: readSettings({}),
    secrets: new EnvironmentSecrets(secrets),
    logger: silent,
  });
  return { well, lines };
}

const flow = (name: string): AnyFlow => registeredFlows().find((one) => one.name === name)!;

const stale = 'The contracts are stale. If these changes are wanted, run "npm run docs:flows" and commit what it writes.';

describe('a flow whose schema is code', () => {
  const startek = [flow('STARTEK_Reader')];
  const file = (): string => path.join(folder, 'STARTEK_Reader', 'ATTRIBUTE.avsc');

  test('is described without its source, and its contracts are written', async () => {
    expect(await run(false, startek)).toEqual({ well: true, lines: ['STARTEK_Reader ATTRIBUTE: the table is new'] });
    expect(await readdir(path.join(folder, 'STARTEK_Reader'))).toEqual(['ATTRIBUTE.avsc', 'ATTRIBUTE.lineage.json', 'ATTRIBUTE.md']);
    for (const name of await readdir(path.join(folder, 'STARTEK_Reader')))
      expect(await readFile(path.join(folder, 'STARTEK_Reader', name), 'utf8')).toBe(
        await readFile(path.join(contracts, 'STARTEK_Reader', name), 'utf8'),
      );
    expect(await run(true, startek)).toEqual({ well: true, lines: [] });
  });

  test('whose column has another type than its contract fails the check, which names flow, table and column', async () => {
    await run(false, startek);
    const text = await readFile(file(), 'utf8');
    // As if the contract said 80 and the flow had been changed to 1024.
    const before = JSON.parse(text) as { fields: { name: string; type: unknown }[] };
    before.fields.find(({ name }) => name === 'AttributeValue')!.type = ['null', { type: 'string', logicalType: 'NVARCHAR', length: 80 }];
    await writeFile(file(), JSON.stringify(before));
    expect(await run(true, startek)).toEqual({
      well: false,
      lines: [
        'STARTEK_Reader ATTRIBUTE: column AttributeValue: type NVARCHAR(80) → NVARCHAR(1024)',
        "STARTEK_Reader ATTRIBUTE: a registry's compatibility mode BACKWARD allows it",
        "STARTEK_Reader ATTRIBUTE: a registry's compatibility mode FORWARD allows it",
        stale,
      ],
    });
    // The check wrote nothing; writing puts it right.
    expect((await run(true, startek)).well).toBe(false);
    expect((await run(false, startek)).well).toBe(true);
    expect(await readFile(file(), 'utf8')).toBe(text);
  });

  test('whose change a registry would refuse is told why', async () => {
    await run(false, startek);
    const before = JSON.parse(await readFile(file(), 'utf8')) as { fields: { name: string; type: unknown }[] };
    before.fields.find(({ name }) => name === 'AttributeValue')!.type = ['null', { type: 'int', logicalType: 'INT' }];
    await writeFile(file(), JSON.stringify(before));
    const { well, lines } = await run(true, startek);
    expect(well).toBe(false);
    expect(lines).toContain('STARTEK_Reader ATTRIBUTE: column AttributeValue: type INT → NVARCHAR(1024)');
    expect(lines).toContain(
      "STARTEK_Reader ATTRIBUTE: a registry's compatibility mode BACKWARD refuses it: AttributeValue: int cannot be read as null or string",
    );
  });

  test('whose change is asked of the registry, when there is a secret that leads to one', async () => {
    await using registry = await startSchemaRegistry();
    const secrets = { SECRET_KAFKA: JSON.stringify({ 'bootstrap.servers': 'localhost:1', 'schema.registry.url': registry.url }) };
    await run(false, startek);
    const text = (await readFile(file(), 'utf8')).replaceAll('"AttributeValue"', '"Value"').replaceAll('"default": null,', '');
    await writeFile(file(), text);
    await fetch(`${registry.url}/subjects/dev.RAW.STARTEK.ATTRIBUTE-value/versions`, {
      method: 'POST',
      headers: { 'content-type': 'application/vnd.schemaregistry.v1+json' },
      body: JSON.stringify({ schema: text.replace('"name": "ATTRIBUTE"', '"name": "OTHER"') }),
    });
    const { lines } = await run(true, startek, { secrets });
    expect(lines).toContain('STARTEK_Reader ATTRIBUTE: column AttributeValue: added, NVARCHAR(1024)');
    expect(lines).toContain('STARTEK_Reader ATTRIBUTE: the registry allows it as dev.RAW.STARTEK.ATTRIBUTE-key');
    expect(lines).toContainEqual(
      expect.stringMatching(
        /^STARTEK_Reader ATTRIBUTE: the registry refuses it as dev\.RAW\.STARTEK\.ATTRIBUTE-value: the new schema cannot read/,
      ),
    );
    // Nothing was registered.
    expect(await (await fetch(`${registry.url}/subjects`)).json()).toEqual(['dev.RAW.STARTEK.ATTRIBUTE-value']);
  });

  test('whose sources differ from its contract fails the check', async () => {
    await run(false, startek);
    const lineage = path.join(folder, 'STARTEK_Reader', 'ATTRIBUTE.lineage.json');
    await writeFile(lineage, (await readFile(lineage, 'utf8')).replaceAll('startek/attributes/page', 'startek/attributes'));
    const { well, lines } = await run(true, startek);
    expect(well).toBe(false);
    expect(lines).toContain('STARTEK_Reader ATTRIBUTE: column Name: sources startek/attributes.Name → startek/attributes/page.Name');
  });

  test('that publishes a table no more, or is gone itself, leaves contracts that the check finds', async () => {
    await run(false, startek);
    await cp(file(), path.join(folder, 'STARTEK_Reader', 'GONE.avsc'));
    await cp(path.join(folder, 'STARTEK_Reader'), path.join(folder, 'OLD_Reader'), { recursive: true });
    const expected = [
      `STARTEK_Reader${path.sep}GONE.avsc: the flow publishes no such table any more`,
      'OLD_Reader: there is no such flow, but contracts of one',
    ];
    expect(await run(true, startek)).toEqual({ well: false, lines: [...expected, stale] });
    expect(await run(false, startek)).toEqual({ well: true, lines: expected });
    expect(await readdir(folder)).toEqual(['STARTEK_Reader']);
    expect(await run(true, startek)).toEqual({ well: true, lines: [] });
  });
});

test('a flow whose source cannot be reached keeps its contracts, unless all are required', async () => {
  await cp(path.join(contracts, 'LABWARE_Reader'), path.join(folder, 'LABWARE_Reader'), { recursive: true });
  const labware = [flow('LABWARE_Reader')];
  const kept = await run(true, labware);
  expect(kept.well).toBe(true);
  expect(kept.lines).toEqual([
    expect.stringMatching(/^LABWARE_Reader: not described, so its contracts stay as they are: SECRET_MISSING: /) as string,
  ]);
  expect(await readdir(path.join(folder, 'LABWARE_Reader'))).toHaveLength(3);
  expect((await run(true, labware, { requireAll: true })).well).toBe(false);
});

describeWithExtensions('the contracts of the sample flows', () => {
  test('are those that the flows have, and the linter has nothing to say about them', async () => {
    await cp(contracts, folder, { recursive: true });
    await using sources = await EmbeddedSources.start({});
    expect(await run(true, registeredFlows(), { secrets: sources.environment, requireAll: true })).toEqual({ well: true, lines: [] });
  });

  test('tell all that the linter asks for', async () => {
    const flows = await readdir(contracts);
    expect(flows).toEqual(registeredFlows().map(({ name }) => name));
    for (const name of flows) {
      for (const table of await contractTables(path.join(contracts, name))) {
        const schema = await readContractSchema(path.join(contracts, name, `${table}.avsc`));
        const lineage = JSON.parse(await readFile(path.join(contracts, name, `${table}.lineage.json`), 'utf8')) as TargetLineage;
        expect(lintContract({ schema: schema!, lineage: tableLineage(lineage) })).toEqual([]);
      }
    }
  });
});
