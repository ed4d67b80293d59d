import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { docsFlows } from '../../local/contracts/docs-flows';
import { startSchemaRegistry } from '../../local/registry/schema-registry-server';
import { FullLoadRunner, KafkaProducer, KafkaSecretSettings, type FlowDefinition } from '../../src/lib';
import type { AnyFlow } from '../../src/lib/run/flow-registry';
import { EnvironmentSecrets } from '../../src/lib/secrets/environment-secrets';
import { readSettings } from '../../src/lib/settings';
import { OracleConnectionSettings } from '../../src/readers/oracle-connection-settings';
import { OracleReader } from '../../src/readers/oracle-reader';
import { RestConnectionSettings } from '../../src/readers/rest-connection-settings';
import { AttributeReader } from '../readers/attribute-reader';

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

class NodesRunner extends FullLoadRunner<AttributeReader> {
  override async initialLoad(producer: KafkaProducer, reader: AttributeReader): Promise<void> {
    await reader.load('ATTRIBUTE');
    const schema = reader.tableSchema
      .setDoc('Attributes of the nodes')
      .setDataProductOwnerEmail('nodes@example.com')
      .setRepoUrl('https://github.com/example/nodes')
      .setTicketsUrl('https://tickets.example.com/nodes')
      .setSourceSystemUri('https://nodes.example.com')
      .setDataClassification('INTERNAL');
    for (const field of schema.tableFields) field.setDoc(`The ${field.name}`);
    await producer.replaceTable('ATTRIBUTE', schema);
  }
}

/** Its schema is code; the source is needed for rows only. */
const nodesFlow = {
  name: 'NODES_Reader',
  route: 'NODES/run',
  schedule: 'NODES_SCHEDULE',
  reader: (logger) => new AttributeReader(new RestConnectionSettings('Nodes-Source'), logger),
  producer: (logger) => new KafkaProducer({ sourceSystem: 'STARTEK', zone: 'RAW', settings: new KafkaSecretSettings() }, logger),
  runner: (logger) => new NodesRunner(logger),
} satisfies FlowDefinition<AttributeReader, KafkaProducer>;

class TableRunner extends FullLoadRunner<OracleReader> {
  override async initialLoad(producer: KafkaProducer, reader: OracleReader): Promise<void> {
    await reader.load('PLAN', 'select * from LIMSPRD.SAMPLE_PLAN', 'PLAN', 'LABWARE');
    await producer.replaceTable('PLAN', reader.tableSchema);
  }
}

/** Its schema is the source's. */
const planFlow = {
  ...nodesFlow,
  name: 'PLAN_Reader',
  reader: (logger) => new OracleReader(new OracleConnectionSettings('Plan-Source'), logger),
  runner: (logger) => new TableRunner(logger),
} satisfies FlowDefinition<OracleReader, KafkaProducer>;

const stale = 'The contracts are stale. If these changes are wanted, run "npm run docs:flows" and commit what it writes.';

