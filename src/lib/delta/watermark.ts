import type { RunContext } from '../context';
import { quoteIdentifier, quoteLiteral } from '../duckdb/quote';
import { TablecastError } from '../errors';
import type { SqlDialect, WatermarkType } from '../run/sql-dialect';
import { hashesOf } from './compare-tables';
import { dialectOf } from './delta-runner';
import type { DeltaStrategy, DeltaTask, LoadedTable } from './delta-strategy';
import { KEPT_NAME, keepFile, loadFile, removeOutdated, writeFile } from './kept-file';
import { foreignPointer } from './pointer-form';
import { CHANGE_TYPE, keyOf, publishAll, publishChanges, upsertOrDelete } from './publish';
import { KEY_HASH, ROW_HASH } from './row-hash';
import { everything, type Selection } from './selection';
import { atMoment, before, comparable, isWatermark, toComparable, toWatermarkText, unreadable } from './watermark-value';

export interface WatermarkOptions {
  /** Columns that grow with every change of a row, e.g. `['CHANGED_ON']`, or `['CREATED_ON', 'CHANGED_ON']` where a new row has only the first. */
  readonly columns: readonly string[];
  /** What they hold. Oracle's DATE is `date`, although it has a time of day. */
  readonly type: WatermarkType;
  /**
   * How far before the last watermark a delta starts to read, for rows that were committed after later ones: longer than the longest transaction. Times as
   * `'10 minutes'` (seconds, minutes, hours, days), numbers as number. Default none. Not for texts.
   */
  readonly overlap?: string | number;
  /** DuckDB SQL condition on the loaded table for rows that count as deleted, e.g. `STATUS = 'X'`: they are published as DELETE. */
  readonly deletedWhen?: string;
  /** The zone in which times without zone are written at the source, e.g. `Europe/Paris`. Default UTC. */
  readonly timeZone?: string;
  /** How the source writes conditions; default the reader's own way. Needed where the reader combines several. */
  readonly dialect?: SqlDialect;
}

/** What the pointer says. */
interface Position {
  /** What the watermark is of: with other columns, or another type, it says nothing. */
  readonly columns: readonly string[];
  readonly type: WatermarkType;
  /** The greatest watermark seen; null when no row had any. */
  readonly watermark: string | null;
  /** Name of the file that holds hashes of the rows near it. */
  readonly seen: string;
}

const NAME = 'watermark';
/** Column of the kept file: the greatest of a row's watermarks. */
const MARK = '__watermark';

/**
 * Reads the rows whose watermark lies in a window, from the last one seen, less an overlap, up to but not including the start of the run (times; rows of the
 * future wait), and publishes them as UPSERT rows. Rows of the overlap that were published before and are the same are left out. Rows that are deleted, and changes
 * that leave the watermark alone, are not seen; an initial load reads all rows.
 *
 * The pointer is JSON: the columns, the greatest watermark seen, as text with full precision, and the name of the file (SNAPSHOT_STORAGE) with hashes of the rows near it.
 *
 * @throws TablecastError WATERMARK_INVALID when the options do not go together
 * @example
 * protected override readonly strategy = watermark({ columns: ['CHANGED_ON'], type: 'timestamp', overlap: '10 minutes', deletedWhen: "STATUS = 'X'" });
 */
