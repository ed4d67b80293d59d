import fc from 'fast-check';

/** The columns of a relation, for templates. */
type Columns = readonly string[];

/** Picks the n-th of a list, whatever n is. */
const pick = (list: Columns, n: number): string => `"${list[n % list.length]!}"`;

/** A SELECT of one of DuckDB's forms over two relations; every column is text. `n` chooses columns and variants. */
type Shape = (
  r: { readonly name: string; readonly columns: Columns },
  s: { readonly name: string; readonly columns: Columns },
  n: readonly number[],
) => string;

const joins = ['join', 'left join', 'right join', 'full join'];

/** Forms of SELECT by name. */
export const shapes: Readonly<Record<string, Shape>> = {
  star: (r) => `from ${r.name}`,
  exclude: (r, _, [a = 0, b = 0]) =>
    `select ${pick(r.columns, a)} as first, ${pick(r.columns, b)}, * exclude (${pick(r.columns, a)}) from ${r.name} where ${pick(r.columns, b)} > 'B'`,
  replace: (r, _, [a = 0]) => `select * replace (${pick(r.columns, a)} || '' as ${pick(r.columns, a)}) from ${r.name}`,
  rename: (r, _, [a = 0]) => `select * rename (${pick(r.columns, a)} as renamed) from ${r.name}`,
  filter: (r, _, [a = 0, b = 0]) =>
    `select * from ${r.name} where ${pick(r.columns, a)} is not null and (${pick(r.columns, b)} is null or 1 = 1)`,
  join: (r, s, [a = 0, b = 0, c = 0]) =>
    `select x.*, y.${pick(s.columns, c)} as other from ${r.name} x ${joins[c % 4]!} ${s.name} y on y.${pick(s.columns, a)} = x.${pick(r.columns, b)}`,
  joinWhere: (r, s, [a = 0, b = 0, c = 0]) =>
    `select y.*, x.${pick(r.columns, c)} as other from ${r.name} x, ${s.name} y where y.${pick(s.columns, a)} = x.${pick(r.columns, b)}`,
  joinConstant: (r, s, [a = 0, b = 0]) =>
    `select x.* from ${r.name} x left join ${s.name} y on y.${pick(s.columns, a)} = (select min(${pick(s.columns, a)}) from ${s.name}) where x.${pick(r.columns, b)} is not null`,
  joinThree: (r, s, [a = 0, b = 0, c = 0]) =>
    `select x.*, z.${pick(s.columns, c)} as third from ${r.name} x left join ${s.name} y on y.${pick(s.columns, a)} = x.${pick(r.columns, b)} ${joins[a % 4]!} ${s.name} z on z.${pick(s.columns, a)} = y.${pick(s.columns, c)}`,
  joinUnique: (r, s, [a = 0, b = 0, c = 0]) =>
    `select x.*, y.most from ${r.name} x ${joins[c % 3]!} (select ${pick(s.columns, a)} as k, max(${pick(s.columns, b)}) as most from ${s.name} group by ${pick(s.columns, a)}) y on y.k = x.${pick(r.columns, b)}`,
  using: (r, s, [a = 0, b = 0, c = 0]) =>
    `select * from (select ${pick(r.columns, a)} as k, ${pick(r.columns, b)} as own from ${r.name}) x ${joins[c % 4]!} (select ${pick(s.columns, b)} as theirs, ${pick(s.columns, a)} as k from ${s.name}) y using (k)`,
  natural: (r, s, [a = 0, b = 0]) =>
    `select k, own, theirs from (select ${pick(r.columns, a)} as own, ${pick(r.columns, b)} as k from ${r.name}) natural join (select ${pick(s.columns, b)} as k, ${pick(s.columns, a)} as theirs from ${s.name})`,
  semi: (r, s, [a = 0, b = 0, c = 0]) =>
    `select x.* from ${r.name} x ${['semi', 'anti'][c % 2]!} join ${s.name} y on y.${pick(s.columns, a)} = x.${pick(r.columns, b)}`,
  asof: (r, s, [a = 0, b = 0, c = 0]) =>
    `select x.*, y.${pick(s.columns, c)} as nearest from ${r.name} x asof ${c % 2 === 0 ? 'left ' : ''}join ${s.name} y on y.${pick(s.columns, a)} = x.${pick(r.columns, b)} and x.${pick(r.columns, c)} >= y.${pick(s.columns, b)}`,
  asofUsing: (r, s, [a = 0, b = 0]) =>
    `select * from (select ${pick(r.columns, a)} as k, ${pick(r.columns, b)} as t from ${r.name}) asof join (select ${pick(s.columns, a)} as k, ${pick(s.columns, b)} as t, ${pick(s.columns, a + 1)} as more from ${s.name}) using (k, t)`,
  positional: (r, s, [a = 0]) => `select x.*, y.${pick(s.columns, a)} as beside from ${r.name} x positional join ${s.name} y`,
  crossOneRow: (r, s, [a = 0]) =>
    `select x.*, o.low from ${r.name} x cross join (select min(${pick(s.columns, a)}) as low from ${s.name}) o`,
  limitOne: (r, s, [a = 0]) => `select x.*, o.some from ${r.name} x, (select ${pick(s.columns, a)} as some from ${s.name} limit 1) o`,
  lateral: (r, s, [a = 0, b = 0, c = 0]) =>
    `select x.*, l.* from ${r.name} x ${c % 2 === 0 ? ', ' : 'left join '} lateral (select y.${pick(s.columns, a)} as inner_one, x.${pick(r.columns, c)} as outer_one from ${s.name} y where y.${pick(s.columns, a)} = x.${pick(r.columns, b)} ${b % 2 === 0 ? 'limit 1' : ''}) l ${c % 2 === 0 ? '' : 'on true'}`,
  lateralOnly: (r, s, [a = 0, b = 0]) =>
    `select l.* from ${r.name} x, (select y.${pick(s.columns, a)} as low, x.${pick(r.columns, b)} as own from ${s.name} y where y.${pick(s.columns, a)} > x.${pick(r.columns, b)}) l`,
  values: (r, _, [a = 0]) =>
    `select x.*, v.word from ${r.name} x left join (values ('K:1', 'one'), ('K:2', 'two')) v(k, word) on v.k = x.${pick(r.columns, a)}`,
  unnest: (r, _, [a = 0]) => `select *, unnest([${pick(r.columns, a)}, 'x']) as item from ${r.name}`,
  unnestFrom: (r, _, [a = 0]) => `select x.*, u.item from ${r.name} x, unnest([x.${pick(r.columns, a)}, 'y']) as u(item)`,
  group: (r, _, [a = 0, b = 0, c = 0]) =>
    `select ${pick(r.columns, a)} as one, ${pick(r.columns, b)} as two, count(*)::varchar as rows, max(${pick(r.columns, c)}) as most from ${r.name} where ${pick(r.columns, a)} is not null group by one, ${c % 2 === 0 ? '2' : pick(r.columns, b)}`,
  groupAll: (r, _, [a = 0, b = 0]) =>
    `select ${pick(r.columns, a)} as one, min(${pick(r.columns, b)}) as low, coalesce(${pick(r.columns, b)}, 'none') as two from ${r.name} group by all`,
  groupJoined: (r, s, [a = 0, b = 0, c = 0]) =>
    `select x.${pick(r.columns, a)} as one, y.${pick(s.columns, b)} as two, count(*)::varchar as rows from ${r.name} x join ${s.name} y on y.${pick(s.columns, c)} = x.${pick(r.columns, b)} where x.${pick(r.columns, a)} > '' and y.${pick(s.columns, b)} > '' group by x.${pick(r.columns, a)}, y.${pick(s.columns, b)}`,
  rollup: (r, _, [a = 0, b = 0]) =>
    `select ${pick(r.columns, a)} as one, ${pick(r.columns, b)} as two, count(*)::varchar as rows from ${r.name} group by rollup (one, two)`,
  aggregate: (r, _, [a = 0]) => `select max(${pick(r.columns, a)}) as most, 'x' as constant, count(*)::varchar as rows from ${r.name}`,
  distinct: (r, _, [a = 0, b = 0]) =>
    `select distinct ${pick(r.columns, a)} as one, ${pick(r.columns, b)} as two from ${r.name} where one > '' and two > ''`,
  distinctOn: (r, _, [a = 0]) => `select distinct on (${pick(r.columns, a)}) * from ${r.name} where ${pick(r.columns, a)} is not null`,
  qualify: (r, _, [a = 0, b = 0]) =>
    `select *, row_number() over (partition by ${pick(r.columns, a)} order by ${pick(r.columns, b)})::varchar as nr from ${r.name} where ${pick(r.columns, a)} is not null qualify row_number() over (partition by ${pick(r.columns, a)} order by ${pick(r.columns, b)}) = 1`,
  qualifyAlias: (r, _, [a = 0, b = 0]) =>
    `select ${pick(r.columns, a)} as one, ${pick(r.columns, b)} as two, row_number() over (partition by one, two order by ${pick(r.columns, b)}) as place from ${r.name} where one is not null and two is not null qualify place = 1`,
  union: (r, _, [a = 0, b = 0, c = 0]) =>
    `select ${pick(r.columns, a)} as one, ${pick(r.columns, b)} as two from ${r.name} union ${c % 2 === 0 ? 'all' : ''} select ${pick(r.columns, b)}, ${pick(r.columns, c)} from ${r.name}`,
  unionSame: (r, _, [a = 0, b = 0]) =>
    `select * from ${r.name} where ${pick(r.columns, a)} > 'K' union all (select * from ${r.name} where ${pick(r.columns, b)} <= 'K')`,
  unionByName: (r, s, [a = 0, b = 0]) =>
    `select ${pick(r.columns, a)} as one, ${pick(r.columns, b)} as two from ${r.name} union all by name select ${pick(s.columns, b)} as two, ${pick(s.columns, a)} as three from ${s.name}`,
  intersect: (r, s, [a = 0, b = 0, c = 0]) =>
    `select ${pick(r.columns, a)} as one from ${r.name} where one is not null ${['intersect', 'intersect all', 'except', 'except all'][c % 4]!} select ${pick(s.columns, b)} from ${s.name}`,
  commonTable: (r, s, [a = 0, b = 0]) =>
    `with first_one(one, two) as (select ${pick(r.columns, a)}, ${pick(r.columns, b)} from ${r.name}), d as (select * from first_one where one is not null) select d.two, e.one, y.${pick(s.columns, a)} as three from d join first_one e on e.one = d.one left join ${s.name} y on y.${pick(s.columns, b)} = e.two`,
  recursive: (r, s, [a = 0, b = 0, c = 0]) =>
    `with recursive up(one, two, depth) as (select ${pick(r.columns, a)}, ${pick(r.columns, b)}, 1 from ${r.name} union all select ${c % 2 === 0 ? 'up.one' : 'up.two'}, y.${pick(s.columns, b)}, depth + 1 from up join ${s.name} y on y.${pick(s.columns, a)} = up.two where depth < 3) select one, two from up`,
  aliases: (r, _, [a = 0, b = 0]) =>
    `select ${pick(r.columns, a)} as chain, chain as link, ${pick(r.columns, b)} as ${pick(r.columns, a)}, link as last from ${r.name}`,
  scalar: (r, s, [a = 0, b = 0]) =>
    `select x.*, (select max(y.${pick(s.columns, a)}) from ${s.name} y where y.${pick(s.columns, b)} = x.${pick(r.columns, a)}) as found from ${r.name} x where exists (select 1 from ${s.name} z where z.${pick(s.columns, a)} is not null)`,
  window: (r, _, [a = 0, b = 0]) => `select *, lag(${pick(r.columns, a)}) over (order by ${pick(r.columns, b)}) as before from ${r.name}`,
  nested: (r, s, [a = 0, b = 0]) =>
    `select q.* from (select p.${pick(r.columns, a)} as one, o.* from ${r.name} p join (select ${pick(s.columns, b)} as two, ${pick(s.columns, a)} as three from ${s.name}) o on o.two = p.${pick(r.columns, b)}) as q(first, second)`,
};

export interface RandomStep {
  readonly shape: string;
  readonly view: boolean;
  /** Which of the relations so far it reads. */
  readonly reads: readonly [number, number];
  readonly choices: readonly number[];
}

/** Rows of the tables A, B and C: numbers that stand for values, few enough for columns to have the same ones; 0 is NULL where that may be. */
export interface RandomTables {
  readonly a: readonly (readonly number[])[];
  readonly b: readonly (readonly number[])[];
  readonly c: readonly (readonly number[])[];
}

const rows = (columns: number) => fc.array(fc.array(fc.nat(4), { minLength: columns, maxLength: columns }), { maxLength: 8 });

export const randomTables: fc.Arbitrary<RandomTables> = fc.record({ a: rows(3), b: rows(3), c: rows(2) });

export const randomSteps: fc.Arbitrary<readonly RandomStep[]> = fc.array(
  fc.record({
    shape: fc.constantFrom(...Object.keys(shapes)),
    view: fc.boolean(),
    reads: fc.tuple(fc.nat(20), fc.nat(20)),
    choices: fc.array(fc.nat(11), { minLength: 3, maxLength: 3 }),
  }),
  { minLength: 1, maxLength: 4 },
);
