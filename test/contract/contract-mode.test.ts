import { mkdtemp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { startKafkaBroker, type LocalKafkaBroker } from '../../local/broker/kafka-broker';
import { startSchemaRegistry, type LocalSchemaRegistry } from '../../local/registry/schema-registry-server';
import {
  AvroInt,
  AvroLong,
  AvroNVarchar,
  dataFlow,
  FullLoadRunner,
  KafkaProducer,
  KafkaSecretSettings,
  readSettings,
  SourceAdapter,
  ValueSchema,
} from '../../src/lib';
import { schemaFileText } from '../../src/lib/contract/contract-files';
import { Shutdown } from '../../src/lib/run/shutdown';
import { EnvironmentSecrets } from '../../src/lib/secrets/environment-secrets';
import { MemorySnapshotStore } from '../../src/lib/state/memory-snapshot-store';
import { MemoryStore } from '../../src/lib/state/memory-store';
import { callFlow } from '../run/cities';
import type { Answer } from '../run/flow-under-test';

/** The table as its contract has it. */
const plan = (): ValueSchema =>
  new ValueSchema('PLAN', 'LABWARE')
    .addField('ID', new AvroInt(), 'Number of the plan', false)
    .addField('NAME', new AvroNVarchar(40), 'Name')
    .setPks(['ID'])
    .setDataProductOwnerEmail('lims@example.com');

const wide = (): ValueSchema =>
  new ValueSchema('PLAN', 'LABWARE')
    .addField('ID', new AvroLong(), 'Number of the plan', false)
    .addField('NAME', new AvroNVarchar(40), 'Name')
    .setPks(['ID'])
    .setDataProductOwnerEmail('lims@example.com');

class PlanReader extends SourceAdapter {
  override async load(table: string, schema: ValueSchema): Promise<void> {
    await this.prepareLoad(table, schema);
    await this.insertRows(table, [{ ID: 1, NAME: 'WATER', PLANT: 'north' }]);
  }
}

class PlanRunner extends FullLoadRunner<PlanReader> {
  constructor(
    private readonly schema: ValueSchema,
    private readonly target: string,
  ) {
    super(console);
  }

  override async initialLoad(producer: KafkaProducer, reader: PlanReader): Promise<void> {
    await reader.load('PLAN', this.schema);
    await producer.replaceTable('PLAN', reader.tableSchema, { name: this.target });
  }
}

describe('a run is held against the contract of its flow', () => {
  let broker: LocalKafkaBroker;
  let registry: LocalSchemaRegistry;
  let folder: string;
  let runs = 0;

  beforeAll(async () => {
    broker = await startKafkaBroker();
    registry = await startSchemaRegistry();
    folder = await mkdtemp(path.join(tmpdir(), 'tablecast-contracts-'));
    await mkdir(path.join(folder, 'PLAN_Reader'));
    await writeFile(path.join(folder, 'PLAN_Reader', 'PLAN.avsc'), schemaFileText(plan()));
  });

  afterAll(async () => {
    await broker[Symbol.asyncDispose]();
    await registry[Symbol.asyncDispose]();
    await rm(folder, { recursive: true });
  });

  /** An initial load, asked for over HTTP, of a table that is now as the schema says. */
  async function load(
    mode: string | undefined,
    schema: ValueSchema,
    { name = 'PLAN_Reader', target = 'PLAN', contracts = folder } = {},
  ): Promise<Answer & { subjects: string[] }> {
    const environment = `contract-${++runs}`;
    const shutdown = new Shutdown();
    const store = new MemoryStore();
    const secret = { 'bootstrap.servers': broker.bootstrap, 'schema.registry.url': registry.url };
    const flow = dataFlow(
      {
        name,
        route: 'PLAN/run',
        schedule: 'PLAN_SCHEDULE',
        reader: (logger) => new PlanReader(logger),
        producer: (logger) => new KafkaProducer({ sourceSystem: 'LABWARE', zone: 'RAW', settings: new KafkaSecretSettings() }, logger),
        runner: () => new PlanRunner(schema, target),
      },
      {
        settings: () =>
          readSettings({ ENVIRONMENT: environment, CONTRACT_FOLDER: contracts, ...(mode !== undefined && { CONTRACT_MODE: mode }) }),
        state: () => store,
        snapshots: () => new MemorySnapshotStore(),
        secrets: () => new EnvironmentSecrets({ SECRET_KAFKA: JSON.stringify(secret) }),
        shutdown: () => shutdown,
      },
    );
    const answer = await callFlow(flow, 'PUT');
    const all = (await (await fetch(`${registry.url}/subjects`)).json()) as string[];
    return { ...answer, subjects: all.filter((subject) => subject.startsWith(`${environment}.RAW`)) };
  }

  const evolved = (answer: Answer): string | undefined => answer.body.notes.find(({ kind }) => kind === 'CONTRACT_EVOLVED')?.text;

  test.each(['evolve', 'freeze', 'off', undefined])('in mode %s a table as its contract says is published without a word', async (mode) => {
    const answer = await load(mode, plan());
    expect(answer.body).toMatchObject({ status: 'succeeded', commits: [{ rows: 1 }] });
    expect(evolved(answer)).toBeUndefined();
  });

  test('in mode evolve, the default, a new column passes and is noted', async () => {
    const answer = await load(undefined, plan().addField('PLANT', new AvroNVarchar(9)));
    expect(answer.body).toMatchObject({ status: 'succeeded', commits: [{ rows: 1 }] });
    expect(evolved(answer)).toBe('PLAN_Reader PLAN differs from its contract: column PLANT: added, NVARCHAR(9)');
  });

  test('in mode evolve descriptions and governance may change', async () => {
    const answer = await load('evolve', plan().setDoc('Plans').setDataProductOwnerEmail('lab@example.com'));
    expect(answer.status).toBe(200);
    expect(evolved(answer)).toContain('owner lims@example.com → lab@example.com');
  });

  test.each<[string, ValueSchema, string]>([
    ['another type', wide(), 'column ID: type INT → LONG'],
    ['another key', plan().setPks(undefined), 'key ID → none'],
    [
      'a column less',
      new ValueSchema('PLAN', 'LABWARE').addField('ID', new AvroInt(), undefined, false).setPks(['ID']),
      'column NAME: removed, it was NVARCHAR(40)',
    ],
    [
      'a new column that is not nullable',
      plan().addField('PLANT', new AvroNVarchar(9), undefined, false),
      'column PLANT: added, NVARCHAR(9) NOT NULL',
    ],
  ])('in mode evolve %s stops the run before anything is registered', async (_change, schema, difference) => {
    const { status, body, subjects } = await load('evolve', schema);
    expect({ status, code: body.code }).toEqual({ status: 409, code: 'CONTRACT_BROKEN' });
    expect(body.detail).toContain('PLAN_Reader PLAN differs from its contract');
    expect(body.detail).toContain(difference);
    expect(body.run.commits).toEqual([]);
    expect(subjects).toEqual([]);
  });

  test.each([
    ['a new column', plan().addField('PLANT', new AvroNVarchar(9)), 'column PLANT: added'],
    ['a description', plan().setDoc('Plans'), 'description none → Plans'],
  ])('in mode freeze %s stops the run', async (_change, schema, difference) => {
    const { status, body } = await load('freeze', schema);
    expect({ status, code: body.code }).toEqual({ status: 409, code: 'CONTRACT_BROKEN' });
    expect(body.detail).toContain(difference);
  });

  test('in mode off everything passes', async () => {
    const answer = await load('off', wide().setPks(undefined));
    expect(answer.status).toBe(200);
    expect(evolved(answer)).toBeUndefined();
  });

  test('a table that the contracts of its flow do not know passes noted in mode evolve, and stops the run in mode freeze', async () => {
    expect(evolved(await load('evolve', plan(), { target: 'OTHER' }))).toBe(
      'PLAN_Reader OTHER differs from its contract: the table is new',
    );
    expect((await load('freeze', plan(), { target: 'OTHER' })).body.code).toBe('CONTRACT_BROKEN');
  });

  test('a flow without contracts is not held against any', async () => {
    const answer = await load('freeze', wide(), { name: 'OTHER_Reader' });
    expect(answer.status).toBe(200);
  });

  test('a contract that cannot be read stops the run, with its name', async () => {
    const damaged = await mkdtemp(path.join(tmpdir(), 'tablecast-contracts-'));
    try {
      await mkdir(path.join(damaged, 'PLAN_Reader'));
      const text = await readFile(path.join(folder, 'PLAN_Reader', 'PLAN.avsc'), 'utf8');
      await writeFile(path.join(damaged, 'PLAN_Reader', 'PLAN.avsc'), text.slice(0, 100));
      const { body } = await load('evolve', plan(), { contracts: damaged });
      expect(body.code).toBe('CONTRACT_UNREADABLE');
      expect(body.detail).toContain('PLAN.avsc');
    } finally {
      await rm(damaged, { recursive: true });
    }
  });
});
