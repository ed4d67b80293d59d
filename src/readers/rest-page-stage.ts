import { createHash } from 'node:crypto';
import { quoteIdentifier, TablecastError, type ValueSchema, type Workspace } from '../lib/index';
import type { TextRow } from './rest-fields';

/** How much of a page is held in memory before it goes to the workspace. */
export interface StageLimits {
  readonly rows: number;
  readonly characters: number;
}

/** Rows of a page, column by column. */
interface Part {
  readonly columns: readonly (readonly (string | null)[])[];
  /** Rows of the page before them. */
  readonly before: number;
}

/**
 * Keeps the rows of a page apart until the page is whole: a page that breaks off leaves nothing, and reading it again doubles nothing. A small page
 * stays in memory and is appended at once; what is larger collects in a table of its own and moves in one statement.
 */
export class PageStage implements AsyncDisposable {
  readonly #workspace: Workspace;
  readonly #table: string;
  readonly #page: number;
  /** The table that the page may have for itself. */
  readonly #own: string;
  readonly #columns: readonly { readonly name: string; readonly type: string }[];
  readonly #limits: StageLimits;
  #part: (string | null)[][];
  #partRows = 0;
  #partCharacters = 0;
  /** Rows of the page that have left this memory. */
  #before = 0;
  /** The part that is being stored. */
  #stored: Promise<void> = Promise.resolve();
  readonly #hash = createHash('sha256');
  #hasTable = false;

  /** @param page number of the page: no other page of the table has it */
  constructor(workspace: Workspace, table: string, page: number, schema: ValueSchema, limits: StageLimits) {
    this.#workspace = workspace;
    this.#table = table;
    this.#page = page;
    this.#own = `${table}, page ${page}`;
    this.#columns = schema.tableFields.map(({ name, type }) => ({ name, type: type.duckdbType() }));
    this.#limits = limits;
    this.#part = this.#columns.map(() => []);
  }

  /** Rows so far. */
  get rows(): number {
    return this.#before + this.#partRows;
  }

  /** The same for pages with the same rows. */
  digest(): string {
    return this.#hash.copy().update(JSON.stringify(this.#part)).digest('base64');
  }

  /** Takes one row; await it, because it may wait for the workspace. */
  async add(row: TextRow): Promise<void> {
    if (this.#partRows >= this.#limits.rows || this.#partCharacters >= this.#limits.characters) await this.#flush();
    row.forEach((value, index) => {
      this.#part[index]!.push(value);
      this.#partCharacters += value?.length ?? 0;
    });
    this.#partRows += 1;
  }

  /**
   * The page is whole: its rows become rows of the table.
   * @throws TablecastError VALUE_INVALID naming column and record of the page
   */
  async complete(): Promise<void> {
    if (!this.#hasTable) {
      await this.#append(this.#table, this.#takePart());
      return;
    }
    await this.#flush();
    await this.#stored;
    const names = this.#columns.map(({ name }) => quoteIdentifier(name)).join(', ');
    await this.#workspace.run(`INSERT INTO ${quoteIdentifier(this.#table)} (${names}) SELECT ${names} FROM ${quoteIdentifier(this.#own)}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stored.catch(() => undefined);
    if (this.#hasTable) await this.#workspace.dropTable(this.#own);
  }

  /** Begins to store what is in memory. The next part may collect meanwhile, but not a third. */
  async #flush(): Promise<void> {
    if (!this.#hasTable) await this.#workspace.createTable(this.#own, this.#columns);
    this.#hasTable = true;
    this.#hash.update(JSON.stringify(this.#part));
    await this.#stored;
    this.#stored = this.#append(this.#own, this.#takePart());
    this.#stored.catch(() => undefined);
  }

  #takePart(): Part {
    const part = { columns: this.#part, before: this.#before };
    this.#before = this.rows;
    this.#part = this.#columns.map(() => []);
    this.#partRows = 0;
    this.#partCharacters = 0;
    return part;
  }

  async #append(target: string, part: Part): Promise<void> {
    try {
      await this.#workspace.appendText(target, part.columns);
    } catch (error) {
      throw error instanceof TablecastError && error.code === 'VALUE_INVALID' ? await this.#located(error, part) : error;
    }
  }

  /** The workspace counts rows of the table, where other pages are too: in a table of its own the part's row shows which record it is. */
  async #located(error: TablecastError, { columns, before }: Part): Promise<unknown> {
    const alone = `${this.#own}, the part that failed`;
    await this.#workspace.createTable(alone, this.#columns);
    try {
      await this.#workspace.appendText(alone, columns);
      return error;
    } catch (located) {
      const row = located instanceof TablecastError ? /\d+/.exec(String(located.details['row']))?.[0] : undefined;
      const record = row === undefined ? 'one of its records' : `record ${before + Number(row)}`;
      const { column = '*', reason = '' } = error.details;
      return new TablecastError(
        'VALUE_INVALID',
        { table: this.#table, column, row: `page ${this.#page}, ${record}`, reason },
        { cause: error },
      );
    } finally {
      await this.#workspace.dropTable(alone);
    }
  }
}
