import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** One attribute of one node, as the service has it. */
export interface Attribute {
  readonly Name: string;
  readonly AttributeType: string;
  readonly AttributeValue: string | null;
}

/** An attribute with the time of its last change, ISO 8601 in UTC. */
export interface StoredAttribute extends Attribute {
  readonly UpdatedAt: string;
}

/** Airports of the United States (npm package vega-datasets, airports.csv): the code is the node, each column an attribute of it. */
const columns = ['airport', 'city', 'state', 'country', 'latitude', 'longitude'] as const;

/** When the rows that the service starts with were written. */
const since = '2024-01-01T00:00:00.000Z';

/** What the service holds: one row for each name and type, in the order of both. Pages are cut from it at the moment of the request. */
export class AttributeRows implements Iterable<StoredAttribute> {
  #rows = new Map<string, StoredAttribute>();
  #sorted: readonly StoredAttribute[] | undefined;
  #latest = '';

  /** The public data, or at most so many rows of it. */
  static airports(limit = Infinity): AttributeRows {
    const rows = new AttributeRows();
    const [, ...lines] = readFileSync(join(dirname(require.resolve('vega-datasets')), '../data/airports.csv'), 'utf8')
      .trim()
      .split('\n');
    for (const line of lines) {
      const [name = '', ...values] = cells(line);
      for (const [index, type] of columns.entries()) {
        if (rows.size >= limit) return rows;
        const value = values[index] ?? '';
        rows.upsert({ Name: name, AttributeType: type, AttributeValue: value === '' || value === 'NA' ? null : value }, since);
      }
    }
    return rows;
  }

  get size(): number {
    return this.#rows.size;
  }

  /** Inserts the row or replaces the one with its name and type. Every change is later than the one before, also within a millisecond. */
  upsert({ Name, AttributeType, AttributeValue }: Attribute, at?: string): void {
    const UpdatedAt = at ?? this.#now();
    this.#rows.set(keyOf(Name, AttributeType), { Name, AttributeType, AttributeValue, UpdatedAt });
    this.#sorted = undefined;
  }

  /** @returns whether there was such a row */
  delete(name: string, type: string): boolean {
    this.#sorted = undefined;
    return this.#rows.delete(keyOf(name, type));
  }

  clear(): void {
    this.#rows.clear();
    this.#sorted = undefined;
  }

  get(name: string, type: string): StoredAttribute | undefined {
    return this.#rows.get(keyOf(name, type));
  }

  [Symbol.iterator](): Iterator<StoredAttribute> {
    return this.sorted()[Symbol.iterator]();
  }

  /** All rows by name and type; those changed in [from, to) only, when given. */
  sorted(from?: Date, to?: Date): readonly StoredAttribute[] {
    this.#sorted ??= [...this.#rows].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row);
    if (from === undefined && to === undefined) return this.#sorted;
    return this.#sorted.filter(({ UpdatedAt }) => {
      const at = new Date(UpdatedAt);
      return (from === undefined || at >= from) && (to === undefined || at < to);
    });
  }

  #now(): string {
    const now = new Date(Math.max(Date.now(), Date.parse(this.#latest || since) + 1)).toISOString();
    this.#latest = now;
    return now;
  }
}

/** Sorts by name, then type: the separator is lower than every character of either. */
export function keyOf(name: string, type: string): string {
  return `${name}\u0000${type}`;
}

/** Cells of a line of CSV, some of them in quotes. */
function cells(line: string): string[] {
  return [...line.matchAll(/(?:"((?:[^"]|"")*)"|([^,]*))(?:,|$)/g)].map(([, quoted, plain = '']) => quoted?.replaceAll('""', '"') ?? plain);
}