export function watermark(options: WatermarkOptions): DeltaStrategy {
  const { columns, type, deletedWhen, timeZone = 'UTC', dialect } = options;
  const overlap = toOverlap(options);

  /** Makes the table of changes: what was loaded, without what was published before. */
  async function changesOf({ run }: DeltaTask, { table }: LoadedTable, hashes: Hashes, seen: string | undefined): Promise<string> {
    const changes = `${table}__changes`;
    const known =
      seen === undefined
        ? ''
        : `ANTI JOIN ${quoteIdentifier(seen)} AS seen ON seen.${KEY_HASH} = ${hashes.key} AND seen.${ROW_HASH} = ${hashes.row}`;
    await run.workspace.run(
      `CREATE OR REPLACE TABLE ${quoteIdentifier(changes)} AS SELECT source.*, ${upsertOrDelete(deletedWhen)} AS ${quoteIdentifier(CHANGE_TYPE)} FROM ${quoteIdentifier(table)} AS source ${known}`,
    );
    return changes;
  }

  /** Finds the greatest watermark, and keeps the hashes of the rows that the next delta will see again. */
  async function advance(
    { run }: DeltaTask,
    { table }: LoadedTable,
    hashes: Hashes,
    previous: { readonly watermark: string | null; readonly seen?: string | undefined },
    to: string | undefined,
  ): Promise<string> {
    const { workspace } = run;
    const source = `FROM ${quoteIdentifier(table)} AS source`;
    const reachedYet = to === undefined ? 'true' : `mark < ${sqlOf(to)}`;
    const marks = hashes.marks.map((mark) => `SELECT ${mark} AS mark ${source}`).join(' UNION ALL ');
    const [found] = await workspace.query(`SELECT CAST(max(mark) AS VARCHAR) AS greatest FROM (${marks}) WHERE ${reachedYet}`);
    const greatest = found?.['greatest'];
    const reached = typeof greatest === 'string' ? toWatermarkText(greatest, type) : null;
    const watermark = await later(run, previous.watermark, reached);
    const from = watermark === null ? undefined : sqlOf(before(watermark, overlap, type));
    const near = (mark: string): string => (from === undefined ? 'true' : `${mark} >= ${from}`);
    const row = hashes.marks.length === 1 ? hashes.marks[0]! : `greatest(${hashes.marks.join(', ')})`;
    const now = `SELECT ${hashes.key} AS ${KEY_HASH}, ${hashes.row} AS ${ROW_HASH}, ${row} AS ${MARK} ${source} WHERE ${near(row)}`;
    const old =
      previous.seen === undefined
        ? ''
        : ` UNION ALL SELECT ${KEY_HASH}, ${ROW_HASH}, ${MARK} FROM ${quoteIdentifier(previous.seen)} AS seen
            WHERE ${near(MARK)} AND ${KEY_HASH} NOT IN (SELECT ${hashes.key} ${source})`;
    await keepFile(run, await writeFile(run, `${table}__seen`, now + old));
    return JSON.stringify({ columns, type, watermark, seen: run.id } satisfies Position);
  }

  /** The later of two watermarks. */
  async function later({ workspace }: RunContext, one: string | null, other: string | null): Promise<string | null> {
    if (one === null || other === null) return one ?? other;
    const [row] = await workspace.query(`SELECT ${sqlOf(one)} > ${sqlOf(other)} AS later`);
    return row?.['later'] === true ? one : other;
  }

  /** A watermark as SQL, to compare with those of rows. */
  function sqlOf(text: string): string {
    const literal = quoteLiteral(toComparable(text, type));
    return type === 'number' ? `CAST(${literal} AS DECIMAL(38,9))` : literal;
  }

  async function hashesAndMarks({ run }: DeltaTask, { table }: LoadedTable, key: readonly string[]): Promise<Hashes> {
    const all = (await run.workspace.columns(table)).filter(({ name }) => name !== CHANGE_TYPE);
    const marks = columns.map((name) => {
      const column = all.find((candidate) => candidate.name === name);
      if (!column) throw new TablecastError('COLUMN_UNKNOWN', { table, column: name, use: NAME });
      return column;
    });
    for (const column of marks) {
      const wrong = unreadable(column, type);
      if (wrong === undefined) continue;
      const [found] = await run.workspace.query(`SELECT count(*) AS rows FROM ${quoteIdentifier(table)} AS source WHERE ${wrong}`);
      const rows = Number(found?.['rows']);
      if (rows > 0)
        throw new TablecastError('VALUE_INVALID', {
          table,
          column: column.name,
          row: `${rows} rows`,
          reason: `it is no ${type} watermark`,
        });
    }
    return { ...hashesOf(table, all, key, []), marks: marks.map((column) => comparable(column, type)) };
  }

  function window(task: DeltaTask, from: string | undefined, to: string | undefined): Selection {
    if (from === undefined) return everything('delta');
    const sql = dialect ?? dialectOf(task.reader);
    const inWindow = (column: string): string => {
      // Not `from` and `to`: Oracle takes no reserved word as the name of a placeholder.
      const lower = sql.compare(column, '>=', 'since', type);
      return to === undefined ? lower : `${lower} AND ${sql.compare(column, '<', 'until', type)}`;
    };
    return {
      load: 'delta',
      condition: columns.length === 1 ? inWindow(columns[0]!) : `(${columns.map((column) => `(${inWindow(column)})`).join(' OR ')})`,
      binds: { since: from, ...(to !== undefined && { until: to }) },
      from,
      ...(to !== undefined && { to }),
    };
  }

  return {
    name: NAME,
    ...(deletedWhen !== undefined && { deletedWhen }),
    async initialLoad(task) {
      const { run } = task;
      await removeOutdated(run, positionOf(run.pointer, options)?.seen);
      const loaded = await task.load(everything('initial'));
      const hashes = await hashesAndMarks(task, loaded, keyOf(loaded, NAME));
      await publishAll(task, loaded, deletedWhen);
      return advance(task, loaded, hashes, { watermark: null }, atMoment(run.startedAt, type, timeZone));
    },

    async deltaLoad(task, pointer) {
      const { run, producer } = task;
      const position = positionOf(pointer, options);
      if (!position) throw foreignPointer(`the ${type} watermark of ${columns.join(', ')}`, NAME, run);
      const doubtful = await removeOutdated(run, position.seen);
      // What others have published since may be anything: then rows that were seen before are published once more.
      const certain = doubtful.whole.length + doubtful.backfills.length === 0;
      const seen = certain ? `seen__${position.seen}` : undefined;
      if (seen !== undefined) await loadFile(run, seen, position.seen);

      const to = atMoment(run.startedAt, type, timeZone);
      const loaded = await task.load(window(task, position.watermark === null ? undefined : before(position.watermark, overlap, type), to));
      const key = keyOf(loaded, NAME);
      await run.journal.time('check', () => run.workspace.checkKey(loaded.table, key));
      const hashes = await hashesAndMarks(task, loaded, key);
      const changes = await run.journal.time('check', () => changesOf(task, loaded, hashes, seen));
      if ((await run.workspace.rowCount(changes)) === 0) return;
      await publishChanges(producer, changes, loaded);
      return advance(task, loaded, hashes, { watermark: position.watermark, seen }, to);
    },

    /** Rows that the backfill published are not those that were seen; from now on it is in doubt what consumers have. */
    async backfilled({ run }, { table }) {
      const nothing = `SELECT uuid() AS ${KEY_HASH} WHERE false`;
      await keepFile(run, await writeFile(run, `${table}__backfilled`, nothing), 'backfill');
    },
  };
}

