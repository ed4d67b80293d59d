import { createHash } from 'node:crypto';
import { quoteIdentifier, TablecastError, type ValueSchema, type Workspace } from '../lib/index';
import type { TextRow } from './rest-fields';

/** How much of a page is held in memory before it goes to the workspace. */
export interface StageLimits {
  readonly rows: number;
  readonly characters: number;
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
  #chunk: (string | null)[][];
  #chunkRows = 0;
  #chunkCharacters = 0;
  #flushed = 0;
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
    this.#chunk = this.#columns.map(() => []);
  }

  /** Rows so far. */
  get rows(): number {
    return this.#flushed + this.#chunkRows;
  }

  /** The same for pages with the same rows. */
  digest(): string {
    return this.#hash.copy().update(JSON.stringify(this.#chunk)).digest('base64');
  }

  /** Takes one row; await it, because it may wait for the workspace. */
  async add(row: TextRow): Promise<void> {
    if (this.#chunkRows >= this.#limits.rows || this.#chunkCharacters >= this.#limits.characters) await this.#flush();
    row.forEach((value, index) => {
      this.#chunk[index]!.push(value);
      this.#chunkCharacters += value?.length ?? 0;
    });
    this.#chunkRows += 1;
  }

  /**
   * The page is whole: its rows become rows of the table.
   * @throws TablecastError VALUE_INVALID naming column and record of the page
   */
  async complete(): Promise<void> {
    if (!this.#hasTable) {
      await this.#append(this.#table);
      return;
    }
    await this.#flush();
    const names = this.#columns.map(({ name }) => quoteIdentifier(name)).join(', ');
    await this.#workspace.run(`INSERT INTO ${quoteIdentifier(this.#table)} (${names}) SELECT ${names} FROM ${quoteIdentifier(this.#own)}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#hasTable) await this.#workspace.dropTable(this.#own);
  }

  async #flush(): Promise<void> {
    if (!this.#hasTable) await this.#workspace.createTable(this.#own, this.#columns);
    this.#hasTable = true;
    this.#hash.update(JSON.stringify(this.#chunk));
    await this.#append(this.#own);
  }

  async #append(target: string): Promise<void> {
    const chunk = this.#chunk;
    try {
      await this.#workspace.appendText(target, chunk);
    } catch (error) {
      throw error instanceof TablecastError && error.code === 'VALUE_INVALID' ? await this.#located(error, chunk) : error;
    }
    this.#flushed += this.#chunkRows;
    this.#chunk = this.#columns.map(() => []);
    this.#chunkRows = 0;
    this.#chunkCharacters = 0;
  }

  /** The workspace counts rows of the table, where other pages are too: in a table of its own the chunk's row shows which record it is. */
  async #located(error: TablecastError, chunk: readonly (readonly (string | null)[])[]): Promise<unknown> {
    const alone = `${this.#own}, the part that failed`;
    await this.#workspace.createTable(alone, this.#columns);
    try {
      await this.#workspace.appendText(alone, chunk);
      return error;
    } catch (located) {
      const row = located instanceof TablecastError ? /\d+/.exec(String(located.details['row']))?.[0] : undefined;
      const record = row === undefined ? 'one of its records' : `record ${this.#flushed + Number(row)}`;
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
