import { full, snapshot, watermark, type DeltaStrategy, type RunReport } from '../../src/lib';
import type { OracleReader } from '../../src/readers/oracle-reader';
import { scn } from '../../src/readers/oracle-scn';
import { startItemsFlow } from './rounds/items-flow';
import { OracleItems, TABLE } from './rounds/oracle-items';
import { Random } from './rounds/random';
import type { RoundsFlow } from './rounds/rounds-flow';
import { SourceClock, stampTypes } from './rounds/source-clock';

const strategies = {
  full: full(),
  scn: scn(),
  snapshot: snapshot(),
  'watermark of times': watermark({ columns: ['CREATED', 'CHANGED'], type: 'timestamp', overlap: '1 hour' }),
  'watermark of numbers': watermark({ columns: ['HITS'], type: 'number' }),
} as const satisfies Record<string, DeltaStrategy | DeltaStrategy<OracleReader>>;

/** How long rows wait for a broker, in ms. */
const waitForBroker = 1000;

type StrategyName = keyof typeof strategies;

/** The items, and a flow that publishes them. */
class System implements AsyncDisposable {
  private constructor(
    readonly source: OracleItems,
    readonly flow: RoundsFlow,
    /** How the flow is made to work in its next run, and what happens in that run before the rows are read. */
    readonly next: { strategy: StrategyName; beforeReading?: () => Promise<void> },
  ) {}

  static async start(strategy: StrategyName): Promise<System> {
    const random = new Random(1);
    const source = await OracleItems.start(random, {
      deletes: 'removed',
      clock: new SourceClock(random, stampTypes.timestamp, 0n),
      sessions: 1,
    });
    const next: System['next'] = { strategy };
    const flow = await startItemsFlow(
      source,
      () => strategies[next.strategy],
      async () => {
        const { beforeReading } = next;
        delete next.beforeReading;
        await beforeReading?.();
      },
      { 'message.timeout.ms': waitForBroker, 'reconnect.backoff.max.ms': 200 },
    );
    return new System(source, flow, next);
  }

  /** Changes the source by statements, and commits. */
  async change(...statements: readonly string[]): Promise<void> {
    await this.source.server.run('SHOP', statements);
  }

  /** Changes a row so that every strategy sees it. */
  async touch(name: string): Promise<void> {
    await this.change(`update ${TABLE} set NAME = '${name}', HITS = HITS + 1, CHANGED = timestamp '2025-03-01 12:00:00' where ID = 3`);
  }

  /** Runs the flow. The consumer reads on: had a run before left anything visible, it would come now. */
  async succeed(method: 'PUT' | 'PATCH'): Promise<RunReport> {
    const { status, body } = await this.flow.call(method);
    if (status !== 200) throw new Error(`The run failed: ${JSON.stringify(body)}`);
    const report = body as unknown as RunReport;
    await this.flow.follower.follow(report);
    return report;
  }

  /** How many rows differ between source and consumer. */
  async differences(): Promise<number> {
    return (await this.source.compare(this.flow.follower.image)).differences;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.flow[Symbol.asyncDispose]();
    await this.source[Symbol.asyncDispose]();
  }
}

/** What makes a delta fail, and what repairs it. */
interface Fault {
  readonly what: string;
  readonly strategies: readonly StrategyName[];
  readonly arrange: (system: System) => void | Promise<void>;
  readonly status: number;
  readonly code: string;
  /** Part of the message or the fix. */
  readonly says: string;
  readonly repair?: (system: System) => void | Promise<void>;
  /** Whether it takes an initial load. */
  readonly anew?: boolean;
}

const removeFiles = async ({ flow: { snapshots } }: System): Promise<void> => {
  for (const name of await snapshots.names()) await snapshots.remove(name);
};

