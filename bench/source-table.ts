import { existsSync } from 'node:fs';
import path from 'node:path';
import { Workspace } from '../src/lib/duckdb/workspace';
import { fromDuckdbType, ValueSchema } from '../src/lib/schema';

/** The table that all subjects publish: twelve columns of mixed types, some nulls, about 190 bytes a row as Avro. */
export const sourceTable = 'orders';

const sourceSql = (rows: number): string => `
  SELECT
    i::BIGINT AS id,
    'customer-' || lpad((hash(i) % 100000000000)::VARCHAR, 11, '0') AS customer,
    'product ' || md5(i::VARCHAR)[1:12] AS product,
    CASE WHEN i % 17 = 0 THEN NULL ELSE 'Straße ' || (hash(i + 1) % 10000000000)::VARCHAR END AS street,
    ['Wien', 'Linz', 'Graz', 'Salzburg', 'Innsbruck'][1 + i % 5] || '-' || md5((i * 7)::VARCHAR)[1:12] AS city,
    CASE WHEN i % 11 = 0 THEN NULL ELSE md5((i * 13)::VARCHAR)[1:20] END AS remark,
    (hash(i + 2) % 1000000) / 1000.0::DOUBLE AS quantity,
    CASE WHEN i % 29 = 0 THEN NULL ELSE sqrt(i + 1.0)::DOUBLE END AS weight,
    ((hash(i + 3) % 100000000000)::BIGINT / 100.0 - 100000000)::DECIMAL(15, 2) AS amount,
    TIMESTAMP '2020-01-01' + to_microseconds((hash(i + 4) % 150000000000000)::BIGINT) AS created,
    CASE WHEN i % 23 = 0 THEN NULL ELSE TIMESTAMP '2024-01-01' + to_microseconds((i * 1000003)::BIGINT) END AS changed,
    CASE WHEN i % 31 = 0 THEN NULL ELSE i % 3 = 0 END AS active
  FROM range(${rows}) t(i)`;

/** Path of a DuckDB file with that many rows of the table; it is made when it is not there yet. */
export async function sourceFile(folder: string, rows: number): Promise<string> {
  const file = path.join(folder, `source-${rows}.duckdb`);
  if (existsSync(file)) return file;
  await using workspace = await Workspace.open({ memoryLimit: '1GB', folder });
  await workspace.run(`ATTACH '${file}' AS source`);
  await workspace.run(`CREATE TABLE source.${sourceTable} AS ${sourceSql(rows)}`);
  await workspace.run('DETACH source');
  return file;
}

/** A workspace that holds the file's table, as if a reader had filled it. */
export async function openSource(file: string): Promise<Workspace> {
  const workspace = await Workspace.open({ memoryLimit: '512MB' });
  await workspace.run(`ATTACH '${file}' AS source (READ_ONLY)`);
  await workspace.run(`CREATE TABLE ${sourceTable} AS FROM source.${sourceTable}`);
  await workspace.run('DETACH source');
  return workspace;
}

/** The table's schema: key `id`, all columns nullable, as the baseline describes it. */
export async function sourceSchema(workspace: Workspace): Promise<ValueSchema> {
  const schema = new ValueSchema(sourceTable);
  for (const { name, type } of await workspace.columns(sourceTable)) {
    schema.addField(name, fromDuckdbType(type), undefined, true, {
      sourceDataType: type,
    });
  }
  return schema.setPks(['id']);
}
