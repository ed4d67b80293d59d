import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** A column of a Delta table. */
export interface DeltaColumnDefinition {
  readonly name: string;
  /** A simple type in Delta's words: `string`, `long`, `integer`, `short`, `byte`, `double`, `float`, `boolean`, `date`, `timestamp`, `decimal(10,2)`. */
  readonly type: string;
  /** Default true. */
  readonly nullable?: boolean;
  readonly comment?: string;
}

/** Type of a Delta column in DuckDB. */
export function duckdbType(type: string): string {
  const simple: Readonly<Record<string, string>> = {
    string: 'VARCHAR',
    long: 'BIGINT',
    integer: 'INTEGER',
    short: 'SMALLINT',
    byte: 'TINYINT',
    double: 'DOUBLE',
    float: 'FLOAT',
    boolean: 'BOOLEAN',
    date: 'DATE',
    timestamp: 'TIMESTAMPTZ',
  };
  const found = simple[type] ?? (/^decimal\(\d+,\d+\)$/.test(type) ? type.toUpperCase() : undefined);
  if (found === undefined) throw new Error(`A local Delta table cannot have columns of the type ${type}.`);
  return found;
}

/** What a commit of Delta Lake consists of; see https://github.com/delta-io/delta/blob/master/PROTOCOL.md#actions. */
export type DeltaAction = Readonly<Record<string, unknown>>;

export interface DeltaTableDefinition {
  readonly id: string;
  readonly name: string;
  readonly description: string | undefined;
  readonly columns: readonly DeltaColumnDefinition[];
  readonly partitionBy: readonly string[];
}

export function metaDataAction({ id, name, description, columns, partitionBy }: DeltaTableDefinition): DeltaAction {
  const fields = columns.map((column) => ({
    name: column.name,
    type: column.type,
    nullable: column.nullable ?? true,
    metadata: column.comment === undefined ? {} : { comment: column.comment },
  }));
  return {
    metaData: {
      id,
      name,
      ...(description !== undefined && { description }),
      format: { provider: 'parquet', options: {} },
      schemaString: JSON.stringify({ type: 'struct', fields }),
      partitionColumns: partitionBy,
      configuration: {},
      createdTime: Date.now(),
    },
  };
}

/** Writes a version of a table; whoever comes second with the same version fails. */
export async function writeCommit(folder: string, version: number, operation: string, actions: readonly DeltaAction[]): Promise<void> {
  const log = join(folder, '_delta_log');
  await mkdir(log, { recursive: true });
  const info = { commitInfo: { timestamp: Date.now(), operation, operationParameters: {}, engineInfo: 'local' } };
  const lines = [info, ...actions].map((action) => `${JSON.stringify(action)}\n`).join('');
  await writeFile(join(log, `${String(version).padStart(20, '0')}.json`), lines, { flag: 'wx' });
}
