import type { Random } from './random';

/** How a source stamps its rows, and how a statement writes a stamp. */
export interface StampType {
  readonly column: string;
  /** SQL for the placeholder `:name`. */
  readonly sql: (name: string) => string;
  /** What is bound for a stamp. */
  readonly bind: (stamp: bigint) => string | number;
  /** The smallest step, in the clock's unit. */
  readonly step: bigint;
  /** Whether stamps are times: then there is a future, in which a row waits. */
  readonly isTime: boolean;
}

const second = 1_000_000n;

/** `2025-01-31 12:00:00.123456` for microseconds since 1970. */
function timeText(stamp: bigint): string {
  const seconds = new Date(Number(stamp / second) * 1000).toISOString().slice(0, 19).replace('T', ' ');
  return `${seconds}.${String(stamp % second).padStart(6, '0')}`;
}

/** Times are in microseconds since 1970, numbers and texts count. */
export const stampTypes = {
  timestamp: {
    column: 'timestamp(6)',
    sql: (name) => `to_timestamp(:${name}, 'YYYY-MM-DD HH24:MI:SS.FF6')`,
    bind: timeText,
    step: 1n,
    isTime: true,
  },
  timestamptz: {
    column: 'timestamp(6) with time zone',
    sql: (name) => `to_timestamp_tz(:${name}, 'YYYY-MM-DD HH24:MI:SS.FF6 TZH:TZM')`,
    // The wall clock of another place, for one moment.
    bind: (stamp) => (stamp % 2n === 0n ? `${timeText(stamp)} +00:00` : `${timeText(stamp + 7200n * second)} +02:00`),
    step: 1n,
    isTime: true,
  },
  date: {
    column: 'date',
    sql: (name) => `to_date(:${name}, 'YYYY-MM-DD HH24:MI:SS')`,
    bind: (stamp) => timeText(stamp).slice(0, 19),
    step: second,
    isTime: true,
  },
  number: { column: 'number(18)', sql: (name) => `:${name}`, bind: Number, step: second, isTime: false },
  text: {
    column: 'varchar2(20)',
    sql: (name) => `:${name}`,
    bind: (stamp) => String(stamp).padStart(20, '0'),
    step: second,
    isTime: false,
  },
} as const satisfies Record<string, StampType>;

/** A moment that no run sees. */
export const future = BigInt(Date.UTC(2200, 0, 1)) * 1000n;

/** The clock by which a source stamps its changes; it lies in the past and never runs so far that an open transaction's stamps leave the overlap. */
export class SourceClock {
  #now = BigInt(Date.UTC(2025, 0, 1)) * 1000n;

  constructor(
    private readonly random: Random,
    readonly type: StampType,
    /** In the clock's unit. */
    readonly overlap: bigint,
  ) {}

  /**
   * The next stamp; often the same as the one before.
   * @param oldestOpen the first stamp of the oldest transaction that is still open
   */
  next(oldestOpen: bigint | undefined): bigint {
    const { step } = this.type;
    const steps = this.random.weighted({ tie: 4, least: 2, some: 3, far: 1 });
    const by = { tie: 0n, least: 1n, some: BigInt(this.random.between(1, 120)) * (second / step), far: 900n * (second / step) }[steps];
    const wanted = this.#now + by * step;
    const limit = oldestOpen === undefined ? wanted : oldestOpen + this.overlap;
    if (wanted <= limit) this.#now = wanted;
    else if (limit > this.#now) this.#now = limit; // the very edge of the overlap
    return this.#now;
  }
}
