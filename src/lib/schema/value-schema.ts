import { Field as ArrowField, Schema as ArrowSchema } from 'apache-arrow';
import { TablecastError } from '../errors';
import type { AvroRecordSchema } from './avro-json';
import type { Field } from './field';
import {
  asObject,
  fieldFromAvro,
  fieldsOf,
  isObject,
  namespaceOf,
  optionalList,
  optionalObject,
  optionalText,
  originalName,
  type ReadScope,
  unreadable,
} from './from-avro-type';
import {
  type AvroDeletionPolicy,
  type AvroDuration,
  type AvroForeignKey,
  type DataClassification,
  type DeletionPolicy,
  type Duration,
  type ForeignKey,
  type RowLevelSecurity,
  type TableType,
  toAvroDeletionPolicy,
  toAvroDuration,
  toAvroForeignKey,
} from './governance';
import { fromAvroDeletionPolicy, fromAvroDuration, fromAvroForeignKey } from './from-avro-governance';
import { rootScope } from './name-scope';
import { RecordSchema } from './record-schema';
import { technicalFields } from './technical-fields';

/** A value schema as JSON: a record with the table's properties. Each is there only when it is set. */
export interface AvroValueSchema extends AvroRecordSchema {
  readonly pks?: readonly string[];
  readonly fks?: readonly AvroForeignKey[];
  readonly data_product_owner_email?: string;
  readonly retention_period?: AvroDuration;
  readonly deletion_policy?: AvroDeletionPolicy;
  readonly data_classification?: string;
  readonly data_regulations?: readonly string[];
  readonly tickets_url?: string;
  readonly repo_url?: string;
  readonly source_system_uri?: string;
  readonly object_level_security?: readonly string[];
  readonly row_level_security?: readonly RowLevelSecurity[];
  readonly partition_by?: readonly string[];
  readonly semantics?: { readonly type: string };
}

/**
 * The schema of a table's messages: the technical fields, the table's own fields, and what the data platform has to know about the table.
 *
 * @example
 * const schema = new ValueSchema('SAMPLE_PLAN', 'LABWARE')
 *   .addField('ID', new AvroDecimal(10, 0), 'Number of the plan', false)
 *   .addField('DESCRIPTION', new AvroNVarchar(200))
 *   .setPks(['ID'])
 *   .setDataProductOwnerEmail('lims@example.com')
 *   .setRetentionPeriod({ value: 10, unit: 'YEARS' });
 */
export class ValueSchema extends RecordSchema {
  #pks: readonly string[] | undefined;
  #foreignKeys: readonly ForeignKey[] = [];
  #dataProductOwnerEmail: string | undefined;
  #retentionPeriod: Duration | undefined;
  #deletionPolicy: DeletionPolicy | undefined;
  #dataClassification: DataClassification | undefined;
  #dataRegulations: readonly string[] = [];
  #ticketsUrl: string | undefined;
  #repoUrl: string | undefined;
  #sourceSystemUri: string | undefined;
  #objectLevelSecurity: readonly string[] = [];
  #rowLevelSecurity: readonly RowLevelSecurity[] = [];
  #partitionBy: readonly string[] = [];
  #semantics: TableType | undefined;
  readonly #technical: ReadonlySet<string>;

  /**
   * A schema with the technical fields only.
   *
   * @param namespace Avro names, separated by dots; usually the source system's name
   * @throws TablecastError NAME_INVALID when the name is empty or the namespace is not valid
   */
  constructor(name: string, namespace?: string) {
    super(name, namespace);
    const fields = technicalFields();
    for (const field of fields) this.addFieldObject(field);
    this.#technical = new Set(fields.map((field) => field.name));
  }

