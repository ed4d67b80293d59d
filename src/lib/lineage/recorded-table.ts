import type { LineageOptions } from './column-lineage';

/** A SELECT that made a workspace table, and what is known of what it reads. */
export interface RecordedSql extends LineageOptions {
  /** As the flow wrote it. */
  readonly sql: string;
  /** Where its physical tables are; for DuckDB the folder or container below which its files are. */
  readonly connection: string;
}

/** A table or view of the workspace, as it was from some moment of the run on. */
export interface RecordedTable {
  readonly name: string;
  readonly kind: 'table' | 'view';
  /** In their order, in the workspace's spelling. */
  readonly columns: readonly string[];
  /** The moment: those made earlier have smaller numbers. */
  readonly moment: number;
  readonly origin:
    | ({ readonly type: 'sql' } & RecordedSql)
    | { readonly type: 'object'; readonly connection: string; readonly name: string; readonly fields: ReadonlyMap<string, string> };
}

/** The tables of a workspace through a run: which one a name meant at which moment. */
export class RecordedTables {
  readonly #tables = new Map<string, RecordedTable[]>();
  readonly #fold: (name: string) => string;
  #moment = 0;

  constructor(fold: (name: string) => string) {
    this.#fold = fold;
  }

  /** Now, after everything recorded so far. */
  get moment(): number {
    return this.#moment;
  }

  add(table: Omit<RecordedTable, 'moment'>): void {
    const name = this.#fold(table.name);
    this.#tables.set(name, [...(this.#tables.get(name) ?? []), { ...table, moment: ++this.#moment }]);
  }

  /** What a name meant when everything up to that moment was recorded. */
  at(name: string, moment: number): RecordedTable | undefined {
    return this.#tables.get(this.#fold(name))?.findLast((table) => table.moment <= moment);
  }
}
