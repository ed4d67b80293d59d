import { lineageOfOrigins, lineageOfReference, type NamesBesides } from './column-reference';
import { aggregates } from './duckdb-keys';
import { kindOf, type FromClause, type Relation } from './from-clause';
import type { SqlNode } from './parser';
import { computed, decided, lineageOfGap, noLineage, together, type Lineage } from './source-columns';
import { expandStar, type StarColumn } from './star';
import { columnsUnpacked } from './star-columns';

/** What an expression may use. */
export interface ExpressionScope extends NamesBesides {
  readonly from: FromClause;
  /** Windows named in the WINDOW clause. */
  readonly windows: ReadonlyMap<string, SqlNode>;
  /** What a subquery within the expression yields. */
  readonly query: (node: SqlNode) => Promise<Relation>;
  /** The column that COLUMNS(…) stands for at present. */
  readonly starColumn?: StarColumn;
  /** Parameters of lambdas around the expression. */
  readonly parameters?: ReadonlySet<string>;
}

/** Aggregates of Oracle that DuckDB does not have, by the parser's names. */
const oracleAggregates: ReadonlySet<string> = new Set(
  (
    'list_agg listagg xmlagg xml_agg j_s_o_n_array_agg j_s_o_n_object_agg json_arrayagg json_objectagg collect wm_concat stats_mode ' +
    'aggregate_function bit_and_agg bit_or_agg checksum group_id'
  ).split(' '),
);
const queries: ReadonlySet<string> = new Set(['select', 'subquery', 'union', 'intersect', 'except', 'values', 'pivot']);
/** Aggregates that put the values of WITHIN GROUP (ORDER BY …) one behind the other; of the others these values are the argument. */
const joining = /^(list_agg|listagg|string_agg|group_concat|array_agg|xmlagg)$/;
/** Aggregates that take the first argument where the second is greatest or least. */
const choosing = /^(arg_?max|arg_?min|max_by|min_by|arg_max_null|arg_min_null)$/;

/** Finds out what is behind an expression. */
export class ExpressionLineage {
  constructor(private readonly scope: ExpressionScope) {}

  /** The lineage of an expression, or of several that together make a value. */
  async of(node: unknown): Promise<Lineage> {
    if (Array.isArray(node)) return together(...(await this.#each(node)));
    if (typeof node !== 'object' || node === null) return noLineage;
    const entries = Object.entries(node as Readonly<Record<string, unknown>>);
    const [entry] = entries;
    // A node has one entry, named after its kind; others are properties of nodes.
    if (entry && entries.length === 1) {
      const [kind, body] = entry;
      if (typeof body !== 'object' || body === null) return noLineage;
      if (kind === 'this') return this.of(body);
      if (!Array.isArray(body)) return this.#node(kind, body as SqlNode, node as SqlNode);
    }
    return this.#parts(node as SqlNode);
  }

  async #each(nodes: readonly unknown[]): Promise<Lineage[]> {
    const found: Lineage[] = [];
    for (const node of nodes) found.push(await this.of(node));
    return found;
  }

  /** The properties of a node, those named left out. */
  async #parts(body: SqlNode, without: readonly string[] = []): Promise<Lineage> {
    const parts: Lineage[] = [];
    for (const [property, value] of Object.entries(body)) {
      if (typeof value === 'object' && value !== null && !without.includes(property)) parts.push(await this.of(value));
    }
    return computed(together(...parts), 'TRANSFORMATION');
  }