const faults: readonly Fault[] = [
  {
    what: 'the broker is away before the commit for longer than rows wait',
    strategies: ['snapshot'],
    arrange: ({ flow: { store, broker } }) => {
      store.meanwhile = {
        row: 'lease',
        action: () => {
          broker.cut();
          setTimeout(() => {
            broker.mend();
          }, 2 * waitForBroker);
        },
      };
    },
    status: 503,
    code: 'KAFKA_FAILED',
    says: 'no answer',
  },
  {
    what: 'the database goes away before the rows are read',
    strategies: ['scn'],
    arrange: (system) => {
      system.next.beforeReading = () => system.source.server.dropConnections();
    },
    status: 503,
    code: 'ORACLE_CONNECTION_LOST',
    says: 'ITEM',
  },
  {
    what: 'the file that was kept is gone',
    strategies: ['snapshot', 'watermark of times'],
    arrange: removeFiles,
    status: 409,
    code: 'SNAPSHOT_MISSING',
    says: 'initial load',
    anew: true,
  },
  {
    what: 'the file that was kept is damaged',
    strategies: ['snapshot'],
    arrange: async ({ flow: { snapshots } }) => {
      for (const name of await snapshots.names()) await snapshots.save(name, __filename);
    },
    status: 500,
    code: 'SNAPSHOT_UNREADABLE',
    says: 'initial load',
    anew: true,
  },
  {
    what: 'the storage of kept files does not answer when it is read',
    strategies: ['watermark of times'],
    arrange: ({ flow }) => void (flow.snapshots.silent = 'load'),
    status: 503,
    code: 'SNAPSHOT_UNREACHABLE',
    says: 'memory',
    repair: ({ flow }) => void (flow.snapshots.silent = undefined),
  },
  {
    what: 'the storage of kept files does not answer when it is written',
    strategies: ['snapshot'],
    arrange: ({ flow }) => void (flow.snapshots.silent = 'save'),
    status: 503,
    code: 'SNAPSHOT_UNREACHABLE',
    says: 'memory',
    repair: ({ flow }) => void (flow.snapshots.silent = undefined),
  },
  {
    what: 'more rows vanish than usual',
    strategies: ['snapshot'],
    arrange: (system) => system.change(`update ${TABLE} set ID = ID + 1000 where ID <= 60`),
    status: 422,
    code: 'TOO_MANY_VANISHED',
    says: '60',
    repair: (system) => system.change(`update ${TABLE} set ID = ID - 1000 where ID > 1000`),
  },
  {
    what: 'the source shows no rows',
    strategies: ['snapshot'],
    arrange: (system) => system.change(...empty),
    status: 422,
    code: 'TOO_MANY_VANISHED',
    says: '100',
    repair: (system) => system.change(...fill),
  },
  {
    what: 'the source shows no rows',
    strategies: ['full'],
    arrange: (system) => system.change(...empty),
    status: 422,
    code: 'EMPTY_TABLE',
    says: 'ITEM',
    repair: (system) => system.change(...fill),
  },
];

const empty = [
  `create table SHOP.KEPT (PLANT varchar2(8), ID number(9), NAME varchar2(40 char), AMOUNT number(15,3), MEASURED_ON timestamp(6), STATUS varchar2(1), HITS number(9),
    CREATED timestamp(6), CHANGED timestamp(6))`,
  `insert into SHOP.KEPT select * from ${TABLE}`,
  `delete from ${TABLE}`,
];
const fill = [`insert into ${TABLE} select * from SHOP.KEPT`, 'drop table SHOP.KEPT'];

describe('a delta that fails is a clear problem, publishes nothing, leaves the pointer, and is made up for by the next run', () => {
  let system: System;
  beforeAll(async () => {
    system = await System.start('full');
    // Otherwise there would be no watermark yet.
    await system.touch('before all');
  });
  afterAll(() => system[Symbol.asyncDispose]());

  test.each(faults.flatMap((fault) => fault.strategies.map((strategy) => ({ strategy, ...fault }))))(
    '$what: $code ($strategy)',
    async ({ strategy, arrange, status, code, says, repair, anew }) => {
      const { flow } = system;
      system.next.strategy = strategy;
      await system.succeed('PUT');
      await system.touch('once');
      await system.succeed('PATCH');
      const pointer = await flow.pointer();

      await system.touch('twice');
      await arrange(system);
      const { body, status: answered } = await flow.call('PATCH');
      expect({ status: answered, code: body.code, commits: body.run.commits }).toEqual({ status, code, commits: [] });
      expect(`${body.detail} ${body.fix}`).toContain(says);
      expect(await flow.pointer()).toBe(pointer);

      await repair?.(system);
      if (anew === true) {
        expect((await flow.call('PATCH')).body.code).toBe(code);
        await system.succeed('PUT');
        await system.touch('three times');
      }
      await system.succeed('PATCH');
      expect(await system.differences()).toBe(0);
    },
  );
});

