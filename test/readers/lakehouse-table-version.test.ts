import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { LocalDeltaTable, type DeltaChanges, type DeltaRow } from '../../local/lakehouse/local-delta-table';
import {
  DeltaRunner,
  type KafkaProducer,
  type LoadedTable,
  type NewPointer,
  type ReplaceOptions,
  type RunContext,
  type Selection,
  type ValueSchema,
  type Workspace,
} from '../../src/lib';
import type { LakehouseReader } from '../../src/readers/lakehouse-reader';
import { MemorySnapshotStore } from '../../src/lib/state/memory-snapshot-store';
import { tableVersion, type TableVersionOptions } from '../../src/readers/lakehouse-table-version';
import { describeWithExtensions } from '../support/parts';
import { openLakehouse, stock, temporaryFolder, type LakehouseTrial } from './lakehouse-trial';

type Published = Readonly<Record<string, unknown>>;

/** Stands where the producer stands, and keeps what it is given. */
class Collector {
  readonly messages: Published[] = [];

  constructor(private readonly workspace: Workspace) {}

  async replaceTable(table: string, schema: ValueSchema, { filter }: ReplaceOptions = {}): Promise<number> {
    await this.workspace.checkKey(table, schema.pks);
    this.messages.push({ __change_type: 'T', ...filter });
    return this.#collect(`SELECT *, 'R' AS __change_type FROM "${table}" ORDER BY ALL`);
  }

  upsertTable(table: string): Promise<number> {
    return this.#collect(`SELECT * FROM "${table}"`);
  }

  async #collect(sql: string): Promise<number> {
    const rows = await this.workspace.query(sql);
    this.messages.push(...rows);
    return rows.length;
  }
}

class StockRunner extends DeltaRunner<LakehouseReader> {
  protected override readonly backfillBy = ['plant'];
  protected override readonly strategy;

  constructor(options: TableVersionOptions) {
    super({ debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined });
    this.strategy = tableVersion(options);
  }

  protected override async load(reader: LakehouseReader, { condition, binds }: Selection): Promise<LoadedTable> {
    await reader.load('STOCK', 'STOCK', 'STOCK', 'LAKE', { key: ['plant', 'item'], where: condition, binds });
    return { table: 'STOCK', schema: reader.tableSchema };
  }
}

/** A flow by hand: its pointer, what its last run published, and what a consumer made of all runs. */
class StockFlow {
  pointer = '';
  messages: readonly Published[] = [];
  notes: readonly string[] = [];
  readonly snapshots = new MemorySnapshotStore();
  readonly #consumer = new Map<string, string>();
  #runs = 0;

  constructor(
    private readonly url: string,
    private readonly options: TableVersionOptions = {},
  ) {}

  initial(): Promise<void> {
    return this.#run((runner, producer, trial) => runner.initialLoad(producer, trial.reader, this.#context(trial)));
  }

  delta(): Promise<void> {
    return this.#run((runner, producer, trial) => runner.deltaLoad(producer, trial.reader, this.pointer, this.#context(trial)));
  }

  backfill(plant: string): Promise<void> {
    return this.#run((runner, producer, trial) => runner.backfill(producer, trial.reader, { plant }, this.#context(trial)));
  }

