/** The tables that random statements read: whole numbers, few of them, and NULL. */
export const randomTables: Readonly<Record<string, readonly string[]>> = {
  t1: ['a', 'b', 'c', 'd'],
  t2: ['a', 'e', 'f'],
  t3: ['b', 'g', 'h'],
};

interface Item {
  readonly alias: string;
  readonly columns: readonly string[];
}

/**
 * A statement of DuckDB's dialect, made of choices: each choice takes the next number, and 0 is always the simplest, so that a statement that fails can be
 * shrunk. What it yields does not depend on the order in which rows are met. All columns are whole numbers, named c0, c1, …
 */
export function randomSelect(choices: readonly number[]): string {
  return new Maker(choices).statement();
}

class Maker {
  readonly #choices: readonly number[];
  #next = 0;
  #names = 0;

  constructor(choices: readonly number[]) {
    this.#choices = choices;
  }

  statement(): string {
    const { sql } = this.#query(2, []);
    return sql;
  }

  #choose(count: number): number {
    return (this.#choices[this.#next++] ?? 0) % count;
  }

  #pick<T>(options: readonly T[]): T {
    return options[this.#choose(options.length)]!;
  }

  #name(prefix: string): string {
    return `${prefix}${this.#names++}`;
  }

  #query(depth: number, outer: readonly Item[]): { readonly sql: string; readonly columns: readonly string[] } {
    if (depth > 0) {
      const kind = this.#choose(12);
      if (kind === 1 || kind === 2) return this.#setOperation(depth, outer);
      if (kind === 3) return this.#withCommonTable(depth, outer);
      if (kind === 4) return this.#pivot(depth);
      if (kind === 5) return this.#unpivot(depth);
      if (kind === 6) return this.#recursive();
    }
    return this.#select(depth, outer);
  }

  #select(depth: number, outer: readonly Item[]): { readonly sql: string; readonly columns: readonly string[] } {
    const { from, items } = this.#from(depth, outer);
    const visible = [...items, ...outer];
    const where = this.#choose(3) === 1 ? ` where ${this.#predicate(depth, visible)}` : '';
    const count = 1 + this.#choose(3);
    const columns = Array.from({ length: count }, (_, index) => `c${index}`);
    const kind = this.#choose(5);
    if (kind === 1) {
      const group = `0 + ${this.#expression(0, items)}`;
      const others = columns.slice(1).map((name) => `${this.#aggregate(items)} as ${name}`);
      const having = this.#choose(3) === 1 ? ` having ${this.#aggregate(items)} > ${this.#choose(4)}` : '';
      const by = this.#pick([group, '1', 'all']);
      return { sql: `select ${[`${group} as c0`, ...others].join(', ')} ${from}${where} group by ${by}${having}`, columns };
    }
    if (kind === 2)
      return { sql: `select ${columns.map((name) => `${this.#aggregate(items)} as ${name}`).join(', ')} ${from}${where}`, columns };
    if (kind === 3) {
      const windowed = columns.map((name) => `${this.#window(items)} as ${name}`);
      const qualify =
        this.#choose(2) === 1 ? ` qualify rank() over (partition by ${this.#column(items)} order by ${this.#column(items)}) = 1` : '';
      return { sql: `select ${windowed.join(', ')} ${from}${where}${qualify}`, columns };
    }
    const distinct = this.#pick(['', '', 'distinct ']);
    const projected = columns.map((name) => `${this.#expression(depth, visible)} as ${name}`);
    const limit = this.#choose(5) === 1 ? ` order by all limit ${1 + this.#choose(3)}` : '';
    return { sql: `select ${distinct}${projected.join(', ')} ${from}${where}${limit}`, columns };
  }

  #from(depth: number, outer: readonly Item[]): { readonly from: string; readonly items: readonly Item[] } {
    const first = this.#table(depth, outer);
    let from = `from ${first.sql}`;
    const items: Item[] = [first.item];
    for (let joins = this.#choose(3); joins > 0; joins--) {
      const next = this.#table(depth, outer);
      const kind = this.#pick(['join', 'left join', 'right join', 'full join', 'semi join', 'anti join', ',', 'using']);
      const common = next.item.columns.filter((name) => items.length === 1 && items[0]!.columns.includes(name));
      if (kind === 'using' && common.length > 0) {
        from += ` ${this.#pick(['join', 'left join', 'full join'])} ${next.sql} using (${common[0]!})`;
        items.push(next.item);
      } else if (kind === ',') {
        from += ` cross join ${next.sql}`;
        items.push(next.item);
      } else {
        const on = `${this.#column(items)} = ${this.#column([next.item])}`;
        from += ` ${kind === 'using' ? 'join' : kind} ${next.sql} on ${on}`;
        if (kind !== 'semi join' && kind !== 'anti join') items.push(next.item);
      }
    }
    return { from, items };
  }

  #table(depth: number, outer: readonly Item[]): { readonly sql: string; readonly item: Item } {
    const alias = this.#name('x');
    if (depth > 0 && this.#choose(3) === 1) {
      const { sql, columns } = this.#query(depth - 1, this.#choose(4) === 1 ? outer : []);
      return { sql: `(${sql}) as ${alias}`, item: { alias, columns } };
    }
    const name = this.#pick(Object.keys(randomTables));
    return { sql: `${name} as ${alias}`, item: { alias, columns: randomTables[name]! } };
  }

  #column(items: readonly Item[]): string {
    const item = this.#pick(items);
    return `${item.alias}.${this.#pick(item.columns)}`;
  }

  #expression(depth: number, items: readonly Item[]): string {
    const column = (): string => this.#column(items);
    switch (this.#choose(10)) {
      case 1:
        return `${column()} + ${column()}`;
      case 2:
        return `coalesce(${column()}, ${column()})`;
      case 3:
        return `case when ${this.#predicate(0, items)} then ${column()} else ${this.#choose(4)} end`;
      case 4:
        return `nullif(${column()}, ${column()})`;
      case 5:
        return `if(${column()} = ${this.#choose(4)}, ${column()}, ${column()})`;
      case 6:
        return depth > 0 ? `(${this.#scalar(depth, items)})` : column();
      case 7:
        return `(${this.#predicate(depth, items)})::int`;
      case 8:
        return String(this.#choose(4));
      default:
        return column();
    }
  }

  #scalar(depth: number, outer: readonly Item[]): string {
    const { from, items } = this.#from(depth - 1, []);
    const where = this.#choose(2) === 1 ? ` where ${this.#column(items)} = ${this.#column(outer)}` : '';
    return `select ${this.#aggregate(items)} ${from}${where}`;
  }

  #predicate(depth: number, items: readonly Item[]): string {
    const column = (): string => this.#column(items);
    switch (this.#choose(7)) {
      case 1:
        return `${column()} < ${column()}`;
      case 2:
        return `${column()} is not null`;
      case 3:
        return `(${column()} = 1 or ${column()} > 2)`;
      case 4:
        return `${column()} between ${this.#choose(2)} and ${column()}`;
      case 5: {
        if (depth === 0) return `${column()} in (0, ${column()})`;
        const inner = this.#from(0, []);
        return `exists (select 1 ${inner.from} where ${this.#column(inner.items)} = ${column()})`;
      }
      case 6: {
        if (depth === 0) return `${column()} <> 1`;
        const inner = this.#from(0, []);
        return `${column()} ${this.#pick(['in', 'not in'])} (select ${this.#column(inner.items)} ${inner.from} where ${this.#column(inner.items)} < 3)`;
      }
      default:
        return `${column()} > ${this.#choose(3)}`;
    }
  }

  #aggregate(items: readonly Item[]): string {
    const column = this.#column(items);
    switch (this.#choose(6)) {
      case 1:
        return 'count(*)';
      case 2:
        return `count(distinct ${column})`;
      case 3:
        return `max(${column}) filter (where ${this.#predicate(0, items)})`;
      case 4:
        return `min(${column} + ${this.#column(items)})`;
      case 5:
        return `max(case when ${this.#predicate(0, items)} then ${column} end)`;
      default:
        return `sum(${column})::int`;
    }
  }

  #window(items: readonly Item[]): string {
    const column = this.#column(items);
    const partition = `partition by ${this.#column(items)}`;
    switch (this.#choose(4)) {
      case 1:
        return `rank() over (${partition} order by ${column})`;
      case 2:
        return `max(${column}) over (order by ${this.#column(items)})`;
      case 3:
        return `count(*) over (${partition})`;
      default:
        return `sum(${column}) over (${partition})::int`;
    }
  }

  #setOperation(depth: number, outer: readonly Item[]): { readonly sql: string; readonly columns: readonly string[] } {
    const left = this.#query(depth - 1, outer);
    const right = this.#query(depth - 1, outer);
    const word = this.#pick(['union all', 'union', 'intersect', 'except', 'except all']);
    const count = Math.min(left.columns.length, right.columns.length);
    const part = ({ sql }: typeof left): string =>
      `select ${Array.from({ length: count }, (_, index) => `c${index}`).join(', ')} from (${sql}) as ${this.#name('s')}`;
    return { sql: `${part(left)} ${word} ${part(right)}`, columns: left.columns.slice(0, count) };
  }

  #withCommonTable(depth: number, outer: readonly Item[]): { readonly sql: string; readonly columns: readonly string[] } {
    const name = this.#name('w');
    const common = this.#query(depth - 1, []);
    const { sql, columns } = this.#query(depth - 1, outer);
    const star = this.#choose(2) === 1 && columns.length === 1;
    return star
      ? { sql: `with ${name} as (${common.sql}) select * from ${name}`, columns: common.columns }
      : {
          sql: `with ${name} as (${common.sql}) select ${name}.c0 as c0, y.c0 as c1 from ${name} left join (${sql}) as y on y.c0 = ${name}.c0`,
          columns: ['c0', 'c1'],
        };
  }

  #pivot(depth: number): { readonly sql: string; readonly columns: readonly string[] } {
    const { sql, columns } = this.#query(depth - 1, []);
    const [value = 'c0', on = value] = columns;
    const alias = this.#name('p');
    return {
      sql: `select "1" as c0, "2" as c1 from (select ${value} as v, ${on} as o from (${sql})) pivot (sum(v) for o in (1, 2)) as ${alias}`
        .replace('"1"', '"1"::int')
        .replace('"2"', '"2"::int'),
      columns: ['c0', 'c1'],
    };
  }

  #unpivot(depth: number): { readonly sql: string; readonly columns: readonly string[] } {
    const { sql, columns } = this.#query(depth - 1, []);
    const last = columns.at(-1) ?? 'c0';
    return { sql: `select v as c0 from (select c0 as k, ${last} as l from (${sql})) unpivot (v for n in (k, l))`, columns: ['c0'] };
  }

  #recursive(): { readonly sql: string; readonly columns: readonly string[] } {
    const name = this.#name('r');
    const [start, step] = [this.#pick(['a', 'b', 'c']), this.#pick(['a', 'b', 'c'])];
    return {
      sql: `with recursive ${name}(n, depth) as (select ${start}, 0 from t1 union all select t1.${step}, ${name}.depth + 1 from t1 join ${name} on t1.d = ${name}.n where ${name}.depth < 2) select n as c0, depth as c1 from ${name}`,
      columns: ['c0', 'c1'],
    };
  }
}
