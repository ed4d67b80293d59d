import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Comparison } from '../../../local/compare-table';
import { LocalDeltaTable, type DeltaRow } from '../../../local/lakehouse/local-delta-table';
import type { Row } from '../../../src/lib/schema/row';
import type { Random } from './random';
import type { RoundsSource } from './run-rounds';

const plants = ['P1', 'P11', 'Straße', "O'Hara"];
/** Filters for backfills: the columns of a part, and their values. */
export const lakeParts = plants.map((plant) => ({ plant }));

const usualValues: readonly DeltaRow[] = [
  { name: 'plain', amount: '1.000', measured: null, good: true },
  { name: null, amount: null, measured: null, good: null },
];

/** What a commit does to one key. */
interface LakeChange {
  /** The row, or of one that goes its key. */
  readonly row: DeltaRow;
  readonly gone: boolean;
}

/** A Delta table in a folder, to which random commits are made. */
export class LakeItems implements RoundsSource {
  /** Keys with a row, and those that had one. */
  readonly #live = new Map<string, DeltaRow>();
  readonly #gone = new Map<string, DeltaRow>();
  #nextId = 1;

  private constructor(
    /** Holds the table ITEM. */
    readonly folder: string,
    private readonly random: Random,
    private readonly options: { readonly ignore?: readonly string[] },
    readonly table: LocalDeltaTable,
  ) {}

  static async start(random: Random, options: { readonly ignore?: readonly string[] } = {}): Promise<LakeItems> {
    const folder = await mkdtemp(join(tmpdir(), 'tablecast-rounds-'));
    const table = await LocalDeltaTable.create(join(folder, 'ITEM'), {
      name: 'ITEM',
      columns: [
        { name: 'plant', type: 'string', nullable: false },
        { name: 'id', type: 'long', nullable: false },
        { name: 'name', type: 'string' },
        { name: 'amount', type: 'decimal(15,3)' },
        { name: 'measured', type: 'date' },
        { name: 'good', type: 'boolean' },
        { name: 'hits', type: 'long' },
      ],
      key: ['plant', 'id'],
      partitionBy: ['plant'],
    });
    const items = new LakeItems(folder, random, options, table);
    await table.commit({ upserts: Array.from({ length: 150 }, () => items.#insert(items.#newKey())) });
    return items;
  }

  /** Some commits, each of several changes. */
  async change(): Promise<void> {
    for (let commits = this.random.between(1, 3); commits > 0; commits--) {
      const changes = new Map<string, LakeChange>();
      for (let step = this.random.between(0, 6); step > 0; step--) this.#step(changes);
      const all = [...changes.values()];
      await this.table.commit({
        upserts: all.filter(({ gone }) => !gone).map(({ row }) => row),
        deletes: all.filter(({ gone }) => gone).map(({ row }) => row),
      });
    }
  }

  async compare(image: { rows(): Iterable<Row> }): Promise<Comparison> {
    const text = (row: Readonly<Record<string, unknown>>): string =>
      JSON.stringify(
        Object.entries(row)
          .filter(([name]) => this.options.ignore?.includes(name) !== true)
          .sort(([a], [b]) => (a < b ? -1 : 1))
          .map(([name, value]) => [name, value === null ? null : String(value as string | bigint | boolean)]),
      );
    const source = (await this.table.rows()).map(text).sort();
    const consumer = [...image.rows()].map(text).sort();
    const [atSource, atConsumer] = [new Set(source), new Set(consumer)];
    const examples = [
      ...source.filter((row) => !atConsumer.has(row)).map((row) => `only at the source: ${row}`),
      ...consumer.filter((row) => !atSource.has(row)).map((row) => `only at the consumer: ${row}`),
    ];
    const differences = examples.length + Math.abs(source.length - consumer.length);
    return { sourceRows: source.length, consumerRows: consumer.length, differences, examples: examples.slice(0, 3) };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.table[Symbol.asyncDispose]();
    await rm(this.folder, { recursive: true, force: true });
  }

  #step(changes: Map<string, LakeChange>): void {
    const { random } = this;
    const what = random.weighted({
      insert: this.#live.size > 220 ? 0 : 3,
      update: 6,
      same: 1,
      hits: 1,
      delete: this.#live.size < 60 ? 0 : 3,
      again: this.#gone.size > 0 ? 3 : 0,
      key: 1,
    });
    // The rows that were touched last stand at the end: those that change again and again, and back, are what strategies get wrong.
    const recent = (rows: ReadonlyMap<string, DeltaRow>): DeltaRow => {
      const all = [...rows.values()];
      return random.pick(random.chance(0.4) ? all.slice(-5) : all);
    };
    const upsert = (row: DeltaRow): void => void changes.set(textOf(row), { row, gone: false });
    const remove = (row: DeltaRow): void => {
      const { plant, id } = row;
      this.#live.delete(textOf(row));
      this.#gone.set(textOf(row), row);
      changes.set(textOf(row), { row: { plant: plant!, id: id! }, gone: true });
    };
    const row = recent(this.#live);
    switch (what) {
      case 'insert':
        upsert(this.#insert(this.#newKey()));
        break;
      case 'update':
        upsert(this.#put({ ...row, ...this.#values() }));
        break;
      case 'same':
        upsert(this.#put(row));
        break;
      case 'hits':
        upsert(this.#put({ ...row, hits: random.between(0, 1000) }));
        break;
      case 'delete':
        remove(row);
        break;
      case 'again': {
        const { plant, id } = recent(this.#gone);
        upsert(this.#insert({ plant: plant!, id: id! }));
        break;
      }
      case 'key':
        remove(row);
        upsert(this.#put({ ...row, ...this.#newKey() }));
        break;
    }
  }

  #newKey(): DeltaRow {
    return { plant: this.random.pick(plants), id: this.#nextId++ };
  }

  #insert(key: DeltaRow): DeltaRow {
    return this.#put({ ...key, ...this.#values(), hits: 0 });
  }

  #put(row: DeltaRow): DeltaRow {
    this.#gone.delete(textOf(row));
    this.#live.delete(textOf(row));
    this.#live.set(textOf(row), row);
    return row;
  }

  #values(): DeltaRow {
    const { random } = this;
    if (random.chance(0.5)) return random.pick(usualValues);
    return {
      name: random.pick([null, '', ' with blanks ', 'Grüße aus Łódź 🧪', 'quote \' and " and \\', `item ${random.between(1, 1e6)}`]),
      amount: random.pick([null, '0.000', '-0.001', '999999999999.999', `${random.between(-1000, 1000)}.500`]),
      measured: random.pick([null, '1969-12-31', `2024-02-${random.between(10, 29)}`]),
      good: random.pick([null, true, false]),
    };
  }
}

function textOf({ plant, id }: DeltaRow): string {
  return JSON.stringify([plant, id]);
}
