import { quoteLiteral, TablecastError, type Workspace } from '../lib/index';

/** A column, as a Delta table describes it. */
export interface DeltaColumn {
  readonly name: string;
  /** In Delta's words, e.g. `decimal(10,2)`, or a longer one for nested types. */
  readonly type: string;
  readonly nullable: boolean;
  readonly comment: string | undefined;
}

/** What a Delta table says about itself. */
export interface DeltaMetadata {
  /** Stays the same as long as the table is not made anew. */
  readonly id: string;
  readonly description: string | undefined;
  readonly columns: readonly DeltaColumn[];
  readonly partitionColumns: readonly string[];
}

/** The files of a log, by version. */
interface LogFiles {
  /** Ascending. */
  readonly commits: readonly LogFile[];
  /** Checkpoints; one version may have several files. */
  readonly checkpoints: readonly LogFile[];
}

interface LogFile {
  readonly version: number;
  readonly file: string;
}

/**
 * The log of a Delta table, read through DuckDB: which versions there are, from when, and how the table describes itself. DuckDB's own `delta_scan` tells none of
 * these.
 *
 * Format: https://github.com/delta-io/delta/blob/master/PROTOCOL.md; `_delta_log/<version, 20 digits>.json` has one action per line,
 * `<version>.checkpoint….parquet` (or `.json`) the state of the table at a version, in place of the commits before it.
 */
export class LakehouseLog {
  readonly #workspace: Workspace;
  readonly #folder: string;
  #files: Promise<LogFiles> | undefined;

  /** @param path of the table */
  constructor(
    workspace: Workspace,
    readonly path: string,
  ) {
    this.#workspace = workspace;
    this.#folder = `${path}/_delta_log`;
  }

  /** The newest version when the log was first looked at; undefined without any: then there is no Delta table. */
  async version(): Promise<number | undefined> {
    const { commits, checkpoints } = await this.#list();
    const newest = Math.max(-1, ...[...commits, ...checkpoints].map(({ version }) => version));
    return newest < 0 ? undefined : newest;
  }

  /** The oldest version that can still be put together from the log. */
  async oldest(): Promise<number> {
    const { commits, checkpoints } = await this.#list();
    if (commits[0]?.version === 0) return 0;
    return Math.min(...checkpoints.map(({ version }) => version));
  }

