import { optionalMark } from './parseable-sql';
import type { SqlNode } from './parser';
import type { CatalogTable } from './table-catalog';
import type { ColumnSource, Unresolved } from './select-projection';
import type { Lineage } from './source-columns';

/** A column of a table, subquery or common table expression. */
export interface RelationColumn {
  readonly name?: string;
  readonly source?: ColumnSource;
  /** Instead of `source`, where rows come from several queries: what each of them hands through. */
  readonly branches?: readonly ColumnSource[];
  /** Why there is no source. */
  readonly unresolved?: { readonly fragment: string; readonly reason: string };
  /** Whether it is certain never to be NULL. Only asked for in DuckDB's dialect. */
  readonly notNull?: boolean;
  /** Everything that the column is made of, and what decides about it alone. Only found out for column lineage, as are the two below. */
  readonly lineage?: Lineage;
  /** The name as the result shows it, where names are compared in another spelling. */
  readonly label?: string;
  /** The text of its expression, made when asked for: that of most columns never is. */
  readonly formula?: () => string;
}

/** Columns, by position, that are together unique in a relation; none at all: it has one row at most. */
export interface RelationKey {
  /** The table whose key it is; none when the query itself makes the columns unique, e.g. by GROUP BY. */
  readonly table?: CatalogTable;
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
  /** What decides which rows it has. Only found out for column lineage, as is the one below. */
  readonly rows?: Lineage;
  /** The lineage of a column that is not among `columns`, by its name, where that can be told although they are not complete. */
  readonly open?: (name: string) => Lineage;
}

/** One table, subquery or common table expression that a FROM clause names. */
export interface FromItem {
  readonly alias: string | undefined;
  /** The schema by which columns may be qualified (`owner.table.column`); only without an alias. */
  readonly owner: string | undefined;
  relation: Relation;
  /** On the optional side of an outer join: its columns may be NULL together. */
  optional: boolean;
  /** Items of which each combination of rows meets at most one row of this one, whatever its keys: ASOF JOIN. */
  onePer?: readonly FromItem[];
  /** Made anew for each combination of rows of these items (LATERAL): its keys hold within one combination only. */
  madePer?: readonly FromItem[];
}

/** How a dialect treats names. */
export interface NameRules {
  /** The name of an identifier in the spelling by which names are compared. */
  readonly identifier: (node: unknown) => string;
  /** Whether `*` has the columns of USING at their place in the left table, not before all others. */
  readonly mergedInPlace: boolean;
}

/** Names of Oracle: upper case unless in quotes. */
export const oracleNames: NameRules = { identifier, mergedInPlace: false };

/** A column of a FROM item. */
export interface Origin {
  readonly item: FromItem;
  readonly index: number;
}

/** What a name means: a column, or why that is not known. */
interface Found {
  readonly origin?: Origin;
  /** Instead of one origin: the columns that a FULL JOIN merges. */
  readonly members?: readonly Origin[];
  readonly reason: string;
}

/** `item.column = something made of the columns of others`. */
interface Equality {
  readonly origin: Origin;
  readonly others: ReadonlySet<FromItem>;
}

/** One of the columns that `*` stands for. */
interface StarColumn {
  readonly column: RelationColumn;
  readonly origin: Origin | undefined;
  /** The column itself, or all that a FULL JOIN merges into it. */
  readonly members: readonly Origin[];
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
  /** Columns that a condition keeps from being NULL: in the result, or before the outer joins that follow. */
  readonly #kept: { readonly origin: Origin; readonly inResult: boolean }[] = [];
  #usesFromWithin = 0;

  /** @param outer the clause around this one, whose columns a subquery may use as well */
  constructor(
    private readonly names: NameRules = oracleNames,
    readonly outer?: FromClause,
  ) {}

  /** How many times so far a subquery has used, or may have used, a column of this clause or of one around it. */
  get usesFromWithin(): number {
    return this.#usesFromWithin;
  }

  add(alias: string | undefined, owner: string | undefined, relation: Relation): FromItem {
    const item: FromItem = { alias, owner, relation, optional: false };
    this.items.push(item);
    return item;
  }

