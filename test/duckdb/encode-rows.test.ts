import { Workspace } from '../../src/lib/duckdb/workspace';
import { KeySchema, ValueSchema } from '../../src/lib/schema';
import { avscOf } from './avsc-schema';
import { collectMessages } from './collect-messages';
import { type KnownValue, randomTypes, seededRandom } from './random-values';

/** Five full chunks and one row. */
const ROWS = 5 * 2048 + 1;
const names = Object.keys(randomTypes);

let workspace: Workspace;
beforeAll(async () => {
  workspace = await Workspace.open({ memoryLimit: '1GB', threads: 2 });
});
afterAll(async () => {
  await workspace.close();
});

interface Column {
  readonly name: string;
  readonly values: readonly (KnownValue | null)[];
}

/** A table with all types, or every nth, each column both with nulls and without. */
async function fill(table: string, seed: number, rows: number, share = 1): Promise<{ schema: ValueSchema; columns: Column[] }> {
  const random = seededRandom(seed);
  const schema = new ValueSchema(table, 'random');
  const columns: Column[] = [];
  const types: { name: string; type: string }[] = [];
  for (const [index, [name, kind]] of Object.entries(randomTypes).entries()) {
    if (index % share !== 0) continue;
    for (const nullable of [false, true]) {
      const column = `${name}${nullable ? '?' : '!'} "x"`;
      // Some columns have few nulls, some many, some whole stretches of them.
      const nulls = [0.05, 0.5, 0.95][columns.length % 3]!;
      const values = Array.from({ length: rows }, () => (nullable && random() < nulls ? null : kind.next(random)));
      columns.push({ name: column, values });
      types.push({ name: column, type: kind.type.duckdbType() });
      schema.addField(column, kind.type, undefined, nullable);
    }
  }
  if (share === 1) schema.setPks(['long! "x"', 'varchar! "x"', 'decimal 38 10! "x"', 'uuid! "x"']);
  await workspace.createTable(table, types);
  for (let from = 0; from < rows; from += 1500) {
    await workspace.appendText(
      table,
      columns.map(({ values }) => values.slice(from, from + 1500).map((value) => value?.text ?? null)),
    );
  }
  return { schema, columns };
}

describe('messages equal what avsc encodes', () => {
  test.each([1])(`for ${ROWS} rows of every type, with seed %i`, async (seed) => {
    const table = `random ${seed}`;
    const { schema, columns } = await fill(table, seed, ROWS);
    const technical = { __change_type: 'R', __change_time: new Date(1_700_000_000_123), __source_system: 'Straße' };
    const messages = await collectMessages(workspace, table, schema, { technical });
    const key = new KeySchema(schema);
    const valueType = avscOf(schema.toAvro());
    const keyType = avscOf(key.toAvro());
    const empty = Object.fromEntries(schema.fields.map(({ avroName }) => [avroName, null]));
    expect(messages).toHaveLength(ROWS);
    messages.forEach((message, row) => {
      const record: Record<string, unknown> = {
        ...empty,
        __change_type: 'R',
        __change_time: 1_700_000_000_123n,
        __source_system: 'Straße',
      };
      columns.forEach(({ name, values }) => (record[schema.field(name)!.avroName] = values[row]?.avsc ?? null));
      const value = Buffer.concat([Buffer.from([0, 0, 0, 0, 7]), valueType.toBuffer(record)]);
      if (!message.value.equals(value)) expect(valueType.fromBuffer(message.value.subarray(5))).toEqual(record);
      expect(message.value.equals(value)).toBe(true);
      const keyRecord = Object.fromEntries(key.fields.map(({ avroName }) => [avroName, record[avroName]]));
      expect(message.key.equals(Buffer.concat([Buffer.from([0, 0, 0, 0, 8]), keyType.toBuffer(keyRecord)]))).toBe(true);
    });
  });

  test.each([0, 1, 2047, 2048, 2049])('for a table of %i rows', async (rows) => {
    const { schema, columns } = await fill('small', rows, rows, 5);
    const valueType = avscOf(schema.toAvro());
    const messages = await collectMessages(workspace, 'small', schema);
    expect(messages).toHaveLength(rows);
    const last = messages.at(-1);
    if (last === undefined) return;
    const empty = Object.fromEntries(schema.fields.map(({ avroName }) => [avroName, null]));
    const record = {
      ...empty,
      ...Object.fromEntries(columns.map(({ name, values }) => [schema.field(name)!.avroName, values.at(-1)?.avsc ?? null])),
    };
    expect(last.value.subarray(5).equals(valueType.toBuffer(record))).toBe(true);
  });

  test('for a table of 300 columns', async () => {
    const width = 300;
    await workspace.createTable(
      'wide',
      Array.from({ length: width }, (_, column) => ({ name: `c${column}`, type: column % 2 === 0 ? 'INTEGER' : 'VARCHAR' })),
    );
    const rows = 3000;
    const values = Array.from({ length: width }, (_, column) =>
      Array.from({ length: rows }, (_value, row) => ((row * column) % 5 === 1 ? null : String(row * column))),
    );
    await workspace.appendText('wide', values);
    const schema = new ValueSchema('wide');
    for (let column = 0; column < width; column++) schema.addField(`c${column}`, randomTypes[column % 2 === 0 ? 'int' : 'string']!.type);
    const type = avscOf(schema.toAvro());
    const empty = Object.fromEntries(schema.fields.map(({ avroName }) => [avroName, null]));
    const messages = await collectMessages(workspace, 'wide', schema, { technical: { __change_type: 'U' } });
    expect(messages).toHaveLength(rows);
    messages.forEach((message, row) => {
      const record = values.map((column, index) => {
        const value = column[row] ?? null;
        return [`c${index}`, value !== null && index % 2 === 0 ? Number(value) : value];
      });
      const expected = type.toBuffer({ ...empty, __change_type: 'U', ...(Object.fromEntries(record) as object) });
      expect(message.value.subarray(5).equals(expected)).toBe(true);
    });
  });

  test('whether columns are strings of one length, long ones, or repeated', async () => {
    await workspace.run(`CREATE OR REPLACE TABLE strings AS SELECT
      i::INTEGER AS id, repeat('x', (i % 40)::INTEGER) AS short, repeat('ä', (i % 3000)::INTEGER) AS long,
      CASE WHEN i % 5 = 0 THEN NULL ELSE ['one of few long names', 'another one of few long names', 'c'][1 + (hash(i) % 3)::INTEGER] END AS few,
      CASE WHEN i % 700 = 3 THEN repeat('y', 40000) ELSE 'between long ones ' || i END AS mixed
      FROM range(10000) t(i)`);
    const schema = new ValueSchema('strings');
    for (const { name, type } of await workspace.columns('strings'))
      schema.addField(name, name === 'id' ? randomTypes['int']!.type : randomTypes['string']!.type, type);
    schema.setPks(['id']);
    const messages = await collectMessages(workspace, 'strings', schema);
    const rows = await workspace.query('SELECT * FROM strings ORDER BY id');
    const type = avscOf(schema.toAvro());
    const empty = Object.fromEntries(schema.fields.map(({ avroName }) => [avroName, null]));
    expect(messages).toHaveLength(10000);
    messages.forEach(({ value }, row) => {
      expect(value.subarray(5).equals(type.toBuffer({ ...empty, ...rows[row] }))).toBe(true);
    });
  });
});

test('all types are part of the random tables', () => {
  expect(names.length).toBeGreaterThan(25);
});
