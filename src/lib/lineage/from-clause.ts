import { optionalMark } from './parseable-sql';
import type { SqlNode } from './parser';
import type { CatalogTable } from './table-catalog';
import type { ColumnSource, Unresolved } from './select-projection';

/** A column of a table, subquery or common table expression. */
export interface RelationColumn {
  readonly name?: string;
  readonly source?: ColumnSource;
  /** Why there is no source. */
  readonly unresolved?: { readonly fragment: string; readonly reason: string };
}

/** Columns, by position, that are together unique in a relation. */
export interface RelationKey {
  readonly table: CatalogTable;
  readonly columns: readonly number[];
  readonly primary: boolean;
}

/** What is known of something that has rows. */
export interface Relation {
  readonly columns: readonly RelationColumn[];
  /** Whether `columns` is all of them. */
  readonly complete: boolean;
  readonly keys: readonly RelationKey[];
  /** Why it is not complete. */
  readonly gaps: readonly Unresolved[];
}

/** One table, subquery or common table expression that a FROM clause names. */
export interface FromItem {
  readonly alias: string | undefined;
  /** The schema by which columns may be qualified (`owner.table.column`); only without an alias. */
  readonly owner: string | undefined;
  relation: Relation;
  /** On the optional side of an outer join: its columns may be NULL together. */
  optional: boolean;
}

/** A column of a FROM item. */
export interface Origin {
  readonly item: FromItem;
  readonly index: number;
}

/** `item.column = something made of the columns of others`. */
interface Equality {
  readonly origin: Origin;
  readonly others: ReadonlySet<FromItem>;
}

interface MergedColumn {
  readonly name: string;
  readonly members: readonly Origin[];
  /** Undefined for a FULL JOIN, where it is made of both. */
  readonly origin: Origin | undefined;
}

/** The FROM clause of one SELECT: finds columns by name, expands `*`, and knows which joins cannot multiply rows. */
export class FromClause {
  readonly items: FromItem[] = [];
  readonly #equalities: Equality[] = [];
  readonly #merged: MergedColumn[] = [];

  add(alias: string | undefined, owner: string | undefined, relation: Relation): FromItem {
    const item = { alias, owner, relation, optional: false };
    this.items.push(item);
    return item;
  }

