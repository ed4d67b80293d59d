import { TablecastError } from '../errors';
import type { AvroField, AvroSchema } from './avro-json';
import type { AvroType } from './avro-type';
import { type ColumnSemantics, toAvroColumnSemantics } from './column-semantics';
import type { NameScope } from './name-scope';
import { encodeName } from './names';
import { AvroNull } from './simple-types';

/** What a field can have beyond name, type, description and whether it can be null. */
export interface FieldOptions {
  /** How the content is to be protected, in the organisation's own words, e.g. `PII`. */
  readonly sensitivity?: string;
  /** Not a column of the source, but added for the data platform's own use. Default false. */
  readonly internal?: boolean;
  /** Filled in while sending; mappings cannot use it. Default false. */
  readonly technical?: boolean;
  /** The column's type in the source's own words, e.g. `NUMBER(15,2)`. */
  readonly sourceDataType?: string;
  /** JSON value consumers use for messages written before the field existed. Only for a field that cannot be null: that of the others is null. */
  readonly default?: unknown;
  /** What the column means to those who report on it. */
  readonly semantics?: ColumnSemantics;
  /** Names the field had before. */
  readonly aliases?: readonly string[];
}

/** A column: its type, and what is known about it. Name, type and whether it can be null are fixed; what describes it can be completed later. */
export class Field {
  /** The original name, as the source and DuckDB know it. */
  readonly name: string;
  /** The name in the Avro schema. */
  readonly avroName: string;
  readonly type: AvroType;
  readonly nullable: boolean;
  readonly internal: boolean;
  readonly technical: boolean;
  readonly default: unknown;
  readonly aliases: readonly string[];
  #doc: string | undefined;
  #sensitivity: string | undefined;
  #sourceDataType: string | undefined;
  #semantics: ColumnSemantics | undefined;

  /** @throws TablecastError NAME_INVALID when the name is empty */
  constructor(name: string, type: AvroType, doc?: string, nullable = true, options: FieldOptions = {}) {
    if (name === '') throw new TablecastError('NAME_INVALID', { what: 'column', name, reason: 'it is empty' });
    this.name = name;
    this.avroName = encodeName(name);
    this.type = type;
    this.nullable = nullable || type.kind === 'NULL' || (type.kind === 'UNION' && type.hasNull);
    this.internal = options.internal ?? false;
    this.technical = options.technical ?? false;
    this.default = options.default;
    this.aliases = [...(options.aliases ?? [])];
    this.#doc = doc;
    this.#sensitivity = options.sensitivity;
    this.#sourceDataType = options.sourceDataType;
    this.#semantics = options.semantics;
  }

  get doc(): string | undefined {
    return this.#doc;
  }

  get sensitivity(): string | undefined {
    return this.#sensitivity;
  }

  get sourceDataType(): string | undefined {
    return this.#sourceDataType;
  }

  get semantics(): ColumnSemantics | undefined {
    return this.#semantics;
  }

  /** Says what the column holds. */
  setDoc(doc: string | undefined): this {
    this.#doc = doc;
    return this;
  }

  /** Says how the content is to be protected, e.g. `PII`. */
  setSensitivity(sensitivity: string | undefined): this {
    this.#sensitivity = sensitivity;
    return this;
  }

  /** Keeps the column's type in the source's own words, e.g. `NUMBER(15,2)`. */
  setSourceDataType(sourceDataType: string | undefined): this {
    this.#sourceDataType = sourceDataType;
    return this;
  }

  /**
   * Says what the column means to those who report on it.
   *
   * @example schema.field('AMOUNT')?.setSemantics({ type: 'MEASURE', aggregationFormula: 'sum(AMOUNT)' });
   */
  setSemantics(semantics: ColumnSemantics | undefined): this {
    this.#semantics = semantics;
    return this;
  }

  /** The field as Avro JSON, its properties in the order the data platform's own libraries write them. */
  toAvro(scope: NameScope): AvroField {
    return {
      name: this.avroName,
      __originalname: this.name,
      doc: this.doc ?? null,
      __sensitivity: this.sensitivity ?? null,
      __internal: this.internal,
      __technical: this.technical,
      __source_data_type: this.sourceDataType ?? null,
      ...(this.aliases.length > 0 && { aliases: this.aliases }),
      ...this.#typeAndDefault({ ...scope, fieldName: this.avroName }),
      semantics: this.semantics === undefined ? null : toAvroColumnSemantics(this.semantics),
    };
  }

  /**
   * A type that can be null is the union of null and itself. A union cannot hold a union, so null joins its branches, unless it is one already; it is
   * written as an object there, because the data platform's Python library reads the branches of a larger union as objects only.
   */
  #typeAndDefault(scope: NameScope): { type: AvroSchema; default?: unknown } {
    const { type } = this;
    if (!this.nullable || (type.kind === 'UNION' && type.hasNull)) {
      return { type: type.toAvro(scope), ...(this.default != null && { default: this.default }) };
    }
    if (type.kind === 'NULL') return { type: type.toAvro(), default: null };
    if (type.kind === 'UNION') return { type: [new AvroNull().toAvro(), ...type.toAvro(scope)], default: null };
    return { type: ['null', type.toAvro(scope)], default: null };
  }
}