  async #node(kind: string, body: SqlNode, node: SqlNode): Promise<Lineage> {
    const name = nameOf(kind, body);
    switch (kind) {
      case 'literal':
      case 'data_type':
      case 'identifier':
      case 'parameter':
      case 'placeholder':
      case 'pseudocolumn':
      case 'interval':
        return kind === 'interval' ? this.of(body['this']) : noLineage;
      case 'column':
        return this.#column(node, body);
      case 'dot':
        return this.#dot(node, body);
      case 'paren':
      case 'alias':
        return this.of(body['this']);
      case 'named_argument':
        return this.of(body['value']);
      case 'case':
        return this.#choice(
          [body['operand'], ...((body['whens'] ?? []) as readonly (readonly unknown[])[]).map(([condition]) => condition)],
          [...((body['whens'] ?? []) as readonly (readonly unknown[])[]).map(([, result]) => result), body['else_']],
        );
      case 'if_func':
        return this.#choice([body['condition']], [body['true_value'], body['false_value']]);
      case 'nvl2':
        return this.#choice([body['this']], [body['true_value'], body['false_value']]);
      case 'exists':
        return (await this.scope.query(body['this'] as SqlNode)).rows ?? noLineage;
      case 'window_function':
        return this.#window(body);
      case 'within_group':
        return this.#withinGroup(body);
      case 'connect_by_root':
        return this.of(columnOfVariable(body['this'] as SqlNode));
      case 'method_call':
        return this.#methodCall(body);
      case 'lambda':
        return this.#with(((body['parameters'] ?? []) as readonly unknown[]).map(this.scope.dialect.names.identifier)).of(body['body']);
      case 'comprehension':
        return this.#comprehension(body);
      case 'star':
        return this.#star(body);
      case 'columns':
        return this.#columns(body['this']);
    }
    if (queries.has(kind)) {
      const relation = await this.scope.query(node);
      return together(...relation.columns.map(({ lineage }) => lineage ?? noLineage), relation.rows ?? noLineage);
    }
    if (kind === 'function' && name === 'columns') return this.#columns((body['args'] as readonly unknown[])[0]);
    if (kind === 'function' && name === 'decode') return this.#decode(body['args'] as readonly unknown[]);
    if (kind === 'function' && name === 'nullif') {
      const [value, ...others] = body['args'] as readonly unknown[];
      return this.#choice(others, [value]);
    }
    if (isAggregate(kind, name)) return this.#aggregate(name, body);
    // What has one property may be a property itself: `{Preceding: {literal: {…}}}`.
    return Object.keys(body).length === 1 ? computed(await this.of(body), 'TRANSFORMATION') : this.#parts(body);
  }

  #column(node: SqlNode, body: SqlNode): Lineage {
    const { from, dialect, parameters } = this.scope;
    const first = dialect.names.identifier(body['table'] ?? body['name']);
    return parameters?.has(first) ? noLineage : lineageOfReference(node, from, this.scope);
  }

  /** `owner.table.column`, a member of a structure, or an attribute of an object. */
  async #dot(node: SqlNode, body: SqlNode): Promise<Lineage> {
    const { from, dialect } = this.scope;
    if (from.column(node)?.origin) return lineageOfReference(node, from, this.scope);
    const [innerKind, inner] = kindOf(body['this'] as SqlNode);
    const innerName = innerKind === 'column' ? dialect.names.identifier(inner['name']) : undefined;
    if (inner['table'] && from.items.some(({ alias }) => alias === innerName))
      return lineageOfReference({ column: { name: body['field'], table: inner['name'] } }, from, this.scope);
    return computed(await this.of(body['this']), 'TRANSFORMATION');
  }

  /** `package.function(…)`, or a method of an object in a column. */
  async #methodCall(body: SqlNode): Promise<Lineage> {
    const object = await this.of(body['this']);
    return computed(together(object.gaps.size > 0 ? noLineage : object, await this.of(body['args'])), 'TRANSFORMATION');
  }

  async #choice(conditions: readonly unknown[], results: readonly unknown[]): Promise<Lineage> {
    const chosen = computed(await this.of(results), 'TRANSFORMATION');
    return together(chosen, decided(await this.of(conditions), 'CONDITIONAL'));
  }

  /** DECODE(value, search, result, …, default). */
  #decode([value, ...rest]: readonly unknown[]): Promise<Lineage> {
    const isResult = (index: number): boolean => index % 2 === 1 || index === rest.length - 1;
    return this.#choice(
      [value, ...rest.filter((_, index) => !isResult(index))],
      rest.filter((_, index) => isResult(index)),
    );
  }

  async #aggregate(name: string, body: SqlNode): Promise<Lineage> {
    const parts = [];
    if (choosing.test(name)) {
      const [value, by] = (body['args'] ?? [body['this'], body['expression']]) as readonly unknown[];
      parts.push(await this.of(value), decided(await this.of(by), 'SORT'));
    } else {
      parts.push(await this.#parts(body, ['filter', 'order_by', 'order', 'having_max']));
    }
    const order = together(await this.of(body['order_by']), await this.of(body['order']));
    return together(
      computed(together(...parts), 'AGGREGATION'),
      decided(await this.of(body['filter']), 'CONDITIONAL'),
      decided(order, 'SORT'),
    );
  }

  async #withinGroup(body: SqlNode): Promise<Lineage> {
    const called = kindOf(body['this'] as SqlNode);
    const order = await this.of(body['order_by']);
    const value = await this.of(body['this']);
    return joining.test(nameOf(...called)) ? together(value, decided(order, 'SORT')) : computed(together(value, order), 'AGGREGATION');
  }

  async #window(body: SqlNode): Promise<Lineage> {
    const value = computed(await this.of(body['this']), 'TRANSFORMATION');
    const keep = decided(await this.of(body['keep']), 'SORT');
    return together(value, keep, decided(await this.#over(body['over'] as SqlNode | null), 'WINDOW'));
  }

  async #over(over: SqlNode | null | undefined): Promise<Lineage> {
    if (!over) return noLineage;
    const { windows, dialect } = this.scope;
    const named = over['window_name'] ? windows.get(dialect.names.identifier(over['window_name'])) : undefined;
    return together(await this.#parts(over, ['window_name', 'alias']), named === over ? noLineage : await this.#over(named));
  }

  async #comprehension(body: SqlNode): Promise<Lineage> {
    const { names } = this.scope.dialect;
    const variables = [body['expression'], body['position']].flatMap((node) => {
      const [kind, column] = kindOf((node ?? {}) as SqlNode);
      return kind === 'column' ? [names.identifier(column['name'])] : [];
    });
    const within = this.#with(variables);
    const value = together(await this.of(body['iterator']), await within.of(body['this']));
    return together(computed(value, 'TRANSFORMATION'), decided(await within.of(body['condition']), 'CONDITIONAL'));
  }

  /** `*` as an argument: every column. */
  #star(body: SqlNode): Lineage {
    const { from, dialect, text } = this.scope;
    const expanded = expandStar(body, from, dialect.names);
    const gap = expanded?.complete ? noLineage : lineageOfGap({ fragment: text({ star: body }), reason: notExpanded });
    return together(
      computed(together(...(expanded?.columns ?? []).map(({ members }) => lineageOfOrigins(members))), 'TRANSFORMATION'),
      gap,
    );
  }

  #columns(chosen: unknown): Lineage {
    const { starColumn } = this.scope;
    if (starColumn) return lineageOfOrigins(starColumn.members);
    const { from, dialect } = this.scope;
    const columns = columnsUnpacked((chosen ?? {}) as SqlNode, from, dialect);
    return computed(together(...columns.map(({ members }) => lineageOfOrigins(members))), 'TRANSFORMATION');
  }

  #with(parameters: readonly string[]): ExpressionLineage {
    return new ExpressionLineage({ ...this.scope, parameters: new Set([...(this.scope.parameters ?? []), ...parameters]) });
  }
}

export const notExpanded = 'could not be expanded: the columns of a table are not known';

/** The name of a function that a node calls: the kind of the node, for functions that the parser knows. */
function nameOf(kind: string, body: SqlNode): string {
  const { name } = body;
  return (kind === 'function' || kind === 'aggregate_function') && typeof name === 'string' ? name.toLowerCase() : kind;
}

function isAggregate(kind: string, name: string): boolean {
  return aggregates.has(name) || oracleAggregates.has(name) || oracleAggregates.has(kind);
}

/** CONNECT_BY_ROOT is followed by what the parser takes for a variable. */
function columnOfVariable(node: SqlNode): SqlNode {
  const [kind, body] = kindOf(node);
  const [innerKind, inner] = kindOf((body['this'] ?? {}) as SqlNode);
  if (kind === 'var') return { column: { name: { name: body['this'], quoted: false }, table: null } };
  if (kind === 'dot' && innerKind === 'var') return { column: { name: body['field'], table: { name: inner['this'], quoted: false } } };
  return node;
}