/** SQL expressions over a loaded table under the alias `source`. */
interface Hashes {
  readonly key: string;
  readonly row: string;
  /** The comparable values of the watermark columns. */
  readonly marks: readonly string[];
}

function positionOf(pointer: string | undefined, { columns, type }: WatermarkOptions): Position | undefined {
  if (pointer === undefined) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(pointer);
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  const { columns: of, type: as, watermark, seen } = value as Partial<Position>;
  if (JSON.stringify(of) !== JSON.stringify(columns) || as !== type) return undefined;
  if (typeof seen !== 'string' || !KEPT_NAME.test(seen)) return undefined;
  return watermark === null || isWatermark(watermark, type) ? { columns, type, watermark, seen } : undefined;
}

const SECONDS: Readonly<Record<string, number>> = { second: 1, minute: 60, hour: 3600, day: 86_400 };

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en-US', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

/** Checks the options. Returns the overlap as a number: of times in seconds. */
function toOverlap({ columns, type, overlap = 0, timeZone = 'UTC' }: WatermarkOptions): number {
  const invalid = (reason: string): TablecastError => new TablecastError('WATERMARK_INVALID', { reason });
  if (columns.length === 0) throw invalid('it names no column');
  if (!isTimeZone(timeZone)) throw invalid(`${JSON.stringify(timeZone)} is no time zone such as "Europe/Paris"`);
  if (overlap === 0) return 0;
  if (type === 'text') throw invalid('a text has no overlap');
  if (type === 'number') {
    if (typeof overlap === 'number' && overlap > 0 && Number.isFinite(overlap)) return overlap;
    throw invalid(`the overlap of numbers is a positive number, not ${JSON.stringify(overlap)}`);
  }
  const [, count, unit = ''] = /^(\d+) (second|minute|hour|day)s?$/.exec(String(overlap)) ?? [];
  if (count === undefined) throw invalid(`the overlap of times is written like "10 minutes", not ${JSON.stringify(overlap)}`);
  return Number(count) * SECONDS[unit]!;
}