  /**
   * Takes note of a join between items that were added before. `kind` is the parser's word, e.g. `Left`, `NaturalInner`.
   * @returns the pairs of columns that USING or NATURAL compares
   */
  join(
    left: readonly FromItem[],
    right: readonly FromItem[],
    kind: string,
    on: SqlNode | undefined,
    using: readonly string[] | undefined,
  ): (readonly [Origin, Origin])[] {
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
    if (on) this.addConditions(on, decides, false);
    const pairs: (readonly [Origin, Origin])[] = [];
    const names = using ?? (kind.includes('Natural') ? commonNames(left, right) : []);
    for (const [position, name] of names.entries()) {
      const a = this.#joined(name, left);
      const b = this.#joined(name, right);
      const existing = this.#merged.findIndex((one) => one.name === name && one.members.every(({ item }) => left.includes(item)));
      const before = this.#merged[existing]?.members ?? (a ? [a] : []);
      if (!b || before.length === 0) continue;
      pairs.push(...(a ? [a] : before).map((one) => [one, b] as const));
      // What a FULL JOIN has merged before is no single column, and so is what is merged with it.
      if (a) {
        // The last column of an ASOF JOIN is not compared for equality.
        if (!kind.startsWith('AsOf') || position < names.length - 1) {
          this.#addEquality(a, new Set([b.item]), decides);
          this.#addEquality(b, new Set([a.item]), decides);
        }
        if (decides === undefined) this.#kept.push({ origin: a, inResult: false }, { origin: b, inResult: false });
      }
      const merged = { name, members: [...before, b], origin: full ? undefined : kind.includes('Right') ? b : a };
      if (existing < 0) this.#merged.push(merged);
      else this.#merged[existing] = merged;
    }
    return pairs;
  }

  /**
   * Takes note of the equalities that must all hold in a condition; `decides`: only they say something about these items.
   * @param inResult whether no join follows that could add rows for which the condition does not hold
   */
  addConditions(condition: SqlNode, decides?: readonly FromItem[], inResult = true): void {
    const [kind, body] = kindOf(condition);
    if (kind === 'and') {
      this.addConditions(body['left'] as SqlNode, decides, inResult);
      this.addConditions(body['right'] as SqlNode, decides, inResult);
    } else if (kind === 'paren') {
      this.addConditions(body['this'] as SqlNode, decides, inResult);
    } else {
      if (decides === undefined) this.#keepFromNull(kind, body, inResult);
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
   * The column that an expression is, when it is nothing but a column: its origin, or the reason why that is not known; for a column that a FULL JOIN
   * merges, those that it is made of.
   * Undefined for any other expression.
   */
  column(node: SqlNode): ({ readonly name?: string } & Found) | undefined {
    const [kind, body] = kindOf(node);
    if (kind === 'paren') return this.column(body['this'] as SqlNode);
    const optional = optionalColumn(kind, body);
    if (optional) return this.column(optional);
    if (kind === 'column') {
      const name = this.names.identifier(body['name']);
      const qualifier = body['table'] ? this.names.identifier(body['table']) : undefined;
      const found = qualifier === undefined ? this.#unqualified(name, this.items) : this.#qualified(name, qualifier);
      return {
        name,
        ...(found.origin || found.members || !this.outer ? found : this.#fromOuter(this.outer, node, qualifier ?? name, found)),
      };
    }
    if (kind === 'dot') {
      // owner.table.column; anything longer, or an unknown table, is an attribute of an object column.
      const [innerKind, inner] = kindOf(body['this'] as SqlNode);
      if (innerKind !== 'column' || !inner['table']) return undefined;
      const name = this.names.identifier(body['field']);
      const owner = this.names.identifier(inner['table']);
      const table = this.names.identifier(inner['name']);
      const item = this.items.find((one) => one.alias === table && one.owner === owner);
      return item ? { name, ...columnOf(item, name) } : undefined;
    }
    return undefined;
  }

  /** All columns of the clause, or of one item, in the order of `*`. Undefined when there is no such item. */
  star(qualifier: string | undefined): { columns: StarColumn[]; complete: boolean; gaps: readonly Unresolved[] } | undefined {
    const items = qualifier === undefined ? this.items : this.items.filter((item) => item.alias === qualifier).slice(0, 1);
    if (items.length === 0) return undefined;
    const merged = qualifier === undefined ? this.#merged : [];
    const hidden = (item: FromItem, index: number): boolean =>
      merged.some(({ members }) => members.some((member) => member.item === item && member.index === index));
    const mergedColumn = ({ name, origin, members }: MergedColumn): StarColumn => ({
      column: origin
        ? origin.item.relation.columns[origin.index]!
        : { name, unresolved: { fragment: name, reason: 'comes from both sides of a FULL JOIN' } },
      origin,
      members: origin ? [origin] : members,
    });
    const columns = this.names.mergedInPlace ? [] : merged.map(mergedColumn);
    for (const item of items) {
      item.relation.columns.forEach((column, index) => {
        if (!hidden(item, index)) columns.push({ column, origin: { item, index }, members: [{ item, index }] });
        const first = merged.find(({ members: [member] }) => member?.item === item && member.index === index);
        if (first && this.names.mergedInPlace) columns.push(mergedColumn(first));
      });
    }
    return { columns, complete: items.every((item) => item.relation.complete), gaps: items.flatMap((item) => item.relation.gaps) };
  }

  /** The items whose rows appear at most once in the joined result, and never as the missing side of an outer join. */
  unmultipliedItems(): FromItem[] {
    return this.items.filter((start) => !start.optional && !start.madePer && this.determined(start).size === this.items.length);
  }

  /** Whether a column is certain not to be NULL in the joined and filtered result. */
  notNull({ item, index }: Origin): boolean {
    const kept = this.#kept.filter(({ origin }) => origin.item === item && origin.index === index);
    if (kept.some(({ inResult }) => inResult)) return true;
    return !item.optional && (kept.length > 0 || item.relation.columns[index]?.notNull === true);
  }

  /** The items of which at most one row belongs to each row of `start`, itself included. */
  determined(start: FromItem): ReadonlySet<FromItem> {
    const fixed = new Set([start]);
    const hasOneRow = (item: FromItem): boolean => {
      if (item.madePer?.every((other) => fixed.has(other)) === false) return false;
      if (item.onePer?.every((other) => fixed.has(other)) === true) return true;
      return item.relation.keys.some((key) => key.columns.every((index) => this.#isFixed(item, index, fixed)));
    };
    let grew = true;
    while (grew) {
      grew = false;
      for (const item of this.items) {
        if (fixed.has(item) || !hasOneRow(item)) continue;
        fixed.add(item);
        grew = true;
      }
    }
    return fixed;
  }

  /** A comparison that holds, and IS NOT NULL, say of the columns in them that they are not NULL. */
  #keepFromNull(kind: string, body: SqlNode, inResult: boolean): void {
    const isNotNull = kind === 'is_null' && body['not'] === true;
    const compared = isNotNull ? [body['this']] : comparisons.has(kind) ? [body['left'], body['right']] : [];
    for (const side of compared) {
      const origin = this.column(side as SqlNode)?.origin;
      if (origin) this.#kept.push({ origin, inResult });
    }
  }

  #fromOuter(outer: FromClause, node: SqlNode, name: string, found: Found): Found {
    // A column of this name could also be a structure of the inner query, and the qualified name one of its members.
    const isHere = this.items.some(({ alias }) => alias === name) || this.#unqualified(name, this.items).origin !== undefined;
    if (isHere) return found;
    const mayBeHere = this.items.some(({ relation }) => !relation.complete);
    const around = outer.column(node) ?? found;
    if (around.origin || mayBeHere || outer.items.some(({ relation }) => !relation.complete)) outer.#usesFromWithin++;
    return mayBeHere ? found : around;
  }

  #isFixed(item: FromItem, index: number, fixed: ReadonlySet<FromItem>): boolean {
    return this.#equalities.some(
      ({ origin, others }) => origin.item === item && origin.index === index && [...others].every((other) => fixed.has(other)),
    );
  }

  #addEquality(origin: Origin, others: ReadonlySet<FromItem>, decides: readonly FromItem[] | undefined): void {
    if (!decides || decides.includes(origin.item)) this.#equalities.push({ origin, others });
  }

