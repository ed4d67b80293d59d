import type { OracleType } from './types';

/** Where something stands in the SQL text, in characters. */
interface At {
  readonly position: number;
}

export type Expression = At &
  (
    | { readonly kind: 'column'; readonly path: readonly string[]; readonly outer: boolean }
    | { readonly kind: 'number'; readonly text: string }
    | { readonly kind: 'string'; readonly text: string }
    | { readonly kind: 'datetime'; readonly type: 'DATE' | 'TIMESTAMP'; readonly text: string }
    | { readonly kind: 'interval'; readonly amount: string; readonly unit: string }
    | { readonly kind: 'null' }
    | { readonly kind: 'boolean'; readonly value: boolean }
    | { readonly kind: 'bind'; readonly index: number; readonly name: string }
    | {
        readonly kind: 'call';
        readonly name: string;
        readonly args: readonly Expression[];
        readonly distinct: boolean;
        readonly star: boolean;
        readonly over: Window | null;
      }
    | { readonly kind: 'binary'; readonly operator: string; readonly left: Expression; readonly right: Expression }
    | { readonly kind: 'unary'; readonly operator: 'NOT' | '-' | '+'; readonly operand: Expression }
    | { readonly kind: 'isNull'; readonly operand: Expression; readonly negated: boolean }
    | {
        readonly kind: 'in';
        readonly operand: readonly Expression[];
        readonly values: readonly (readonly Expression[])[] | Query;
        readonly negated: boolean;
      }
    | {
        readonly kind: 'between';
        readonly operand: Expression;
        readonly low: Expression;
        readonly high: Expression;
        readonly negated: boolean;
      }
    | {
        readonly kind: 'like';
        readonly operand: Expression;
        readonly pattern: Expression;
        readonly escape: Expression | null;
        readonly negated: boolean;
      }
    | { readonly kind: 'exists'; readonly query: Query }
    | { readonly kind: 'subquery'; readonly query: Query }
    | {
        readonly kind: 'case';
        readonly operand: Expression | null;
        readonly branches: readonly { readonly when: Expression; readonly then: Expression }[];
        readonly otherwise: Expression | null;
      }
    | { readonly kind: 'cast'; readonly operand: Expression; readonly type: OracleType }
    | { readonly kind: 'extract'; readonly field: string; readonly operand: Expression }
    | { readonly kind: 'atTimeZone'; readonly operand: Expression; readonly zone: Expression | null }
  );

export interface Window {
  readonly partitionBy: readonly Expression[];
  readonly orderBy: readonly OrderItem[];
}

export interface OrderItem {
  readonly expression: Expression;
  readonly descending: boolean;
  readonly nulls: 'FIRST' | 'LAST' | null;
}

export type SelectItem =
  | { readonly kind: 'star'; readonly table: readonly string[] | null; readonly position: number }
  | { readonly kind: 'expression'; readonly expression: Expression; readonly alias: string | null; readonly text: string };

export interface TableName extends At {
  /** Null for the current schema. */
  readonly schema: string | null;
  readonly name: string;
}

export type FromItem =
  | { readonly kind: 'table'; readonly name: TableName; readonly alias: string | null; readonly asOf: Expression | null }
  | { readonly kind: 'query'; readonly query: Query; readonly alias: string | null; readonly position: number }
  | {
      readonly kind: 'join';
      readonly type: 'INNER' | 'LEFT' | 'RIGHT' | 'FULL' | 'CROSS';
      readonly left: FromItem;
      readonly right: FromItem;
      readonly on: Expression | null;
      readonly using: readonly string[] | null;
    };

export interface Select {
  readonly kind: 'select';
  readonly distinct: boolean;
  readonly items: readonly SelectItem[];
  readonly from: readonly FromItem[];
  readonly where: Expression | null;
  readonly groupBy: readonly Expression[];
  readonly having: Expression | null;
}

export interface SetOperation {
  readonly kind: 'set';
  readonly operator: 'UNION' | 'UNION ALL' | 'MINUS' | 'INTERSECT';
  readonly left: Query;
  readonly right: Query;
}

export interface Query {
  readonly with: readonly { readonly name: string; readonly columns: readonly string[] | null; readonly query: Query }[];
  readonly body: Select | SetOperation;
  readonly orderBy: readonly OrderItem[];
  readonly offset: Expression | null;
  readonly limit: Expression | null;
}

export interface ColumnDefinition {
  readonly name: string;
  readonly type: OracleType;
  readonly nullable: boolean;
  readonly defaultValue: Expression | null;
}

export type Constraint =
  | { readonly kind: 'primary' | 'unique'; readonly name: string | null; readonly columns: readonly string[] }
  | {
      readonly kind: 'foreign';
      readonly name: string | null;
      readonly columns: readonly string[];
      readonly table: TableName;
      readonly references: readonly string[];
    };

export type Statement =
  | { readonly kind: 'query'; readonly query: Query }
  | {
      readonly kind: 'insert';
      readonly table: TableName;
      readonly columns: readonly string[] | null;
      readonly values: readonly Expression[] | null;
      readonly query: Query | null;
    }
  | {
      readonly kind: 'update';
      readonly table: TableName;
      readonly alias: string | null;
      readonly set: readonly { readonly column: string; readonly position: number; readonly value: Expression }[];
      readonly where: Expression | null;
    }
  | { readonly kind: 'delete'; readonly table: TableName; readonly alias: string | null; readonly where: Expression | null }
  | {
      readonly kind: 'merge';
      readonly table: TableName;
      readonly alias: string | null;
      readonly source: FromItem;
      readonly on: Expression;
      readonly update: readonly { readonly column: string; readonly position: number; readonly value: Expression }[] | null;
      readonly insert: { readonly columns: readonly string[] | null; readonly values: readonly Expression[] } | null;
    }
  | { readonly kind: 'truncate'; readonly table: TableName }
  | {
      readonly kind: 'createTable';
      readonly table: TableName;
      readonly columns: readonly ColumnDefinition[];
      readonly constraints: readonly Constraint[];
      readonly rowDependencies: boolean;
    }
  | {
      readonly kind: 'createView';
      readonly table: TableName;
      readonly query: Query;
      readonly columns: readonly string[] | null;
      readonly text: string;
      readonly replace: boolean;
    }
  | {
      readonly kind: 'createSynonym';
      readonly name: TableName;
      readonly isPublic: boolean;
      readonly target: TableName;
      readonly replace: boolean;
    }
  | { readonly kind: 'createUser'; readonly name: string; readonly password: string }
  | { readonly kind: 'drop'; readonly what: 'TABLE' | 'VIEW' | 'SYNONYM' | 'PUBLIC SYNONYM'; readonly name: TableName }
  | {
      readonly kind: 'alterTable';
      readonly table: TableName;
      readonly add: readonly ColumnDefinition[];
      readonly drop: readonly string[];
      readonly constraints: readonly Constraint[];
    }
  | { readonly kind: 'comment'; readonly table: TableName; readonly column: string | null; readonly text: string }
  | { readonly kind: 'grant'; readonly privileges: readonly string[]; readonly on: TableName | null; readonly to: readonly string[] }
  | { readonly kind: 'revoke'; readonly privileges: readonly string[]; readonly on: TableName | null; readonly from: readonly string[] }
  | { readonly kind: 'commit' }
  | { readonly kind: 'rollback' }
  | { readonly kind: 'setTransaction'; readonly readOnly: boolean; readonly serializable: boolean }
  | { readonly kind: 'alterSession'; readonly setting: string; readonly value: string }
  | { readonly kind: 'sleep'; readonly seconds: Expression };
