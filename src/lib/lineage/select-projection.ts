import { loadParser, type SqlNode, type SqlParser } from './parser';
import { UnterminatedSqlError } from './oracle-tokens';
import { parseableSql } from './parseable-sql';
import type { CatalogTable, TableLookup } from './table-catalog';
import { FromClause, identifier, kindOf, type FromItem, type Relation, type RelationColumn, type RelationKey } from './from-clause';

/** A column of a table or view that a projected column hands through unchanged. */
export interface ColumnSource {
  /** The table or view that the SQL names. */
  readonly table: CatalogTable;
  readonly column: string;
  /** Two sources with the same number stand in the same mention of the table: a self join mentions it twice. */
  readonly mention: number;
  /** When `table` is a view: the column that stands behind this one in the view's own SELECT. */
  readonly behind?: ColumnSource;
}

/** Why no source was found for a projected column. */
export interface Unresolved {
  /** Name of the projected column; not there when it has none, or when the whole statement is meant. */
  readonly column?: string;
  /** The part of the SQL that is meant. */
  readonly fragment: string;
  /** As the end of a sentence: `is computed`, `is not in the data dictionary`. */
  readonly reason: string;
}

export interface ProjectedColumn {
  /** In the dictionary's spelling; not there for an expression without an alias. */
  readonly name?: string;
  readonly source?: ColumnSource;
}

/** What a SELECT projects, as far as it can be known from its text and the data dictionary. */
export interface SelectProjection {
  readonly columns: readonly ProjectedColumn[];
  /** False when `*` could not be expanded: `columns` then has gaps, and only names can be trusted. */
  readonly complete: boolean;
  /** Indexes into `columns`, in key order, of a key that stays unique in the result, and the table it is taken from. */
  readonly key?: { readonly table: CatalogTable; readonly columns: readonly number[] };
  /** Every table and view that the FROM clauses name, each once, in the order met; those behind views follow their view. */
  readonly tables: readonly CatalogTable[];
  readonly unresolved: readonly Unresolved[];
}

/**
 * Says which table column stands behind each column that a SELECT of Oracle's dialect projects: through aliases, joins, subqueries, common table
 * expressions, set operations that keep rows (INTERSECT, MINUS), `*` and views. The result never guesses: what is not certain is listed as unresolved.
 *
 * A table's primary key is the result's key when all its columns are projected from one mention of the table, that mention is not the optional side
 * of an outer join, and no join can multiply its rows: every other table in the FROM clause is joined by equality on all columns of one of its own keys.
 */
export async function resolveProjection(sql: string, lookup: TableLookup): Promise<SelectProjection> {
  const parser = await loadParser();
  const resolver = new Resolver(parser, lookup);
  const relation = await resolver.statement(sql, undefined);
  return resolver.result(relation);
}

interface CommonTable {
  readonly query: SqlNode;
  readonly columns: readonly string[];
  readonly scope: CommonTables;
}
type CommonTables = ReadonlyMap<string, CommonTable>;

interface Scope {
  readonly commonTables: CommonTables;
  readonly schema: string | undefined;
  /** How many views and common table expressions enclose this query: ends recursion. */
  readonly depth: number;
}

const maximalDepth = 16;
const pseudoColumns = new Set([
  'ROWID',
  'ROWNUM',
  'LEVEL',
  'ORA_ROWSCN',
  'USER',
  'UID',
  'SYSDATE',
  'SYSTIMESTAMP',
  'CURRENT_DATE',
  'CURRENT_TIMESTAMP',
  'LOCALTIMESTAMP',
]);

class Resolver {
  readonly #parser: SqlParser;
  readonly #lookup: TableLookup;
  readonly #tables = new Map<string, CatalogTable>();
  #mentions = 0;

  constructor(parser: SqlParser, lookup: TableLookup) {
    this.#parser = parser;
    this.#lookup = lookup;
  }

