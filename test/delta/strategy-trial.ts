import type { KafkaProducer, PublishOptions, ReplaceOptions } from '../../src/lib';
import {
  DeltaRunner,
  type DeltaStrategy,
  KeySchema,
  type LoadedTable,
  readSettings,
  type Selection,
  TablecastError,
  type ValueSchema,
  Workspace,
} from '../../src/lib';
import type { RunContext } from '../../src/lib/context';
import type { RunReader } from '../../src/lib/run/run-reader';
import { LineageRecorder } from '../../src/lib/lineage/lineage-recorder';
import { MemorySnapshotStore } from '../../src/lib/state/memory-snapshot-store';

export interface Message {
  /** A RowType letter. */
  readonly type: string;
  readonly row: Readonly<Record<string, unknown>>;
}

export interface TrialOptions {
  readonly strategy: DeltaStrategy;
  readonly schema: ValueSchema;
  /** Columns of the source table `SOURCE`, as SQL. */
  readonly columns: string;
  readonly backfillBy?: readonly string[];
  readonly allowEmpty?: boolean;
  readonly snapshots?: MemorySnapshotStore;
}

/** Where a run stops, as if the process had died there; the consumer sees what was committed. */
export type Crash = 'before commit' | 'after commit';

/**
 * A strategy between a source table in DuckDB, whose conditions the strategy writes, and a consumer that applies what is published. Each run has a workspace and
 * an id of its own; the pointer is saved as a run does it.
 */
export class StrategyTrial implements AsyncDisposable {
  pointer: string | undefined;
  /** What the last run published, in order. */
  messages: readonly Message[] = [];
  notes: readonly string[] = [];
  /** The selection of the last run. */
  selection: Selection | undefined;
  /** Start of the next run; it moves on by a minute each time. */
  now = new Date('2024-05-06T07:00:00.000Z');
  readonly snapshots: MemorySnapshotStore;
  readonly #consumer = new Map<string, string>();
  #runs = 0;

  private constructor(
    readonly source: Workspace,
    readonly options: TrialOptions,
  ) {
    this.snapshots = options.snapshots ?? new MemorySnapshotStore();
  }

  static async start(options: TrialOptions): Promise<StrategyTrial> {
    const source = await Workspace.open({ memoryLimit: '128MB' });
    await source.run(`CREATE TABLE SOURCE (${options.columns})`);
    return new StrategyTrial(source, options);
  }

  /** Changes the source. */
  change(...statements: readonly string[]): Promise<void> {
    return this.source.run(statements.join(';'));
  }

  initial(crash?: Crash): Promise<void> {
    return this.#run((runner, producer, run) => runner.initialLoad(producer, reader, run), crash);
  }

  delta(crash?: Crash): Promise<void> {
    const { pointer } = this;
    if (pointer === undefined) throw new Error('There is no pointer');
    return this.#run((runner, producer, run) => runner.deltaLoad(producer, reader, pointer, run), crash);
  }

  backfill(filter: Readonly<Record<string, string>>, crash?: Crash): Promise<void> {
    return this.#run((runner, producer, run) => runner.backfill(producer, reader, filter, run), crash);
  }

  /** `I 1`: type and first column of each message. */
  get published(): string[] {
    return this.messages.map(({ type, row }) => (type === 'T' ? 'T' : `${type} ${String(Object.values(row)[0])}`));
  }

  /** What the consumer has, by key. */
  consumer(): string[] {
    return [...this.#consumer.values()].sort();
  }

  /** What the source has, in the form of `consumer`. */
  async sourceRows(where = 'true'): Promise<string[]> {
    return (await this.source.query(`SELECT * FROM SOURCE WHERE ${where}`)).map(show).sort();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.source.close();
  }

  async #run(
    load: (runner: TrialRunner, producer: KafkaProducer, run: RunContext) => Promise<unknown>,
    crash: Crash | undefined,
  ): Promise<void> {
    await using workspace = await Workspace.open({ memoryLimit: '128MB' });
    this.#runs += 1;
    const notes: string[] = [];
    const context: RunContext = {
      id: `01J${String(this.#runs).padStart(23, '0')}`,
      functionName: 'TRIAL_Reader',
      dataflowName: 'TRIAL_Reader',
      startedAt: this.now,
      ...(this.pointer !== undefined && { pointer: this.pointer }),
      workspace,
      lineage: new LineageRecorder({ producerName: 'TRIAL_Reader', dataflowName: 'TRIAL_Reader' }),
      snapshots: this.snapshots,
      secrets: { place: 'the test', readSecret: () => Promise.reject(new Error('no secrets')) },
      settings: readSettings({}),
      journal: { time: (_stage, work) => work(), note: (kind, text) => void notes.push(`${kind} ${text}`), progress: () => undefined },
      logger: silent,
      signal: new AbortController().signal,
    };
    this.now = new Date(this.now.getTime() + 60_000);
    const producer = new CollectingProducer(workspace);
    const runner = new TrialRunner(this);
    this.messages = [];
    this.notes = notes;
    const pointer = await load(runner, producer as unknown as KafkaProducer, context);
    if (crash === 'before commit') return;
    this.messages = producer.messages;
    for (const message of producer.messages) this.#apply(message);
    if (crash === 'after commit') return;
    if (typeof pointer === 'string') this.pointer = pointer;
  }

