import { Cron } from 'croner';
import { resolveSettings } from './app-settings';
import type { BindingInfo, TypedData } from './core-api';
import type { ScheduleStatus, ScheduleStore } from './schedule-store';

/** What a timer function is called with. */
export type StartTimer = (data: TypedData) => Promise<void>;

const never = '0001-01-01T00:00:00+00:00';

/**
 * Starts one timer function by its NCRONTAB schedule: six fields, seconds first, in UTC; day of month and weekday must both hold.
 * A run that is due while the last one still works is left out. A run missed while the host was down starts at once, with IsPastDue.
 */
export class TimerListener implements Disposable {
  private readonly job: Cron;

  /** @throws Error when the schedule is not six-field NCRONTAB or names a setting that is missing */
  constructor(
    private readonly functionName: string,
    private readonly binding: BindingInfo,
    private readonly start: StartTimer,
    private readonly store: ScheduleStore,
  ) {
    const schedule = resolveSettings(String(binding['schedule']));
    this.job = new Cron(schedule, { mode: '6-part', domAndDow: true, timezone: 'UTC', protect: true, paused: true }, () => this.run(false));
  }

  /** The next time by the schedule. */
  get next(): Date | null {
    return this.job.nextRun();
  }

  /** Begins to follow the schedule; a missed run, or one asked for by runOnStartup, starts now and is not waited for. */
  begin(): Promise<void> | undefined {
    const status = this.store.read(this.functionName);
    const pastDue = status !== undefined && Date.parse(status.Next) < Date.now();
    this.job.resume();
    if (pastDue || this.binding['runOnStartup'] === true) return this.run(pastDue);
    this.store.write(this.functionName, this.status(status?.Last ?? never));
    return undefined;
  }

  /** Runs the function now. */
  async run(isPastDue: boolean): Promise<void> {
    const started = new Date().toISOString();
    const status = this.store.read(this.functionName) ?? this.status(never);
    try {
      await this.start({ json: JSON.stringify({ Schedule: { AdjustForDST: true }, ScheduleStatus: status, IsPastDue: isPastDue }) });
    } finally {
      this.store.write(this.functionName, this.status(started));
    }
  }

  [Symbol.dispose](): void {
    this.job.stop();
  }

  private status(last: string): ScheduleStatus {
    return { Last: last, Next: this.next?.toISOString() ?? never, LastUpdated: new Date().toISOString() };
  }
}
