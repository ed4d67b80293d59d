import type { Dialect } from './dialect';
import { kindOf, type FromClause, type Relation, type RelationColumn } from './from-clause';
import type { SqlNode } from './parser';
import { decided, lineageOfGap, noLineage, together, type Lineage } from './source-columns';
import { expandStar } from './star';

/** The table that is turned, alone in a FROM clause, and how its expressions are understood. */
export interface PivotContext {
  readonly from: FromClause;
  readonly dialect: Dialect;
  readonly of: (node: unknown) => Promise<Lineage>;
  readonly text: (node: SqlNode) => string;
  /** What the database says of the columns, where it can. */
  readonly columnsOf: () => Promise<readonly string[] | undefined> | undefined;
}

interface Aggregate {
  readonly name: string | undefined;
  readonly formula: string;
  readonly lineage: Lineage;
}

/** What PIVOT yields: the columns it groups by, and an aggregate for each value of the column it turns. */
export async function pivoted(body: SqlNode, context: PivotContext): Promise<Relation> {
  const fields = (body['fields'] ?? []) as readonly SqlNode[];
  // In FROM the aggregates stand before FOR; DuckDB's statement has them after USING, and ON in the first place.
  const isClause = fields.length > 0;
  const expressions = (body['expressions'] ?? []) as readonly SqlNode[];
  const turned = isClause ? fields : expressions;
  const aggregated = (isClause ? expressions : (body['using'] ?? [])) as readonly SqlNode[];
  const on = await Promise.all(turned.map((node) => context.of(turnedValue(node))));
  const condition = decided(together(...on), 'CONDITIONAL');
  const aggregates: Aggregate[] = [];
  for (const node of aggregated) {
    const [kind, inner] = kindOf(node);
    const plain = kind === 'alias' ? (inner['this'] as SqlNode) : node;
    const name = kind === 'alias' ? context.dialect.names.identifier(inner['alias']) : undefined;
    aggregates.push({ name, formula: context.text(plain), lineage: together(await context.of(plain), condition) });
  }
  if (aggregates.length === 0) aggregates.push({ name: undefined, formula: 'COUNT(*)', lineage: condition });
  const groups = await groupColumns(body, [...turned, ...aggregated], context);
  const { complete: known } = context.from.items[0]!.relation;
  const values = turned.map((node) => valueNames(node, context));
  const isKnown = values.every((one) => one !== undefined);
  const all = together(...aggregates.map(({ lineage }) => lineage));
  const described = isKnown ? undefined : await context.columnsOf();
  const turnedColumns = isKnown
    ? columnsOf(values, aggregates, context.dialect)
    : (described ?? []).slice(groups.length).map((label) => ({ name: context.dialect.fold(label), label, lineage: all }));
  const isTold = isKnown || described !== undefined;
  const gap = { fragment: turned.map(context.text).join(', '), reason: 'is turned into columns that only the data can tell' };
  return {
    columns: [...groups, ...turnedColumns],
    complete: known && isTold,
    keys: [],
    gaps: isTold ? [] : [gap],
    rows: together(
      decided(together(...groups.map(({ lineage }) => lineage ?? noLineage)), 'GROUP_BY'),
      isTold ? noLineage : lineageOfGap(gap),
    ),
    open: (name) => context.from.items[0]!.relation.open?.(name) ?? all,
  };
}

/** What UNPIVOT yields: the columns that it leaves, the names of those it turns, and their values. */
export async function unpivoted(body: SqlNode, context: PivotContext): Promise<Relation> {
  const { dialect, from } = context;
  const { relation } = from.items[0]!;
  const into = kindOf((body['into'] ?? {}) as SqlNode)[1];
  const nameColumn = body['name_column'] ? dialect.names.identifier(body['name_column']) : (variable(into['this']) ?? 'name');
  const valueColumns = body['value_column']
    ? [body['value_column'], ...((body['extra_value_columns'] ?? []) as readonly unknown[])].map(dialect.names.identifier)
    : ((into['expressions'] ?? []) as readonly unknown[]).flatMap((one) => variable(one) ?? []);
  if (valueColumns.length === 0) valueColumns.push('value');
  const turned = ((body['columns'] ?? body['expressions'] ?? []) as readonly SqlNode[]).flatMap((node) => turnedColumns(node, context));
  const used = new Set(turned.flat().flatMap((node) => from.column(node)?.name ?? []));
  const values = await Promise.all(
    valueColumns.map(async (_, index) => context.of(turned.flatMap((group) => group.slice(index, index + 1)))),
  );
  const left = relation.columns.filter(({ name }) => name === undefined || !used.has(name));
  const all = together(...values);
  return {
    columns: [
      ...left.map((column) => ({ ...column, formula: () => column.label ?? column.name ?? '' })),
      { name: nameColumn, lineage: noLineage, formula: () => nameColumn },
      ...valueColumns.map((name, index) => ({
        name,
        lineage: values[index]!,
        formula: () => turned.flatMap((group) => group.slice(index, index + 1).map(context.text)).join(', '),
      })),
    ],
    complete: relation.complete,
    keys: [],
    gaps: [],
    // Values that are NULL make no row.
    rows: body['include_nulls'] === true ? noLineage : decided(all, 'FILTER'),
    ...(relation.open ? { open: relation.open } : {}),
  };
}