  #apply({ type, row }: Message): void {
    const key = JSON.stringify(this.options.schema.pks.map((name) => String(row[name])));
    if (type === 'T') {
      const filter = Object.entries((row['__truncate'] ?? {}) as Record<string, string>);
      for (const [held, text] of this.#consumer) {
        const values = JSON.parse(text) as Record<string, unknown>;
        if (filter.every(([column, value]) => String(values[column]) === value)) this.#consumer.delete(held);
      }
    } else if (type === 'D' || type === 'X' || type === 'B') this.#consumer.delete(key);
    else this.#consumer.set(key, show(row));
  }
}

const reader: RunReader = { connect: () => Promise.resolve(), [Symbol.asyncDispose]: () => Promise.resolve() };
const silent = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };

class TrialRunner extends DeltaRunner<RunReader> {
  protected override readonly strategy: DeltaStrategy;
  protected override readonly backfillBy: readonly string[];

  constructor(private readonly trial: StrategyTrial) {
    super(silent);
    this.strategy = trial.options.strategy;
    this.backfillBy = trial.options.backfillBy ?? [];
  }

  protected override async load(_reader: RunReader, selection: Selection, { workspace }: RunContext): Promise<LoadedTable> {
    const { source, options } = this.trial;
    this.trial.selection = selection;
    // DuckDB takes named values as an object.
    const binds = Object.keys(selection.binds).length === 0 ? [] : (selection.binds as unknown as readonly unknown[]);
    await source.run(`CREATE OR REPLACE TABLE SELECTED AS SELECT * FROM SOURCE WHERE ${selection.condition}`, binds);
    const file = `${workspace.folder}/selected.db`;
    await source.run(`ATTACH '${file}' AS hand; CREATE TABLE hand.SELECTED AS FROM SELECTED; DETACH hand`);
    await workspace.run(`ATTACH '${file}' AS hand (READ_ONLY); CREATE TABLE SOURCE AS FROM hand.SELECTED; DETACH hand`);
    return { table: 'SOURCE', schema: options.schema, options: { allowEmpty: options.allowEmpty ?? false } };
  }
}

/** Stands where the producer stands, and keeps what it is given. */
class CollectingProducer {
  readonly messages: Message[] = [];

  constructor(private readonly workspace: Workspace) {}

  async replaceTable(table: string, schema: ValueSchema, options: ReplaceOptions = {}): Promise<number> {
    this.messages.push({ type: 'T', row: { __truncate: options.filter ?? null } });
    const rows = await this.#collect(table, schema, 'R', options);
    if (rows === 0 && options.allowEmpty !== true) throw new TablecastError('EMPTY_TABLE', { table });
    return rows;
  }

  upsertTable(table: string, schema: ValueSchema, options: PublishOptions = {}): Promise<number> {
    return this.#collect(table, schema, 'A', options);
  }

  async #collect(table: string, schema: ValueSchema, usual: string, options: PublishOptions): Promise<number> {
    expect(options.name ?? table).toBe('SOURCE');
    if (options.uniqueKeys ?? true)
      await this.workspace.checkKey(
        table,
        new KeySchema(schema).fields.map(({ name }) => name),
      );
    const rows = await this.workspace.query(`SELECT * FROM "${table}"`);
    for (const { __change_type: type, ...row } of rows) this.messages.push({ type: typeof type === 'string' ? type : usual, row });
    return rows.length;
  }
}

function show(row: Readonly<Record<string, unknown>>): string {
  return JSON.stringify(row, (_name, value: unknown) => (typeof value === 'bigint' ? String(value) : value));
}
