import oracledb, { type BindParameters, type Connection } from 'oracledb';
import { compareTable, type Comparison } from '../../../local/compare-table';
import { OracleServer } from '../../../local/oracle/server';
import type { Row } from '../../../src/lib/schema/row';
import type { Random } from './random';
import { future, type SourceClock } from './source-clock';

export interface OracleItemsOptions {
  /** `marked`: a deleted row stays with STATUS X, as does the old one when a key changes. `removed`: rows really go. */
  readonly deletes: 'marked' | 'removed';
  /** Whether each row has an SCN of its own; otherwise the rows of a block share one. */
  readonly rowDependencies?: boolean;
  /** Stamps rows in CREATED and CHANGED; without it both stay empty. */
  readonly clock?: SourceClock;
  /** Columns that are not compared. */
  readonly ignore?: readonly string[];
  /** Transactions that may be open at the same time. */
  readonly sessions?: number;
}

interface Key {
  readonly plant: string;
  readonly id: number;
}

const keyText = ({ plant, id }: Key): string => `${plant}/${id}`;

/** How a key stands. */
interface State {
  readonly key: Key;
  /** `marked` rows have the status of deleted ones. */
  readonly row: 'live' | 'marked' | 'none';
  /** Whether its stamp lies in the future, so that it is not to be seen yet. */
  readonly waits: boolean;
}

/** A transaction that has changed something. Other transactions leave its keys alone: they would wait for its end. */
interface Change {
  readonly connection: Connection;
  /** How the keys stand that it has touched. */
  readonly touched: Map<string, State>;
  firstStamp: bigint | undefined;
}

type Statement = 'insert' | 'update' | 'many' | 'same' | 'ignored' | 'delete' | 'again' | 'key' | 'rotate' | 'future';

export const TABLE = 'SHOP.ITEM';
const plants = ['P1', 'P11', 'Straße', "O'Hara"];
/** Filters for backfills: the columns of a part, and their values. */
export const itemParts = plants.map((PLANT) => ({ PLANT }));
const login = { user: 'SHOP', password: 'shop-owner' };
const rowsAtFirst = 100;

const usualValues = [
  { NAME: 'plain', AMOUNT: 1, MEASURED_ON: null },
  { NAME: null, AMOUNT: null, MEASURED_ON: null },
];

/** A table at an Oracle server, changed at random by transactions that overlap. */
export class OracleItems implements AsyncDisposable {
  /** Every key that is or was there. */
  readonly #keys = new Map<string, State>();
  readonly #committedAt = new Map<string, number>();
  readonly #idle: Connection[] = [];
  readonly #open: Change[] = [];
  /** Keys that were touched last: rows that change again and again, and back, are what strategies get wrong. */
  readonly #recent: string[] = [];
  #nextId = 1;

  private constructor(
    readonly server: OracleServer,
    private readonly random: Random,
    private readonly options: OracleItemsOptions,
  ) {}

  static async start(random: Random, options: OracleItemsOptions): Promise<OracleItems> {
    const stamp = options.clock?.type.column ?? 'timestamp(6)';
    const server = await OracleServer.start({
      users: [{ name: login.user, password: login.password, privileges: ['DBA'] }],
      prepare: (started) =>
        started.run(login.user, [
          `create table ${TABLE} (
            PLANT varchar2(8) not null, ID number(9) not null, NAME varchar2(40 char), AMOUNT number(15,3), MEASURED_ON timestamp(6),
            STATUS varchar2(1) not null, HITS number(9), CREATED ${stamp}, CHANGED ${stamp}, primary key (PLANT, ID)
          )${options.rowDependencies === true ? ' rowdependencies' : ''}`,
        ]),
    });
    const items = new OracleItems(server, random, options);
    for (let session = 0; session < (options.sessions ?? 4); session++) items.#idle.push(await items.#connect());
    await items.#fill();
    return items;
  }

