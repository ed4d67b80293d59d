import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { quoteIdentifier } from '../src/lib/duckdb/quote';
import {
  AvroCLOB,
  AvroNVarchar,
  AvroTimestamp,
  AvroUri,
  AvroVarchar,
  createKeyRow,
  fromDuckdbType,
  KeySchema,
  RowType,
  ValueSchema,
  type AvroType,
  type Row,
} from '../src/lib/schema';
import { openRun, type TestRun } from './kafka/open-run';
import { kafkaCluster } from './support/kafka-cluster';
import { describeWithKafkaAndPython } from './support/parts';
import { runPython } from './support/python';

interface Column {
  /** DuckDB type of the source table. */
  readonly type: string;
  /** SQL for the value of row `i`; `h` is a number without pattern (HUGEINT, 0 to 2^64-1). */
  readonly value: string;
  /** Avro type, where it is not the one that follows from DuckDB's. */
  readonly avro?: AvroType;
}

/** A decimal with all its digits, as text: arithmetic on decimals would round. */
function decimal(precision: number, scale: number): Column {
  const digits = `left(lpad((h // 7)::VARCHAR, 19, '0') || lpad(hash(i + 1)::VARCHAR, 20, '0'), ${precision})`;
  const text = scale === 0 ? digits : `concat(left(${digits}, ${precision - scale}), '.', right(${digits}, ${scale}))`;
  return { type: `DECIMAL(${precision},${scale})`, value: `concat(CASE WHEN h % 2 = 0 THEN '-' ELSE '' END, ${text})` };
}

/** One column for every type, under names that Avro does not allow. */
const columns: Readonly<Record<string, Column>> = {
  BOOLEAN: { type: 'BOOLEAN', value: 'h % 2 = 0' },
  TINY$INT: { type: 'TINYINT', value: 'h % 256 - 128' },
  SMALLINT: { type: 'SMALLINT', value: 'h % 65536 - 32768' },
  INTEGER: { type: 'INTEGER', value: 'h % 4294967296 - 2147483648' },
  BIGINT: { type: 'BIGINT', value: 'h - 9223372036854775808' },
  UTINYINT: { type: 'UTINYINT', value: 'h % 256' },
  USMALLINT: { type: 'USMALLINT', value: 'h % 65536' },
  UINTEGER: { type: 'UINTEGER', value: 'h % 4294967296' },
  UBIGINT: { type: 'UBIGINT', value: 'h' },
  HUGEINT: { ...decimal(38, 0), type: 'HUGEINT' },
  FLOAT: { type: 'FLOAT', value: "CASE i % 50 WHEN 3 THEN 'nan' WHEN 4 THEN '-inf' ELSE (h / 7)::FLOAT END" },
  DOUBLE: { type: 'DOUBLE', value: "CASE i % 50 WHEN 3 THEN 'nan' WHEN 4 THEN 'inf' WHEN 5 THEN 5e-324 ELSE sqrt(h) * (i - 500) END" },
  'DECIMAL(4,1)': decimal(4, 1),
  'DECIMAL(9,9)': decimal(9, 9),
  'DECIMAL(18,2)': decimal(18, 2),
  'DECIMAL(38,0)': decimal(38, 0),
  'DECIMAL(38,10)': decimal(38, 10),
  'DECIMAL(38,38)': decimal(38, 38),
  'Größe in m²': {
    type: 'VARCHAR',
    value: "CASE i % 9 WHEN 0 THEN '' WHEN 1 THEN repeat('Straße € 🎉 ', (h % 40)::INTEGER) ELSE md5(h::VARCHAR) END",
  },
  'VARCHAR(40)': { type: 'VARCHAR', value: 'md5(h::VARCHAR)', avro: new AvroVarchar(40) },
  'NVARCHAR(40)': { type: 'VARCHAR', value: "'ß' || md5(h::VARCHAR)", avro: new AvroNVarchar(40) },
  CLOB: { type: 'VARCHAR', value: 'repeat(h::VARCHAR, CASE WHEN i % 200 = 0 THEN 3000 ELSE 1 END)', avro: new AvroCLOB() },
  URI: { type: 'VARCHAR', value: "'https://example.com/' || h", avro: new AvroUri() },
  BLOB: { type: 'BLOB', value: 'unhex(md5(h::VARCHAR)[1:(h % 17)::INTEGER * 2])' },
  UUID: { type: 'UUID', value: 'md5(h::VARCHAR)' },
  ENUM: { type: "ENUM ('low', 'middle', 'high')", value: "['low', 'middle', 'high'][1 + (h % 3)::INTEGER]" },
  DATE: { type: 'DATE', value: "DATE '0001-01-01' + (h % 3652058)::INTEGER" },
  TIME: { type: 'TIME', value: 'make_time((h % 24)::INTEGER, (h % 60)::INTEGER, (h % 60000000) / 1000000)' },
  TIMESTAMP: { type: 'TIMESTAMP', value: "TIMESTAMP '0001-01-02' + to_microseconds((h % 315537810000000000)::BIGINT)" },
  TIMESTAMP_S: { type: 'TIMESTAMP_S', value: "TIMESTAMP '1900-01-01' + to_seconds((h % 9999999999)::BIGINT)" },
  TIMESTAMP_MS: { type: 'TIMESTAMP_MS', value: "TIMESTAMP '1900-01-01' + to_milliseconds((h % 9999999999999)::BIGINT)" },
  TIMESTAMPTZ: {
    type: 'TIMESTAMP WITH TIME ZONE',
    value: "TIMESTAMPTZ '1900-01-01 00:00:00+00' + to_microseconds((h % 9999999999999999)::BIGINT)",
  },
  'instant in ms': {
    type: 'TIMESTAMP WITH TIME ZONE',
    value: "TIMESTAMPTZ '1900-01-01 00:00:00+00' + to_milliseconds((h % 9999999999999)::BIGINT)",
    avro: new AvroTimestamp(),
  },
  INTERVAL: {
    type: 'INTERVAL',
    value: 'to_months((h % 100)::INTEGER) + to_days((h % 30)::INTEGER) + to_microseconds((h % 86400000000)::BIGINT)',
  },
  LIST: { type: 'INTEGER[]', value: 'CASE i % 5 WHEN 0 THEN [] WHEN 1 THEN [1, 2, i] ELSE range((h % 5)::INTEGER) END' },
  'LIST of LIST': { type: 'DECIMAL(10,2)[][]', value: '[[1.25, -1], [], [(h % 100)::DECIMAL(10,2)]]' },
  STRUCT: {
    type: 'STRUCT("a $" BIGINT, "b" STRUCT("c" VARCHAR, "d" DATE))',
    value: "{'a $': h // 3, 'b': {'c': 'ä' || h, 'd': DATE '2024-02-29'}}",
  },
  MAP: { type: 'MAP(VARCHAR, DOUBLE)', value: "MAP {'one': i / 3, 'größer': -1e300}" },
};

