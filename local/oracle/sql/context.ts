import type { DuckDBValue } from '@duckdb/node-api';
import type { Catalog, SystemValue, SystemView } from '../store/catalog';
import type { BindValue } from '../values/bind-value';
import type { OracleType } from './types';

/** The state of the database that a statement sees. */
export interface Snapshot {
  /** Commits up to and including this number are visible. */
  readonly scn: number;
  /** The statement's own transaction, whose changes it sees as well. */
  readonly transaction: number | null;
}

/** What a statement is translated with. */
export interface CompileContext {
  readonly catalog: Catalog;
  readonly user: string;
  readonly schema: string;
  readonly snapshot: Snapshot;
  readonly currentScn: number;
  /** Instant of the statement, microseconds since 1970 UTC. */
  readonly now: number;
  /** Offset of the session's time zone from UTC in minutes. */
  readonly zoneMinutes: number;
  readonly sessionId: number;
  readonly service: string;
  /** Values of the placeholders in order of appearance; null when the statement is only described. */
  readonly binds: readonly BindValue[] | null;
  /** Values handed to DuckDB, filled during the translation. */
  readonly parameters: DuckDBValue[];
  /** Counts the aliases given to tables. */
  readonly aliases: { count: number };
  readonly systemRows: (view: SystemView, user: string) => readonly (readonly SystemValue[])[];
  /** @throws OracleError 1555 when the state at this number can no longer be read */
  readonly checkRetention: (scn: number) => void;
  readonly lobText: (locator: Buffer) => string | Buffer;
}

/** A translated expression. */
export interface Compiled {
  readonly sql: string;
  readonly type: OracleType;
  readonly nullable: boolean;
  /** A NUMBER in the form of decimal text. */
  readonly text?: boolean;
  /** The number as the statement wrote it, e.g. `1.50`. */
  readonly literal?: string;
  /** Digits before and behind the point that hold every value, where neither type nor literal says so. */
  readonly digits?: readonly [number, number];
}

/** A column that expressions can name. */
export interface SourceColumn extends Compiled {
  readonly name: string;
}

/** An item of a FROM clause. */
export interface Source {
  readonly name: string | null;
  readonly schema: string | null;
  readonly columns: readonly SourceColumn[];
  /** ROWID and ORA_ROWSCN of a table. */
  readonly pseudo: readonly SourceColumn[];
}

/** The sources that a query's expressions can name, and those of the queries around it. */
export interface Scope {
  readonly sources: readonly Source[];
  /** Columns joined by USING: named without a table, they stand once. */
  readonly merged: ReadonlyMap<string, SourceColumn>;
  readonly parent: Scope | null;
}

/** Columns of a translated query; in the SQL they are named `c1`, `c2`, … */
export interface OutputColumn {
  readonly name: string;
  readonly type: OracleType;
  readonly nullable: boolean;
  readonly text: boolean;
  readonly digits?: readonly [number, number];
}

export interface CompiledQuery {
  readonly sql: string;
  readonly columns: readonly OutputColumn[];
}

/** A text as SQL string. */
export const quote = (text: string): string => `'${text.replaceAll("'", "''")}'`;
