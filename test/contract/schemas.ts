import fc from 'fast-check';
import {
  ArraySchema,
  AvroBoolean,
  AvroBytes,
  AvroDate,
  AvroDecimal,
  AvroDouble,
  AvroEnum,
  AvroFixed,
  AvroFloat,
  AvroInt,
  AvroLong,
  AvroMap,
  AvroNVarchar,
  AvroString,
  AvroTimestampMicros,
  type AvroType,
  AvroUnion,
  AvroUUID,
  RecordSchema,
  ValueSchema,
} from '../../src/lib';

/** A schema with everything that can be said about a table. */
export function governedSchema(): ValueSchema {
  const schema = new ValueSchema('ORDERS', 'SHOP')
    .setDoc('Orders of the shop')
    .addField('ID', new AvroInt(), 'Number of the order', false, { sourceDataType: 'NUMBER(9)' })
    .addField('AMOUNT', new AvroDecimal(12, 2), 'What it costs', true, { default: undefined })
    .addField('CURRENCY', new AvroNVarchar(3), 'Currency of the amount')
    .addField('CUSTOMER', new AvroNVarchar(80), 'Who ordered', true, { sensitivity: 'PII' })
    .addField('REGION', new AvroNVarchar(20), 'Where it goes')
    .setPks(['ID'])
    .setDataProductOwnerEmail('shop@example.com')
    .setRepoUrl('https://github.com/example/shop')
    .setTicketsUrl('https://tickets.example.com/shop')
    .setSourceSystemUri('https://shop.example.com/')
    .setDataClassification('SENSITIVE')
    .setDataRegulations(['GDPR', 'EAR'])
    .setRetentionPeriod({ value: 10, unit: 'YEARS' })
    .setDeletionPolicy({ value: 6, unit: 'MONTHS', description: 'after the contract has ended' })
    .setSemantics('FACT')
    .addForeignKey({
      fkName: 'FK_CUSTOMER',
      fkSchemaFqn: 'CRM.CUSTOMER',
      conditions: [{ leftFieldName: 'CUSTOMER', rightFieldName: 'NAME' }],
    })
    .setObjectLevelSecurity(['sales', 'finance'])
    .setRowLevelSecurity([{ dimension: 'region', field: 'REGION' }])
    .setPartitionBy(['REGION']);
  schema.field('AMOUNT')!.setSemantics({ type: 'MEASURE', aggregationFormula: 'sum(AMOUNT)', currencyFieldName: 'CURRENCY' });
  return schema;
}

const simple = fc.constantFrom<() => AvroType>(
  () => new AvroInt(),
  () => new AvroLong(),
  () => new AvroFloat(),
  () => new AvroDouble(),
  () => new AvroString(),
  () => new AvroBytes(),
  () => new AvroBoolean(),
  () => new AvroNVarchar(40),
  () => new AvroDecimal(12, 2),
  () => new AvroDate(),
  () => new AvroTimestampMicros(),
);

/** Types of columns; named ones have few names, so that two schemas often mean the same one. */
const type: fc.Arbitrary<AvroType> = fc.oneof(
  { weight: 8, arbitrary: simple.map((make) => make()) },
  fc.constantFrom('S', 'T').chain((name) => fc.constantFrom(4, 8).map((size) => new AvroFixed(size, `fixed_${name}`))),
  fc
    .tuple(fc.constantFrom('S', 'T'), fc.subarray(['A', 'B', 'C'], { minLength: 1 }))
    .map(([name, symbols]) => new AvroEnum(symbols, `enum_${name}`)),
  fc.constant(new AvroUUID()),
  simple.map((make) => new ArraySchema(make())),
  simple.map((make) => new AvroMap(make())),
  fc
    .uniqueArray(
      fc.constantFrom<() => AvroType>(
        () => new AvroInt(),
        () => new AvroLong(),
        () => new AvroString(),
        () => new AvroBytes(),
      ),
      {
        minLength: 2,
        maxLength: 3,
      },
    )
    .map((makes) => new AvroUnion(makes.map((make) => make()))),
  fc.tuple(fc.constantFrom('S', 'T'), simple, simple, fc.boolean(), fc.boolean()).map(([name, first, second, nullable, both]) => {
    const record = new RecordSchema(`record_${name}`).addField('one', first(), undefined, nullable);
    return both ? record.addField('two', second(), undefined, !nullable) : record;
  }),
);

interface Column {
  readonly type: AvroType;
  readonly nullable: boolean;
}

const column = fc.record({ type, nullable: fc.boolean() });

const names = ['ID', 'NAME', 'PRICE$', 'NOTE'] as const;
type Columns = Readonly<Partial<Record<(typeof names)[number], Column>>>;

/** Two versions of a table's schema: some columns are the same, some differ, some are missing. */
export const twoSchemas: fc.Arbitrary<{ before: ValueSchema; after: ValueSchema }> = fc
  .tuple(columns(), columns(), fc.subarray([...names]))
  .map(([before, after, same]) => {
    const kept = Object.fromEntries(same.flatMap((name) => (before[name] ? [[name, before[name]]] : []))) as Columns;
    return { before: schemaOf(before), after: schemaOf({ ...after, ...kept }) };
  });

function columns(): fc.Arbitrary<Columns> {
  return fc.record(Object.fromEntries(names.map((name) => [name, column])) as Record<(typeof names)[number], typeof column>, {
    requiredKeys: [],
  });
}

function schemaOf(all: Columns): ValueSchema {
  const schema = new ValueSchema('TABLE', 'SHOP');
  // A type's name may stand for one type only within a schema.
  const used = new Set<string>();
  for (const [name, { type: columnType, nullable }] of Object.entries(all)) {
    const typeName = 'name' in columnType ? columnType.name : undefined;
    if (typeName !== undefined && used.has(typeName)) continue;
    if (typeName !== undefined) used.add(typeName);
    schema.addField(name, columnType, undefined, nullable);
  }
  return schema;
}
