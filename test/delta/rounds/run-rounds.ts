import type { Comparison } from '../../../local/compare-table';
import { readTable } from '../../../local/consumer/table-image';
import type { TopicMessage } from '../../../local/consumer/read-topic';
import type { RunReport } from '../../../src/lib';
import type { Row } from '../../../src/lib/schema/row';
import type { Answer } from '../../run/flow-under-test';
import { checkDelta, checkFullLoad, type MessageRules, type Published } from './message-rules';
import { Random } from './random';
import type { RoundsFlow } from './rounds-flow';

/** The source of a flow, which a test changes at random. */
export interface RoundsSource extends AsyncDisposable {
  /** Some random changes that the strategy can see; some may stay uncommitted. */
  change(): Promise<void>;
  /** Changes of which only a full load tells; where there are none, it is not there. */
  changeWithoutTrace?(): Promise<void>;
  /** Compares what is committed with what a consumer holds. */
  compare(image: { rows(): Iterable<Row> }): Promise<Comparison>;
}

export interface RoundsPlan {
  readonly rules: MessageRules;
  readonly source: RoundsSource;
  readonly flow: RoundsFlow;
  /** What is wrong with a delta beyond the rules, e.g. that a row is missing. Asked when the source has stood still meanwhile. */
  readonly check?: (report: RunReport, messages: readonly TopicMessage[]) => string[];
  /** Filters by which a backfill can load a part of the table. */
  readonly parts: readonly Readonly<Record<string, string>>[];
  /** Whether a delta without changes publishes nothing; default true. */
  readonly silent?: boolean;
}

const soak = process.env.npm_lifecycle_event === 'test:soak';

/** How many rounds are played: TABLECAST_ROUNDS, else 200 by `npm run test:soak` and 25 otherwise. */
const allRounds = Number(process.env.TABLECAST_ROUNDS ?? (soak ? '200' : '25'));

/** The rounds of a test, of which some need only a part. */
export function roundsOf(share = 1): number {
  return Math.round(allRounds * share);
}

/** A generous limit for a test of all rounds, in milliseconds. */
export const roundsTimeout = 60_000 + allRounds * 4_000;

/** The seed of this run: TABLECAST_SEED, or another one each time. */
export function chooseSeed(): number {
  const given = process.env.TABLECAST_SEED;
  return given === undefined || given === '' ? Date.now() % 2 ** 31 : Number(given);
}

const rounds = {
  changes: 12,
  quiet: 2,
  repeated: 2,
  overlapping: 4,
  failed: 3,
  unsaved: 2,
  putBack: 2,
  backfill: 2,
  initial: 1,
} as const;

type Round = keyof typeof rounds;

/**
 * Plays the rounds: each changes the source, runs the flow and compares; most are plain, some are repeated, fail, or run while the source changes.
 * @throws Error naming the seed that repeats the rounds
 */
export async function playRounds(title: string, count: number, start: (random: Random) => Promise<RoundsPlan>): Promise<void> {
  const seed = chooseSeed();
  if (soak || process.env.TABLECAST_ROUNDS !== undefined) process.stderr.write(`${title}: ${count} rounds, TABLECAST_SEED=${seed}\n`);
  const random = new Random(seed);
  const plan = await start(random);
  const game = new Game(plan, random);
  const played: string[] = [];
  try {
    await game.begin();
    while (played.length < count) {
      const round = random.weighted(rounds);
      played.push(round);
      await game.play(round);
    }
    await game.end();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const last = played.slice(-3).join(', ');
    throw new Error(`Round ${played.length} (… ${last}); repeat it with TABLECAST_SEED=${seed}: ${reason}`, { cause: error });
  } finally {
    await plan.flow[Symbol.asyncDispose]();
    await plan.source[Symbol.asyncDispose]();
  }
}

class Game {
  readonly #plan: RoundsPlan;
  readonly #random: Random;
  /** What was published up to the saved pointer: what the next delta is relative to. */
  #base: Published = new Map();
  /** Whether runs after the saved pointer may have published something: failed ones, backfills. A strategy cannot tell, and may publish rows again. */
  #doubt = false;
  /** Messages of all deltas. */
  #deltas = 0;
  /** The pointer before the saved one, and what was published up to it. */
  #earlier: { readonly pointer: string; readonly base: Published } | undefined;

  constructor(plan: RoundsPlan, random: Random) {
    this.#plan = plan;
    this.#random = random;
  }

  async begin(): Promise<void> {
    await this.#initial();
  }