  /** The table's own fields: all but the technical ones. */
  get tableFields(): readonly Field[] {
    return this.fields.filter((field) => !this.#technical.has(field.name));
  }

  /** Original names of the primary key's columns, in key order; empty without one. */
  get pks(): readonly string[] {
    return this.#pks ?? [];
  }

  get foreignKeys(): readonly ForeignKey[] {
    return this.#foreignKeys;
  }

  get dataProductOwnerEmail(): string | undefined {
    return this.#dataProductOwnerEmail;
  }

  get retentionPeriod(): Duration | undefined {
    return this.#retentionPeriod;
  }

  get deletionPolicy(): DeletionPolicy | undefined {
    return this.#deletionPolicy;
  }

  get dataClassification(): DataClassification | undefined {
    return this.#dataClassification;
  }

  get dataRegulations(): readonly string[] {
    return this.#dataRegulations;
  }

  get ticketsUrl(): string | undefined {
    return this.#ticketsUrl;
  }

  get repoUrl(): string | undefined {
    return this.#repoUrl;
  }

  get sourceSystemUri(): string | undefined {
    return this.#sourceSystemUri;
  }

  get objectLevelSecurity(): readonly string[] {
    return this.#objectLevelSecurity;
  }

  get rowLevelSecurity(): readonly RowLevelSecurity[] {
    return this.#rowLevelSecurity;
  }

  get partitionBy(): readonly string[] {
    return this.#partitionBy;
  }

  get semantics(): TableType | undefined {
    return this.#semantics;
  }

  /**
   * Names the primary key's columns, in key order. Add the columns first.
   *
   * @throws TablecastError COLUMN_UNKNOWN when there is no such column
   * @throws TablecastError COLUMN_DUPLICATE when a column is named twice
   */
  setPks(names: readonly string[] | undefined): this {
    for (const [index, name] of (names ?? []).entries()) {
      if (this.field(name) === undefined)
        throw new TablecastError('COLUMN_UNKNOWN', { table: this.name, column: name, use: 'primary key' });
      if (names?.indexOf(name) !== index) {
        throw new TablecastError('COLUMN_DUPLICATE', { table: `The primary key of ${this.name}`, columns: [name, name], field: name });
      }
    }
    this.#pks = names && [...names];
    return this;
  }

  /**
   * Adds a reference to another table.
   *
   * @example
   * schema.addForeignKey({
   *   fkName: 'FK_SAMPLE_PLAN',
   *   fkSchemaFqn: 'LABWARE.PLAN',
   *   conditions: [{ leftFieldName: 'PLAN_ID', rightFieldName: 'ID' }],
   * });
   */
  addForeignKey(key: ForeignKey): this {
    this.#foreignKeys = [...this.#foreignKeys, key];
    return this;
  }

  /** Replaces all references to other tables. */
  setForeignKeys(keys: readonly ForeignKey[] | undefined): this {
    this.#foreignKeys = [...(keys ?? [])];
    return this;
  }

  /** Whom to ask about the data. */
  setDataProductOwnerEmail(email: string | undefined): this {
    this.#dataProductOwnerEmail = email;
    return this;
  }

  /** How long the rows are kept, e.g. `{ value: 10, unit: 'YEARS' }`. */
  setRetentionPeriod(period: Duration | undefined): this {
    this.#retentionPeriod = period;
    return this;
  }

  /** When rows have to be deleted, e.g. `{ value: 6, unit: 'MONTHS', description: 'after the contract has ended' }`. */
  setDeletionPolicy(policy: DeletionPolicy | undefined): this {
    this.#deletionPolicy = policy;
    return this;
  }

  /** How sensitive the data is. */
  setDataClassification(classification: DataClassification | undefined): this {
    this.#dataClassification = classification;
    return this;
  }

  /** Which regulations apply, e.g. `['GDPR', 'EAR']`. */
  setDataRegulations(regulations: readonly string[] | undefined): this {
    this.#dataRegulations = [...new Set(regulations)];
    return this;
  }

  /** Where to report what is wrong with the data. */
  setTicketsUrl(url: string | undefined): this {
    this.#ticketsUrl = url;
    return this;
  }

  /** Where the flow's code is. */
  setRepoUrl(url: string | undefined): this {
    this.#repoUrl = url;
    return this;
  }

  /** Where the data comes from. */
  setSourceSystemUri(uri: string | undefined): this {
    this.#sourceSystemUri = uri;
    return this;
  }

  /** Which groups may see the table. */
  setObjectLevelSecurity(groups: readonly string[] | undefined): this {
    this.#objectLevelSecurity = [...(groups ?? [])];
    return this;
  }

  /** Who may see which rows, e.g. `[{ dimension: 'region', field: 'SALES_REGION' }]`. */
  setRowLevelSecurity(rules: readonly RowLevelSecurity[] | undefined): this {
    this.#rowLevelSecurity = [...(rules ?? [])];
    return this;
  }

  /** Columns by which the target is to be partitioned. */
  setPartitionBy(columns: readonly string[] | undefined): this {
    this.#partitionBy = [...(columns ?? [])];
    return this;
  }

  /** What kind of table it is. */
  setSemantics(type: TableType | undefined): this {
    this.#semantics = type;
    return this;
  }

  /** The schema as JSON, its properties in the order the data platform's own libraries write them. `JSON.stringify` it for the registry. */
  override toAvro(): AvroValueSchema {
    return {
      ...this.definition(rootScope()),
      ...(this.#pks !== undefined && { pks: this.#pks }),
      ...(this.#foreignKeys.length > 0 && { fks: this.#foreignKeys.map(toAvroForeignKey) }),
      ...(this.#dataProductOwnerEmail && { data_product_owner_email: this.#dataProductOwnerEmail }),
      ...(this.#retentionPeriod && { retention_period: toAvroDuration(this.#retentionPeriod) }),
      ...(this.#deletionPolicy && { deletion_policy: toAvroDeletionPolicy(this.#deletionPolicy) }),
      ...(this.#dataClassification && { data_classification: this.#dataClassification }),
      ...(this.#dataRegulations.length > 0 && { data_regulations: this.#dataRegulations }),
      ...(this.#ticketsUrl && { tickets_url: this.#ticketsUrl }),
      ...(this.#repoUrl && { repo_url: this.#repoUrl }),
      ...(this.#sourceSystemUri && { source_system_uri: this.#sourceSystemUri }),
      ...(this.#objectLevelSecurity.length > 0 && { object_level_security: this.#objectLevelSecurity }),
      ...(this.#rowLevelSecurity.length > 0 && {
        row_level_security: this.#rowLevelSecurity.map(({ dimension, field }) => ({ dimension, field })),
      }),
      ...(this.#partitionBy.length > 0 && { partition_by: this.#partitionBy }),
      ...(this.#semantics && { semantics: { type: this.#semantics } }),
    };
  }

  /** The table's own fields as an Arrow schema: what a source adapter's pages look like. Columns have their original names. */
  arrowSchema(): ArrowSchema {
    return new ArrowSchema(this.tableFields.map((field) => new ArrowField(field.name, field.type.arrowType(), field.nullable)));
  }

  /**
   * The schema its JSON describes; `toAvro()` of it is that JSON again. The technical fields are always ours, whether the JSON has them or not.
   * The primary key is taken as it stands: a schema written elsewhere may name a column it does not have.
   *
   * @param json an object, parsed already
   * @throws TablecastError SCHEMA_UNREADABLE when it is not the Avro schema of a record
   * @throws TablecastError TYPE_INVALID, COLUMN_DUPLICATE, NAME_INVALID when it has a type, column or name that is not valid
   */
  static fromAvro(json: unknown): ValueSchema {
    if (!isObject(json) || json['type'] !== 'record') throw unreadable(json, 'it is not a record');
    const schema = new ValueSchema(originalName(json), namespaceOf(json)).setDoc(optionalText(json['doc']));
    const scope: ReadScope = { types: new Map(), namespace: schema.namespace };
    for (const field of fieldsOf(json)) {
      const read = fieldFromAvro(field, scope);
      if (!schema.#technical.has(read.name)) schema.addFieldObject(read);
    }
    const texts = (property: string) => optionalList(json, property)?.map(String);
    const objects = (property: string) => optionalList(json, property)?.map((item) => asObject(item, `an entry of ${property}`));
    const retention = optionalObject(json, 'retention_period');
    const deletion = optionalObject(json, 'deletion_policy');
    schema.#pks = texts('pks');
    return schema
      .setForeignKeys(objects('fks')?.map(fromAvroForeignKey))
      .setDataProductOwnerEmail(optionalText(json['data_product_owner_email']))
      .setRetentionPeriod(retention && fromAvroDuration(retention))
      .setDeletionPolicy(deletion && fromAvroDeletionPolicy(deletion))
      .setDataClassification(optionalText(json['data_classification']) as DataClassification | undefined)
      .setDataRegulations(texts('data_regulations'))
      .setTicketsUrl(optionalText(json['tickets_url']))
      .setRepoUrl(optionalText(json['repo_url']))
      .setSourceSystemUri(optionalText(json['source_system_uri']))
      .setObjectLevelSecurity(texts('object_level_security'))
      .setRowLevelSecurity(
        objects('row_level_security')?.map(({ dimension, field }) => ({ dimension: String(dimension), field: String(field) })),
      )
      .setPartitionBy(texts('partition_by'))
      .setSemantics(optionalText(optionalObject(json, 'semantics')?.['type']) as TableType | undefined);
  }
}
