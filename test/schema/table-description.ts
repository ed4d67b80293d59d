import fc from 'fast-check';
import {
  ArraySchema,
  AvroAnyPrimitive,
  AvroBoolean,
  AvroByte,
  AvroBytes,
  AvroCLOB,
  AvroDate,
  AvroDecimal,
  AvroDouble,
  AvroEnum,
  AvroFixed,
  AvroFloat,
  AvroInt,
  AvroLocalTimestamp,
  AvroLocalTimestampMicros,
  AvroLong,
  AvroMap,
  AvroNCLOB,
  AvroNVarchar,
  AvroSTGeometry,
  AvroSTPoint,
  AvroShort,
  AvroString,
  AvroTime,
  AvroTimeMicros,
  AvroTimestamp,
  AvroTimestampMicros,
  type AvroType,
  AvroUUID,
  AvroUnion,
  AvroUri,
  AvroVarchar,
  type ColumnSemantics,
  type DataClassification,
  Field,
  RecordSchema,
  type TableType,
  type TimeUnit,
  ValueSchema,
} from '../../src/lib/schema';

/** A table described in plain JSON, from which our classes and those of the data platform's Python library can be filled alike. */
export interface TableDescription {
  name: string;
  namespace?: string;
  doc?: string;
  fields: FieldDescription[];
  pks?: string[];
  fks?: {
    fk_name?: string;
    fk_schema_fqn?: string;
    conditions: { left_field_name: string; right_field_name: string; condition?: string | null }[];
  }[];
  data_product_owner_email?: string;
  retention_period?: { value?: number; unit: TimeUnit };
  deletion_policy?: { value?: number; unit: TimeUnit; description?: string };
  data_classification?: DataClassification;
  data_regulations?: string[];
  tickets_url?: string;
  repo_url?: string;
  source_system_uri?: string;
  object_level_security?: string[];
  row_level_security?: { dimension: string; field: string }[];
  partition_by?: string[];
  semantics?: TableType;
}

export interface FieldDescription {
  name: string;
  type: TypeDescription;
  nullable: boolean;
  doc?: string;
  sensitivity?: string;
  internal?: boolean;
  technical?: boolean;
  source_data_type?: string;
  default?: unknown;
  aliases?: string[];
  semantics?: {
    type: ColumnSemantics['type'];
    aggregation_formula?: string;
    currency_field_name?: string;
    currency_conversion_date?: string;
    uom_field_name?: string;
    hierarchy_name?: string;
    hierarchy_level?: number;
  };
}

/** The class's name and its arguments, e.g. `['AvroDecimal', 15, 2]`. */
export type TypeDescription = readonly [name: string, ...args: unknown[]];

const makers: Record<string, (...args: never[]) => AvroType> = {
  AvroBoolean: () => new AvroBoolean(),
  AvroByte: () => new AvroByte(),
  AvroShort: () => new AvroShort(),
  AvroInt: () => new AvroInt(),
  AvroLong: () => new AvroLong(),
  AvroFloat: () => new AvroFloat(),
  AvroDouble: () => new AvroDouble(),
  AvroDecimal: (precision: number, scale: number) => new AvroDecimal(precision, scale),
  AvroBytes: () => new AvroBytes(),
  AvroFixed: (length: number, name: string) => new AvroFixed(length, name),
  AvroEnum: (symbols: string[], name: string) => new AvroEnum(symbols, name),
  AvroString: () => new AvroString(),
  AvroVarchar: (length: number) => new AvroVarchar(length),
  AvroNVarchar: (length: number) => new AvroNVarchar(length),
  AvroCLOB: () => new AvroCLOB(),
  AvroNCLOB: () => new AvroNCLOB(),
  AvroUUID: () => new AvroUUID(),
  AvroUri: () => new AvroUri(),
  AvroSTPoint: () => new AvroSTPoint(),
  AvroSTGeometry: () => new AvroSTGeometry(),
  AvroDate: () => new AvroDate(),
  AvroTime: () => new AvroTime(),
  AvroTimeMicros: () => new AvroTimeMicros(),
  AvroTimestamp: () => new AvroTimestamp(),
  AvroTimestampMicros: () => new AvroTimestampMicros(),
  AvroLocalTimestamp: () => new AvroLocalTimestamp(),
  AvroLocalTimestampMicros: () => new AvroLocalTimestampMicros(),
  AvroAnyPrimitive: () => new AvroAnyPrimitive(),
  AvroMap: (values: TypeDescription) => new AvroMap(typeOf(values)),
  ArraySchema: (items: TypeDescription) => new ArraySchema(typeOf(items)),
  AvroUnion: (items: TypeDescription[]) => new AvroUnion(items.map(typeOf)),
  RecordSchema: (name: string, namespace: string | null, doc: string | null, fields: FieldDescription[]) => {
    const record = new RecordSchema(name, namespace ?? undefined, doc ?? undefined);
    for (const field of fields) record.addFieldObject(fieldOf(field));
    return record;
  },
};

