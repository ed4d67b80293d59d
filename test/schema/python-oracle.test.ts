import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import {
  type AvroValueSchema,
  AvroInt,
  AvroNull,
  AvroString,
  AvroUnion,
  commitKeySchema,
  commitValueSchema,
  decodeName,
  encodeName,
  impactLineageValueSchema,
  Field,
  KeySchema,
  ValueSchema,
} from '../../src/lib/schema';
import { describeWithPython } from '../support/parts';
import { runPython } from '../support/python';
import { anyTable, everyType, schemaOf, type TableDescription } from './table-description';

interface Questions {
  names?: string[];
  build?: TableDescription[];
  read?: string[];
  parse?: string[];
  commit?: unknown[];
  impact?: unknown[];
}

interface Answers {
  names: { encoded: string; decoded: string }[];
  build: { value: string; key: string }[];
  read: string[];
  parse: (string | null)[];
  commit: { value: string; key: string }[];
  impact: { value: string; key: string }[];
}

/** Enough tables to meet every property set and not set, the same ones in every run. */
const randomTables = fc.sample(anyTable(), { numRuns: 150, seed: 20 });

/** A table whose fields are every type, both nullable and not. */
const allTypes: TableDescription = {
  name: 'ALL$TYPES',
  namespace: 'test.schemas',
  fields: everyType.flatMap((type, index) => [
    { name: `nullable_${index}`, type: renamed(type, `n${index}`), nullable: true },
    { name: `required_${index}`, type: renamed(type, `r${index}`), nullable: false },
  ]),
};

const everyProperty: TableDescription = {
  name: 'SALES',
  namespace: 'ERP',
  doc: 'What was sold',
  fields: [
    {
      name: 'AMOUNT$',
      type: ['AvroDecimal', 15, 2],
      nullable: false,
      doc: 'without tax',
      sensitivity: 'PII',
      internal: true,
      technical: true,
      source_data_type: 'NUMBER(15,2)',
      default: '\u0000',
      aliases: ['REVENUE'],
      semantics: {
        type: 'CURRENCY',
        aggregation_formula: 'sum(AMOUNT)',
        currency_field_name: 'CURRENCY',
        currency_conversion_date: 'VALUTA_DATE',
        uom_field_name: 'UNIT',
        hierarchy_name: 'GEO',
        hierarchy_level: 2,
      },
    },
    { name: 'ID', type: ['AvroLong'], nullable: true },
  ],
  pks: ['ID', 'AMOUNT$'],
  fks: [
    { fk_name: 'FK1', fk_schema_fqn: 'ERP.ORDERS', conditions: [{ left_field_name: 'ID', right_field_name: 'ORDER_ID' }] },
    { conditions: [] },
    { fk_schema_fqn: 'X', conditions: [{ left_field_name: 'a', right_field_name: 'b', condition: null }] },
  ],
  data_product_owner_email: 'sales@example.com',
  retention_period: { value: 10, unit: 'YEARS' },
  deletion_policy: { value: 6, unit: 'MONTHS', description: 'after the contract' },
  data_classification: 'HIGHLY_SENSITIVE',
  data_regulations: ['GDPR', 'EAR'],
  tickets_url: 'https://example.com/tickets',
  repo_url: 'https://example.com/repo',
  source_system_uri: 'oracle://erp',
  object_level_security: ['sales', 'controlling'],
  row_level_security: [{ dimension: 'region', field: 'REGION' }],
  partition_by: ['REGION'],
  semantics: 'FACT_DIMENSION',
};

const nothingSet: TableDescription = {
  name: 'EMPTY',
  fields: [],
  pks: [],
  fks: [],
  data_regulations: [],
  object_level_security: [],
  partition_by: [],
};

const tables = [allTypes, everyProperty, nothingSet, ...randomTables];

