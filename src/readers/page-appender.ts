import type { Workspace } from '../lib/index';
import type { OracleValue } from './oracle-session';
import type { ColumnReading } from './oracle-types';

type Text = string | Uint8Array | null;

/** Rows that are appended at once: each append costs the same planning, however few its rows are. */
const batchRows = 4096;
/** Bytes after which a batch is appended earlier; two batches are in memory at a time. */
const batchBytes = 8 * 1024 * 1024;

/**
 * Collects pages of rows as columns, which the workspace takes, and appends them in larger batches. One batch is being appended while the next is collected.
 */
export class PageAppender {
  readonly #workspace: Workspace;
  readonly #table: string;
  readonly #readings: readonly ColumnReading[];
  readonly #expressions: readonly ColumnReading['expression'][];
  #columns: Text[][];
  #rows = 0;
  #bytes = 0;
  #underWay: Promise<void> = Promise.resolve();

  constructor(workspace: Workspace, table: string, readings: readonly ColumnReading[]) {
    this.#workspace = workspace;
    this.#table = table;
    this.#readings = readings;
    this.#expressions = readings.map(({ expression }) => expression);
    this.#columns = readings.map(() => []);
  }

  /**
   * Adds a page.
   * @param bytes about how many it holds
   * @throws TablecastError VALUE_INVALID for a value of this or an earlier page
   */
  async add(page: readonly (readonly OracleValue[])[], bytes: number): Promise<void> {
    this.#readings.forEach(({ toText }, index) => {
      const column = this.#columns[index]!;
      if (toText) {
        for (const row of page) {
          const value = row[index];
          column.push(value === null || value === undefined ? null : toText(value));
        }
      } else {
        for (const row of page) column.push((row[index] ?? null) as Text);
      }
    });
    this.#rows += page.length;
    this.#bytes += bytes;
    if (this.#rows >= batchRows || this.#bytes >= batchBytes) await this.#append();
  }

  /** Appends what is left. */
  async finish(): Promise<void> {
    if (this.#rows > 0) await this.#append();
    await this.#underWay;
  }

  /** Waits for what is under way, without regard to whether it succeeds. */
  async settle(): Promise<void> {
    await this.#underWay.catch(() => undefined);
  }

  async #append(): Promise<void> {
    const columns = this.#columns;
    this.#columns = this.#readings.map(() => []);
    this.#rows = 0;
    this.#bytes = 0;
    await this.#underWay;
    this.#underWay = this.#workspace.appendText(this.#table, columns, this.#expressions);
    // It is awaited before the next one, or at the end; until then a failure is not unhandled.
    this.#underWay.catch(() => undefined);
  }
}