/** One description of every type, with arguments where it takes some. */
export const everyType: readonly TypeDescription[] = [
  ['AvroBoolean'],
  ['AvroByte'],
  ['AvroShort'],
  ['AvroInt'],
  ['AvroLong'],
  ['AvroFloat'],
  ['AvroDouble'],
  ['AvroDecimal', 15, 2],
  ['AvroDecimal', 38, 38],
  ['AvroDecimal', 1, 0],
  ['AvroBytes'],
  ['AvroFixed', 12, 'object_id'],
  ['AvroEnum', ['NEW', 'DONE'], 'state'],
  ['AvroString'],
  ['AvroVarchar', 10],
  ['AvroNVarchar', 4000],
  ['AvroCLOB'],
  ['AvroNCLOB'],
  ['AvroUUID'],
  ['AvroUri'],
  ['AvroSTPoint'],
  ['AvroSTGeometry'],
  ['AvroDate'],
  ['AvroTime'],
  ['AvroTimeMicros'],
  ['AvroTimestamp'],
  ['AvroTimestampMicros'],
  ['AvroLocalTimestamp'],
  ['AvroLocalTimestampMicros'],
  ['AvroMap', ['AvroLong']],
  ['ArraySchema', ['AvroNVarchar', 5]],
  ['ArraySchema', ['AvroMap', ['ArraySchema', ['AvroDecimal', 9, 3]]]],
  [
    'RecordSchema',
    'address',
    null,
    'Where somebody lives',
    [
      { name: 'street name', type: ['AvroNVarchar', 40], nullable: true, doc: 'without number' },
      { name: 'zip', type: ['AvroVarchar', 10], nullable: false, default: '' },
      {
        name: 'phones',
        type: ['ArraySchema', ['RecordSchema', 'phone', 'other.space', null, [{ name: 'no', type: ['AvroLong'], nullable: true }]]],
        nullable: true,
      },
    ],
  ],
];

export function typeOf([name, ...args]: TypeDescription): AvroType {
  const make = makers[name];
  if (make === undefined) throw new Error(`no type ${name}`);
  return make(...(args as never[]));
}

function fieldOf(description: FieldDescription): Field {
  const { semantics } = description;
  return new Field(description.name, typeOf(description.type), description.doc, description.nullable, {
    ...(description.sensitivity !== undefined && { sensitivity: description.sensitivity }),
    ...(description.internal !== undefined && { internal: description.internal }),
    ...(description.technical !== undefined && { technical: description.technical }),
    ...(description.source_data_type !== undefined && { sourceDataType: description.source_data_type }),
    ...(description.aliases !== undefined && { aliases: description.aliases }),
    ...(semantics !== undefined && {
      semantics: {
        type: semantics.type,
        ...(semantics.aggregation_formula !== undefined && { aggregationFormula: semantics.aggregation_formula }),
        ...(semantics.currency_field_name !== undefined && { currencyFieldName: semantics.currency_field_name }),
        ...(semantics.currency_conversion_date !== undefined && { currencyConversionDate: semantics.currency_conversion_date }),
        ...(semantics.uom_field_name !== undefined && { uomFieldName: semantics.uom_field_name }),
        ...(semantics.hierarchy_name !== undefined && { hierarchyName: semantics.hierarchy_name }),
        ...(semantics.hierarchy_level !== undefined && { hierarchyLevel: semantics.hierarchy_level }),
      },
    }),
    default: description.default,
  });
}

