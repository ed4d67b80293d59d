import { distinctOnKey, groupKeys, hasOneRow, isGrouped, isUnnested, qualifiedKeys, type Projected } from './duckdb-keys';
import { isNeverNull } from './duckdb-not-null';
import { FromClause, kindOf, type FromItem, type NameRules, type Origin, type Relation, type RelationColumn } from './from-clause';
import { withCommonTables, type CommonTable, type CommonTableScope } from './common-tables';
import { expandStar } from './star';
import { loadParser, type SqlNode, type SqlParser } from './parser';
import {
  excerpt,
  multipliesByItself,
  projectedKeys,
  unknownRelation,
  withoutParentheses,
  type ColumnSource,
  type Unresolved,
} from './select-projection';
import { distinct, keysOf, limited, renamed, sameFacts, union, unionByName, valuesOf } from './relations';
import type { CatalogTable } from './table-catalog';

/** What is known of the tables and views of a DuckDB database. Names of columns come folded, see {@link foldDuckdbName}. */
export interface DuckdbCatalog {
  /** A table or view by its folded name. */
  table(name: string): Promise<CatalogTable | undefined>;
  /** The columns of what stands in a FROM clause as text, e.g. `delta_scan('…')`; undefined when it cannot stand alone. */
  columnsOf(fromItem: string): Promise<readonly string[] | undefined>;
}

/** A column that a SELECT of DuckDB's dialect projects. */
export interface DuckdbColumn {
  /** Folded; not there for an expression without an alias. */
  readonly name?: string;
  /** The columns handed through unchanged: one, or one for each query of a UNION. Empty when there is none. */
  readonly sources: readonly ColumnSource[];
  /** Whether it is certain never to be NULL. */
  readonly notNull: boolean;
  /** Why there is no source. */
  readonly unresolved?: { readonly fragment: string; readonly reason: string };
}

/** What a SELECT of DuckDB's dialect projects. */
export interface DuckdbProjection {
  readonly columns: readonly DuckdbColumn[];
  /** False when the columns of a table or `*` are not known: `columns` then has gaps. */
  readonly complete: boolean;
  /** Indexes of columns that are certain to be unique together; keys taken from a table's primary key first, then the short ones. */
  readonly keys: readonly { readonly columns: readonly number[]; readonly table?: CatalogTable; readonly primary: boolean }[];
  /** Every table, view and table function named, also in subqueries of expressions, each once, in the order met. */
  readonly tables: readonly CatalogTable[];
  /** What is missing as a whole: tables that are not known, a statement that was not understood. */
  readonly gaps: readonly Unresolved[];
}

/** A name as DuckDB compares it: without regard to case, whether quoted or not. */
export function foldDuckdbName(name: string): string {
  return name.replaceAll(/[A-Z]+/g, (letters) => letters.toLowerCase());
}

/** Names of DuckDB: compared without regard to case. */
export const duckdbNames: NameRules = {
  identifier: (node) => foldDuckdbName((node as { readonly name: string }).name),
  mergedInPlace: true,
};

/**
 * Says which columns of tables a SELECT of DuckDB's dialect hands through unchanged, which of its columns are never NULL, and which are unique together:
 * through aliases, joins of every kind, subqueries, lateral joins, common table expressions (recursive ones too), set operations, `*` with EXCLUDE, REPLACE
 * and RENAME, GROUP BY, DISTINCT and QUALIFY. It never guesses: what is not certain has no source, no key, and may be NULL.
 */
export async function resolveDuckdbProjection(sql: string, catalog: DuckdbCatalog): Promise<DuckdbProjection> {
  const resolver = new Resolver(await loadParser('DuckDB'), catalog);
  const relation = await resolver.statement(sql);
  return {
    columns: relation.columns.map(({ name, source, branches, notNull, unresolved }) => ({
      ...(name === undefined ? {} : { name }),
      sources: source ? [source] : (branches ?? []),
      notNull: notNull === true,
      ...(unresolved && !source && !branches ? { unresolved } : {}),
    })),
    complete: relation.complete,
    keys: [...relation.keys].sort((a, b) => Number(b.primary) - Number(a.primary) || a.columns.length - b.columns.length),
    tables: resolver.tables,
    gaps: relation.gaps,
  };
}

