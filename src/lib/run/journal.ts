import type { RunJournal, Stage } from '../context';
import type { Logger } from '../logger';
import { StageClock } from './stage-clock';

export interface Note {
  readonly kind: string;
  readonly text: string;
}

/** Beyond this a run says the same thing too often for anybody to read it. */
const MAX_NOTES = 500;

/** Collects what a run tells about itself, for its report, and logs its progress. */
export class Journal implements RunJournal {
  readonly #clock = new StageClock();
  readonly #notes: Note[] = [];
  readonly #tables = new Map<string, Partial<Record<Stage, number>>>();
  #surplusNotes = 0;
  #lastLogged = performance.now();

  constructor(
    private readonly run: string,
    private readonly logger: Logger,
    /** Progress is logged at most this often. */
    private readonly progressSeconds = 5,
  ) {}

  time<T>(stage: Stage, work: () => Promise<T>): Promise<T> {
    return this.#clock.time(stage, work);
  }

  note(kind: string, text: string): void {
    if (this.#notes.length < MAX_NOTES) this.#notes.push({ kind, text });
    else this.#surplusNotes += 1;
  }

  progress(stage: Stage, table: string, rows: number): void {
    const counts = this.#tables.get(table) ?? {};
    counts[stage] = rows;
    this.#tables.set(table, counts);
    if (performance.now() - this.#lastLogged < this.progressSeconds * 1000) return;
    this.#lastLogged = performance.now();
    this.logger.info(`Run ${this.run}: ${stage} ${table}, ${rows} rows so far`);
  }

  get notes(): readonly Note[] {
    if (this.#surplusNotes === 0) return [...this.#notes];
    return [...this.#notes, { kind: 'MORE_NOTES', text: `${this.#surplusNotes} further notes are not shown` }];
  }

  /** Seconds by stage. */
  get seconds(): Partial<Record<Stage, number>> {
    return this.#clock.seconds();
  }

  /** Rows by table and stage, as far as the run came. */
  get tables(): Record<string, Partial<Record<Stage, number>>> {
    return Object.fromEntries([...this.#tables].map(([table, counts]) => [table, { ...counts }]));
  }
}