  /** Each run has an id of its own; what it keeps, the next one finds. */
  #context({ context }: LakehouseTrial): RunContext {
    this.#runs += 1;
    return { ...context, id: `01J${String(this.#runs).padStart(23, '0')}`, pointer: this.pointer, snapshots: this.snapshots };
  }

  /** `U C/1 2.000` */
  get published(): string[] {
    return this.messages.map(({ __change_type: type, ...row }) => `${String(type)} ${show(row)}`);
  }

  get consumer(): string[] {
    return [...this.#consumer.values()].sort();
  }

  async #run(load: (runner: StockRunner, producer: KafkaProducer, trial: LakehouseTrial) => Promise<NewPointer>): Promise<void> {
    await using trial = await openLakehouse({ url: this.url });
    const collector = new Collector(trial.workspace);
    const pointer = await load(new StockRunner(this.options), collector as unknown as KafkaProducer, trial);
    this.messages = collector.messages;
    this.notes = trial.notes;
    if (typeof pointer === 'string') this.pointer = pointer;
    for (const { __change_type: type, ...row } of this.messages) {
      const key = `${String(row['plant'])}/${String(row['item'])}`;
      if (type === 'T') {
        for (const held of [...this.#consumer.keys()])
          if (held.startsWith(typeof row['plant'] === 'string' ? `${row['plant']}/` : '')) this.#consumer.delete(held);
      } else if (type === 'D' || type === 'X') this.#consumer.delete(key);
      else if (type !== 'B') this.#consumer.set(key, show(row));
    }
  }
}

const show = (row: Published): string => `${String(row['plant'])}/${String(row['item'])} ${String(row['amount'])}`;

const first: readonly DeltaRow[] = [
  { plant: 'A', item: 1, amount: 1 },
  { plant: 'A', item: 2, amount: 2 },
  { plant: 'B', item: 1, amount: 3 },
];

describeWithExtensions('deltas by the versions of a Delta table', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let tables = 0;
  const opened: LocalDeltaTable[] = [];

  beforeAll(async () => {
    folder = await temporaryFolder();
  });

  afterAll(async () => {
    for (const table of opened) await table[Symbol.asyncDispose]();
    await folder[Symbol.asyncDispose]();
  });

  async function start(options: TableVersionOptions = {}, rows = first): Promise<{ table: LocalDeltaTable; flow: StockFlow }> {
    const url = join(folder.path, String(++tables));
    const table = await LocalDeltaTable.create(join(url, 'STOCK'), stock, rows);
    opened.push(table);
    return { table, flow: new StockFlow(url, options) };
  }

  test('a delta publishes what changed since the version of the pointer: deletes, updates, inserts', async () => {
    const { table, flow } = await start();
    await flow.initial();
    expect(flow.published).toEqual(['T undefined/undefined undefined', 'R A/1 1.000', 'R A/2 2.000', 'R B/1 3.000']);
    expect(flow.pointer).toMatch(/^0:[0-9a-f-]{36}$/);
    await table.commit({ upserts: [{ plant: 'A', item: 1, amount: 10 }] });
    await table.commit({ upserts: [{ plant: 'C', item: 1, amount: 4 }], deletes: [{ plant: 'B', item: 1 }] });
    await flow.delta();
    expect(flow.published).toEqual(['D B/1 3.000', 'U A/1 10.000', 'I C/1 4.000']);
    expect(flow.pointer).toMatch(/^2:/);
    expect(flow.notes).toContain('CHANGES STOCK: 1 inserted, 1 updated, 1 deleted, 1 unchanged');
  });

  test('a table that is at the version of the pointer is not read again; one that was only written anew moves the pointer', async () => {
    const { table, flow } = await start();
    await flow.initial();
    const { pointer } = flow;
    await flow.delta();
    expect([flow.messages, flow.pointer]).toEqual([[], pointer]);
    await table.commit({ upserts: [first[0]!] });
    await flow.delta();
    expect([flow.messages, flow.pointer.split(':')[0]]).toEqual([[], '1']);
  });

  test('rows as they were, keys alone of deleted rows, and columns whose changes do not count: on request', async () => {
    const { table, flow } = await start({ before: true, deletes: 'EXTERMINATE', ignore: ['counted'] });
    await flow.initial();
    await table.commit({
      upserts: [
        { plant: 'A', item: 1, amount: 10 },
        { plant: 'A', item: 2, amount: 2, counted: '2024-01-31' },
      ],
      deletes: [{ plant: 'B', item: 1 }],
    });
    await flow.delta();
    expect(flow.published).toEqual(['X B/1 null', 'B A/1 1.000', 'U A/1 10.000']);
  });

  test('a new column changes the rows that have a value in it', async () => {
    const { table, flow } = await start();
    await flow.initial();
    await table.addColumn({ name: 'unit', type: 'string' });
    await flow.delta();
    expect(flow.messages).toEqual([]);
    await table.commit({ upserts: [{ plant: 'A', item: 2, amount: 2, unit: 'kg' }] });
    await flow.delta();
    expect(flow.messages).toEqual([{ plant: 'A', item: 2n, amount: '2.000', counted: null, unit: 'kg', __change_type: 'U' }]);
  });

  test('a backfill replaces the rows of a filter and leaves the pointer', async () => {
    const { table, flow } = await start();
    await flow.initial();
    const { pointer } = flow;
    await table.commit({ upserts: [{ plant: 'A', item: 1, amount: 10 }], deletes: [{ plant: 'B', item: 1 }] });
    await flow.backfill('A');
    expect(flow.published).toEqual(['T A/undefined undefined', 'R A/1 10.000', 'R A/2 2.000']);
    expect(flow.pointer).toBe(pointer);
    await flow.delta();
    expect(flow.consumer).toEqual(['A/1 10.000', 'A/2 2.000']);
  });

  test('when a pointer could not be saved, what changed back since then is published too', async () => {
    const { table, flow } = await start();
    await flow.initial();
    const { pointer } = flow;
    await table.commit({
      upserts: [
        { plant: 'A', item: 1, amount: 10 },
        { plant: 'C', item: 1, amount: 4 },
      ],
      deletes: [{ plant: 'B', item: 1 }],
    });
    await flow.delta();
    flow.pointer = pointer;
    await table.commit({
      upserts: [
        { plant: 'A', item: 1, amount: 1 },
        { plant: 'B', item: 1, amount: 3 },
      ],
      deletes: [{ plant: 'C', item: 1 }],
    });
    await flow.delta();
    expect([...flow.published].sort()).toEqual(['A A/1 1.000', 'A B/1 3.000', 'D C/1 4.000']);
    expect(flow.published[0]).toBe('D C/1 4.000');
    expect(flow.consumer).toEqual(['A/1 1.000', 'A/2 2.000', 'B/1 3.000']);
    await flow.delta();
    expect(flow.messages).toEqual([]);
    expect(await flow.snapshots.names()).toEqual([]);
  });

  test('a row that only a backfill brought is deleted by the delta after it', async () => {
    const { table, flow } = await start();
    await flow.initial();
    await table.commit({ upserts: [{ plant: 'A', item: 3, amount: 3 }] });
    await flow.backfill('A');
    expect(flow.consumer).toContain('A/3 3.000');
    await table.commit({ deletes: [{ plant: 'A', item: 3 }] });
    await flow.delta();
    expect(flow.published).toEqual(['D A/3 3.000']);
    expect(flow.consumer).not.toContain('A/3 3.000');
  });

  test('after each of some random changes the consumer holds what the table holds', async () => {
    const row = fc.record({ plant: fc.constantFrom('A', 'B', 'ü/%20'), item: fc.nat(5), amount: fc.option(fc.nat(3)) });
    const changes = fc.record({
      upserts: fc.uniqueArray(row, { maxLength: 5, selector: ({ plant, item }) => `${plant}/${item}` }),
      deletes: fc.array(row, { maxLength: 4 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(fc.array(changes, { minLength: 1, maxLength: 3 }), { minLength: 2, maxLength: 3 }), async (rounds) => {
        const { table, flow } = await start();
        await flow.initial();
        for (const commits of rounds) {
          for (const change of commits) await table.commit(withoutOverlap(change));
          await flow.delta();
          const rows = await table.rows();
          expect(flow.consumer).toEqual(rows.map(show).sort());
        }
      }),
      { numRuns: 3 },
    );
  });

  test('a version that was cleaned up ends the delta with nothing published; an initial load goes on', async () => {
    const { table, flow } = await start();
    await flow.initial();
    const { pointer } = flow;
    await table.commit({ upserts: [{ plant: 'A', item: 1, amount: 10 }] });
    await table.vacuum();
    await expect(flow.delta()).rejects.toMatchObject({
      code: 'LAKEHOUSE_VERSION_GONE',
      message: expect.stringContaining('as of version 0') as string,
      fix: expect.stringContaining('initial load') as string,
    });
    expect(flow.pointer).toBe(pointer);
    await flow.initial();
    expect(flow.consumer).toEqual(['A/1 10.000', 'A/2 2.000', 'B/1 3.000']);
  });

  test.each([
    ['fewer versions', 0, 'its newest version is 0'],
    ['as many versions', 1, 'it has another identity'],
    ['more versions', 2, 'it has another identity'],
  ])('a table that was made anew and has %s than the pointer says is found out', async (_what, commits, reason) => {
    const { table, flow } = await start();
    await table.commit({ upserts: [{ plant: 'A', item: 1, amount: 10 }] });
    await flow.initial();
    await rm(table.folder, { recursive: true });
    const anew = await LocalDeltaTable.create(table.folder, stock, first);
    opened.push(anew);
    for (let commit = 0; commit < commits; commit++) await anew.commit({ upserts: [{ plant: 'A', item: 1, amount: commit }] });
    await expect(flow.delta()).rejects.toMatchObject({
      code: 'LAKEHOUSE_TABLE_RECREATED',
      message: expect.stringContaining(reason) as string,
    });
  });

  test('a pointer of another strategy, and a key that is not unique, are found out', async () => {
    const { table, flow } = await start();
    await flow.initial();
    const { pointer } = flow;
    flow.pointer = '2024-01-31T00:00:00Z';
    await expect(flow.delta()).rejects.toMatchObject({ code: 'POINTER_FOREIGN' });
    flow.pointer = pointer;
    await table.commit({
      upserts: [
        { plant: 'C', item: 1, amount: 1 },
        { plant: 'C', item: 1, amount: 2 },
      ],
    });
    await expect(flow.delta()).rejects.toMatchObject({ code: 'KEY_NOT_UNIQUE' });
  });

  test('a result that the reader did not load has no versions', async () => {
    const { flow } = await start();
    await using trial = await openLakehouse({ url: join(folder.path, String(tables)) });
    class JoinRunner extends StockRunner {
      protected override async load(reader: LakehouseReader): Promise<LoadedTable> {
        await reader.loadSql('JOINED', `select * from ${await reader.scan('STOCK')}`, 'JOINED', 'LAKE');
        return { table: 'JOINED', schema: reader.tableSchema };
      }
    }
    const collector = new Collector(trial.workspace) as unknown as KafkaProducer;
    await expect(new JoinRunner({}).initialLoad(collector, trial.reader, trial.context)).rejects.toMatchObject({
      code: 'LAKEHOUSE_CHANGES_UNKNOWN',
    });
    expect(flow.messages).toEqual([]);
  });
});

/** A key is either written or deleted by a commit. */
function withoutOverlap({ upserts = [], deletes = [] }: DeltaChanges): DeltaChanges {
  const same = (a: DeltaRow, b: DeltaRow): boolean => a['plant'] === b['plant'] && a['item'] === b['item'];
  return { upserts, deletes: deletes.filter((key) => !upserts.some((row) => same(row, key))) };
}