/** Our schema for a description. */
export function schemaOf(table: TableDescription): ValueSchema {
  const schema = new ValueSchema(table.name, table.namespace).setDoc(table.doc);
  for (const field of table.fields) schema.addFieldObject(fieldOf(field));
  return schema
    .setPks(table.pks)
    .setForeignKeys(
      table.fks?.map((key) => ({
        ...(key.fk_name !== undefined && { fkName: key.fk_name }),
        ...(key.fk_schema_fqn !== undefined && { fkSchemaFqn: key.fk_schema_fqn }),
        conditions: key.conditions.map((join) => ({
          leftFieldName: join.left_field_name,
          rightFieldName: join.right_field_name,
          ...('condition' in join && { condition: join.condition }),
        })),
      })),
    )
    .setDataProductOwnerEmail(table.data_product_owner_email)
    .setRetentionPeriod(table.retention_period)
    .setDeletionPolicy(table.deletion_policy)
    .setDataClassification(table.data_classification)
    .setDataRegulations(table.data_regulations)
    .setTicketsUrl(table.tickets_url)
    .setRepoUrl(table.repo_url)
    .setSourceSystemUri(table.source_system_uri)
    .setObjectLevelSecurity(table.object_level_security)
    .setRowLevelSecurity(table.row_level_security)
    .setPartitionBy(table.partition_by)
    .setSemantics(table.semantics);
}