interface Scope extends CommonTableScope<Scope> {
  /** The FROM clause around this query, whose columns it may use. */
  readonly outer?: FromClause;
}

class Resolver {
  readonly #parser: SqlParser;
  readonly #catalog: DuckdbCatalog;
  readonly #tables = new Map<string, CatalogTable>();
  readonly #common = new Map<CommonTable<Scope>, Promise<Relation>>();
  #mentions = 0;

  constructor(parser: SqlParser, catalog: DuckdbCatalog) {
    this.#parser = parser;
    this.#catalog = catalog;
  }

  get tables(): readonly CatalogTable[] {
    return [...this.#tables.values()];
  }

  async statement(sql: string): Promise<Relation> {
    const parsed = this.#parser.parse(sql);
    if ('error' in parsed) return unknownRelation(excerpt(sql), `was not understood: ${parsed.error}`);
    const [query, another] = parsed.statements;
    if (!query || another) return unknownRelation(excerpt(sql), 'is not one statement');
    return this.query(query, { commonTables: new Map() });
  }

  async query(node: SqlNode, outer: Scope): Promise<Relation> {
    const [kind, body] = kindOf(node);
    const scope = withCommonTables(body, outer, duckdbNames);
    switch (kind) {
      case 'select':
        return this.#select(body, scope);
      case 'subquery':
      case 'paren':
        return limited(await this.query(body['this'] as SqlNode, scope), body);
      case 'union': {
        const left = await this.query(body['left'] as SqlNode, scope);
        const right = await this.query(body['right'] as SqlNode, scope);
        return limited(
          body['by_name'] === true ? unionByName(left, right, body['all'] === true) : union(left, right, body['all'] === true),
          body,
        );
      }
      case 'intersect':
      case 'except': {
        // Both keep rows of the left side only.
        const left = await this.query(body['left'] as SqlNode, scope);
        await this.query(body['right'] as SqlNode, scope);
        return limited(body['all'] === true ? left : distinct(left), body);
      }
      case 'values':
        return valuesOf(body);
      default:
        return this.#described(node, `is a ${kind.toUpperCase()}`);
    }
  }

  async #select(select: SqlNode, scope: Scope): Promise<Relation> {
    const from = new FromClause(duckdbNames, scope.outer);
    await this.#from(select, from, scope);
    for (const clause of ['where_clause', 'having', 'qualify']) {
      const condition = (select[clause] as SqlNode | null | undefined)?.['this'] as SqlNode | undefined;
      if (condition) from.addConditions(condition);
    }
    for (const clause of ['expressions', 'where_clause', 'group_by', 'having', 'qualify', 'order_by', 'distinct_on'])
      await this.#visit(select[clause], from, scope);

    const columns: RelationColumn[] = [];
    /** For each projected column, the mention and column it hands through, and its expression unless `*` stands for it. */
    const origins: (Origin | undefined)[] = [];
    const expressions: (SqlNode | undefined)[] = [];
    const aliases = new Map<string, number>();
    const gaps = from.items.flatMap((item) => item.relation.gaps);
    const grouped = isGrouped(select);
    // ROLLUP and the like add rows in which the grouped columns are NULL.
    const keepsNotNull = !multipliesByItself(select);
    let complete = true;
    const copied = (column: RelationColumn, origin: Origin | undefined, name: string | undefined, expression?: SqlNode): void => {
      columns.push({
        ...column,
        ...(name === undefined ? {} : { name }),
        notNull: keepsNotNull && origin !== undefined && from.notNull(origin),
      });
      origins.push(origin);
      expressions.push(expression);
    };
    const computed = (expression: SqlNode, name: string | undefined, reason: string): void => {
      const unresolved = { fragment: this.#parser.text(expression), reason };
      columns.push({
        ...(name === undefined ? {} : { name }),
        unresolved,
        notNull: keepsNotNull && isNeverNull(expression, from, grouped),
      });
      origins.push(undefined);
      expressions.push(expression);
    };

    for (const expression of select['expressions'] as readonly SqlNode[]) {
      const [kind, body] = kindOf(expression);
      if (kind === 'star') {
        const expanded = expandStar(body, from, duckdbNames);
        if (!expanded?.complete) {
          complete = false;
          gaps.push({ fragment: this.#parser.text(expression), reason: 'could not be expanded: the columns of a table are not known' });
        }
        for (const { column, origin, replacement, name } of expanded?.columns ?? []) {
          if (replacement) computed(replacement, name, 'is computed');
          else copied(column, origin, name);
        }
        continue;
      }
      const plain = withoutParentheses(kind === 'alias' ? (body['this'] as SqlNode) : expression);
      const alias = kind === 'alias' ? duckdbNames.identifier(body['alias']) : undefined;
      const found = from.column(plain);
      const name = alias ?? found?.name;
      const origin = found?.origin;
      // A name that no table of the clause has may be an alias further left.
      const earlier = origin && from.items.includes(origin.item) ? undefined : earlierAlias(plain, from, aliases);
      if (origin && earlier === undefined) {
        copied(origin.item.relation.columns[origin.index]!, origin, name, plain);
      } else if (earlier !== undefined && !origin) {
        columns.push({ ...columns[earlier]!, ...(name === undefined ? {} : { name }) });
        origins.push(origins[earlier]);
        expressions.push(expressions[earlier]);
      } else {
        if (hasManyColumns(plain, alias)) complete = false;
        computed(plain, name, found && found.reason !== '' ? found.reason : 'is computed');
      }
      if (alias !== undefined) aliases.set(alias, columns.length - 1);
    }

    const projected: Projected = { from, columns, origins, expressions, aliases, complete, text: (node) => this.#parser.text(node) };
    return limited({ columns, complete, gaps, keys: keysOfSelect(select, projected) }, select);
  }

  /** Resolves the subqueries within expressions, and finds out whether columns of the clause around are used. */
  async #visit(node: unknown, from: FromClause, scope: Scope): Promise<void> {
    if (Array.isArray(node)) {
      for (const one of node) await this.#visit(one, from, scope);
      return;
    }
    if (typeof node !== 'object' || node === null) return;
    for (const [kind, body] of Object.entries(node as SqlNode)) {
      if (typeof body !== 'object' || body === null) continue;
      if (kind === 'column' && 'name' in body) from.column({ column: body });
      else if (queries.has(kind) && !Array.isArray(body)) await this.query({ [kind]: body }, { ...scope, outer: from });
      else if (kind === 'query') await this.query(body as SqlNode, { ...scope, outer: from });
      else await this.#visit(body, from, scope);
    }
  }

  async #from(select: SqlNode, from: FromClause, scope: Scope): Promise<void> {
    const clause = select['from'] as SqlNode | null | undefined;
    for (const node of (clause?.['expressions'] ?? []) as readonly SqlNode[]) await this.#tableReference(node, from, scope);
    await this.#joins((select['joins'] ?? []) as readonly SqlNode[], from, [...from.items], scope);
  }

  /** Adds what one table reference mentions to the clause; returns the added items. */
  async #tableReference(node: SqlNode, from: FromClause, scope: Scope): Promise<FromItem[]> {
    const [kind, body] = kindOf(node);
    if (kind === 'joined_table') {
      const first = await this.#tableReference(body['left'] as SqlNode, from, scope);
      return this.#joins((body['joins'] ?? []) as readonly SqlNode[], from, first, scope);
    }
    if (kind === 'paren') return this.#tableReference(body['this'] as SqlNode, from, scope);
    const alias = body['alias'] ? duckdbNames.identifier(body['alias']) : undefined;
    const names = ((body['column_aliases'] ?? []) as readonly unknown[]).map(duckdbNames.identifier);
    if (kind === 'subquery') {
      const around = [...from.items];
      const usesBefore = from.usesFromWithin;
      const relation = await this.query(node, { ...scope, outer: from });
      const item = from.add(alias, undefined, renamed(relation, names));
      // LATERAL need not be written.
      if (around.length > 0 && (body['lateral'] === true || from.usesFromWithin > usesBefore)) item.madePer = around;
      return [item];
    }
    if (kind === 'table') {
      const name = duckdbNames.identifier(body['name']);
      const owner = body['schema'] ? duckdbNames.identifier(body['schema']) : undefined;
      const relation = await this.#table(name, owner, body['catalog'] !== undefined && body['catalog'] !== null, node, scope);
      return [from.add(alias ?? name, alias === undefined ? owner : undefined, renamed(relation, names))];
    }
    return [await this.#tableFunction(node, from, alias, names)];
  }

  /** `delta_scan('…')`, `range(10)`, `unnest(list)`, each with or without an alias. */
  async #tableFunction(node: SqlNode, from: FromClause, alias: string | undefined, names: readonly string[]): Promise<FromItem> {
    const around = [...from.items];
    const [kind, body] = kindOf(node);
    const called = kind === 'alias' ? (body['this'] as SqlNode) : node;
    const [calledKind, call] = kindOf(called);
    const name = alias ?? (typeof call['name'] === 'string' ? foldDuckdbName(call['name']) : calledKind);
    const described = await this.#described(called, 'is a table function');
    const relation =
      !described.complete && isUnnested(called)
        ? {
            columns: [{ name: 'unnest', unresolved: { fragment: this.#parser.text(called), reason: 'is unnested' } }],
            complete: true,
            keys: [],
            gaps: [],
          }
        : described;
    const item = from.add(name, undefined, renamed(relation, names));
    if (around.length > 0) item.madePer = around;
    return item;
  }

  async #joins(joins: readonly SqlNode[], from: FromClause, first: readonly FromItem[], scope: Scope): Promise<FromItem[]> {
    const left = [...first];
    for (const join of joins) {
      const kind = String(join['kind']);
      const on = (join['on'] ?? undefined) as SqlNode | undefined;
      if (kind.includes('Semi') || kind.includes('Anti')) {
        // It only chooses among the rows of the left side.
        const chosen = new FromClause(duckdbNames, from);
        await this.#tableReference(join['this'] as SqlNode, chosen, scope);
        await this.#visit(on, chosen, scope);
        continue;
      }
      const right = await this.#tableReference(join['this'] as SqlNode, from, scope);
      if (kind.includes('AsOf')) for (const item of right) item.onePer = [...left];
      if (kind === 'Positional') for (const item of [...left, ...right]) item.optional = true;
      const using = (join['using'] as readonly unknown[] | undefined)?.map(duckdbNames.identifier);
      from.join(left, right, kind, on, using?.length ? using : undefined);
      await this.#visit(on, from, scope);
      left.push(...right);
    }
    return left;
  }

  async #table(name: string, owner: string | undefined, qualified: boolean, node: SqlNode, scope: Scope): Promise<Relation> {
    const common = owner === undefined ? scope.commonTables.get(name) : undefined;
    if (common) return 'query' in common ? this.#commonTable(name, common) : common;
    const table =
      !qualified && (owner === undefined || owner === 'main') ? (this.#tables.get(name) ?? (await this.#catalog.table(name))) : undefined;
    if (!table) return this.#described(node, 'is not a table or view of the workspace');
    this.#tables.set(name, table);
    const mention = this.#mentions++;
    const notNull = new Set([...(table.notNull ?? []), ...(table.primaryKey ?? [])]);
    return {
      columns: table.columns.map((column) => ({ name: column, source: { table, column, mention }, notNull: notNull.has(column) })),
      complete: true,
      keys: keysOf(table),
      gaps: [],
    };
  }

  async #commonTable(name: string, common: CommonTable<Scope>): Promise<Relation> {
    let known = this.#common.get(common);
    if (known === undefined) {
      known = common.recursive ? this.#recursive(name, common) : this.query(common.query, common.scope);
      this.#common.set(common, known);
    }
    return renamed(await known, common.columns);
  }

  /**
   * A common table expression that may name itself. Each time it is met within itself it has the columns found so far, at first those of its first query; a
   * column loses its source when the other query does not agree, until nothing changes any more.
   */
  async #recursive(name: string, common: CommonTable<Scope>): Promise<Relation> {
    const [kind, body] = kindOf(common.query);
    if (kind !== 'union') return this.query(common.query, common.scope);
    const scope = withCommonTables(body, common.scope, duckdbNames);
    const first = await this.query(body['left'] as SqlNode, scope);
    let found: Relation = { ...first, keys: [] };
    for (;;) {
      const commonTables = new Map(scope.commonTables).set(name, renamed(found, common.columns));
      const next: Relation = { ...union(found, await this.query(body['right'] as SqlNode, { ...scope, commonTables }), true), keys: [] };
      const changed = next.complete !== found.complete || next.columns.some((column, index) => !sameFacts(column, found.columns[index]));
      found = next;
      if (!changed) return found;
    }
  }

  /** What DuckDB itself says of the columns of something that can stand alone in a FROM clause. */
  async #described(node: SqlNode, reason: string): Promise<Relation> {
    const text = this.#parser.text(node);
    const names = text === '' ? undefined : await this.#catalog.columnsOf(text);
    if (!names) return unknownRelation(excerpt(text), reason);
    const table: CatalogTable = { owner: '', name: text, columns: names, uniqueKeys: [] };
    this.#tables.set(text, table);
    return {
      columns: names.map((name) => ({ name, unresolved: { fragment: excerpt(text), reason } })),
      complete: true,
      keys: [],
      gaps: [],
    };
  }
}