const table = 'EVERY TYPE';
const rows = 2000;

/** Row 1 holds every column's value; later rows have nulls here and there; the last but one nothing but its key. */
function sourceSql(): string {
  const values = Object.entries(columns).map(([name, { type, value }], number) => {
    const isNull = `i = ${rows - 1} OR (i > 1 AND hash(i * 100 + ${number}) % 7 = 0)`;
    return `CASE WHEN ${isNull} THEN NULL ELSE CAST(${value} AS ${type}) END AS ${quoteIdentifier(name)}`;
  });
  return `CREATE TABLE ${quoteIdentifier(table)} AS SELECT i::BIGINT - 1000 AS "NO", 'key ' || i AS "KEY$", ${values.join(', ')}
    FROM (SELECT i, hash(i)::HUGEINT AS h FROM range(1, ${rows + 1}) numbers(i))`;
}

async function schemaOf(run: TestRun): Promise<ValueSchema> {
  const schema = new ValueSchema(table, 'SHOP');
  for (const { name, type } of await run.workspace.columns(table)) {
    schema.addField(name, columns[name]?.avro ?? fromDuckdbType(type, name), `Column of type ${type}`, name !== 'NO' && name !== 'KEY$');
  }
  return schema.setPks(['KEY$', 'NO']);
}

interface Report {
  readonly messages: number;
  readonly rows: number;
  readonly changeTypes: Readonly<Record<string, number>>;
  readonly offsets: Readonly<Record<string, readonly [number, number]>>;
  readonly shared: Readonly<Record<string, readonly string[]>>;
  readonly columns: readonly string[];
}

/** Lets the Python consumer read a topic into a Parquet file. */
async function consume(topic: string, atLeast: number, file: string): Promise<Report> {
  const { bootstrap, registry } = await kafkaCluster();
  const options = { bootstrap, registry, topic, out: file, 'at-least': String(atLeast) };
  return JSON.parse(await runPython('consume.py', ...Object.entries(options).flatMap(([name, value]) => [`--${name}`, value]))) as Report;
}