describeWithPython('the schemas, compared with those of the Python library rtdi_kafkaavro', () => {
  test('every type, every property and random tables are written as the library writes them, order of the properties included', async () => {
    const { build } = await ask({ build: tables });
    for (const [index, table] of tables.entries()) {
      const ours = schemaOf(table);
      expect(comparable(ours.toAvro())).toBe(asSpecified(build[index]!.value));
      expect(comparable(new KeySchema(ours).toAvro())).toBe(asSpecified(build[index]!.key));
    }
  });

  test('what the library writes is read, and written again unchanged', async () => {
    const { build } = await ask({ build: tables });
    for (const { value } of build) expect(comparable(ValueSchema.fromAvro(JSON.parse(value)).toAvro())).toBe(asSpecified(value));
  });

  test('what we write is read by the library, and written again unchanged but for the description, which it drops', async () => {
    const { read } = await ask({ read: tables.map((table) => JSON.stringify(schemaOf(table).toAvro())) });
    for (const [index, table] of tables.entries()) {
      const described = { ...table };
      delete described.doc;
      // It reads the regulations into a set, and writes them in any order.
      const again = JSON.parse(asSpecified(read[index]!)) as AvroValueSchema;
      const ordered = again.data_regulations && { data_regulations: table.data_regulations };
      expect([...(again.data_regulations ?? [])].sort()).toEqual([...(table.data_regulations ?? [])].sort());
      expect(JSON.stringify({ ...again, ...ordered })).toBe(comparable(schemaOf(described).toAvro()));
    }
  });

  test('what we write is a valid schema to Apache Avro', async () => {
    // Defaults of the random tables are arbitrary; Avro checks them against the type.
    const written = tables
      .map((table) => ({ ...table, fields: table.fields.map(({ default: _default, ...field }) => field) }))
      .map(schemaOf)
      .flatMap((schema) => [JSON.stringify(schema.toAvro()), JSON.stringify(new KeySchema(schema).toAvro())]);
    const { parse } = await ask({ parse: written });
    expect(parse.filter((refusal) => refusal !== null)).toEqual([]);
  });

  test('the commit schemas are those of the library, with the key in a fixed order', async () => {
    const { commit } = await ask({ commit: [0] });
    const value = JSON.parse(commit[0]!.value) as { pks: string[] };
    expect([...value.pks].sort()).toEqual(['commit_id', 'producer_name']);
    expect(comparable(commitValueSchema().toAvro())).toBe(comparable({ ...value, pks: ['commit_id', 'producer_name'] }));
    expect(comparable(commitKeySchema().toAvro())).toBe(asSpecified(commit[0]!.key));
  });

  test('the schemas of lineage documents are those of the library, with the key in a fixed order', async () => {
    const { impact } = await ask({ impact: [0] });
    const value = JSON.parse(impact[0]!.value) as { pks: string[] };
    expect([...value.pks].sort()).toEqual(['dataflow_name', 'producer_name']);
    const ours = impactLineageValueSchema();
    expect(comparable(ours.toAvro())).toBe(comparable({ ...value, pks: ['producer_name', 'dataflow_name'] }));
    const key = JSON.parse(impact[0]!.key) as { fields: { name: string }[] };
    key.fields.sort((a, b) => (a.name < b.name ? 1 : -1));
    expect(comparable(new KeySchema(ours).toAvro())).toBe(comparable(key));
  });

  test('names are encoded as the library does, except where its result is not an Avro name or cannot be decoded', async () => {
    const names = fc.sample(fc.string({ unit: 'binary', maxLength: 12 }), { numRuns: 1000, seed: 3 });
    const literals = ['REVENUE$', 'A_x$', '_x', '__x', '_xx_x', '_x005f_x0078', '_x005F', 'ä', 'a b', '_', 'X1', 'a_X0041'];
    const asked = [...literals, ...names];
    const answers = (await ask({ names: asked })).names;
    for (const [index, name] of asked.entries()) {
      if (/^[0-9]|[\u{10000}-\u{10ffff}]/u.test(name)) {
        expect(decodeName(encodeName(name))).toBe(name);
      } else {
        expect(encodeName(name)).toBe(answers[index]!.encoded);
      }
      expect(decodeName(name)).toBe(answers[index]!.decoded);
    }
  });

  test('a nullable union, which the library writes as a union in a union, is flat, valid and readable by it', async () => {
    const branches = [new AvroInt(), new AvroString()];
    const schema = new ValueSchema('U').addFieldObject(new Field('u', new AvroUnion(branches)));
    const { parse, read } = await ask({ parse: [JSON.stringify(schema.toAvro())], read: [JSON.stringify(schema.toAvro())] });
    expect(parse).toEqual([null]);
    const again = ValueSchema.fromAvro(JSON.parse(read[0]!)).field('u')!.type;
    expect(again.equals(new AvroUnion([new AvroNull(), ...branches]))).toBe(true);
  });

  test('a schema that uses one record twice, which the library writes out twice, is valid', async () => {
    const twice: TableDescription = {
      name: 'TWICE',
      fields: ['home', 'work'].map((name) => ({
        name,
        type: ['RecordSchema', 'address', null, null, [{ name: 'city', type: ['AvroString'], nullable: true }]],
        nullable: true,
      })),
    };
    const ours = JSON.stringify(schemaOf(twice).toAvro());
    const { build } = await ask({ build: [twice] });
    const { parse } = await ask({ parse: [ours, build[0]!.value] });
    expect(parse[0]).toBeNull();
    expect(parse[1]).toContain('address');
    expect(JSON.stringify(ValueSchema.fromAvro(JSON.parse(build[0]!.value)).toAvro())).toBe(ours);
    expect(JSON.stringify(ValueSchema.fromAvro(JSON.parse(ours)).toAvro())).toBe(ours);
  });
});

async function ask(questions: Questions): Promise<Answers> {
  const folder = await mkdtemp(path.join(tmpdir(), 'schema-oracle-'));
  try {
    const file = path.join(folder, 'questions.json');
    await writeFile(file, JSON.stringify(questions));
    return JSON.parse(await runPython('schema_oracle.py', file)) as Answers;
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** A schema as text for comparison: properties in their order, the name of a uuid left out, because the library has none. */
function comparable(schema: unknown): string {
  return JSON.stringify(schema, (_key, value: unknown) => {
    if (!isObject(value) || value['logicalType'] !== 'uuid') return value;
    const nameless = { ...value };
    delete nameless['name'];
    return nameless;
  });
}

/** The library's schema for comparison: an enum's symbols, which it writes as a text, as the list that Avro asks for. */
function asSpecified(text: string): string {
  const enumsAsSpecified = (_key: string, value: unknown) =>
    isObject(value) && value['type'] === 'enum' && typeof value['symbols'] === 'string'
      ? { ...value, symbols: JSON.parse(value['symbols']) as unknown }
      : value;
  return comparable(JSON.parse(text, enumsAsSpecified));
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function renamed(type: readonly [string, ...unknown[]], suffix: string): readonly [string, ...unknown[]] {
  return JSON.parse(JSON.stringify(type).replaceAll(/"(object_id|state|address|phone)"/g, `"$1_${suffix}"`)) as [string, ...unknown[]];
}
