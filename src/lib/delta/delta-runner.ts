import type { RunContext } from '../context';
import { quoteIdentifier } from '../duckdb/quote';
import { TablecastError } from '../errors';
import type { KafkaProducer } from '../kafka/kafka-producer';
import { FunctionRunner, type NewPointer } from '../run/function-runner';
import type { RunReader } from '../run/run-reader';
import type { Filter } from '../run/run-request';
import { duckdbDialect, type SqlDialect } from '../run/sql-dialect';
import { flowLabel } from '../state/flow-state';
import type { DeltaStrategy, DeltaTask, LoadedTable } from './delta-strategy';
import { publishAll } from './publish';
import type { Selection } from './selection';

/**
 * A flow of one table that says how its changes are found (`strategy`) and how selected rows come into the workspace (`load`); the rest is here. Initial load,
 * delta load and backfill are then not to be written.
 *
 * @example
 * class ResultRunner extends DeltaRunner<OracleReader> {
 *   protected override readonly strategy = watermark({ columns: ['CHANGED_ON'], type: 'timestamp', overlap: '10 minutes' });
 *   protected override readonly backfillBy = ['PLANT'];
 *
 *   protected override async load(reader: OracleReader, { condition, binds }: Selection) {
 *     await reader.load('RESULT', `select * from LIMSPRD.RESULT where ${condition}`, 'RESULT', 'LABWARE', { binds });
 *     return { table: 'RESULT', schema: reader.tableSchema };
 *   }
 * }
 */
export abstract class DeltaRunner<R extends RunReader> extends FunctionRunner<R> {
  /** How changes are found. */
  protected abstract readonly strategy: DeltaStrategy<R>;

  /** Columns by whose values a backfill may select rows; none: no backfill. Texts and whole numbers: consumers compare the value as text. */
  protected readonly backfillBy: readonly string[] = [];

  /** Brings the selected rows into the workspace. Called once per run; the strategy publishes them. */
  protected abstract load(reader: R, selection: Selection, run: RunContext): Promise<LoadedTable>;

  override get deltaIsFullLoad(): boolean {
    return this.strategy.deltaIsFullLoad ?? false;
  }

  override initialLoad(producer: KafkaProducer, reader: R, run: RunContext): Promise<NewPointer> {
    return this.strategy.initialLoad(this.#task(producer, reader, run));
  }

  override deltaLoad(producer: KafkaProducer, reader: R, pointer: string, run: RunContext): Promise<NewPointer> {
    return this.strategy.deltaLoad(this.#task(producer, reader, run), pointer);
  }

  /**
   * Replaces the rows that have the values of the filter: a TRUNCATE row with the filter, then the rows as they are now. The pointer stays as it is.
   * @throws TablecastError BACKFILL_UNSUPPORTED without `backfillBy`; BACKFILL_FILTER when the filter names another column, or none, or rows come that it does
   *   not select; EMPTY_TABLE when no rows come and `load` does not say that this is allowed
   */
  override async backfill(producer: KafkaProducer, reader: R, filter: Filter, run: RunContext): Promise<void> {
    if (this.backfillBy.length === 0) throw new TablecastError('BACKFILL_UNSUPPORTED', { function: flowLabel(run) });
    const columns = Object.keys(filter);
    const other = columns.filter((column) => !this.backfillBy.includes(column));
    if (columns.length === 0 || other.length > 0) {
      const reason = other.length > 0 ? `it names ${other.join(', ')}` : 'it is empty';
      throw new TablecastError('BACKFILL_FILTER', { function: flowLabel(run), reason, allowed: this.backfillBy });
    }
    const task = this.#task(producer, reader, run);
    const loaded = await task.load(backfillSelection(filter, dialectOf(reader)));
    await this.#checkFilter(loaded, filter, run);
    await publishAll(task, loaded, this.strategy.deletedWhen, filter);
    await this.strategy.backfilled?.(task, loaded, filter);
  }

  /** Consumers delete by the text of the filter; a row that comes by another would stay beside what it replaces. */
  async #checkFilter({ table, schema }: LoadedTable, filter: Filter, run: RunContext): Promise<void> {
    for (const [column, value] of Object.entries(filter)) {
      if (!schema.field(column)) throw new TablecastError('COLUMN_UNKNOWN', { table, column, use: 'backfill' });
      const text = `CAST(${quoteIdentifier(column)} AS VARCHAR)`;
      const [found] = await run.workspace.query(
        `SELECT count(*) AS rows, min(${text}) AS example FROM ${quoteIdentifier(table)} WHERE ${text} IS DISTINCT FROM ?`,
        [value],
      );
      const rows = Number(found?.['rows']);
      if (rows === 0) continue;
      const reason = `${rows} rows came with another ${column} than ${JSON.stringify(value)}, e.g. ${JSON.stringify(found?.['example'])}`;
      throw new TablecastError('BACKFILL_FILTER', { function: flowLabel(run), reason, allowed: this.backfillBy });
    }
  }

  #task(producer: KafkaProducer, reader: R, run: RunContext): DeltaTask<R> {
    const load = (selection: Selection): Promise<LoadedTable> => {
      run.lineage.selecting(selection.condition);
      return this.load(reader, selection, run);
    };
    return { producer, reader, run, backfillBy: this.backfillBy, load };
  }
}

/** The dialect of the reader, DuckDB's when it has none of its own. */
export function dialectOf(reader: RunReader & { readonly dialect?: SqlDialect }): SqlDialect {
  return reader.dialect ?? duckdbDialect;
}

function backfillSelection(filter: Filter, dialect: SqlDialect): Selection {
  const entries = Object.entries(filter);
  return {
    load: 'backfill',
    condition: entries.map(([column], index) => dialect.compare(column, '=', `value${index}`, 'text')).join(' AND '),
    binds: Object.fromEntries(entries.map(([, value], index) => [`value${index}`, value])),
    filter,
  };
}