const queries: ReadonlySet<string> = new Set(['select', 'subquery', 'union', 'intersect', 'except']);

/** The place of the alias that an unqualified name means, if it can be one. */
function earlierAlias(node: SqlNode, from: FromClause, aliases: ReadonlyMap<string, number>): number | undefined {
  const [kind, body] = kindOf(node);
  if (kind !== 'column' || body['table'] || from.items.some((item) => !item.relation.complete)) return undefined;
  return aliases.get(duckdbNames.identifier(body['name']));
}

/** COLUMNS(…) stands for any number of columns, and so does `unnest` of a structure. */
function hasManyColumns(node: SqlNode, alias: string | undefined): boolean {
  return (isUnnested(node) && alias === undefined) || /"name":"columns"/i.test(JSON.stringify(node));
}

function keysOfSelect(select: SqlNode, projected: Projected): Relation['keys'] {
  const { from, origins } = projected;
  if (isUnnested(select['expressions'])) return [];
  const keys = isGrouped(select)
    ? groupKeys(select, projected)
    : hasOneRow(select)
      ? [{ columns: [], primary: false }]
      : projectedKeys(from, origins);
  const relation: Relation = {
    columns: projected.columns,
    complete: projected.complete,
    gaps: [],
    keys: [...keys, ...qualifiedKeys(select, projected)],
  };
  const on = distinctOnKey(select, projected);
  if (on) return [...relation.keys, on];
  return select['distinct'] === true && !(select['distinct_on'] as readonly unknown[] | undefined)?.length
    ? distinct(relation).keys
    : relation.keys;
}