  /**
   * The newest version that had been committed at a time. Commits carry their time themselves, in milliseconds since the epoch.
   * @throws TablecastError LAKEHOUSE_VERSION_GONE when the log begins later
   */
  async versionAt(time: Date): Promise<number> {
    const { commits } = await this.#list();
    // Times ascend with the versions, so half of the commits that are left are ruled out by each file that is read.
    let [low, high] = [0, commits.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((await this.#timeOf(commits[middle]!)) <= time.getTime()) low = middle + 1;
      else high = middle;
    }
    const found = commits[low - 1];
    if (found !== undefined && found.version >= (await this.oldest())) return found.version;
    throw new TablecastError('LAKEHOUSE_VERSION_GONE', { path: this.path, version: time.toISOString(), reason: 'its log begins later' });
  }

  /** What the table said about itself at a version: the last time before that it did so. Undefined when the log does not have it any more. */
  async metadata(version: number): Promise<DeltaMetadata | undefined> {
    const { commits, checkpoints } = await this.#list();
    const base = Math.max(-1, ...checkpoints.map((file) => file.version).filter((candidate) => candidate <= version));
    const later = commits.filter((commit) => commit.version > base && commit.version <= version).map(({ file }) => file);
    // A checkpoint leaves out nothing that counts, so without a newer word of it the table is as it says.
    const text = (await this.#lastMetadata(later)) ?? (await this.#checkpointMetadata(checkpoints.filter((file) => file.version === base)));
    return text === undefined ? undefined : parseMetadata(text);
  }

  #list(): Promise<LogFiles> {
    this.#files ??= this.#readList();
    return this.#files;
  }

  async #readList(): Promise<LogFiles> {
    const rows = await this.#workspace.query(`SELECT file FROM glob(${quoteLiteral(`${escapeGlob(this.#folder)}/*`)}) ORDER BY file`);
    const commits: LogFile[] = [];
    const checkpoints: LogFile[] = [];
    for (const row of rows) {
      const file = String(row['file']);
      const [, digits, kind] = /[/\\](\d{20})\.(json|checkpoint\.(?:[\w-]+\.)*(?:parquet|json))$/.exec(file) ?? [];
      if (digits === undefined) continue;
      (kind === 'json' ? commits : checkpoints).push({ version: Number(digits), file });
    }
    return { commits, checkpoints };
  }

  async #timeOf({ file }: LogFile): Promise<number> {
    const info = `(${readJson([file], { commitInfo: 'JSON' })})`;
    const [row] = await this.#workspace.query(`SELECT coalesce(commitInfo->>'inCommitTimestamp', commitInfo->>'timestamp') AS time
      FROM ${info} WHERE commitInfo IS NOT NULL LIMIT 1`);
    if (row?.['time'] != null) return Number(row['time']);
    const [stat] = await this.#workspace.query(`SELECT epoch_ms(last_modified) AS time FROM read_text(${quoteLiteral(file)})`);
    return Number(stat?.['time']);
  }

  async #lastMetadata(files: readonly string[]): Promise<string | undefined> {
    if (files.length === 0) return undefined;
    const [row] = await this.#workspace.query(`SELECT metaData::VARCHAR AS text FROM (${readJson(files, { metaData: 'JSON' })})
      WHERE metaData IS NOT NULL ORDER BY filename DESC LIMIT 1`);
    return row === undefined ? undefined : String(row['text']);
  }

  async #checkpointMetadata(files: readonly LogFile[]): Promise<string | undefined> {
    for (const { file } of files) {
      const rows = file.endsWith('.json')
        ? await this.#workspace.query(
            `SELECT metaData::VARCHAR AS text FROM (${readJson([file], { metaData: 'JSON' })}) WHERE metaData IS NOT NULL`,
          )
        : await this.#workspace.query(
            `SELECT to_json(metaData)::VARCHAR AS text FROM read_parquet(${quoteLiteral(file)}) WHERE metaData.id IS NOT NULL`,
          );
      if (rows[0] !== undefined) return String(rows[0]['text']);
    }
    return undefined;
  }
}

/** SELECT of actions of log files. */
function readJson(files: readonly string[], columns: Readonly<Record<string, string>>): string {
  const list = files.map(quoteLiteral).join(', ');
  const names = Object.entries(columns).map(([name, type]) => `${name}: '${type}'`);
  return `SELECT * FROM read_json([${list}], format = 'newline_delimited', columns = {${names.join(', ')}}, filename = true)`;
}

interface MetadataJson {
  readonly id: string;
  readonly description?: string | null;
  readonly schemaString: string;
  readonly partitionColumns?: readonly string[];
}

interface StructJson {
  readonly fields: readonly {
    readonly name: string;
    readonly type: unknown;
    readonly nullable: boolean;
    readonly metadata?: Readonly<Record<string, unknown>>;
  }[];
}

function parseMetadata(text: string): DeltaMetadata {
  const { id, description, schemaString, partitionColumns } = JSON.parse(text) as MetadataJson;
  const { fields } = JSON.parse(schemaString) as StructJson;
  return {
    id,
    description: textOrNothing(description),
    columns: fields.map(({ name, type, nullable, metadata }) => ({
      name,
      // Spark keeps the length of its texts aside.
      type: textOrNothing(metadata?.['__CHAR_VARCHAR_TYPE_STRING']) ?? typeText(type),
      nullable,
      comment: textOrNothing(metadata?.['comment']),
    })),
    partitionColumns: partitionColumns ?? [],
  };
}

interface NestedType {
  readonly type?: string;
  readonly elementType?: unknown;
  readonly keyType?: unknown;
  readonly valueType?: unknown;
  readonly fields?: readonly { readonly name: string; readonly type: unknown }[];
}

/** A type of a Delta schema in Spark's words: `array<string>`, `struct<a: integer>`. */
function typeText(type: unknown): string {
  if (typeof type === 'string') return type;
  const nested = type as NestedType;
  if (nested.type === 'array') return `array<${typeText(nested.elementType)}>`;
  if (nested.type === 'map') return `map<${typeText(nested.keyType)}, ${typeText(nested.valueType)}>`;
  return `struct<${(nested.fields ?? []).map((field) => `${field.name}: ${typeText(field.type)}`).join(', ')}>`;
}

function textOrNothing(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** A path as a pattern that fits nothing but it. */
function escapeGlob(path: string): string {
  return path.replace(/[[*?]/g, (character) => `[${character}]`);
}