/** Rows that only one of both has, counting duplicates; the Parquet file's columns take the types of the table's. */
async function differences(run: TestRun, file: string): Promise<Row[]> {
  const found = await run.workspace.columns(table);
  const casts = found.map(({ name, type }) => `CAST(${quoteIdentifier(name)} AS ${type}) AS ${quoteIdentifier(name)}`);
  const consumed = `SELECT ${casts.join(', ')} FROM read_parquet('${file}')`;
  const source = `SELECT * FROM ${quoteIdentifier(table)}`;
  return run.workspace.query(`SELECT 'not consumed' AS side, * FROM (${source} EXCEPT ALL ${consumed})
    UNION ALL SELECT 'not in the source', * FROM (${consumed} EXCEPT ALL ${source}) LIMIT 3`);
}

describeWithKafkaAndPython('a consumer in Python', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'python-consumer-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  test('holds the source table to the last digit, every type in it', async () => {
    await using run = await openRun();
    await run.workspace.run(sourceSql());
    await using producer = await run.connected();
    const schema = await schemaOf(run);
    await producer.replaceTable(table, schema);
    const commit = await producer.commit();
    const topic = Object.keys(commit?.topics ?? {})[0]!;
    const file = path.join(folder, 'every-type.parquet');

    const report = await consume(topic, rows + 3, file);
    expect(report).toMatchObject({ messages: rows + 3, rows, changeTypes: { T: 3, R: rows } });
    expect(report.columns).toEqual(['NO', 'KEY$', ...Object.keys(columns)]);
    expect(report.shared).toEqual({
      __change_time: ['2024-05-06 07:08:09.123000+00:00'],
      __source_system: ['SHOP'],
      __source_transaction: [run.context.id],
    });
    expect(await differences(run, file)).toEqual([]);
    // The commit record names the offsets at which a consumer has everything.
    for (const [partition, [first, last]] of Object.entries(report.offsets)) {
      expect(commit?.topics[topic]?.[partition]).toEqual({ minOffset: first, maxOffset: last });
    }
  });

  test('follows inserts, updates, deletes and partial truncates', async () => {
    await using run = await openRun();
    await run.workspace.run(
      `CREATE TABLE ${quoteIdentifier(table)} AS SELECT 'key ' || i AS "KEY$", i::BIGINT AS "NO", i % 10 AS plant FROM range(100) t(i)`,
    );
    const name = 'ORDERS';
    const schema = new ValueSchema(name, 'SHOP')
      .addField('KEY$', fromDuckdbType('VARCHAR'), '', false)
      .addField('NO', fromDuckdbType('BIGINT'), '', false)
      .addField('plant', fromDuckdbType('BIGINT'))
      .setPks(['KEY$', 'NO']);
    const keySchema = new KeySchema(schema);
    await using producer = await run.connected();
    await producer.replaceTable(table, schema, { name });
    await producer.commit();

    // The source changes: plant 3 is reloaded with one row less, others change one by one.
    await run.workspace.run(`DELETE FROM ${quoteIdentifier(table)} WHERE "NO" = 13`);
    await run.workspace.run(`CREATE TABLE plant3 AS FROM ${quoteIdentifier(table)} WHERE plant = 3`);
    await producer.replaceTable('plant3', schema, { name: 'PLANT3', topic: run.topic(name), filter: { plant: '3' } });
    const target = await producer.addTarget('CHANGES', table, keySchema, schema, { topic: run.topic(name) });
    const change = (rowType: RowType, row: Row): void => {
      producer.produceRow(target, createKeyRow(row, keySchema), row, rowType);
    };
    const row = (no: number, plant: number): Row => ({ KEY$: `key ${no}`, NO: BigInt(no), plant: BigInt(plant) });
    change(RowType.INSERT, row(100, 1));
    change(RowType.UPSERT, row(101, 1));
    change(RowType.UPDATE, row(1, 77));
    change(RowType.BEFORE, row(2, 2));
    change(RowType.UPDATE, row(202, 2));
    change(RowType.DELETE, row(4, 4));
    change(RowType.EXTERMINATE, row(5, 5));
    change(RowType.GDPR, row(6, 6));
    change(RowType.ARCHIVE, row(7, 7));
    await producer.commit();
    await run.workspace.run(`INSERT INTO ${quoteIdentifier(table)} VALUES ('key 100', 100, 1), ('key 101', 101, 1), ('key 202', 202, 2)`);
    await run.workspace.run(`UPDATE ${quoteIdentifier(table)} SET plant = 77 WHERE "NO" = 1`);
    await run.workspace.run(`DELETE FROM ${quoteIdentifier(table)} WHERE "NO" IN (2, 4, 5, 6)`);

    const file = path.join(folder, 'changes.parquet');
    const report = await consume(run.topic(name), 100 + 3 + 9 + 3 + 9, file);
    expect(report.changeTypes).toEqual({ T: 6, R: 109, I: 1, A: 1, U: 2, B: 1, D: 1, X: 1, G: 1, P: 1 });
    expect(await differences(run, file)).toEqual([]);
  });
});
