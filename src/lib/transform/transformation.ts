import type { RunContext } from '../context';
import { subquery } from '../duckdb/encode-rows';
import { quoteIdentifier } from '../duckdb/quote';
import { TablecastError } from '../errors';
import { foldDuckdbName, type DuckdbProjection } from '../lineage/duckdb-projection';
import { Field, fromDuckdbType, ValueSchema } from '../schema';
import { fromProjection, KnownTables } from './known-tables';
import { auditTable } from './audit-table';
import type { RowRule } from './row-rule';
import { stepFailed } from './transform-error';

/** One step of a transformation, as it was run. */
export interface TransformationStep {
  readonly name: string;
  readonly kind: 'table' | 'view';
  /** The SELECT, as the flow wrote it. */
  readonly sql: string;
  /** Which columns it handed through, and which tables it read, given the tables of that moment. */
  readonly projection: DuckdbProjection;
}

/**
 * Builds targets in the run's workspace by SQL steps, each a SELECT in DuckDB's dialect on what was loaded or made before. The schema of a result has
 * DuckDB's own types; what the sources' schemas say of a column comes along wherever the steps hand its values through unchanged.
 *
 * @example
 * const steps = new Transformation(run).source('RESULT', results).source('SAMPLE', samples);
 * await steps.view('DATED', 'select r.*, s.LOGIN_DATE from RESULT r join SAMPLE s using (SAMPLE_NUMBER)');
 * await steps.table('DAILY', 'select ANALYSIS, LOGIN_DATE::date as DAY, count(*) as RESULTS from DATED group by all');
 * await steps.audit('DAILY', [{ name: 'FEW', when: 'RESULTS < 3', result: 'WARN' }]);
 * await producer.replaceTable('DAILY', await steps.schemaOf('DAILY', 'DAILY', 'LABWARE', { RESULTS: 'Number of results' }));
 */
export class Transformation {
  readonly #run: RunContext;
  readonly #known: KnownTables;
  readonly #steps: TransformationStep[] = [];
  /** Names of the rules of each table. */
  readonly #rules = new Map<string, Set<string>>();

  constructor(run: RunContext) {
    this.#run = run;
    this.#known = new KnownTables(run.workspace);
  }

  /** The steps so far, in their order. */
  get steps(): readonly TransformationStep[] {
    return this.#steps;
  }

  /** Tells what is known of a table that a reader has loaded: usually the reader's `tableSchema`. */
  source(table: string, schema: ValueSchema): this {
    this.#known.setSource(table, schema);
    return this;
  }

  /**
   * Makes a table of the rows of a SELECT; one with this name is replaced.
   *
   * @throws TablecastError TRANSFORM_FAILED names the step and says what DuckDB says
   */
  async table(name: string, sql: string): Promise<void> {
    await this.#step(name, sql, 'table');
  }

  /**
   * Makes a view of a SELECT, which is run anew wherever the view is read; one with this name is replaced.
   *
   * @throws TablecastError TRANSFORM_FAILED names the step and says what DuckDB says
   */
  async view(name: string, sql: string): Promise<void> {
    await this.#step(name, sql, 'view');
  }