  /** Takes note of a join between items that were added before. `kind` is the parser's word, e.g. `Left`, `NaturalInner`. */
  join(
    left: readonly FromItem[],
    right: readonly FromItem[],
    kind: string,
    on: SqlNode | undefined,
    using: readonly string[] | undefined,
  ): void {
    const full = kind.includes('Full');
    const optional = full
      ? [...left, ...right]
      : kind.includes('Left') || kind.includes('Outer')
        ? right
        : kind.includes('Right')
          ? left
          : [];
    for (const item of optional) item.optional = true;
    // The condition of an outer join decides how many rows of the optional side are found; it never drops a row of the other side.
    const decides = full ? [] : optional.length > 0 ? optional : undefined;
    if (on) this.addConditions(on, decides);
    for (const name of using ?? (kind.includes('Natural') ? commonNames(left, right) : [])) {
      const a = this.#unqualified(name, left).origin;
      const b = this.#unqualified(name, right).origin;
      if (!a || !b) continue;
      this.#addEquality(a, new Set([b.item]), decides);
      this.#addEquality(b, new Set([a.item]), decides);
      const members = [...(this.#merged.find((one) => one.name === name)?.members ?? [a]), b];
      const merged = { name, members, origin: full ? undefined : kind.includes('Right') ? b : a };
      const existing = this.#merged.findIndex((one) => one.name === name);
      if (existing < 0) this.#merged.push(merged);
      else this.#merged[existing] = merged;
    }
  }

  /** Takes note of the equalities that must all hold in a condition; `decides`: only they say something about these items. */
  addConditions(condition: SqlNode, decides?: readonly FromItem[]): void {
    const [kind, body] = kindOf(condition);
    if (kind === 'and') {
      this.addConditions(body['left'] as SqlNode, decides);
      this.addConditions(body['right'] as SqlNode, decides);
    } else if (kind === 'paren') {
      this.addConditions(body['this'] as SqlNode, decides);
    } else {
      const marked = this.#markedItems(condition);
      for (const item of marked) item.optional = true;
      if (kind !== 'eq') return;
      const sides = [body['left'] as SqlNode, body['right'] as SqlNode] as const;
      for (const [one, other] of [sides, [sides[1], sides[0]] as const]) {
        const origin = this.column(one)?.origin;
        const others = this.#itemsIn(other);
        if (origin && others && !others.has(origin.item)) this.#addEquality(origin, others, marked.length > 0 ? marked : decides);
      }
    }
  }

  /**
   * The column that an expression is, when it is nothing but a column: its origin, or the reason why that is not known.
   * Undefined for any other expression.
   */
  column(node: SqlNode): { readonly name?: string; readonly origin?: Origin; readonly reason: string } | undefined {
    const [kind, body] = kindOf(node);
    if (kind === 'paren') return this.column(body['this'] as SqlNode);
    const optional = optionalColumn(kind, body);
    if (optional) return this.column(optional);
    if (kind === 'column') {
      const name = identifier(body['name']);
      return { name, ...(body['table'] ? this.#qualified(name, identifier(body['table'])) : this.#unqualified(name, this.items)) };
    }
    if (kind === 'dot') {
      // owner.table.column; anything longer, or an unknown table, is an attribute of an object column.
      const [innerKind, inner] = kindOf(body['this'] as SqlNode);
      if (innerKind !== 'column' || !inner['table']) return undefined;
      const name = identifier(body['field']);
      const owner = identifier(inner['table']);
      const table = identifier(inner['name']);
      const item = this.items.find((one) => one.alias === table && one.owner === owner);
      return item ? { name, ...columnOf(item, name) } : undefined;
    }
    return undefined;
  }

  /** All columns of the clause, or of one item, in the order of `*`. Undefined when there is no such item. */
  star(
    qualifier: string | undefined,
  ): { columns: { column: RelationColumn; origin: Origin | undefined }[]; complete: boolean; gaps: readonly Unresolved[] } | undefined {
    const items = qualifier === undefined ? this.items : this.items.filter((item) => item.alias === qualifier).slice(0, 1);
    if (items.length === 0) return undefined;
    const merged = qualifier === undefined ? this.#merged : [];
    const hidden = (item: FromItem, index: number): boolean =>
      merged.some(({ members }) => members.some((member) => member.item === item && member.index === index));
    const columns = merged.map(({ name, origin }) => ({
      column: origin
        ? origin.item.relation.columns[origin.index]!
        : { name, unresolved: { fragment: name, reason: 'comes from both sides of a FULL JOIN' } },
      origin,
    }));
    for (const item of items) {
      item.relation.columns.forEach((column, index) => {
        if (!hidden(item, index)) columns.push({ column, origin: { item, index } });
      });
    }
    return { columns, complete: items.every((item) => item.relation.complete), gaps: items.flatMap((item) => item.relation.gaps) };
  }

  /** The items whose rows appear at most once in the joined result, and never as the missing side of an outer join. */
  unmultipliedItems(): FromItem[] {
    return this.items.filter((start) => {
      if (start.optional) return false;
      const fixed = new Set([start]);
      let grew = true;
      while (grew) {
        grew = false;
        for (const item of this.items) {
          if (fixed.has(item) || !item.relation.keys.some((key) => key.columns.every((index) => this.#isFixed(item, index, fixed))))
            continue;
          fixed.add(item);
          grew = true;
        }
      }
      return fixed.size === this.items.length;
    });
  }

  #isFixed(item: FromItem, index: number, fixed: ReadonlySet<FromItem>): boolean {
    return this.#equalities.some(
      ({ origin, others }) => origin.item === item && origin.index === index && [...others].every((other) => fixed.has(other)),
    );
  }

  #addEquality(origin: Origin, others: ReadonlySet<FromItem>, decides: readonly FromItem[] | undefined): void {
    if (!decides || decides.includes(origin.item)) this.#equalities.push({ origin, others });
  }

  #qualified(name: string, qualifier: string): { readonly origin?: Origin; readonly reason: string } {
    const items = this.items.filter((item) => item.alias === qualifier);
    if (items.length !== 1)
      return { reason: items.length === 0 ? `names ${qualifier}, which the FROM clause does not have` : 'is ambiguous' };
    return columnOf(items[0]!, name);
  }

  #unqualified(name: string, items: readonly FromItem[]): { readonly origin?: Origin; readonly reason: string } {
    const merged = this.#merged.find((one) => one.name === name);
    if (merged?.members.every(({ item }) => items.includes(item))) {
      return merged.origin ? { origin: merged.origin, reason: '' } : { reason: 'comes from both sides of a FULL JOIN' };
    }
    const origins = items.flatMap((item) => {
      const { origin } = columnOf(item, name);
      return origin ? [origin] : [];
    });
    const unknown = items.find((item) => !item.relation.complete);
    if (origins.length > 1) return { reason: 'is ambiguous' };
    // It could also be a column of the table that is not known.
    if (unknown) return { reason: unknownReason(unknown) };
    return origins[0] ? { origin: origins[0], reason: '' } : { reason: 'is not a column of these tables' };
  }

  /** The items whose columns an expression uses; undefined when that cannot be told. */
  #itemsIn(node: unknown): Set<FromItem> | undefined {
    const found = new Set<FromItem>();
    const visit = (value: unknown): boolean => {
      if (Array.isArray(value)) return value.every(visit);
      if (typeof value !== 'object' || value === null) return true;
      for (const [kind, body] of Object.entries(value)) {
        if (body === null || typeof body !== 'object') continue;
        if (kind === 'select' || kind === 'subquery' || kind === 'pseudocolumn' || kind === 'dot') return false;
        if (kind === 'column' && 'name' in body) {
          const column = this.column({ column: body });
          if (column?.origin) found.add(column.origin.item);
          // A name that no table has is a constant such as USER, provided that all tables are known.
          else if (this.items.some((item) => !item.relation.complete)) return false;
        } else if (!visit(body)) return false;
      }
      return true;
    };
    return visit(node) ? found : undefined;
  }

  /** The items with a column marked `(+)` in the condition. */
  #markedItems(node: unknown): FromItem[] {
    if (typeof node !== 'object' || node === null) return [];
    if (Array.isArray(node)) return node.flatMap((one) => this.#markedItems(one));
    return Object.entries(node).flatMap(([kind, body]) => {
      if (kind === 'column' && body !== null && typeof body === 'object' && (body as SqlNode)['join_mark'] === true) {
        const origin = this.column({ column: body as SqlNode })?.origin;
        return origin ? [origin.item] : [];
      }
      const optional = body !== null && typeof body === 'object' ? optionalColumn(kind, body as SqlNode) : undefined;
      if (optional) {
        const origin = this.column(optional)?.origin;
        return origin ? [origin.item] : [];
      }
      return this.#markedItems(body);
    });
  }
}

function columnOf(item: FromItem, name: string): { readonly origin?: Origin; readonly reason: string } {
  const index = item.relation.columns.findIndex((column) => column.name === name);
  if (index >= 0) return { origin: { item, index }, reason: '' };
  return { reason: item.relation.complete ? 'is not a column of that table' : unknownReason(item) };
}

function unknownReason(item: FromItem): string {
  const gap = item.relation.gaps[0];
  return gap ? `may come from ${gap.fragment}, which ${gap.reason}` : 'may come from a table that is not known';
}

function commonNames(left: readonly FromItem[], right: readonly FromItem[]): string[] {
  const names = (items: readonly FromItem[]): string[] =>
    items.flatMap((item) => item.relation.columns.flatMap(({ name }) => (name === undefined ? [] : [name])));
  const rightNames = new Set(names(right));
  return [...new Set(names(left))].filter((name) => rightNames.has(name));
}

/** The column behind which `(+)` stood without a table before it. */
function optionalColumn(kind: string, body: SqlNode): SqlNode | undefined {
  if (kind !== 'function' || String(body['name']).toUpperCase() !== optionalMark) return undefined;
  return (body['args'] as readonly SqlNode[])[0];
}

/** A name in the dictionary's spelling: as written when in quotes, else in upper case. */
export function identifier(node: unknown): string {
  const { name, quoted } = node as { readonly name: string; readonly quoted?: boolean };
  return quoted ? name : name.toUpperCase();
}

/** The kind of a node and what it holds. */
export function kindOf(node: SqlNode): readonly [kind: string, body: SqlNode] {
  const [entry] = Object.entries(node);
  return entry ? [entry[0], (entry[1] ?? {}) as SqlNode] : ['', {}];
}