  #qualified(name: string, qualifier: string): Found {
    const items = this.items.filter((item) => item.alias === qualifier);
    if (items.length !== 1)
      return { reason: items.length === 0 ? `names ${qualifier}, which the FROM clause does not have` : 'is ambiguous' };
    return columnOf(items[0]!, name);
  }

  #unqualified(name: string, items: readonly FromItem[]): Found {
    const merged = this.#merged.find((one) => one.name === name);
    if (merged?.members.every(({ item }) => items.includes(item))) {
      return merged.origin
        ? { origin: merged.origin, reason: '' }
        : { members: merged.members, reason: 'comes from both sides of a FULL JOIN' };
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

  /** The column of one side that a join compares by name: there is one, so a table that is not known cannot have another. */
  #joined(name: string, items: readonly FromItem[]): Origin | undefined {
    const { origin } = this.#unqualified(name, items);
    if (origin || this.#merged.some((merged) => merged.name === name)) return origin;
    const having = items.flatMap((item) => columnOf(item, name).origin ?? []);
    return having.length === 1 ? having[0] : undefined;
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
          // For one evaluation of a subquery the columns around it are constants.
          if (column?.origin && this.items.includes(column.origin.item)) found.add(column.origin.item);
          else if (column?.origin) continue;
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

const comparisons: ReadonlySet<string> = new Set(['eq', 'neq', 'lt', 'lte', 'gt', 'gte']);

function columnOf(item: FromItem, name: string): Found {
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