  /**
   * The schema of a table or view. Types are DuckDB's; description, sensitivity, source's type and semantics are those of the source's column wherever it is
   * handed through unchanged; the key is carried over or made by GROUP BY, DISTINCT or QUALIFY where it is certain to be unique. What is not certain is noted
   * as UNRESOLVED in the run's report. It is yours to complete.
   *
   * @param name name of the schema; default: the table's
   * @param docs descriptions, by column, of what the SQL computes; they go before those of the sources
   * @throws TablecastError TABLE_UNKNOWN there is no such table or view
   * @throws TablecastError COLUMN_UNKNOWN `docs` names a column that the table does not have
   */
  async schemaOf(table: string, name = table, namespace?: string, docs: Readonly<Record<string, string>> = {}): Promise<ValueSchema> {
    const { journal, workspace } = this.#run;
    const columns = await workspace.columns(table);
    const known = await this.#known.table(table);
    const schema = new ValueSchema(name, namespace);
    const names = new Map(columns.map((column) => [foldDuckdbName(column.name), column.name]));
    const described = new Map(Object.entries(docs).map(([column, doc]) => [foldDuckdbName(column), doc]));
    for (const column of Object.keys(docs)) {
      if (!names.has(foldDuckdbName(column))) throw new TablecastError('COLUMN_UNKNOWN', { table, column, use: 'description' });
    }
    for (const [index, column] of columns.entries()) {
      if (schema.field(column.name)?.technical === true) continue;
      const { doc, sensitivity, sourceDataType, semantics, notNull, unresolved } = known?.facts[index] ?? { notNull: false };
      const ownDoc = described.get(foldDuckdbName(column.name));
      const type = fromDuckdbType(column.type, column.name);
      schema.addFieldObject(
        new Field(column.name, type, ownDoc ?? doc, !notNull)
          .setSensitivity(sensitivity)
          .setSourceDataType(sourceDataType)
          .setSemantics(semantics),
      );
      if (unresolved !== undefined && ownDoc === undefined) journal.note('UNRESOLVED', `${name}.${column.name}: ${unresolved}`);
    }
    const key = known?.primaryKey?.map((column) => names.get(column) ?? column);
    if (key) schema.setPks(key);
    else
      journal.note(
        'UNRESOLVED',
        `${name}: no columns are certain to be unique and never NULL in the rows of ${table}, so it has no primary key`,
      );
    return schema;
  }

  /**
   * Checks each row of a table by rules and keeps the outcome in its column `__audit`, which is published with the row: PASS, WARN or FAIL, and one entry for
   * each broken rule. How many rows break each rule is noted as AUDIT in the run's report. A view becomes a table. Further rules can be added by another call.
   *
   * @throws TablecastError AUDIT_STOPPED rows break a rule that is to stop the run: rule, number of rows, three keys
   * @throws TablecastError AUDIT_RULE_INVALID a rule's name is taken, or its quality is no percentage
   * @throws TablecastError TRANSFORM_FAILED a condition or text is no valid SQL on this table
   * @throws TablecastError TABLE_UNKNOWN
   */
  async audit(table: string, rules: readonly RowRule[]): Promise<void> {
    this.#run.signal.throwIfAborted();
    const name = foldDuckdbName(table);
    const known = await this.#known.table(table);
    if (!known) throw new TablecastError('TABLE_UNKNOWN', { table });
    const earlier = this.#rules.get(name) ?? new Set<string>();
    await this.#run.journal.time('check', () => auditTable(this.#run, known, rules, earlier));
    this.#known.setTable(table, known);
    this.#rules.set(name, new Set([...earlier, ...rules.map((rule) => rule.name)]));
  }

  async #step(name: string, sql: string, kind: TransformationStep['kind']): Promise<void> {
    const { journal, lineage, signal, workspace } = this.#run;
    signal.throwIfAborted();
    await journal.time('transform', async () => {
      // Before the step runs: it may replace a table that it reads.
      const projection = await this.#known.project(sql);
      let names: string[];
      try {
        await workspace.run(`CREATE OR REPLACE ${kind} ${quoteIdentifier(name)} AS ${subquery(sql)}`);
        const columns = await workspace.columns(name);
        names = columns.map((column) => column.name);
        if (kind === 'view') this.#known.setView(name, sql);
        else this.#known.setTable(name, fromProjection(name, columns, projection));
      } catch (error) {
        throw stepFailed(name, error);
      }
      this.#rules.delete(foldDuckdbName(name));
      lineage.step(name, { sql, kind, columns: names, columnsOf: (item) => this.#known.columnsOf(item) });
      this.#steps.push({ name, kind, sql, projection });
    });
  }
}