  result(relation: Relation): SelectProjection {
    const key = relation.keys.find((one): one is RelationKey & { table: CatalogTable } => one.primary && one.table !== undefined);
    const unresolved = relation.columns
      .filter((column) => !column.source)
      .map((column) => ({
        ...(column.name === undefined ? {} : { column: column.name }),
        ...(column.unresolved ?? { fragment: column.name ?? '', reason: 'is computed' }),
      }));
    return {
      columns: relation.columns.map(({ name, source }) => ({ ...(name === undefined ? {} : { name }), ...(source ? { source } : {}) })),
      complete: relation.complete,
      ...(key ? { key: { table: key.table, columns: key.columns } } : {}),
      tables: [...this.#tables.values()],
      unresolved: [...unresolved, ...relation.gaps],
    };
  }

  /** The relation that a whole statement yields. */
  async statement(sql: string, scope: Scope | undefined): Promise<Relation> {
    const inner = scope ?? { commonTables: new Map(), schema: undefined, depth: 0 };
    let text: string;
    try {
      text = parseableSql(sql);
    } catch (error) {
      if (!(error instanceof UnterminatedSqlError)) throw error;
      return unknownRelation(excerpt(sql), error.message);
    }
    const parsed = this.#parser.parse(text);
    if ('error' in parsed) return unknownRelation(excerpt(text), `was not understood: ${parsed.error}`);
    const [query, another] = parsed.statements;
    if (!query || another) return unknownRelation(excerpt(text), 'is not one statement');
    return this.query(query, inner);
  }

  async query(node: SqlNode, outer: Scope): Promise<Relation> {
    const [kind, body] = kindOf(node);
    const scope = withCommonTables(body, outer);
    switch (kind) {
      case 'select':
        return this.#select(body, scope);
      case 'subquery':
      case 'paren':
        return this.query(body['this'] as SqlNode, scope);
      case 'union': {
        const left = await this.query(body['left'] as SqlNode, scope);
        await this.query(body['right'] as SqlNode, scope);
        const columns = left.columns.map(({ name }) => ({
          ...(name === undefined ? {} : { name }),
          unresolved: { fragment: name ?? '', reason: 'comes from both sides of a UNION' },
        }));
        return { columns, complete: left.complete, keys: [], gaps: left.gaps };
      }
      case 'intersect':
      case 'except': {
        // Both keep rows of the left side only, each at most once.
        const left = await this.query(body['left'] as SqlNode, scope);
        await this.query(body['right'] as SqlNode, scope);
        return left;
      }
      default:
        return unknownRelation(this.#parser.text(node), 'is not a form of SELECT that is known here');
    }
  }

  async #select(select: SqlNode, scope: Scope): Promise<Relation> {
    const from = new FromClause();
    await this.#from(select, from, scope);
    const where = select['where_clause'] as SqlNode | null | undefined;
    if (where) from.addConditions(where['this'] as SqlNode);

    const columns: RelationColumn[] = [];
    /** For each projected column, the mention and column it hands through: what keys are made of. */
    const origins: ({ readonly item: FromItem; readonly index: number } | undefined)[] = [];
    const gaps: Unresolved[] = [];
    let complete = true;
    for (const expression of select['expressions'] as readonly SqlNode[]) {
      const [kind, body] = kindOf(expression);
      if (kind === 'star') {
        const expanded = from.star(body['table'] ? identifier(body['table']) : undefined);
        if (!expanded || !expanded.complete) {
          complete = false;
          gaps.push(...(expanded?.gaps ?? []), {
            fragment: this.#parser.text(expression),
            reason: 'could not be expanded: the columns of a table are not known',
          });
        }
        for (const origin of expanded?.columns ?? []) {
          columns.push(origin.column);
          origins.push(origin.origin);
        }
        continue;
      }
      const plain = kind === 'alias' ? withoutParentheses(body['this'] as SqlNode) : withoutParentheses(expression);
      const alias = kind === 'alias' ? identifier(body['alias']) : undefined;
      const found = from.column(plain);
      const name = alias ?? found?.name;
      if (found?.origin) {
        const column = found.origin.item.relation.columns[found.origin.index]!;
        columns.push({ ...column, ...(name === undefined ? {} : { name }) });
        origins.push(found.origin);
      } else {
        const reason =
          found && !pseudoColumns.has(found.name ?? '')
            ? found.reason
            : found || kindOf(plain)[0] === 'pseudocolumn'
              ? 'is a pseudo-column'
              : 'is computed';
        const pseudo = kindOf(plain)[0] === 'pseudocolumn' ? this.#parser.text(plain).toUpperCase() : undefined;
        const shown = name ?? pseudo;
        columns.push({ ...(shown === undefined ? {} : { name: shown }), unresolved: { fragment: this.#parser.text(plain), reason } });
        origins.push(undefined);
      }
    }
    return { columns, complete, gaps, keys: multipliesByItself(select) ? [] : projectedKeys(from, origins) };
  }

  async #from(select: SqlNode, from: FromClause, scope: Scope): Promise<void> {
    const clause = select['from'] as SqlNode | null | undefined;
    for (const node of (clause?.['expressions'] ?? []) as readonly SqlNode[]) await this.#tableReference(node, from, scope, []);
    await this.#joins((select['joins'] ?? []) as readonly SqlNode[], from, [...from.items], scope);
  }

  /** Adds what one table reference mentions to the clause; returns the added items. */
  async #tableReference(node: SqlNode, from: FromClause, scope: Scope, left: readonly FromItem[]): Promise<FromItem[]> {
    const [kind, body] = kindOf(node);
    if (kind === 'joined_table') {
      const first = await this.#tableReference(body['left'] as SqlNode, from, scope, left);
      return this.#joins((body['joins'] ?? []) as readonly SqlNode[], from, first, scope);
    }
    if (kind === 'paren') return this.#tableReference(body['this'] as SqlNode, from, scope, left);
    const alias = body['alias'] ? identifier(body['alias']) : undefined;
    if (kind === 'subquery') {
      const relation = await this.query(body['this'] as SqlNode, withCommonTables(body, scope));
      return [from.add(alias, undefined, body['lateral'] === true ? { ...relation, keys: [] } : relation)];
    }
    if (kind === 'table') {
      const name = identifier(body['name']);
      const owner = body['schema'] ? identifier(body['schema']) : undefined;
      return [from.add(alias ?? name, alias === undefined ? owner : undefined, await this.#table(name, owner, scope))];
    }
    const inner = body['this'] as SqlNode | undefined;
    if ((kind === 'pivot' || kind === 'unpivot') && inner && ('table' in inner || 'subquery' in inner)) {
      // The tables behind a PIVOT are listed; its columns are not followed.
      await this.#tableReference(inner, new FromClause(), scope, []);
    }
    return [
      from.add(
        alias,
        undefined,
        unknownRelation(this.#parser.text(node), kind === 'pivot' || kind === 'unpivot' ? `is a ${kind.toUpperCase()}` : 'is not a table'),
      ),
    ];
  }

  async #joins(joins: readonly SqlNode[], from: FromClause, first: readonly FromItem[], scope: Scope): Promise<FromItem[]> {
    const left = [...first];
    for (const join of joins) {
      const kind = String(join['kind']);
      const right = await this.#tableReference(join['this'] as SqlNode, from, scope, left);
      if (kind.includes('Apply')) for (const item of right) item.relation = { ...item.relation, keys: [] };
      const using = (join['using'] as readonly unknown[] | undefined)?.map(identifier);
      from.join(left, right, kind, (join['on'] ?? undefined) as SqlNode | undefined, using?.length ? using : undefined);
      left.push(...right);
    }
    return left;
  }

  async #table(name: string, owner: string | undefined, scope: Scope): Promise<Relation> {
    const common = owner === undefined ? scope.commonTables.get(name) : undefined;
    if (common) {
      if (scope.depth >= maximalDepth) return unknownRelation(name, 'refers to itself');
      const relation = await this.query(common.query, { ...scope, commonTables: common.scope, depth: scope.depth + 1 });
      if (common.columns.length === 0) return relation;
      return {
        ...relation,
        columns: relation.columns.map((column, index) => ({ ...column, name: common.columns[index] ?? column.name ?? '' })),
      };
    }
    if (name === 'DUAL' && (owner === undefined || owner === 'SYS')) return dual;
    if (name.includes('@')) return unknownRelation(name, 'is behind a database link');
    const table = await this.#lookup({ ...(owner === undefined ? {} : { owner }), name }, scope.schema);
    const shown = owner === undefined ? name : `${owner}.${name}`;
    if (!table) return unknownRelation(shown, 'is not in the data dictionary');
    this.#tables.set(JSON.stringify([table.owner, table.name]), table);
    const mention = this.#mentions++;
    const behind =
      table.view === undefined || scope.depth >= maximalDepth
        ? undefined
        : await this.statement(viewQuery(table.view), { commonTables: new Map(), schema: table.owner, depth: scope.depth + 1 });
    // A view whose SELECT yields another number of columns than the dictionary says was changed underneath, or was not understood.
    const matching = behind && behind.complete && behind.columns.length === table.columns.length ? behind : undefined;
    const columns = table.columns.map((column, index) => {
      const source = matching?.columns[index]?.source;
      return { name: column, source: { table, column, mention, ...(source ? { behind: source } : {}) } };
    });
    return { columns, complete: true, gaps: [], keys: matching ? matching.keys : keysOf(table) };
  }
}

/** DUAL has one row: a key without columns says so. */
const dualTable: CatalogTable = { owner: 'SYS', name: 'DUAL', columns: ['DUMMY'], uniqueKeys: [] };
const dual: Relation = {
  columns: [{ name: 'DUMMY', unresolved: { fragment: 'DUAL', reason: 'is a constant' } }],
  complete: true,
  gaps: [],
  keys: [{ table: dualTable, columns: [], primary: false }],
};

function keysOf(table: CatalogTable): RelationKey[] {
  const positions = (names: readonly string[]): number[] => names.map((name) => table.columns.indexOf(name));
  const keys = [
    ...(table.primaryKey ? [{ table, columns: positions(table.primaryKey), primary: true }] : []),
    ...table.uniqueKeys.map((names) => ({ table, columns: positions(names), primary: false })),
  ];
  return keys.filter(({ columns }) => columns.length > 0 && !columns.includes(-1));
}

/** The keys of FROM items that no join multiplies, as far as all their columns are projected. */
export function projectedKeys(
  from: FromClause,
  origins: readonly ({ readonly item: FromItem; readonly index: number } | undefined)[],
): RelationKey[] {
  const keys: RelationKey[] = [];
  for (const item of from.unmultipliedItems()) {
    for (const key of item.relation.keys) {
      const columns = key.columns.map((index) => origins.findIndex((origin) => origin?.item === item && origin.index === index));
      if (!columns.includes(-1)) keys.push({ ...key, columns });
    }
  }
  return keys;
}

/** CONNECT BY may visit a row many times; ROLLUP, CUBE and GROUPING SETS add rows that repeat parts of others. */
export function multipliesByItself(select: SqlNode): boolean {
  if (select['connect']) return true;
  const grouping = JSON.stringify(select['group_by'] ?? '');
  return (
    /"(rollup|cube|grouping_sets|with_rollup|with_cube)":(?!null|false|\[\])/.test(grouping) ||
    /"name":"(rollup|cube|grouping sets)"/i.test(grouping)
  );
}

function withCommonTables(body: SqlNode, outer: Scope): Scope {
  const clause = body['with'] as { readonly ctes?: readonly SqlNode[] } | null | undefined;
  if (!clause?.ctes) return outer;
  const commonTables = new Map(outer.commonTables);
  for (const common of clause.ctes) {
    const columns = ((common['columns'] ?? []) as readonly unknown[]).map(identifier);
    const name = identifier(common['alias']);
    const scope = new Map(commonTables);
    const entry = { query: common['this'] as SqlNode, columns, scope };
    // A recursive one sees itself; the depth limit ends the walk.
    scope.set(name, entry);
    commonTables.set(name, entry);
  }
  return { ...outer, commonTables };
}

export function withoutParentheses(node: SqlNode): SqlNode {
  const [kind, body] = kindOf(node);
  return kind === 'paren' ? withoutParentheses(body['this'] as SqlNode) : node;
}

export function viewQuery(text: string): string {
  return text.replace(/\bWITH\s+(?:READ\s+ONLY|CHECK\s+OPTION)(?:\s+CONSTRAINT\s+\S+)?\s*$/i, '');
}

export function unknownRelation(fragment: string, reason: string): Relation {
  return { columns: [], complete: false, keys: [], gaps: [{ fragment, reason }] };
}

export function excerpt(sql: string): string {
  const line = sql.replaceAll(/\s+/g, ' ').trim();
  return line.length > 80 ? `${line.slice(0, 79)}…` : line;
}
