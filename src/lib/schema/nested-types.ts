import { type DataType, DenseUnion, Field as ArrowField, List, Map_, Struct, Utf8 } from 'apache-arrow';
import { TablecastError } from '../errors';
import type { AvroSchema, AvroSchemaObject } from './avro-json';
import type { AvroType } from './avro-type';
import { AvroDataType } from './data-type';
import { type NameScope, rootScope } from './name-scope';
import { quoteDuckdbName } from './quote-duckdb-name';
import { AvroBoolean, AvroBytes, AvroDouble, AvroFloat, AvroInt, AvroLong, AvroString } from './simple-types';

/** A list of values of one type. The items are not null. */
export class ArraySchema extends AvroDataType {
  readonly kind = 'ARRAY';
  readonly items: AvroType;

  constructor(items: AvroType) {
    super();
    this.items = items;
  }

  override toAvro(scope: NameScope = rootScope()): AvroSchemaObject {
    return { type: 'array', items: this.items.toAvro(scope) };
  }

  override arrowType(): DataType {
    return new List(new ArrowField('item', this.items.arrowType(), true));
  }

  override duckdbType(): string {
    return `${this.items.duckdbType()}[]`;
  }

  override zero(): unknown[] {
    return [];
  }

  override toString(): string {
    return `ARRAY<${this.items.toString()}>`;
  }
}

/** Values of one type, by text key. The values are not null. */
export class AvroMap extends AvroDataType {
  readonly kind = 'MAP';
  readonly values: AvroType;

  constructor(values: AvroType) {
    super();
    this.values = values;
  }

  override toAvro(scope: NameScope = rootScope()): AvroSchemaObject {
    return { type: 'map', logicalType: 'MAP', values: this.values.toAvro(scope) };
  }

  override arrowType(): DataType {
    const entries = new Struct<{ key: Utf8; value: DataType }>([
      new ArrowField('key', new Utf8(), false),
      new ArrowField<DataType>('value', this.values.arrowType(), true),
    ]);
    return new Map_(new ArrowField('entries', entries, false));
  }

  override duckdbType(): string {
    return `MAP(VARCHAR, ${this.values.duckdbType()})`;
  }

  override zero(): Record<string, unknown> {
    return {};
  }

  override toString(): string {
    return `MAP<${this.values.toString()}>`;
  }
}

/** A value of one of several types. */
export class AvroUnion extends AvroDataType {
  readonly kind = 'UNION';
  readonly items: readonly AvroType[];

  /**
   * @param items what the value can be; no union, and of the unnamed Avro types each once at most, so that a reader can tell the branches apart
   * @throws TablecastError TYPE_INVALID when Avro does not allow the branches together
   */
  constructor(items: readonly AvroType[]) {
    super();
    if (items.length === 0) throw new TablecastError('TYPE_INVALID', { type: 'UNION', reason: 'it has no branches' });
    const seen = new Set<string>();
    for (const item of items) {
      const branch = branchName(item);
      if (branch === 'union' || seen.has(branch)) {
        const reason = branch === 'union' ? 'Avro allows no union within a union' : `Avro allows one branch of type ${branch} only`;
        throw new TablecastError('TYPE_INVALID', { type: `UNION<${items.join(', ')}>`, reason });
      }
      seen.add(branch);
    }
    this.items = [...items];
  }

  /** Whether null is one of the branches. */
  get hasNull(): boolean {
    return this.items.some((item) => item.kind === 'NULL');
  }

  override toAvro(scope: NameScope = rootScope()): readonly AvroSchema[] {
    return this.items.map((item) => item.toAvro(scope));
  }

  override arrowType(): DataType {
    const fields = this.items.map((item, index) => new ArrowField(this.memberNames()[index]!, item.arrowType(), true));
    return new DenseUnion(
      fields.map((_field, index) => index),
      fields,
    );
  }

  override duckdbType(): string {
    return `UNION(${this.items.map((item, index) => `${quoteDuckdbName(this.memberNames()[index]!)} ${item.duckdbType()}`).join(', ')})`;
  }

  /** How Arrow and DuckDB name the branches: by their Avro type. */
  memberNames(): readonly string[] {
    return this.items.map(branchName);
  }

  override zero(): unknown {
    return this.items[0]!.zero();
  }

  override toString(): string {
    return `UNION<${this.items.join(', ')}>`;
  }
}

/** A value of any primitive type: boolean, bytes, double, float, int, long or string. */
export class AvroAnyPrimitive extends AvroUnion {
  constructor() {
    super([new AvroBoolean(), new AvroBytes(), new AvroDouble(), new AvroFloat(), new AvroInt(), new AvroLong(), new AvroString()]);
  }
}

/** The name by which Avro tells a union's branches apart: a named type's name, else the type underneath. */
function branchName(type: AvroType): string {
  if (type.kind === 'UNION') return 'union';
  if (type.kind === 'RECORD') return type.fullName;
  if (type.kind === 'FIXED' || type.kind === 'ENUM') return type.name;
  const json = type.toAvro() as AvroSchemaObject;
  return type.kind === 'uuid' ? 'uuid' : (json.type as string);
}
