import type { LineageOptions } from './column-lineage';
import { itemOf, lineageOfOrigins, originsOf } from './column-reference';
import { withCommonTables, type CommonTable, type CommonTableScope } from './common-tables';
import * as dialects from './dialect';
import { hasAggregate, isUnnested } from './duckdb-keys';
import { ExpressionLineage, notExpanded, type ExpressionScope } from './expression-lineage';
import { FromClause, kindOf, type FromItem, type Relation, type RelationColumn } from './from-clause';
import { joinConditions } from './join-conditions';
import type { SqlNode, SqlParser } from './parser';
import { pivoted, unpivoted } from './pivot-lineage';
import { excerpt, viewQuery, withoutParentheses } from './select-projection';
import { computed, decided, lineageOfColumn, lineageOfGap, noLineage, together, type Lineage, type TableRef } from './source-columns';
import { expandStar, type StarColumn } from './star';
import { columnsMatched, labelOf } from './star-columns';
import { generatedColumns, isGenerator, isReader, locationsOf } from './table-functions';

interface Scope extends CommonTableScope<Scope> {
  /** The FROM clause around this query, whose columns it may use. */
  readonly outer?: FromClause;
  readonly schema: string | undefined;
  /** The views around this query: ends recursion. */
  readonly views: ReadonlySet<string>;
  /** How many queries are around this one, common tables included. */
  readonly depth: number;
  /** Whether something is made of the query's rows, so that their order may matter. */
  readonly nested: boolean;
}

/** Deeper the stack would not reach. */
const maximalDepth = 250;

/** Walks through a statement and finds out what is behind the columns and the rows of each query in it. */
export class LineageWalk {
  readonly #parser: SqlParser;
  readonly #options: LineageOptions;
  readonly #dialect: dialects.Dialect;
  readonly #tables = new Map<string, TableRef>();
  readonly #common = new Map<CommonTable<Scope>, Promise<Relation>>();
  readonly #views = new Map<string, Promise<Relation>>();

  constructor(parser: SqlParser, options: LineageOptions) {
    this.#parser = parser;
    this.#options = options;
    this.#dialect = dialects[options.dialect];
  }

  /** The physical tables met so far. */
  get tables(): readonly TableRef[] {
    return [...this.#tables.values()];
  }

  statement(sql: string): Promise<Relation> {
    return this.#statement(sql, { commonTables: new Map(), schema: this.#options.schema, views: new Set(), depth: 0, nested: false });
  }

  async #statement(sql: string, scope: Scope): Promise<Relation> {
    const prepared = this.#dialect.prepare(sql);
    if ('error' in prepared) return unknown(excerpt(sql), prepared.error);
    const parsed = this.#parser.parse(prepared.text);
    if ('error' in parsed) return unknown(excerpt(prepared.text), `was not understood: ${parsed.error}`);
    const [query, another] = parsed.statements;
    if (!query || another) return unknown(excerpt(prepared.text), 'is not one statement');
    return this.#query(query, scope);
  }

