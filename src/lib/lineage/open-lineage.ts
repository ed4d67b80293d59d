import type { ColumnLineageOfTarget, LineageDocument, SourceField, TargetLineage } from './lineage-document';

const specification = 'https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs';
const columnLineageFacet = 'https://openlineage.io/spec/facets/1-2-0/ColumnLineageDatasetFacet.json#/$defs/ColumnLineageDatasetFacet';
const schemaFacet = 'https://openlineage.io/spec/facets/1-2-0/SchemaDatasetFacet.json#/$defs/SchemaDatasetFacet';

export interface OpenLineageOptions {
  /** Namespace of the job, e.g. the environment. */
  readonly namespace: string;
  /** URI of what made the event: the flow's repository, for example. */
  readonly producer: string;
  /** When the flow got this lineage. */
  readonly eventTime: Date;
}

interface Dataset {
  readonly namespace: string;
  readonly name: string;
}

interface Facet {
  readonly _producer: string;
  readonly _schemaURL: string;
}

interface InputField extends Dataset {
  readonly field: string;
  readonly transformations: readonly { readonly type: string; readonly subtype: string; readonly description?: string }[];
}

/** What a job reads and writes. Source: https://openlineage.io/spec/2-0-2/OpenLineage.json */
export interface OpenLineageJobEvent {
  readonly eventTime: string;
  readonly producer: string;
  readonly schemaURL: string;
  readonly job: { readonly namespace: string; readonly name: string };
  readonly inputs: readonly Dataset[];
  readonly outputs: readonly (Dataset & {
    readonly facets: {
      readonly schema: Facet & { readonly fields: readonly { readonly name: string }[] };
      readonly columnLineage: Facet & {
        readonly fields: Readonly<Record<string, { readonly inputFields: readonly InputField[] }>>;
        /** What bears on all columns. */
        readonly dataset: readonly InputField[];
      };
    };
  })[];
}

/**
 * A lineage document as OpenLineage's job event, with the facet of column lineage (1-2-0). Datasets are named as its naming conventions say:
 * `oracle://host:port` with `service.SCHEMA.TABLE`, `kafka://host:port` with the topic.
 *
 * @example
 * const event = toOpenLineage(document, { namespace: 'prod', producer: 'https://github.com/example/flows', eventTime: new Date() });
 */
export function toOpenLineage({ producerName, dataflowName, targets }: LineageDocument, options: OpenLineageOptions): OpenLineageJobEvent {
  const { namespace, producer, eventTime } = options;
  const inputs = new Map<string, Dataset>();
  for (const { tables } of targets) {
    for (const { connection, name } of tables) inputs.set(JSON.stringify([connection, name]), datasetOf(connection, name));
  }
  return {
    eventTime: eventTime.toISOString(),
    producer,
    schemaURL: `${specification}/JobEvent`,
    job: { namespace, name: dataflowName === producerName ? producerName : `${producerName}.${dataflowName}` },
    inputs: [...inputs].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, dataset]) => dataset),
    outputs: targets.map((target) => ({ ...datasetOf(target.connection, target.name), facets: facetsOf(target, producer) })),
  };
}

function facetsOf({ columns, rows }: TargetLineage, producer: string): OpenLineageJobEvent['outputs'][number]['facets'] {
  return {
    schema: { _producer: producer, _schemaURL: schemaFacet, fields: columns.map(({ name }) => ({ name })) },
    columnLineage: {
      _producer: producer,
      _schemaURL: columnLineageFacet,
      fields: Object.fromEntries(columns.map((column) => [column.name, { inputFields: inputFieldsOf(column.sources, column) }])),
      dataset: inputFieldsOf(rows),
    },
  };
}

/** Each source column once, with all its parts. */
function inputFieldsOf(sources: readonly SourceField[], column?: ColumnLineageOfTarget): InputField[] {
  const fields = new Map<string, SourceField[]>();
  for (const source of sources) {
    const key = JSON.stringify([source.connection, source.table, source.column]);
    fields.set(key, [...(fields.get(key) ?? []), source]);
  }
  return [...fields.values()].map((parts) => {
    const { connection, table, column: field } = parts[0]!;
    return {
      ...datasetOf(connection, table),
      field,
      transformations: parts.map(({ kind, subtype }) => ({
        type: kind,
        subtype,
        ...(column && kind === 'DIRECT' && subtype !== 'IDENTITY' && column.formula !== '' && { description: column.formula }),
      })),
    };
  });
}

/** Source: https://openlineage.io/docs/spec/naming */
function datasetOf(connection: string, name: string): Dataset {
  const [, oracle, service] = /^(oracle:\/\/[^/]+)\/(.+)$/.exec(connection) ?? [];
  if (oracle !== undefined) return { namespace: oracle, name: `${service!}.${name}` };
  const [, folder] = /^file:\/\/(\/.*)$/.exec(connection) ?? [];
  if (folder !== undefined) return { namespace: 'file', name: `${folder}/${name}` };
  const [, root, path] = /^((?:abfss|az|azure|https?):\/\/[^/]+)\/(.+?)\/?$/.exec(connection) ?? [];
  if (root !== undefined) return { namespace: root, name: `${path!}/${name}` };
  // A client may know several brokers of one cluster; the first names it.
  const [, broker] = /^(kafka:\/\/[^,]+),/.exec(connection) ?? [];
  return { namespace: broker ?? (connection.replace(/\/$/, '') || 'tablecast'), name };
}