  /** What a reader needs to log in. */
  get secret(): Readonly<Record<string, string>> {
    return { ...login, connectString: this.server.connectString };
  }

  /** The SCN at the first change of the oldest transaction that is open. */
  get openSince(): number {
    const starts = [...this.server.database.transactions.values()].map(({ startScn }) => startScn);
    return Math.min(this.server.currentScn, ...starts);
  }

  /** Keys, as a message has them, of the rows whose last change was committed after that SCN. */
  changedSince(scn: number): Row[] {
    return [...this.#keys.values()].flatMap(({ key, row }) =>
      row !== 'none' && this.#committedAt.get(keyText(key))! > scn ? [keyRow(key)] : [],
    );
  }

  /** Some random statements in transactions; some of them stay open. */
  async change(): Promise<void> {
    for (let step = this.random.between(1, 12); step > 0; step--) await this.#step(this.options.deletes);
  }

  /** Deletes and changes keys so that no trace stays, for what only a full load brings to consumers. */
  async changeWithoutTrace(): Promise<void> {
    await this.commitAll();
    for (let step = this.random.between(1, 6); step > 0; step--) await this.#step('removed');
    await this.commitAll();
  }

  async commitAll(): Promise<void> {
    while (this.#open.length > 0) await this.#end('commit');
  }

  /** Compares the rows that are not marked as deleted, and do not wait, with what a consumer holds. */
  async compare(image: { rows(): Iterable<Row> }): Promise<Comparison> {
    const { ignore = [] } = this.options;
    const columns = ['PLANT', 'ID', 'NAME', 'AMOUNT', 'MEASURED_ON', 'STATUS', 'HITS', 'CREATED', 'CHANGED'];
    const list = columns.filter((name) => !ignore.includes(name)).join(', ');
    const waiting = new Set([...this.#keys.values()].flatMap(({ key, waits }) => (waits ? [keyText(key)] : [])));
    const seen = waiting.size === 0 ? '' : ` and (CHANGED is null or CHANGED < date '2190-01-01')`;
    const rows = [...image.rows()].filter(({ PLANT, ID }) => !waiting.has(keyText({ plant: PLANT as string, id: ID as number })));
    const connection = await this.#connect();
    try {
      return await compareTable(connection, `(select ${list} from ${TABLE} where STATUS <> 'X'${seen})`, { rows: () => rows });
    } finally {
      await connection.close();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // The server may have cut them.
    for (const connection of [...this.#idle, ...this.#open.map((change) => change.connection)])
      await connection.close().catch(() => undefined);
    await this.server[Symbol.asyncDispose]();
  }

  #connect(): Promise<Connection> {
    return oracledb.getConnection({ ...login, connectString: this.server.connectString });
  }

  /** Rows that were there before anybody stamped anything. */
  async #fill(): Promise<void> {
    const change = this.#begin();
    for (let row = 0; row < rowsAtFirst; row++) await this.#insert(change, this.#newKey(), false);
    await this.commitAll();
  }

  async #step(deletes: 'marked' | 'removed'): Promise<void> {
    const what = this.random.weighted({ statement: 8, commit: this.#open.length, rollback: this.#open.length / 6 });
    if (what !== 'statement') return this.#end(what);
    const begin = this.#open.length === 0 || (this.#idle.length > 0 && this.random.chance(0.3));
    const change = begin ? this.#begin() : this.random.pick(this.#open);
    await this.#statement(change, deletes);
    if (change.touched.size === 0) await this.#end('rollback', change);
  }

  #begin(): Change {
    const change: Change = { connection: this.#idle.pop()!, touched: new Map(), firstStamp: undefined };
    this.#open.push(change);
    return change;
  }

  async #end(how: 'commit' | 'rollback', change = this.random.pick(this.#open)): Promise<void> {
    await (how === 'commit' ? change.connection.commit() : change.connection.rollback());
    if (how === 'commit') {
      for (const [text, state] of change.touched) {
        this.#keys.set(text, state);
        this.#committedAt.set(text, this.server.currentScn);
      }
    }
    this.#open.splice(this.#open.indexOf(change), 1);
    this.#idle.push(change.connection);
  }

  async #statement(change: Change, deletes: 'marked' | 'removed'): Promise<void> {
    const free = this.#free(change);
    const live = free.flatMap(({ key, row }) => (row === 'live' ? [key] : []));
    const gone = free.filter(({ row }) => row !== 'live');
    const recent = live.filter((key) => this.#recent.includes(keyText(key)));
    const row = (): Key => this.random.pick(recent.length > 0 && this.random.chance(0.4) ? recent : live);
    const statement: Statement =
      live.length < 60
        ? 'insert'
        : this.random.weighted({
            insert: live.length > 220 ? 0 : 4,
            update: 6,
            many: 1,
            same: 1,
            ignored: 1,
            delete: live.length > 220 ? 8 : 3,
            again: gone.length > 0 ? 2 : 0,
            key: 2,
            rotate: deletes === 'removed' ? 1 : 0,
            future: this.options.clock?.type.isTime === true ? 0.7 : 0,
          });
    switch (statement) {
      case 'insert':
        return this.#insert(change, this.#newKey());
      case 'update':
        return this.#update(change, row(), this.#values());
      case 'many': {
        const values = this.#values();
        const keys = new Set(Array.from({ length: 8 }, () => row()));
        const stamp = this.#stamp(change);
        for (const key of keys) await this.#update(change, key, values, stamp);
        return;
      }
      case 'same':
        return this.#update(change, row(), {});
      case 'ignored':
        return this.#update(change, row(), { HITS: this.random.between(0, 1000) });
      case 'delete':
        return this.#delete(change, row(), deletes);
      case 'again':
        return this.#again(change, this.random.pick(gone));
      case 'key': {
        const key = row();
        if (deletes === 'removed') return this.#rename(change, key, this.#newKey());
        await this.#delete(change, key, deletes);
        return this.#insert(change, this.#newKey());
      }
      case 'future':
        return this.#update(change, row(), this.#values(), future);
      case 'rotate': {
        // Each takes the key of the next, and the last one's row goes: keys stay, rows move.
        const [first, second, third] = [...new Set([row(), row(), row()])];
        if (!first || !second || !third) return;
        await this.#delete(change, third, deletes);
        await this.#rename(change, second, third);
        return this.#rename(change, first, second);
      }
    }
  }

  /** The keys that the transaction may touch. */
  #free(change: Change): State[] {
    const others = this.#open.filter((other) => other !== change);
    return [...new Map([...this.#keys, ...change.touched])].flatMap(([text, state]) =>
      others.some(({ touched }) => touched.has(text)) ? [] : [state],
    );
  }

  #newKey(): Key {
    // Parts that would be mistaken for one another if they were merely strung together.
    return { plant: this.random.pick(plants), id: this.#nextId++ };
  }

  #values(): Readonly<Record<string, string | number | null>> {
    const { random } = this;
    // Often the same again, so that rows come to be as they were before.
    if (random.chance(0.5)) return random.pick(usualValues);
    return {
      NAME: random.pick([null, '', ' with blanks ', 'Grüße aus Łódź 🧪', 'quote \' and " and \\', `item ${random.between(1, 1e6)}`]),
      AMOUNT: random.pick([null, 0, -0.001, random.between(-1e6, 1e6) / 1000, 999_999_999_999]),
      MEASURED_ON: random.pick([
        null,
        '1969-12-31 23:59:59.999999',
        `2024-02-29 12:00:00.${String(random.between(0, 999_999)).padStart(6, '0')}`,
      ]),
    };
  }

  #stamp(change: Change): bigint | undefined {
    const { clock } = this.options;
    if (!clock) return undefined;
    const firsts = this.#open.flatMap(({ firstStamp }) => firstStamp ?? []);
    const stamp = clock.next(firsts.length === 0 ? undefined : firsts.reduce((a, b) => (b < a ? b : a)));
    change.firstStamp ??= stamp;
    return stamp;
  }

  async #insert(change: Change, key: Key, stamped = true): Promise<void> {
    const values = { STATUS: 'A', HITS: 0, ...this.#values() };
    await this.#run(change, 'insert', key, values, { CREATED: stamped ? this.#stamp(change) : undefined });
    this.#touch(change, key, 'live');
  }

  async #update(
    change: Change,
    key: Key,
    values: Readonly<Record<string, string | number | null>>,
    stamp = this.#stamp(change),
    row: State['row'] = 'live',
  ): Promise<void> {
    await this.#run(change, 'update', key, values, { CHANGED: stamp });
    this.#touch(change, key, row, stamp === future);
  }

  async #delete(change: Change, key: Key, deletes: 'marked' | 'removed'): Promise<void> {
    if (deletes === 'marked') return this.#update(change, key, { STATUS: 'X' }, this.#stamp(change), 'marked');
    await change.connection.execute(`delete from ${TABLE} where PLANT = :plant and ID = :id`, { ...key });
    this.#touch(change, key, 'none');
  }

  /** A row under a key that is free again; a marked one comes back to life. */
  #again(change: Change, { key, row }: State): Promise<void> {
    return row === 'none' ? this.#insert(change, key) : this.#update(change, key, { STATUS: 'A', ...this.#values() });
  }

