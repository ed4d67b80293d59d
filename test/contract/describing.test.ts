import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { docsFlows } from '../../local/contracts/docs-flows';
import { EmbeddedSources } from '../../local/contracts/embedded-sources';
import { FullLoadRunner, KafkaProducer, KafkaSecretSettings, readSettings, type RunContext, type SourceAdapter } from '../../src/lib';
import type { AnyFlow } from '../../src/lib/run/flow-registry';
import { LakehouseConnectionSettings } from '../../src/readers/lakehouse-connection-settings';
import { LakehouseReader } from '../../src/readers/lakehouse-reader';
import { OracleConnectionSettings } from '../../src/readers/oracle-connection-settings';
import { OracleReader } from '../../src/readers/oracle-reader';
import { RestConnectionSettings } from '../../src/readers/rest-connection-settings';
import { RestReader } from '../../src/readers/rest-reader';
import { AttributeReader } from '../readers/attribute-reader';
import { testRun, type TestRun } from '../readers/test-run';
import { describeWithExtensions } from '../support/parts';

/** Makes its schema of the records that come. */
class GuessingReader extends RestReader {
  override load(table: string): Promise<number> {
    return this.loadRecords(table, {
      path: 'startek/attributes/page',
      paging: { type: 'page', size: ['size', 1000] },
      records: 'data.items',
      key: ['Name', 'AttributeType'],
    });
  }
}

describeWithExtensions('a reader that describes makes the table and the schema of a load, and brings no rows', () => {
  let sources: EmbeddedSources;

  beforeAll(async () => {
    sources = await EmbeddedSources.start({});
  });

  afterAll(() => sources[Symbol.asyncDispose]());

  const secret = (name: string): unknown => JSON.parse(sources.environment[name] ?? '') as unknown;

  async function open(): Promise<TestRun> {
    return testRun({
      'Labware-Source': secret('SECRET_LABWARE_SOURCE'),
      'StarTek-Source': secret('SECRET_STARTEK_SOURCE'),
      'Lakehouse-Source': secret('SECRET_LAKEHOUSE_SOURCE'),
    });
  }

  /** Schema and rows of a load. */
  async function loaded<R extends SourceAdapter>(
    describing: boolean,
    make: (run: TestRun) => R,
    load: (reader: R, context: RunContext) => Promise<unknown>,
  ): Promise<{ schema: string; columns: unknown; rows: number }> {
    await using run = await open();
    const context: RunContext = { ...run.context, describing };
    await using reader = make(run);
    await reader.connect(context);
    await load(reader, context);
    return {
      schema: JSON.stringify(reader.tableSchema.toAvro()),
      columns: await run.workspace.columns('T'),
      rows: await run.workspace.rowCount('T'),
    };
  }

  async function compare<R extends SourceAdapter>(
    make: (run: TestRun) => R,
    load: (reader: R, context: RunContext) => Promise<unknown>,
  ): Promise<void> {
    const full = await loaded(false, make, load);
    expect(full.rows).toBeGreaterThan(0);
    expect(await loaded(true, make, load)).toEqual({ ...full, rows: 0 });
  }

  const oracle = ({ logger }: TestRun): OracleReader => new OracleReader(new OracleConnectionSettings('Labware-Source'), logger);
  const lakehouse = ({ logger }: TestRun): LakehouseReader =>
    new LakehouseReader(new LakehouseConnectionSettings('Lakehouse-Source'), logger);

  test('Oracle, with what the dictionary adds', async () => {
    await compare(oracle, async (reader) => {
      expect(await reader.position()).toMatch(/^\d+$/);
      return reader.load('T', 'select p.*, 1 as N from LIMSPRD.SAMPLE_PLAN p where VERSION >= :v', 'T', 'LABWARE', { binds: { v: 1 } });
    });
  });

  test('a REST service with a schema, and one whose records make it', async () => {
    const settings = new RestConnectionSettings('StarTek-Source');
    await compare(
      ({ logger }) => new AttributeReader(settings, logger),
      (reader) => reader.load('T'),
    );
    await compare(
      ({ logger }) => new GuessingReader(settings, logger),
      (reader) => reader.load('T'),
    );
  });

  test('a table of a lakehouse, as table or view, and SQL over it', async () => {
    await compare(lakehouse, (reader) => reader.load('T', 'WEATHER', 'T', 'LAKEHOUSE', { key: ['location', 'date'] }));
    await compare(lakehouse, (reader) => reader.load('T', 'WEATHER', 'T', 'LAKEHOUSE', { as: 'view' }));
    await compare(lakehouse, async (reader) =>
      reader.loadSql(
        'T',
        `select location, max(wind) as wind from ${await reader.scan('WEATHER')} where location <> $none group by all; `,
        'T',
        'X',
        {
          binds: { none: '' },
        },
      ),
    );
  });
});

describe('a flow', () => {
  const producer: AnyFlow['producer'] = (logger) =>
    new KafkaProducer({ sourceSystem: 'STARTEK', zone: 'RAW', settings: new KafkaSecretSettings() }, logger);
  const reader = (): AttributeReader => new AttributeReader(new RestConnectionSettings('StarTek-Source'), console);

  class AttributeRunner extends FullLoadRunner<AttributeReader> {
    constructor(
      private readonly table: string,
      private readonly key: string,
    ) {
      super(console);
    }

    override async initialLoad(kafka: KafkaProducer, startek: AttributeReader): Promise<void> {
      await startek.load(this.table);
      await kafka.replaceTable(this.table, startek.tableSchema.setPks([this.key]));
    }
  }

  async function describeFlow(flow: Pick<AnyFlow, 'dataflows'>): Promise<{ well: boolean; lines: string[]; files: string[] }> {
    const folder = await mkdtemp(path.join(tmpdir(), 'tablecast-contracts-'));
    const lines: string[] = [];
    try {
      const well = await docsFlows({
        flows: [{ name: 'NODES_Reader', route: 'NODES/run', schedule: 'NODES_SCHEDULE', reader, producer, ...flow }],
        folder,
        check: false,
        print: (line) => void lines.push(line),
        settings: readSettings({}),
        secrets: { place: 'nowhere', readSecret: () => Promise.reject(new Error('no secret is needed')) },
        logger: console,
      });
      const files = await readdir(folder, { recursive: true });
      return { well, lines, files: files.filter((file) => file.endsWith('.avsc')).sort() };
    } finally {
      await rm(folder, { recursive: true });
    }
  }

  test('with several dataflows has a folder of contracts for each', async () => {
    const dataflows = { NODE: () => new AttributeRunner('NODE', 'Name'), 'TYPE/1': () => new AttributeRunner('TYPE$', 'AttributeType') };
    expect(await describeFlow({ dataflows })).toEqual({
      well: true,
      lines: expect.arrayContaining(['NODES_Reader NODE NODE: the table is new', 'NODES_Reader TYPE/1 TYPE$: the table is new']) as unknown,
      files: [path.join('NODES_Reader', 'NODE', 'NODE.avsc'), path.join('NODES_Reader', 'TYPE_x002f1', 'TYPE_x0024.avsc')],
    });
  });

  test('whose own code is wrong cannot be described, and that is a failure', async () => {
    const dataflows = { NODE: () => new AttributeRunner('NODE', 'Nombre') };
    const { well, lines } = await describeFlow({ dataflows });
    expect(well).toBe(false);
    expect(lines).toEqual([expect.stringMatching(/^NODES_Reader NODE: cannot be described: COLUMN_UNKNOWN: .*Nombre/)]);
  });
});