  async #query(node: SqlNode, outer: Scope): Promise<Relation> {
    const [kind, body] = kindOf(node);
    const depth = outer.depth + 1;
    if (depth > maximalDepth) return unknown(excerpt(this.#parser.text(node)), `is within ${maximalDepth} other queries`);
    const scope = withCommonTables(body, { ...outer, depth }, this.#dialect.names);
    switch (kind) {
      case 'select':
        return this.#select(body, scope);
      case 'subquery':
      case 'paren': {
        const isLimited = takesSome(body);
        const relation = await this.#query(body['this'] as SqlNode, isLimited ? { ...scope, nested: true } : scope);
        return this.#ordered(relation, body, scope);
      }
      case 'union':
        return this.#ordered(await this.#union(body, scope), body, scope);
      case 'intersect':
      case 'except': {
        const left = await this.#query(body['left'] as SqlNode, scope);
        const right = await this.#query(body['right'] as SqlNode, scope);
        const compared = decided(together(valuesOf(left), valuesOf(right)), 'FILTER');
        return this.#ordered({ ...left, rows: together(rowsOf(left), rowsOf(right), compared) }, body, scope);
      }
      case 'values':
        return this.#values(body, scope);
      case 'pivot':
        return this.#pivot(node, scope, undefined);
      default:
        return unknown(excerpt(this.#parser.text(node)), 'is not a form of SELECT that is known here');
    }
  }

  async #select(select: SqlNode, scope: Scope): Promise<Relation> {
    const from = new FromClause(this.#dialect.names, scope.outer);
    const rows: Lineage[] = [];
    await this.#from(select, from, scope, rows);
    const aliases = new Map<string, Lineage>();
    const expressions = this.#expressionScope(from, scope, aliases, namedWindows(select, this.#dialect));
    const expression = new ExpressionLineage(expressions);

    const columns: RelationColumn[] = [];
    /** Which of the columns are neither aggregated nor constant: what GROUP BY ALL groups by. */
    const groupable: RelationColumn[] = [];
    let complete = true;
    const groupsByAll = (select['group_by'] as { readonly all?: boolean | null } | null | undefined)?.all === true;
    const add = (column: RelationColumn, node: SqlNode | undefined): void => {
      columns.push(column);
      if (groupsByAll && (!node || !hasAggregate(node))) groupable.push(column);
    };
    for (const node of select['expressions'] as readonly SqlNode[]) {
      const [kind, body] = kindOf(node);
      if (kind === 'star') {
        const expanded = expandStar(body, from, this.#dialect.names);
        if (!expanded?.complete) {
          complete = false;
          rows.push(lineageOfGap({ fragment: this.#text(node), reason: notExpanded }));
        }
        for (const column of expanded?.columns ?? []) add(await this.#starColumn(column, expression), column.replacement);
        continue;
      }
      const plain = kind === 'alias' ? (body['this'] as SqlNode) : node;
      const alias = kind === 'alias' ? body['alias'] : undefined;
      const matched = columnsMatched(plain, from, this.#dialect);
      if (matched) {
        if (!matched.complete) {
          complete = false;
          rows.push(lineageOfGap({ fragment: this.#text(plain), reason: notExpanded }));
        }
        for (const starColumn of matched.columns) {
          const lineage = await new ExpressionLineage({ ...expressions, starColumn }).of(plain);
          const formula = matched.formula(this.#text(plain), starColumn);
          const label = alias
            ? (alias as { readonly name: string }).name.replaceAll('\\0', labelOf(starColumn))
            : matched.isWhole
              ? labelOf(starColumn)
              : formula;
          add({ name: this.#dialect.fold(label), label, lineage, formula: () => formula }, plain);
        }
        continue;
      }
      const lineage = await expression.of(plain);
      const formula = (): string => this.#text(withoutParentheses(plain));
      add({ ...this.#named(plain, alias, formula, from), lineage, formula }, plain);
      if (alias) aliases.set(this.#dialect.names.identifier(alias), this.#dialect.usesAliases ? lineage : noLineage);
      if (this.#dialect.usesAliases && isUnnested(plain)) {
        rows.push(decided(lineage, 'JOIN'));
        if (!alias) {
          complete = false;
          rows.push(lineageOfGap({ fragment: formula(), reason: 'is as many columns as the structures in it have members' }));
        }
      }
    }
    for (const item of from.items) rows.push(rowsOf(item.relation));
    rows.push(...(await this.#clauses(select, from, expression, columns, groupable, scope)));
    return { columns, complete, keys: [], gaps: [], rows: together(...rows) };
  }

  /** What the clauses after FROM decide about the rows. */
  async #clauses(
    select: SqlNode,
    from: FromClause,
    expression: ExpressionLineage,
    columns: readonly RelationColumn[],
    groupable: readonly RelationColumn[],
    scope: Scope,
  ): Promise<Lineage[]> {
    const rows: Lineage[] = [];
    const where = select['where_clause'] as SqlNode | null | undefined;
    if (where) rows.push(await this.#condition(where['this'] as SqlNode, from, expression));
    for (const clause of ['having', 'qualify']) {
      const condition = select[clause] as SqlNode | null | undefined;
      if (condition) rows.push(decided(await expression.of(condition['this']), 'FILTER'));
    }
    const connect = select['connect'] as SqlNode | null | undefined;
    if (connect) {
      rows.push(decided(await expression.of(connect['connect']), 'JOIN'), decided(await expression.of(connect['start']), 'FILTER'));
    }
    const group = select['group_by'] as { readonly expressions?: readonly SqlNode[]; readonly all?: boolean | null } | null | undefined;
    if (group?.all === true) rows.push(decided(valuesOf({ columns: groupable }), 'GROUP_BY'));
    for (const node of group?.expressions ?? []) {
      const numbered = this.#dialect.usesAliases ? atNumber(node, columns) : undefined;
      rows.push(decided(numbered ?? (await expression.of(node)), 'GROUP_BY'));
    }
    const on = select['distinct_on'] as readonly SqlNode[] | null | undefined;
    for (const node of on ?? []) rows.push(decided(atNumber(node, columns) ?? (await expression.of(node)), 'GROUP_BY'));
    if (select['distinct'] === true && !on?.length) rows.push(decided(valuesOf({ columns }), 'GROUP_BY'));
    for (const clause of ['limit', 'offset']) rows.push(decided(await expression.of(select[clause]), 'FILTER'));
    if (scope.nested || takesSome(select) || on?.length) rows.push(await this.#sorted(select, columns, expression));
    return rows;
  }

  async #sorted(query: SqlNode, columns: readonly RelationColumn[], expression: ExpressionLineage | undefined): Promise<Lineage> {
    const clause = query['order_by'] as { readonly expressions?: readonly SqlNode[] } | null | undefined;
    const parts: Lineage[] = [];
    for (const item of clause?.expressions ?? []) {
      const node = (item['this'] ?? item) as SqlNode;
      const [kind, body] = kindOf(node);
      const name = kind === 'column' && !body['table'] ? this.#dialect.names.identifier(body['name']) : undefined;
      const named = columns.find((column) => name !== undefined && column.name === name);
      if (name === 'all' && !named && this.#dialect.usesAliases) parts.push(valuesOf({ columns }));
      else parts.push(atNumber(node, columns) ?? named?.lineage ?? (expression ? await expression.of(node) : noLineage));
    }
    return decided(together(...parts), 'SORT');
  }

  /** ORDER BY and LIMIT around a whole query. */
  async #ordered(relation: Relation, query: SqlNode, scope: Scope): Promise<Relation> {
    if (!scope.nested && !takesSome(query)) return relation;
    return { ...relation, rows: together(rowsOf(relation), await this.#sorted(query, relation.columns, undefined)) };
  }

  /** A condition that chooses rows: its parts that compare columns of two tables join these. */
  async #condition(condition: SqlNode, from: FromClause, expression: ExpressionLineage): Promise<Lineage> {
    const parts: Lineage[] = [];
    for (const { node, joins } of joinConditions(condition, (column) => itemOf(column, from, this.#dialect))) {
      parts.push(decided(await expression.of(node), joins ? 'JOIN' : 'FILTER'));
    }
    return together(...parts);
  }

  async #starColumn({ column, members, name, label, replacement }: StarColumn, expression: ExpressionLineage): Promise<RelationColumn> {
    const shown = label ?? column.label;
    return {
      ...(name === undefined ? {} : { name }),
      ...(shown === undefined ? {} : { label: shown }),
      lineage: replacement ? await expression.of(replacement) : lineageOfOrigins(members),
      formula: replacement ? () => this.#text(replacement) : (column.formula ?? (() => column.label ?? column.name ?? '')),
    };
  }

  #named(node: SqlNode, alias: unknown, formula: () => string, from: FromClause): { readonly name: string; readonly label: string } {
    const { names, fold, nameOf } = this.#dialect;
    if (alias) {
      const name = names.identifier(alias);
      return { name, label: this.#dialect.usesAliases ? (alias as { readonly name: string }).name : name };
    }
    const found = from.column(withoutParentheses(node));
    const label = originsOf(found)?.map(({ item, index }) => item.relation.columns[index]?.label)[0];
    if (found?.name !== undefined) return { name: found.name, label: label ?? found.name };
    const text = nameOf(formula());
    return { name: fold(text), label: text };
  }

  async #union(body: SqlNode, scope: Scope): Promise<Relation> {
    const left = await this.#query(body['left'] as SqlNode, scope);
    const right = await this.#query(body['right'] as SqlNode, scope);
    const all = body['all'] === true;
    return united(left, right, all, body['by_name'] === true);
  }

  async #values(body: SqlNode, scope: Scope): Promise<Relation> {
    const rows = body['expressions'] as readonly { readonly expressions: readonly SqlNode[] }[];
    const expression = new ExpressionLineage(this.#expressionScope(new FromClause(this.#dialect.names, scope.outer), scope));
    const columns: RelationColumn[] = [];
    for (const [index] of (rows[0]?.expressions ?? []).entries()) {
      const cells = rows.flatMap(({ expressions }) => expressions.slice(index, index + 1));
      columns.push({ name: `col${index}`, lineage: await expression.of(cells), formula: () => 'VALUES' });
    }
    return { columns, complete: true, keys: [], gaps: [] };
  }

  async #from(select: SqlNode, from: FromClause, scope: Scope, rows: Lineage[]): Promise<void> {
    const clause = select['from'] as SqlNode | null | undefined;
    for (const node of (clause?.['expressions'] ?? []) as readonly SqlNode[]) await this.#tableReference(node, from, scope, rows);
    await this.#joins((select['joins'] ?? []) as readonly SqlNode[], from, [...from.items], scope, rows);
  }

  /** Adds what one table reference mentions to the clause; returns the added items. */
  async #tableReference(node: SqlNode, from: FromClause, scope: Scope, rows: Lineage[]): Promise<FromItem[]> {
    const { names } = this.#dialect;
    const [kind, body] = kindOf(node);
    if (kind === 'joined_table') {
      const first = await this.#tableReference(body['left'] as SqlNode, from, scope, rows);
      return this.#joins((body['joins'] ?? []) as readonly SqlNode[], from, first, scope, rows);
    }
    if (kind === 'paren') return this.#tableReference(body['this'] as SqlNode, from, scope, rows);
    const alias = body['alias'] ? names.identifier(body['alias']) : undefined;
    const written = ((body['column_aliases'] ?? []) as readonly { readonly name: string }[]).map(({ name }) => name);
    const columnNames = ((body['column_aliases'] ?? []) as readonly unknown[]).map(names.identifier);
    const aliased = (relation: Relation): Relation => withNames(relation, columnNames, this.#dialect.usesAliases ? written : columnNames);
    if (kind === 'subquery') {
      return [from.add(alias, undefined, aliased(await this.#query(node, { ...scope, outer: from, nested: true })))];
    }
    if (kind === 'table') {
      const name = names.identifier(body['name']);
      const owner = body['schema'] ? names.identifier(body['schema']) : undefined;
      return [from.add(alias ?? name, alias === undefined ? owner : undefined, aliased(await this.#table(body, scope)))];
    }
    if (kind === 'pivot' || kind === 'unpivot') {
      return [from.add(alias, undefined, aliased(await this.#pivot(node, { ...scope, outer: from, nested: true }, rows)))];
    }
    const called = kind === 'alias' ? (body['this'] as SqlNode) : node;
    const name = alias ?? names.identifier({ name: functionName(called) });
    return [from.add(name, undefined, aliased(await this.#tableFunction(called, from, scope)))];
  }

  async #joins(
    joins: readonly SqlNode[],
    from: FromClause,
    first: readonly FromItem[],
    scope: Scope,
    rows: Lineage[],
  ): Promise<FromItem[]> {
    const left = [...first];
    for (const join of joins) {
      const kind = String(join['kind']);
      const on = (join['on'] ?? undefined) as SqlNode | undefined;
      const using = (join['using'] as readonly unknown[] | undefined)?.map(this.#dialect.names.identifier) ?? [];
      // SEMI and ANTI only choose among the rows of the left side, whose columns are all that is seen afterwards.
      const chooses = kind.includes('Semi') || kind.includes('Anti');
      const clause = chooses ? new FromClause(this.#dialect.names, from) : from;
      const right = await this.#tableReference(join['this'] as SqlNode, clause, scope, rows);
      if (chooses) rows.push(...right.map(({ relation }) => rowsOf(relation)));
      for (const name of using) for (const side of [left, right]) nameColumn(name, side);
      const pairs = chooses ? [] : from.join(left, right, kind, on, using.length > 0 ? using : undefined);
      rows.push(decided(lineageOfOrigins(pairs.flat()), 'JOIN'));
      if (chooses)
        rows.push(...using.flatMap((name) => [columnsNamed(name, left), columnsNamed(name, right)]).map((one) => decided(one, 'JOIN')));
      if (on) rows.push(decided(await new ExpressionLineage(this.#expressionScope(clause, scope)).of(on), 'JOIN'));
      if (!chooses) left.push(...right);
    }
    return left;
  }

  async #table(body: SqlNode, scope: Scope): Promise<Relation> {
    const { names } = this.#dialect;
    const name = names.identifier(body['name']);
    const owner = body['schema'] ? names.identifier(body['schema']) : undefined;
    const common = owner === undefined ? scope.commonTables.get(name) : undefined;
    if (common) return 'query' in common ? this.#commonTable(name, common, scope.depth) : common;
    if (this.#options.dialect === 'oracle') {
      if (name === 'DUAL' && (owner === undefined || owner === 'SYS'))
        return { columns: [{ name: 'DUMMY', lineage: noLineage }], complete: true, keys: [], gaps: [] };
      const linked = linkedTable(body, names.identifier);
      if (linked) return this.#physical(linked, undefined, 'is behind a database link');
    }
    const table = await this.#options.lookup({ ...(owner === undefined ? {} : { owner }), name }, scope.schema);
    if (!table) {
      const written = (body['name'] as { readonly name: string }).name;
      // DuckDB reads a file that is named like a table.
      if (this.#options.dialect === 'duckdb' && /[./\\]/.test(written))
        return this.#read(
          { name: 'file', locations: locationsOf({ literal: { literal_type: 'string', value: written } }) },
          this.#parser.text({ table: body }),
        );
      const ref = { ...(owner === undefined ? {} : { owner }), name };
      return this.#physical(
        ref,
        undefined,
        this.#options.dialect === 'oracle' ? 'is not in the data dictionary' : 'is not a table or view that is known',
      );
    }
    const ref: TableRef = { ...(table.owner === '' ? {} : { owner: table.owner }), name: table.name };
    const behind = table.view === undefined ? undefined : await this.#view(table.owner, table.name, table.view, scope);
    if (!behind) return this.#physical(ref, table.columns, '');
    if (behind.complete && behind.columns.length === table.columns.length) {
      const columns = table.columns.map((column, index) => ({
        name: this.#dialect.fold(column),
        label: column,
        lineage: behind.columns[index]!.lineage ?? noLineage,
      }));
      return { ...behind, columns };
    }
    // A view that was changed underneath, or was not understood, is where the walk ends.
    const gap = { fragment: shownTable(ref), reason: 'is a view whose SELECT does not tell its columns' };
    return { ...this.#physical(ref, table.columns, ''), rows: together(rowsOf(behind), lineageOfGap(gap)) };
  }

  /** What the SELECT of a view yields; undefined within the view itself. */
  async #view(owner: string, name: string, sql: string, scope: Scope): Promise<Relation | undefined> {
    const key = JSON.stringify([owner, name]);
    if (scope.views.has(key)) return undefined;
    let known = this.#views.get(key);
    if (known === undefined) {
      const schema = owner === '' ? scope.schema : owner;
      known = this.#statement(viewQuery(sql), {
        commonTables: new Map(),
        schema,
        views: new Set([...scope.views, key]),
        depth: scope.depth,
        nested: true,
      });
      this.#views.set(key, known);
    }
    return known;
  }

  /** A table at which the walk ends; without `columns` any that is named is taken to be one of it. */
  #physical(ref: TableRef, columns: readonly string[] | undefined, reason: string): Relation {
    const table = this.#noted(ref);
    const known = (columns ?? []).map((column) => ({
      name: this.#dialect.fold(column),
      label: column,
      lineage: lineageOfColumn(table, column),
    }));
    if (columns) return { columns: known, complete: true, keys: [], gaps: [] };
    return {
      columns: [],
      complete: false,
      keys: [],
      gaps: [{ fragment: shownTable(ref), reason }],
      rows: lineageOfGap({ fragment: shownTable(ref), reason }),
      open: (name) => lineageOfColumn(table, name),
    };
  }

  #noted(ref: TableRef): TableRef {
    const key = JSON.stringify([ref.owner, ref.name, ref.link, ref.locations]);
    const known = this.#tables.get(key) ?? ref;
    this.#tables.set(key, known);
    return known;
  }

  async #commonTable(name: string, common: CommonTable<Scope>, depth: number): Promise<Relation> {
    let known = this.#common.get(common);
    if (known === undefined) {
      const scope = { ...common.scope, depth, nested: true };
      known = this.#mayRecur(name, common) ? this.#recursive(name, common, scope) : this.#query(common.query, scope);
      this.#common.set(common, known);
    }
    return this.#renamed(await known, common);
  }

  #renamed(relation: Relation, { columns, labels }: CommonTable<Scope>): Relation {
    const shown = this.#dialect.usesAliases ? labels : columns;
    return withNames(relation, columns, shown);
  }

  /** Oracle has no word for it; DuckDB says RECURSIVE for the whole clause. */
  #mayRecur(name: string, common: CommonTable<Scope>): boolean {
    if (!('union' in common.query)) return false;
    if (common.recursive) return true;
    return this.#options.dialect === 'oracle' && namesTable(common.query, name, this.#dialect.names.identifier);
  }

  /** Met within itself, it has the lineage found so far, at first that of its first query, until nothing is added any more. */
  async #recursive(name: string, common: CommonTable<Scope>, around: Scope): Promise<Relation> {
    const [, body] = kindOf(common.query);
    const scope = withCommonTables(body, around, this.#dialect.names);
    const first = await this.#query(body['left'] as SqlNode, scope);
    let found = first;
    for (;;) {
      const commonTables = new Map(scope.commonTables).set(name, this.#renamed(found, common));
      const right = await this.#query(body['right'] as SqlNode, { ...scope, commonTables });
      const all = body['all'] === true;
      const { columns } = united(first, right, all, false);
      const grown = united(found, right, all, false);
      const next = {
        ...grown,
        columns: grown.columns.map((column, index) => ({ ...column, formula: columns[index]?.formula ?? (() => '') })),
      };
      if (extent(next) === extent(found)) return next;
      found = next;
    }
  }

  async #pivot(node: SqlNode, scope: Scope, rows: Lineage[] | undefined): Promise<Relation> {
    const [kind, body] = kindOf(node);
    const from = new FromClause(this.#dialect.names, scope.outer);
    const inner = tableOfPivot(body['this'] as SqlNode);
    await this.#tableReference(inner, from, { ...scope, nested: true }, rows ?? []);
    const expression = new ExpressionLineage(this.#expressionScope(from, scope));
    const context = {
      from,
      dialect: this.#dialect,
      of: (part: unknown) => expression.of(part),
      text: (part: SqlNode) => this.#text(part),
      columnsOf: () => this.#options.columnsOf?.(`(${this.#parser.text(node)})`),
    };
    const result = kind === 'unpivot' || body['unpivot'] === true ? await unpivoted(body, context) : await pivoted(body, context);
    return { ...result, rows: together(...from.items.map(({ relation }) => rowsOf(relation)), rowsOf(result)) };
  }

  /** `delta_scan('…')` reads; `unnest(list)`, `range(10)`, JSON_TABLE make rows of their arguments. */
  async #tableFunction(called: SqlNode, from: FromClause, scope: Scope): Promise<Relation> {
    const [kind, body] = kindOf(called);
    const name = functionName(called);
    const args = (body['args'] ?? [body['this']]) as readonly unknown[];
    if (isReader(name)) return this.#read({ name, locations: locationsOf(args[0]) }, this.#parser.text(called));
    const lineage = computed(await new ExpressionLineage(this.#expressionScope(from, scope)).of(args), 'TRANSFORMATION');
    if (!isGenerator(name) && lineage.sources.size === 0) return this.#read({ name }, this.#parser.text(called));
    const generated = generatedColumns(kind, body, this.#dialect);
    const columns = generated.names.map((column) => ({ name: column, lineage }));
    return { columns, complete: generated.complete, keys: [], gaps: [], rows: decided(lineage, 'JOIN'), open: () => lineage };
  }

  async #read(ref: TableRef, text: string): Promise<Relation> {
    const columns = text === '' ? undefined : await this.#options.columnsOf?.(text);
    return this.#physical(ref, columns, 'is read by a function whose columns are not known');
  }

  #expressionScope(
    from: FromClause,
    scope: Scope,
    aliases: ReadonlyMap<string, Lineage> = new Map(),
    windows: ReadonlyMap<string, SqlNode> = new Map(),
  ): ExpressionScope {
    return {
      from,
      dialect: this.#dialect,
      windows,
      alias: (name) => (this.#dialect.usesAliases ? aliases.get(name) : undefined),
      text: (node) => this.#text(node),
      query: (node) => this.#query(node, { ...scope, outer: from, nested: true }),
    };
  }

  #text(node: SqlNode): string {
    return this.#dialect.shown(this.#parser.text(node));
  }
}

function unknown(fragment: string, reason: string): Relation {
  return { columns: [], complete: false, keys: [], gaps: [{ fragment, reason }], rows: lineageOfGap({ fragment, reason }) };
}

function rowsOf({ rows }: Relation): Lineage {
  return rows ?? noLineage;
}

/** What all columns together are made of. */
function valuesOf({ columns }: Pick<Relation, 'columns'>): Lineage {
  return together(...columns.map(({ lineage }) => lineage ?? noLineage));
}

/** Whether a query takes some of its rows, so that their order decides. */
function takesSome(query: SqlNode): boolean {
  return ['limit', 'offset', 'fetch', 'top'].some((clause) => query[clause] !== null && query[clause] !== undefined);
}

function united(left: Relation, right: Relation, all: boolean, byName: boolean): Relation {
  const complete = left.complete && right.complete;
  const byPlace = complete && !byName;
  const gaps: Lineage[] = [];
  const other = (column: RelationColumn, index: number): RelationColumn | undefined => {
    if (byPlace) return right.columns[index];
    const found = right.columns.find(({ name }) => name === column.name);
    if (found) return found;
    const open = column.name === undefined || right.complete ? undefined : right.open?.(column.name);
    if (!open && !byName)
      gaps.push(lineageOfGap({ fragment: column.label ?? column.name ?? '', reason: 'cannot be matched in each query of a UNION' }));
    return open && { ...column, lineage: open };
  };
  const columns = left.columns.map((column, index): RelationColumn => {
    const match = other(column, index);
    const formula = (): string => {
      const texts = [column.formula?.() ?? '', ...(match?.formula ? [match.formula()] : [])];
      return [...new Set(texts)].join(` UNION${all ? ' ALL' : ''} `);
    };
    return {
      ...column,
      formula,
      lineage: together(column.lineage ?? noLineage, match?.lineage ?? noLineage),
    };
  });
  if (byName)
    columns.push(
      ...right.columns
        .filter(({ name }) => !left.columns.some((column) => column.name === name))
        .map((column) => ({ ...column, lineage: column.lineage ?? noLineage })),
    );
  const distinct = all ? noLineage : decided(valuesOf({ columns }), 'GROUP_BY');
  return { columns, complete, keys: [], gaps: [], rows: together(rowsOf(left), rowsOf(right), distinct, ...gaps) };
}

/** How much is known of a relation, for telling whether something was added. */
function extent(relation: Relation): number {
  const parts = [rowsOf(relation), ...relation.columns.map(({ lineage }) => lineage ?? noLineage)];
  return parts.reduce((sum, { sources, gaps }) => sum + sources.size + gaps.size, 0);
}

/** The relation with other names for its first columns, and as the result shows them. */
function withNames(relation: Relation, names: readonly string[], labels: readonly string[]): Relation {
  if (names.length === 0) return relation;
  const columns = relation.columns.map((column, index) => {
    const name = names[index];
    return name === undefined ? column : { ...column, name, label: labels[index] ?? name };
  });
  // The columns of a table that is not known are at least named.
  const more = relation.complete
    ? []
    : names.slice(columns.length).map((name) => ({ name, label: name, lineage: relation.open?.(name) ?? noLineage }));
  return { ...relation, columns: [...columns, ...more] };
}

/** The projected column that a number in GROUP BY or ORDER BY means. */
function atNumber(node: SqlNode, columns: readonly RelationColumn[]): Lineage | undefined {
  const [kind, body] = kindOf(node);
  return kind === 'literal' && body['literal_type'] === 'number' ? columns[Number(body['value']) - 1]?.lineage : undefined;
}

function namedWindows(select: SqlNode, { names }: dialects.Dialect): ReadonlyMap<string, SqlNode> {
  const windows = (select['windows'] ?? []) as readonly { readonly name: unknown; readonly spec: SqlNode }[];
  return new Map(windows.map(({ name, spec }) => [names.identifier(name), spec]));
}

/** A column that USING names must be there: in a table whose columns are not known, if no other has it. */
function nameColumn(name: string, items: readonly FromItem[]): void {
  const open = items.filter(({ relation }) => !relation.complete && relation.open);
  if (open.length !== 1 || items.some(({ relation }) => relation.columns.some((column) => column.name === name))) return;
  const { relation } = open[0]!;
  open[0]!.relation = { ...relation, columns: [...relation.columns, { name, lineage: relation.open?.(name) ?? noLineage }] };
}

function columnsNamed(name: string, items: readonly FromItem[]): Lineage {
  return together(
    ...items.flatMap(({ relation }) => relation.columns.flatMap((column) => (column.name === name ? [column.lineage ?? noLineage] : []))),
  );
}

/** The parser takes the name of PIVOT's table for a column. */
function tableOfPivot(node: SqlNode): SqlNode {
  const [kind, body] = kindOf(node);
  return kind === 'column' ? { table: { name: body['name'], schema: body['table'] } } : node;
}

/** `table@link`, and `owner.table@link.domain`, which the parser splits at the dots. */
function linkedTable(body: SqlNode, identifier: (node: unknown) => string): TableRef | undefined {
  const parts = ['catalog', 'schema', 'name'].flatMap((part) => (body[part] ? [identifier(body[part])] : []));
  const at = parts.findIndex((part) => part.includes('@'));
  if (at < 0) return undefined;
  const [name = '', ...link] = parts.slice(at).join('.').split('@');
  const owner = parts[at - 1];
  return { ...(owner === undefined ? {} : { owner }), name, link: link.join('@') };
}

function namesTable(node: unknown, name: string, identifier: (node: unknown) => string): boolean {
  if (Array.isArray(node)) return node.some((one) => namesTable(one, name, identifier));
  if (typeof node !== 'object' || node === null) return false;
  return Object.entries(node as SqlNode).some(([kind, body]) => {
    if (
      kind === 'table' &&
      body &&
      typeof body === 'object' &&
      'schema' in body &&
      !body.schema &&
      identifier((body as unknown as SqlNode)['name']) === name
    )
      return true;
    return namesTable(body, name, identifier);
  });
}

function functionName(node: SqlNode): string {
  const [kind, { name }] = kindOf(node);
  return kind === 'function' && typeof name === 'string' ? name.toLowerCase() : kind;
}

function shownTable({ owner, name, link, locations }: TableRef): string {
  if (locations?.length) return `${name}(${locations.join(', ')})`;
  return `${owner === undefined ? '' : `${owner}.`}${name}${link === undefined ? '' : `@${link}`}`;
}
