import { randomUUID } from 'node:crypto';
import { mkdir, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api';
import { quoteIdentifier, quoteLiteral } from '../../src/lib';
import {
  duckdbType,
  metaDataAction,
  writeCommit,
  type DeltaAction,
  type DeltaColumnDefinition,
  type DeltaTableDefinition,
} from './delta-log';

export interface LocalDeltaTableOptions {
  readonly name: string;
  readonly description?: string;
  readonly columns: readonly DeltaColumnDefinition[];
  /** Columns by which `commit` finds the rows it changes. Delta Lake itself knows no keys. */
  readonly key: readonly string[];
  readonly partitionBy?: readonly string[];
}

/** A row, or of a delete its key: values as numbers, booleans, or text that DuckDB casts to the type of the column, e.g. `2024-01-31`. */
export type DeltaRow = Readonly<Record<string, string | number | bigint | boolean | null>>;

export interface DeltaChanges {
  /** Rows to insert, or to take the place of those with the same key. */
  readonly upserts?: readonly DeltaRow[];
  /** Keys of rows to delete; one that is not there is no mistake. */
  readonly deletes?: readonly DeltaRow[];
}

/** A data file of the newest version. */
interface DataFile {
  readonly path: string;
  readonly partitionValues: Readonly<Record<string, string | null>>;
  readonly size: number;
}

/**
 * A Delta Lake table in a folder that can be changed: each commit makes the next version, as a writer of a lakehouse would. One Parquet file per partition;
 * a partition with changes is written anew.
 *
 * @example
 * const table = await LocalDeltaTable.create(folder, { name: 'CITY', columns: [{ name: 'id', type: 'long' }, { name: 'name', type: 'string' }], key: ['id'] });
 * await table.commit({ upserts: [{ id: 1, name: 'Rome' }], deletes: [{ id: 2 }] });
 */
export class LocalDeltaTable implements AsyncDisposable {
  readonly #files = new Map<string, DataFile>();
  readonly #removed: string[] = [];
  #version = -1;

  private constructor(
    readonly folder: string,
    private readonly key: readonly string[],
    private definition: DeltaTableDefinition,
    private readonly instance: DuckDBInstance,
    /** Has the rows of the newest version in the table `rows`. */
    private readonly connection: DuckDBConnection,
  ) {}

  /** Makes the table with its first rows, as version 0. The folder may not have a Delta table yet. */
  static async create(folder: string, options: LocalDeltaTableOptions, rows: readonly DeltaRow[] = []): Promise<LocalDeltaTable> {
    const { name, description, columns, key, partitionBy = [] } = options;
    await mkdir(folder, { recursive: true });
    const instance = await DuckDBInstance.create(':memory:', { threads: '1' });
    const connection = await instance.connect();
    const table = new LocalDeltaTable(folder, key, { id: randomUUID(), name, description, columns, partitionBy }, instance, connection);
    await connection.run("SET TimeZone = 'UTC'");
    await connection.run(
      `CREATE TABLE rows (${columns.map((column) => `${quoteIdentifier(column.name)} ${duckdbType(column.type)}`).join(', ')})`,
    );
    await table.#commit('CREATE TABLE', { upserts: rows }, [
      { protocol: { minReaderVersion: 1, minWriterVersion: 2 } },
      metaDataAction(table.definition),
    ]);
    return table;
  }

  /** The newest version. */
  get version(): number {
    return this.#version;
  }

  /** Makes the next version. @returns its number */
  commit(changes: DeltaChanges): Promise<number> {
    return this.#commit('MERGE', changes, []);
  }

  /** Makes a next version that has one more column, empty in all rows. @returns its number */
  async addColumn(column: DeltaColumnDefinition): Promise<number> {
    this.definition = { ...this.definition, columns: [...this.definition.columns, column] };
    await this.connection.run(`ALTER TABLE rows ADD COLUMN ${quoteIdentifier(column.name)} ${duckdbType(column.type)}`);
    return this.#commit('ADD COLUMNS', {}, [metaDataAction(this.definition)]);
  }

  /** Removes the files that the newest version does not need, as VACUUM does: older versions can no longer be read. */
  async vacuum(): Promise<void> {
    for (const path of this.#removed.splice(0)) await rm(join(this.folder, path));
  }

  /** The rows of the newest version, in the order of their keys, all values as text. */
  async rows(): Promise<Record<string, string | null>[]> {
    const columns = this.definition.columns.map(({ name }) => `CAST(${quoteIdentifier(name)} AS VARCHAR) AS ${quoteIdentifier(name)}`);
    const order = this.key.map((name) => quoteIdentifier(name)).join(', ');
    const result = await this.connection.runAndReadAll(`SELECT ${columns.join(', ')} FROM rows ORDER BY ${order}`);
    return result.getRowObjects() as Record<string, string | null>[];
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.connection.closeSync();
    this.instance.closeSync();
    return Promise.resolve();
  }

  async #commit(operation: string, { upserts = [], deletes = [] }: DeltaChanges, actions: readonly DeltaAction[]): Promise<number> {
    const keys = this.key.map((name) => quoteIdentifier(name)).join(', ');
    await this.#stage('upserts', this.definition.columns, upserts);
    await this.#stage(
      'deletes',
      this.definition.columns.filter(({ name }) => this.key.includes(name)),
      deletes,
    );
    const gone = `(${keys}) IN (SELECT (${keys}) FROM upserts UNION ALL SELECT (${keys}) FROM deletes)`;
    const partitions = await this.#partitions(`SELECT * FROM rows WHERE ${gone} UNION ALL SELECT * FROM upserts`);
    await this.connection.run(`DELETE FROM rows WHERE ${gone}`);
    await this.connection.run('INSERT INTO rows SELECT * FROM upserts');
    const version = this.#version + 1;
    const changes: DeltaAction[] = [];
    for (const partitionValues of partitions) {
      const name = JSON.stringify(partitionValues);
      const old = this.#files.get(name);
      if (old) {
        this.#files.delete(name);
        this.#removed.push(old.path);
        changes.push({
          remove: { ...old, path: asUri(old.path), deletionTimestamp: Date.now(), dataChange: true, extendedFileMetadata: true },
        });
      }
      const written = await this.#write(partitionValues);
      if (!written) continue;
      const { numRecords, ...file } = written;
      this.#files.set(name, file);
      const stats = JSON.stringify({ numRecords });
      changes.push({ add: { ...file, path: asUri(file.path), modificationTime: Date.now(), dataChange: true, stats } });
    }
    await writeCommit(this.folder, version, operation, [...actions, ...changes]);
    this.#version = version;
    return version;
  }

  async #stage(table: string, columns: readonly DeltaColumnDefinition[], rows: readonly DeltaRow[]): Promise<void> {
    const structure = Object.fromEntries(columns.map(({ name }) => [name, 'VARCHAR']));
    const values = rows.map((row) => Object.fromEntries(columns.map(({ name }) => [name, row[name] == null ? null : String(row[name])])));
    const casts = columns.map(({ name, type }) => `CAST(r.${quoteIdentifier(name)} AS ${duckdbType(type)}) AS ${quoteIdentifier(name)}`);
    await this.connection.run(
      `CREATE OR REPLACE TEMP TABLE ${table} AS SELECT ${casts.join(', ')}
       FROM (SELECT unnest(from_json($1::JSON, ${quoteLiteral(JSON.stringify([structure]))})) AS r)`,
      [JSON.stringify(values)],
    );
  }

  /** The partitions that rows of a query lie in. */
  async #partitions(query: string): Promise<Record<string, string | null>[]> {
    const { partitionBy } = this.definition;
    if (partitionBy.length === 0) {
      const found = await this.connection.runAndReadAll(`SELECT 1 FROM (${query}) LIMIT 1`);
      return found.currentRowCount > 0 ? [{}] : [];
    }
    const columns = partitionBy.map((name) => `CAST(${quoteIdentifier(name)} AS VARCHAR) AS ${quoteIdentifier(name)}`);
    const found = await this.connection.runAndReadAll(`SELECT DISTINCT ${columns.join(', ')} FROM (${query}) ORDER BY ALL`);
    return found.getRowObjects() as Record<string, string | null>[];
  }

  /** Writes the rows of a partition; undefined without any. */
  async #write(
    partitionValues: Readonly<Record<string, string | null>>,
  ): Promise<(DataFile & { readonly numRecords: number }) | undefined> {
    const entries = Object.entries(partitionValues);
    const where = entries.map(
      ([name, value]) => `CAST(${quoteIdentifier(name)} AS VARCHAR) IS NOT DISTINCT FROM ${value === null ? 'NULL' : quoteLiteral(value)}`,
    );
    const from = `FROM rows WHERE ${where.join(' AND ') || 'true'}`;
    const count = await this.connection.runAndReadAll(`SELECT count(*)::INTEGER ${from}`);
    const numRecords = Number(count.getRows()[0]?.[0]);
    if (numRecords === 0) return undefined;
    const folders = entries.map(([name, value]) => `${name}=${value === null ? '__HIVE_DEFAULT_PARTITION__' : encodeURIComponent(value)}`);
    const path = [...folders, `part-${randomUUID()}.parquet`].join('/');
    const file = join(this.folder, path);
    await mkdir(dirname(file), { recursive: true });
    const columns = this.definition.columns.filter(({ name }) => !(name in partitionValues)).map(({ name }) => quoteIdentifier(name));
    const order = this.key.map((name) => quoteIdentifier(name)).join(', ');
    await this.connection.run(`COPY (SELECT ${columns.join(', ')} ${from} ORDER BY ${order}) TO ${quoteLiteral(file)} (FORMAT parquet)`);
    return { path, partitionValues, size: (await stat(file)).size, numRecords };
  }
}

/** A path as the log has it: a relative URI, so what a folder's name encodes is encoded once more. */
function asUri(path: string): string {
  return path
    .split('/')
    .map((part) => encodeURIComponent(part).replaceAll('%3D', '='))
    .join('/');
}
