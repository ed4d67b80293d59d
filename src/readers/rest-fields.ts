import type { AvroKind, RunJournal, ValueSchema } from '../lib/index';
import { isJsonObject, jsonText, JsonNumber, type JsonObject, type JsonValue } from './rest-json';

/** Where a field is in a record: names separated by dots, or a list of names when one of them has a dot. */
export type FieldPath = string | readonly string[];

/** A record cannot become a row. */
export class RecordProblem extends Error {
  constructor(
    readonly column: string,
    reason: string,
  ) {
    super(reason);
  }
}

/** A place in the records, with the columns that take its value, and the places below it. */
interface Place {
  readonly columns: number[];
  readonly below: Map<string, Place>;
}

/** Rows are texts in the order of the columns, exactly as the records hold them. */
export type TextRow = readonly (string | null)[];

/** Maps records to the columns of a schema, by name. */
export class RecordFields {
  readonly #columns: readonly { readonly name: string; readonly nullable: boolean; readonly type: { readonly kind: AvroKind } }[];
  readonly #root = newPlace();

  /** @param paths where a column's field is, if not at the top of the record under the column's name */
  constructor(schema: ValueSchema, paths: Readonly<Record<string, FieldPath>>) {
    this.#columns = schema.tableFields;
    this.#columns.forEach(({ name }, index) => {
      const path = Object.hasOwn(paths, name) ? paths[name]! : [name];
      let place = this.#root;
      for (const step of typeof path === 'string' ? path.split('.') : path) {
        const next = place.below.get(step) ?? newPlace();
        place.below.set(step, next);
        place = next;
      }
      place.columns.push(index);
    });
  }

  /**
   * The record as a row.
   * @param tally counts the fields that no column takes, and those that the record does not have
   * @throws RecordProblem the record is no object, or a column that must have a value gets none
   */
  toRow(record: JsonValue, tally: FieldTally): TextRow {
    if (!isJsonObject(record)) throw new RecordProblem('*', 'the record is no object');
    const row = new Array<string | null | undefined>(this.#columns.length).fill(undefined);
    this.#take(this.#root, record, '', row, tally);
    return row.map((value, index) => {
      const { name, nullable } = this.#columns[index]!;
      if (value === undefined && nullable) tally.missing(name);
      if (value !== undefined && value !== null) return value;
      if (nullable) return null;
      throw new RecordProblem(name, value === null ? 'it is null, and the column must not be' : 'the record does not have the field');
    });
  }

  #take(place: Place, object: JsonObject, prefix: string, row: (string | null | undefined)[], tally: FieldTally): void {
    for (const [name, value] of Object.entries(object)) {
      const next = place.below.get(name);
      if (next === undefined) {
        tally.unknown(prefix + name);
        continue;
      }
      for (const index of next.columns) row[index] = this.#textOf(value, index);
      if (next.below.size === 0) continue;
      if (isJsonObject(value)) this.#take(next, value, `${prefix}${name}.`, row, tally);
      else if (value === null) setAll(next, row);
      else throw new RecordProblem(this.#columns[firstColumn(next)]!.name, `${prefix}${name} is no object`);
    }
  }

  #textOf(value: JsonValue, column: number): string | null {
    if (value === null || typeof value === 'string') return value;
    if (value instanceof JsonNumber) return value.text;
    const { name, type } = this.#columns[column]!;
    if (typeof value === 'object' && !takesJson.has(type.kind))
      throw new RecordProblem(name, `it is ${Array.isArray(value) ? 'an array' : 'an object'}, which only a CLOB or NCLOB takes as text`);
    return jsonText(value);
  }
}

/** Types of columns that take objects and arrays, as JSON. */
const takesJson: ReadonlySet<AvroKind> = new Set(['CLOB', 'NCLOB', 'ARRAY', 'MAP', 'RECORD']);

/** Counts, over records, the fields that do not fit the columns. */
export class FieldTally {
  readonly #unknown = new Map<string, number>();
  readonly #missing = new Map<string, number>();
  /** Records whose fields have names that there are too many of: objects used as maps, for example. */
  #surplus = 0;

  unknown(path: string, records = 1): void {
    if (this.#unknown.size < 100 || this.#unknown.has(path)) this.#unknown.set(path, (this.#unknown.get(path) ?? 0) + records);
    else this.#surplus += records;
  }

  missing(column: string, records = 1): void {
    this.#missing.set(column, (this.#missing.get(column) ?? 0) + records);
  }

  /** The first field that no column takes. */
  get firstUnknown(): string | undefined {
    return this.#unknown.keys().next().value;
  }

  add(other: FieldTally): void {
    for (const [path, records] of other.#unknown) this.unknown(path, records);
    for (const [column, records] of other.#missing) this.missing(column, records);
    this.#surplus += other.#surplus;
  }

  /** Notes each field once, with its count. */
  report(table: string, journal: RunJournal): void {
    for (const [path, records] of this.#unknown)
      journal.note('FIELD_UNKNOWN', `${table}: no column takes ${path}, which ${records} records have`);
    if (this.#surplus > 0) journal.note('FIELD_UNKNOWN', `${table}: ${this.#surplus} further values of other fields have no column`);
    for (const [column, records] of this.#missing)
      journal.note('FIELD_MISSING', `${table}: ${records} records do not have ${column}; it is null there`);
  }
}

function newPlace(): Place {
  return { columns: [], below: new Map() };
}

function setAll(place: Place, row: (string | null | undefined)[]): void {
  for (const next of place.below.values()) {
    for (const index of next.columns) row[index] = null;
    setAll(next, row);
  }
}

function firstColumn(place: Place): number {
  const [next] = place.below.values();
  return next === undefined || next.columns.length > 0 ? (next?.columns[0] ?? 0) : firstColumn(next);
}