describe('a pointer that was made by another strategy', () => {
  let system: System;
  beforeAll(async () => {
    system = await System.start('full');
  });
  afterAll(() => system[Symbol.asyncDispose]());

  const names = Object.keys(strategies).filter((name) => name !== 'full') as StrategyName[];

  test.each(names)('%s: no other strategy goes on from it', async (strategy) => {
    system.next.strategy = strategy;
    const { pointer } = await system.succeed('PUT');
    for (const other of names.filter((name) => name !== strategy)) {
      system.next.strategy = other;
      const { status, body } = await system.flow.call('PATCH');
      expect({ other, status, code: body.code, pointer: body.run.pointer.after }).toEqual({
        other,
        status: 409,
        code: 'POINTER_FOREIGN',
        pointer: pointer.after,
      });
    }
    system.next.strategy = strategy;
    await system.touch(strategy);
    await system.succeed('PATCH');
    expect(await system.differences()).toBe(0);
  });

  test('a full load needs none and leaves it alone', async () => {
    system.next.strategy = 'snapshot';
    const { pointer } = await system.succeed('PUT');
    await system.touch('full');
    system.next.strategy = 'full';
    expect((await system.succeed('PATCH')).pointer.after).toBe(pointer.after);
    expect(await system.differences()).toBe(0);
  });
});

describe('a pointer that could not be saved after the commit', () => {
  let system: System;
  beforeAll(async () => {
    system = await System.start('full');
    await system.touch('before all');
  });
  afterAll(() => system[Symbol.asyncDispose]());

  /** The rows are published, and the pointer stays. */
  async function failToSave(): Promise<void> {
    const { flow } = system;
    const pointer = await flow.pointer();
    flow.store.fail('pointer');
    const { status, body } = await flow.call('PATCH');
    expect({ status, code: body.code, commits: body.run.commits.length }).toEqual({ status: 500, code: 'POINTER_NOT_SAVED', commits: 1 });
    await flow.follower.follow(body.run);
    expect(await flow.pointer()).toBe(pointer);
    expect(await system.differences()).toBe(0);
  }

  test.each(['scn', 'snapshot', 'watermark of times'] as const)(
    '%s: the next delta brings the consumer to the source',
    async (strategy) => {
      system.next.strategy = strategy;
      await system.succeed('PUT');
      const insert = `insert into ${TABLE} (PLANT, ID, STATUS, HITS, CREATED) values`;
      await system.change(`${insert} ('${strategy.slice(0, 8)}', 901, 'A', 0, timestamp '2025-03-01 12:00:00')`);
      await system.touch('for a while');
      await failToSave();
      await system.touch('otherwise');
      await system.succeed('PATCH');
      expect(await system.differences()).toBe(0);
      // Now it is known what consumers have.
      expect((await system.succeed('PATCH')).commits).toEqual([]);
    },
  );

  test('snapshot: a row that was changed and is changed back meanwhile is published again', async () => {
    system.next.strategy = 'snapshot';
    await system.touch('as it was');
    await system.succeed('PUT');
    const change = (name: string): Promise<void> => system.change(`update ${TABLE} set NAME = '${name}' where ID = 3`);
    await change('for a while');
    await failToSave();
    await change('as it was');
    await system.succeed('PATCH');
    expect(await system.differences()).toBe(0);
  });
});