describe('a flow whose schema is code', () => {
  const nodes = [nodesFlow as unknown as AnyFlow];
  const file = (): string => path.join(folder, 'NODES_Reader', 'ATTRIBUTE.avsc');

  test('is described without its source, and its contracts are written', async () => {
    expect(await run(false, nodes)).toEqual({ well: true, lines: ['NODES_Reader ATTRIBUTE: the table is new'] });
    expect(await readdir(path.join(folder, 'NODES_Reader'))).toEqual(['ATTRIBUTE.avsc', 'ATTRIBUTE.lineage.json', 'ATTRIBUTE.md']);
    expect(await run(true, nodes)).toEqual({ well: true, lines: [] });
  });

  test('whose column has another type than its contract fails the check, which names flow, table and column', async () => {
    await run(false, nodes);
    const text = await readFile(file(), 'utf8');
    // As if the contract said 80 and the flow had been changed to 1024.
    const before = JSON.parse(text) as { fields: { name: string; type: unknown }[] };
    before.fields.find(({ name }) => name === 'AttributeValue')!.type = ['null', { type: 'string', logicalType: 'NVARCHAR', length: 80 }];
    await writeFile(file(), JSON.stringify(before));
    expect(await run(true, nodes)).toEqual({
      well: false,
      lines: [
        'NODES_Reader ATTRIBUTE: column AttributeValue: type NVARCHAR(80) → NVARCHAR(1024)',
        "NODES_Reader ATTRIBUTE: a registry's compatibility mode BACKWARD allows it",
        "NODES_Reader ATTRIBUTE: a registry's compatibility mode FORWARD allows it",
        stale,
      ],
    });
    // The check wrote nothing; writing puts it right.
    expect((await run(true, nodes)).well).toBe(false);
    expect((await run(false, nodes)).well).toBe(true);
    expect(await readFile(file(), 'utf8')).toBe(text);
  });

  test('whose change a registry would refuse is told why', async () => {
    await run(false, nodes);
    const before = JSON.parse(await readFile(file(), 'utf8')) as { fields: { name: string; type: unknown }[] };
    before.fields.find(({ name }) => name === 'AttributeValue')!.type = ['null', { type: 'int', logicalType: 'INT' }];
    await writeFile(file(), JSON.stringify(before));
    const { well, lines } = await run(true, nodes);
    expect(well).toBe(false);
    expect(lines).toContain('NODES_Reader ATTRIBUTE: column AttributeValue: type INT → NVARCHAR(1024)');
    expect(lines).toContain(
      "NODES_Reader ATTRIBUTE: a registry's compatibility mode BACKWARD refuses it: AttributeValue: int cannot be read as null or string",
    );
  });

  test('whose change is asked of the registry, when there is a secret that leads to one', async () => {
    await using registry = await startSchemaRegistry();
    const secrets = { SECRET_KAFKA: JSON.stringify({ 'bootstrap.servers': 'localhost:1', 'schema.registry.url': registry.url }) };
    await run(false, nodes);
    const text = (await readFile(file(), 'utf8')).replaceAll('"AttributeValue"', '"Value"').replaceAll('"default": null,', '');
    await writeFile(file(), text);
    await fetch(`${registry.url}/subjects/dev.RAW.STARTEK.ATTRIBUTE-value/versions`, {
      method: 'POST',
      headers: { 'content-type': 'application/vnd.schemaregistry.v1+json' },
      body: JSON.stringify({ schema: text.replace('"name": "ATTRIBUTE"', '"name": "OTHER"') }),
    });
    const { lines } = await run(true, nodes, { secrets });
    expect(lines).toContain('NODES_Reader ATTRIBUTE: column AttributeValue: added, NVARCHAR(1024)');
    expect(lines).toContain('NODES_Reader ATTRIBUTE: the registry allows it as dev.RAW.STARTEK.ATTRIBUTE-key');
    expect(lines).toContainEqual(
      expect.stringMatching(
        /^NODES_Reader ATTRIBUTE: the registry refuses it as dev\.RAW\.STARTEK\.ATTRIBUTE-value: the new schema cannot read/,
      ),
    );
    // Nothing was registered.
    expect(await (await fetch(`${registry.url}/subjects`)).json()).toEqual(['dev.RAW.STARTEK.ATTRIBUTE-value']);
  });

  test('whose sources differ from its contract fails the check', async () => {
    await run(false, nodes);
    const lineage = path.join(folder, 'NODES_Reader', 'ATTRIBUTE.lineage.json');
    await writeFile(lineage, (await readFile(lineage, 'utf8')).replaceAll('startek/attributes/page', 'startek/attributes'));
    const { well, lines } = await run(true, nodes);
    expect(well).toBe(false);
    expect(lines).toContain('NODES_Reader ATTRIBUTE: column Name: sources startek/attributes.Name → startek/attributes/page.Name');
  });

  test('that publishes a table no more, or is gone itself, leaves contracts that the check finds', async () => {
    await run(false, nodes);
    await cp(file(), path.join(folder, 'NODES_Reader', 'GONE.avsc'));
    await cp(path.join(folder, 'NODES_Reader'), path.join(folder, 'OLD_Reader'), { recursive: true });
    const expected = [
      `NODES_Reader${path.sep}GONE.avsc: the flow publishes no such table any more`,
      'OLD_Reader: there is no such flow, but contracts of one',
    ];
    expect(await run(true, nodes)).toEqual({ well: false, lines: [...expected, stale] });
    expect(await run(false, nodes)).toEqual({ well: true, lines: expected });
    expect(await readdir(folder)).toEqual(['NODES_Reader']);
    expect(await run(true, nodes)).toEqual({ well: true, lines: [] });
  });
});

test('a flow whose source cannot be reached keeps its contracts, unless all are required', async () => {
  await mkdir(path.join(folder, 'PLAN_Reader'));
  for (const name of ['PLAN.avsc', 'PLAN.md']) await writeFile(path.join(folder, 'PLAN_Reader', name), 'as it was');
  const plan = [planFlow as unknown as AnyFlow];
  const kept = await run(false, plan);
  expect(kept.well).toBe(true);
  expect(kept.lines).toEqual([
    expect.stringMatching(/^PLAN_Reader: not described, so its contracts stay as they are: SECRET_MISSING: /) as string,
  ]);
  expect(await readdir(path.join(folder, 'PLAN_Reader'))).toHaveLength(2);
  expect((await run(true, plan, { requireAll: true })).well).toBe(false);
});
