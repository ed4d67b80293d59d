import type { Expression, Query, TableName } from '../sql/ast';
import type { OracleType } from '../sql/types';
import { tableMissing } from '../oracle-error';

/** A column of a table. */
export interface Column {
  readonly name: string;
  readonly type: OracleType;
  nullable: boolean;
  readonly defaultValue: Expression | null;
  /** Name of the column in the store: `c1`, `c2`, … */
  readonly stored: string;
}

export interface ForeignKey {
  readonly name: string;
  readonly columns: readonly string[];
  readonly owner: string;
  readonly table: string;
  /** Name of the referenced key. */
  readonly key: string;
  readonly references: readonly string[];
}

export interface Key {
  readonly name: string;
  readonly kind: 'primary' | 'unique';
  readonly columns: readonly string[];
}

interface Named {
  readonly owner: string;
  readonly name: string;
  comment: string | null;
  readonly columnComments: Map<string, string>;
}

/** A table; its rows are in the store under `stored`. */
export interface Table extends Named {
  readonly kind: 'table';
  readonly stored: string;
  readonly columns: Column[];
  readonly keys: Key[];
  readonly foreignKeys: ForeignKey[];
  /** Rows that share one ORA_ROWSCN: 1 with ROWDEPENDENCIES, a block of rows without. */
  readonly rowsPerBlock: number;
}

export interface View extends Named {
  readonly kind: 'view';
  readonly query: Query;
  readonly columnNames: readonly string[] | null;
  readonly text: string;
}

export interface Synonym {
  readonly kind: 'synonym';
  /** `PUBLIC` for a public one. */
  readonly owner: string;
  readonly name: string;
  readonly target: { readonly owner: string; readonly name: string };
}

/** A value of a system view. */
export type SystemValue = string | number | bigint | null;

/** A view of the data dictionary or of the running system: its rows are made when it is read. */
export interface SystemView {
  readonly kind: 'system';
  readonly name: string;
  readonly columns: readonly { readonly name: string; readonly type: OracleType }[];
  /** Privilege it takes to read it; null when everybody may. */
  readonly privilege: string | null;
}

export type Relation = Table | View | SystemView;

/** A database user. */
export interface User {
  readonly name: string;
  readonly password: string;
  /** System privileges, e.g. `SELECT ANY TABLE`, and object privileges as `SELECT ON OWNER.NAME`. */
  readonly privileges: Set<string>;
}

const key = (owner: string, name: string): string => `${owner}.${name}`;

/** Everything that has a name: users, tables, views, synonyms. */
export class Catalog {
  readonly users = new Map<string, User>();
  readonly objects = new Map<string, Table | View | Synonym>();
  readonly systemViews = new Map<string, SystemView>();

  addUser(name: string, password: string, privileges: Iterable<string> = []): User {
    const user: User = { name, password, privileges: new Set(privileges) };
    this.users.set(name, user);
    return user;
  }

  get(owner: string, name: string): Table | View | Synonym | undefined {
    return this.objects.get(key(owner, name));
  }

  put(object: Table | View | Synonym): void {
    this.objects.set(key(object.owner, object.name), object);
  }

  remove(owner: string, name: string): void {
    this.objects.delete(key(owner, name));
  }

  /** Whether the user holds a system privilege, or this privilege on this object. */
  holds(user: string, privilege: string, object?: { readonly owner: string; readonly name: string }): boolean {
    const held = this.users.get(user)?.privileges;
    if (held === undefined) return false;
    if (held.has('DBA')) return true;
    if (object === undefined) return held.has(privilege);
    if (object.owner === user) return true;
    return held.has(`${privilege} ANY TABLE`) || held.has(`${privilege} ON ${key(object.owner, object.name)}`);
  }

  /** Whether the user may know that the object exists. */
  maySee(user: string, object: { readonly owner: string; readonly name: string }): boolean {
    return ['SELECT', 'INSERT', 'UPDATE', 'DELETE'].some((privilege) => this.holds(user, privilege, object));
  }

  /**
   * The table or view behind a name: an object of the schema, a private or public synonym, a view of the data dictionary.
   * @param user whose privileges count (a view's owner for what the view reads)
   * @throws OracleError 942 when there is none, or the user may not see it
   */
  resolve(name: TableName, user: string, currentSchema: string, privilege = 'SELECT'): Relation {
    const shown = name.schema === null ? name.name : `${name.schema}"."${name.name}`;
    const missing = (): never => {
      throw tableMissing(shown, name.position);
    };
    let owner = name.schema ?? currentSchema;
    let wanted = name.name;
    for (let hops = 0; hops < 8; hops++) {
      const object = this.get(owner, wanted) ?? (hops === 0 && name.schema === null ? this.get('PUBLIC', wanted) : undefined);
      if (object === undefined) break;
      if (object.kind !== 'synonym') return this.holds(user, privilege, object) ? object : missing();
      owner = object.target.owner;
      wanted = object.target.name;
    }
    const system = owner === 'SYS' || name.schema === null ? this.systemViews.get(wanted) : undefined;
    if (system === undefined) return missing();
    if (system.privilege !== null && !this.holds(user, system.privilege) && !this.holds(user, 'SELECT', { owner: 'SYS', name: wanted }))
      return missing();
    return system;
  }
}