  async #rename(change: Change, key: Key, to: Key): Promise<void> {
    await this.#run(change, 'update', key, { PLANT: to.plant, ID: to.id }, { CHANGED: this.#stamp(change) });
    this.#touch(change, key, 'none');
    this.#touch(change, to, 'live');
  }

  async #run(
    change: Change,
    verb: 'insert' | 'update',
    { plant, id }: Key,
    values: Readonly<Record<string, string | number | null>>,
    stamps: Readonly<Record<string, bigint | undefined>>,
  ): Promise<void> {
    const binds: Record<string, string | number | null> = {};
    const cells: [column: string, sql: string][] = [];
    for (const [column, value] of Object.entries(values)) {
      binds[`c_${column}`] = value;
      cells.push([column, column === 'MEASURED_ON' ? `to_timestamp(:c_${column}, 'YYYY-MM-DD HH24:MI:SS.FF6')` : `:c_${column}`]);
    }
    for (const [column, stamp] of Object.entries(stamps)) {
      const type = this.options.clock?.type;
      if (stamp === undefined || !type) continue;
      binds[`c_${column}`] = type.bind(stamp);
      cells.push([column, type.sql(`c_${column}`)]);
    }
    if (cells.length === 0) cells.push(['NAME', 'NAME']);
    const sql =
      verb === 'insert'
        ? `insert into ${TABLE} (PLANT, ID, ${cells.map(([column]) => column).join(', ')}) values (:plant, :id, ${cells.map(([, cell]) => cell).join(', ')})`
        : `update ${TABLE} set ${cells.map(([column, cell]) => `${column} = ${cell}`).join(', ')} where PLANT = :plant and ID = :id`;
    const { rowsAffected } = await change.connection.execute(sql, { ...binds, plant, id } satisfies BindParameters);
    if (rowsAffected !== 1) throw new Error(`${String(rowsAffected)} rows instead of one: ${sql} of ${plant}/${id}`);
  }

  #touch(change: Change, key: Key, row: State['row'], waits = false): void {
    change.touched.set(keyText(key), { key, row, waits });
    this.#recent.push(keyText(key));
    if (this.#recent.length > 10) this.#recent.shift();
  }
}

/** A key as a decoded message has it. */
export function keyRow({ plant, id }: Key): Row {
  return { PLANT: plant, ID: id };
}