/** Any table both sides can express. */
export function anyTable(): fc.Arbitrary<TableDescription> {
  const text = fc.string({ maxLength: 12, unit: 'grapheme' });
  const avroName = fc.stringMatching(/^[A-Za-z_][A-Za-z0-9_]{0,8}$/);
  const timeUnit = fc.constantFrom<TimeUnit>('HOURS', 'WEEKS', 'MONTHS', 'QUARTERS', 'YEARS');
  const optional = <T extends object>(model: { [K in keyof T]: fc.Arbitrary<T[K]> }, required: (keyof T)[]) =>
    fc.record(model, { requiredKeys: required }) as unknown as fc.Arbitrary<T>;
  const type: fc.Arbitrary<TypeDescription> = fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom(...everyType) },
    fc
      .tuple(fc.integer({ min: 1, max: 38 }), fc.nat(38))
      .map(([precision, scale]): TypeDescription => ['AvroDecimal', precision, Math.min(scale, precision)]),
    fc.integer({ min: 1, max: 4000 }).map((length): TypeDescription => ['AvroNVarchar', length]),
    fc.constantFrom(...everyType).map((items): TypeDescription => ['ArraySchema', items]),
    fc.constantFrom(...everyType).map((values): TypeDescription => ['AvroMap', values]),
    fc.uniqueArray(avroName, { minLength: 1, maxLength: 4 }).map((symbols): TypeDescription => ['AvroEnum', symbols, 'kind']),
  );
  const field = optional<FieldDescription>(
    {
      // The library leaves high code points and leading digits unencoded; those have tests of their own.
      name: fc
        .string({ unit: 'binary', minLength: 1, maxLength: 10 })
        .filter((name) => !/^[0-9]|[\u{10000}-\u{10ffff}]/u.test(name) && !name.startsWith('__')),
      type,
      nullable: fc.boolean(),
      doc: text,
      sensitivity: text,
      internal: fc.boolean(),
      technical: fc.boolean(),
      source_data_type: text,
      default: fc.oneof(fc.constant(0), fc.constant(''), fc.constant(false), fc.integer(), text),
      aliases: fc.array(avroName, { maxLength: 2 }),
      semantics: optional<NonNullable<FieldDescription['semantics']>>(
        {
          type: fc.constantFrom('MEASURE', 'ATTRIBUTE', 'CURRENCY', 'UOM', 'TEXT', 'HIERARCHY'),
          aggregation_formula: text,
          currency_field_name: text,
          currency_conversion_date: text,
          uom_field_name: text,
          hierarchy_name: text,
          hierarchy_level: fc.nat(9),
        },
        ['type'],
      ),
    },
    ['name', 'type', 'nullable'],
  );
  const withoutKey = optional<TableDescription>(
    {
      name: fc.string({ unit: 'binary', minLength: 1, maxLength: 10 }).filter((name) => !/^[0-9]|[\u{10000}-\u{10ffff}]/u.test(name)),
      namespace: fc.array(avroName, { minLength: 1, maxLength: 3 }).map((parts) => parts.join('.')),
      doc: text,
      fields: fc.uniqueArray(field, { maxLength: 6, selector: ({ name }) => name }).map(withOwnTypeNames),
      fks: fc.array(
        optional<NonNullable<TableDescription['fks']>[number]>(
          {
            fk_name: text,
            fk_schema_fqn: text,
            conditions: fc.array(
              optional<{ left_field_name: string; right_field_name: string; condition?: string | null }>(
                { left_field_name: text, right_field_name: text, condition: fc.constantFrom('=', '<', null) },
                ['left_field_name', 'right_field_name'],
              ),
              { maxLength: 2 },
            ),
          },
          ['conditions'],
        ),
        { maxLength: 2 },
      ),
      data_product_owner_email: text,
      retention_period: optional<{ value?: number; unit: TimeUnit }>({ value: fc.nat(100), unit: timeUnit }, ['unit']),
      deletion_policy: optional<{ value?: number; unit: TimeUnit; description?: string }>(
        { value: fc.nat(100), unit: timeUnit, description: text },
        ['unit'],
      ),
      data_classification: fc.constantFrom<DataClassification>('INTERNAL', 'PUBLIC', 'SENSITIVE', 'HIGHLY_SENSITIVE'),
      data_regulations: fc.uniqueArray(text, { maxLength: 3 }),
      tickets_url: text,
      repo_url: text,
      source_system_uri: text,
      object_level_security: fc.array(text, { maxLength: 3 }),
      row_level_security: fc.array(fc.record({ dimension: text, field: text }), { maxLength: 2 }),
      partition_by: fc.array(text, { maxLength: 2 }),
      semantics: fc.constantFrom<TableType>(
        'FACT',
        'DIMENSION',
        'FACT_DIMENSION',
        'MULTILANGUAGE_TEXT',
        'PARENT_CHILD_HIERARCHY',
        'CURRENCY_CONVERSION',
        'UOM_CONVERSION',
        'BRIDGE_TABLE',
        'VALUE_MAPPING',
        'INTERNAL',
        'SECURITY',
      ),
    },
    ['name', 'fields'],
  );
  return withoutKey.chain((table) =>
    fc
      .option(fc.shuffledSubarray(table.fields.map(({ name }) => name)), { nil: undefined })
      .map((pks) => (pks === undefined ? table : { ...table, pks })),
  );
}

/** Gives the named types within each field names of that field's own: a schema defines a name once only. */
function withOwnTypeNames(fields: FieldDescription[]): FieldDescription[] {
  const renamed = (type: TypeDescription, suffix: string): TypeDescription => {
    const [kind, ...args] = type;
    if (kind === 'AvroFixed' || kind === 'AvroEnum') return [kind, args[0], `${String(args[1])}${suffix}`];
    if (kind === 'ArraySchema' || kind === 'AvroMap') return [kind, renamed(args[0] as TypeDescription, suffix)];
    if (kind !== 'RecordSchema') return type;
    const inner = (args[3] as FieldDescription[]).map((field) => ({ ...field, type: renamed(field.type, suffix) }));
    return [kind, `${String(args[0])}${suffix}`, args[1], args[2], inner];
  };
  return fields.map((field, index) => ({ ...field, type: renamed(field.type, `_${index}`) }));
}