  async play(round: Round): Promise<void> {
    const { source, flow } = this.#plan;
    if (round !== 'quiet') await source.change();
    switch (round) {
      case 'changes':
        await this.#delta();
        break;
      case 'quiet':
        await this.#delta();
        await this.#silent();
        break;
      case 'repeated':
        await this.#delta();
        await this.#compare();
        await this.#silent();
        break;
      case 'overlapping':
        await this.#delta(source.change());
        await this.#delta();
        break;
      case 'failed': {
        const pointer = await flow.pointer();
        flow.store.fail('lease');
        const { status, body } = await flow.call('PATCH');
        expect({ status, code: body.code, commits: body.run.commits }).toEqual({ status: 503, code: 'STATE_UNREACHABLE', commits: [] });
        expect(await flow.pointer()).toBe(pointer);
        this.#doubt = true;
        if (this.#random.chance(0.5)) await source.change();
        await this.#delta();
        break;
      }
      case 'unsaved': {
        const pointer = await flow.pointer();
        flow.store.fail('pointer');
        const { status, body } = await flow.call('PATCH');
        if (status !== 200) {
          expect(body.code).toBe('POINTER_NOT_SAVED');
          await this.#check(body.run);
        } else {
          // The strategy may leave the pointer alone when it finds nothing.
          flow.store.meanwhile = undefined;
          await this.#check(body as unknown as RunReport);
        }
        expect(await flow.pointer()).toBe(pointer);
        this.#doubt = true;
        await this.#compare();
        if (this.#random.chance(0.5)) await source.change();
        await this.#delta();
        break;
      }
      case 'putBack':
        await this.#delta();
        await this.#compare();
        if (this.#earlier) {
          await flow.store.putBack(this.#earlier.pointer);
          this.#base = this.#earlier.base;
          this.#doubt = true;
        }
        await this.#delta();
        break;
      case 'backfill':
        await this.#backfill(this.#random.pick(this.#plan.parts));
        if (this.#random.chance(0.5)) await source.change();
        await this.#delta();
        break;
      case 'initial':
        await source.changeWithoutTrace?.();
        await this.#initial();
        break;
    }
    await this.#compare();
  }

  /** Reads the topic anew from its beginning: who comes late sees the same. */
  async end(): Promise<void> {
    const { flow, source } = this.#plan;
    const { bootstrap } = flow.broker;
    const image = await readTable({ bootstrap, registry: flow.registry.url, topic: flow.topic, atLeast: flow.follower.image.messages });
    expect(this.#deltas).toBeGreaterThan(0);
    expect(image.messages).toBe(flow.follower.image.messages);
    expect(await source.compare(image)).toMatchObject({ differences: 0 });
  }

  async #initial(): Promise<void> {
    const answer = await this.#plan.flow.call('PUT');
    const messages = await this.#succeeded(answer, 'initial');
    expect(checkFullLoad(messages)).toEqual([]);
    this.#earlier = undefined;
  }

  /** Loads a part of the table again: the pointer stays, and so does what the next delta is relative to. */
  async #backfill(filter: Readonly<Record<string, string>>): Promise<void> {
    const { flow } = this.#plan;
    const pointer = await flow.pointer();
    const { status, body } = await flow.call('POST', { load: 'backfill', filter });
    if (status !== 200) throw new Error(`The backfill failed: ${JSON.stringify(body)}`);
    expect(checkFullLoad(await flow.follower.follow(body as unknown as RunReport), filter)).toEqual([]);
    expect(await flow.pointer()).toBe(pointer);
    this.#doubt = true;
  }

  /** A delta load, and meanwhile something else. */
  async #delta(meanwhile?: Promise<void>): Promise<TopicMessage[]> {
    const { flow } = this.#plan;
    const pointer = await flow.pointer();
    const base = this.#base;
    const [answer] = await Promise.all([
      flow.call(this.#plan.rules.kind === 'full' ? 'PATCH' : this.#random.pick(['PATCH', 'POST'])),
      meanwhile,
    ]);
    const messages = await this.#succeeded(answer, 'delta', meanwhile === undefined);
    if (pointer !== null) this.#earlier = { pointer, base };
    return messages;
  }

  /** A delta of which nobody must take notice. */
  async #silent(): Promise<void> {
    const messages = await this.#delta();
    if (this.#plan.silent !== false) expect(messages).toEqual([]);
  }

  async #succeeded(answer: Answer, load: 'initial' | 'delta', still = true): Promise<TopicMessage[]> {
    if (answer.status !== 200) throw new Error(`The run failed: ${JSON.stringify(answer.body)}`);
    const report = answer.body as unknown as RunReport;
    expect(report.load).toBe(load);
    const messages = load === 'delta' ? await this.#check(report, still) : await this.#plan.flow.follower.follow(report);
    this.#base = this.#plan.flow.follower.published;
    if (report.pointer.after !== report.pointer.before) this.#doubt = false;
    return messages;
  }

  async #check(report: RunReport, still = true): Promise<TopicMessage[]> {
    const { flow, rules, check } = this.#plan;
    const messages = await flow.follower.follow(report);
    const problems = [...checkDelta(messages, this.#base, rules, this.#doubt), ...((still && check?.(report, messages)) || [])];
    this.#deltas += messages.length;
    if (problems.length > 0) throw new Error(`${problems.length} problems: ${problems.slice(0, 5).join('; ')}`);
    return messages;
  }

  async #compare(): Promise<void> {
    const { source, flow } = this.#plan;
    const { differences, examples, sourceRows, consumerRows } = await source.compare(flow.follower.image);
    if (differences > 0)
      throw new Error(`${differences} differences (${sourceRows} rows, ${consumerRows} at the consumer): ${examples.join('; ')}`);
  }
}