function turnedValue(node: SqlNode): unknown {
  const [kind, body] = kindOf(node);
  return kind === 'in' ? body['this'] : node;
}

/** The columns by which the rows are grouped: those of GROUP BY, or all that neither FOR nor an aggregate uses. */
async function groupColumns(body: SqlNode, used: readonly SqlNode[], context: PivotContext): Promise<RelationColumn[]> {
  const { from, dialect } = context;
  const group = (body['group'] as { readonly group?: { readonly expressions?: readonly SqlNode[] } } | null | undefined)?.group
    ?.expressions;
  if (group) {
    return Promise.all(
      group.map(async (node) => {
        const name = from.column(node)?.name ?? context.text(node);
        const label = from.items[0]!.relation.columns.find((column) => column.name === name)?.label;
        return { name, ...(label === undefined ? {} : { label }), lineage: await context.of(node), formula: () => context.text(node) };
      }),
    );
  }
  const names = new Set<string>();
  const visit = (node: unknown): void => {
    if (Array.isArray(node)) node.forEach(visit);
    else if (typeof node === 'object' && node !== null) {
      for (const [kind, value] of Object.entries(node as SqlNode)) {
        if (kind === 'column' && value !== null && typeof value === 'object' && 'name' in value)
          names.add(dialect.names.identifier((value as SqlNode)['name']));
        else if (kind !== 'pivot_alias') visit(value);
      }
    }
  };
  visit(used);
  return from.items[0]!.relation.columns.filter(({ name }) => name === undefined || !names.has(name)).map((column) => ({
    ...column,
    formula: () => column.label ?? column.name ?? '',
  }));
}

/** The names that the values of IN give to columns; undefined when they are not listed. */
function valueNames(node: SqlNode, { dialect, text }: PivotContext): readonly string[] | undefined {
  const [kind, body] = kindOf(node);
  const values = kind === 'in' ? (body['expressions'] as readonly SqlNode[] | undefined) : undefined;
  if (!values?.length) return undefined;
  return values.map((value) => {
    const [valueKind, inner] = kindOf(value);
    const alias = valueKind === 'pivot_alias' || valueKind === 'alias' ? kindOf(inner['alias'] as SqlNode) : undefined;
    if (alias) {
      const { name, value: text } = alias[1] as { readonly name?: unknown; readonly value?: string };
      return text ?? dialect.names.identifier(name ?? inner['alias']);
    }
    // DuckDB names the column after the value, Oracle after the text of the value, quotes included.
    return valueKind === 'literal' && dialect.usesAliases ? String(inner['value']) : dialect.nameOf(text(value));
  });
}

function columnsOf(
  values: readonly (readonly string[] | undefined)[],
  aggregates: readonly Aggregate[],
  dialect: Dialect,
): RelationColumn[] {
  const combined = values.reduce<readonly string[]>(
    (names, one) => names.flatMap((name) => (one ?? []).map((next) => (name === '' ? next : `${name}_${next}`))),
    [''],
  );
  return combined.flatMap((value) =>
    aggregates.map(({ name, formula, lineage }) => {
      const suffix =
        name ?? (aggregates.length > 1 && dialect.usesAliases ? formula.toLowerCase().replace('count(*)', 'count_star()') : undefined);
      const label = suffix === undefined ? value : `${value}_${suffix}`;
      return { name: dialect.fold(label), label, lineage, formula: () => formula };
    }),
  );
}

/** The columns that one element of UNPIVOT's list turns: one, or several for a tuple; `COLUMNS(*)` and `*` are many elements. */
function turnedColumns(node: SqlNode, context: PivotContext): SqlNode[][] {
  const [kind, body] = kindOf(node);
  if (kind === 'pivot_alias' || kind === 'alias') return turnedColumns(body['this'] as SqlNode, context);
  if (kind === 'tuple') return [body['expressions'] as SqlNode[]];
  const star = kind === 'star' ? body : kind === 'function' ? kindOf(((body['args'] ?? []) as readonly SqlNode[])[0] ?? {})[1] : undefined;
  if (!star) return [[node]];
  const expanded = expandStar(star, context.from, context.dialect.names);
  return (expanded?.columns ?? []).map(({ name }) => [{ column: { name: { name, quoted: true }, table: null } }]);
}

function variable(node: unknown): string | undefined {
  const [kind, body] = kindOf((node ?? {}) as SqlNode);
  return kind === 'var' ? String(body['this']) : undefined;
}
