import { readBindRow, readVariable } from '../values/bind-value';
import type { BindValue, Variable } from '../values/bind-value';
import type { TtcReader } from './ttc-reader';

/** Bits of the execute options. */
export const ExecuteOption = {
  PARSE: 0x01,
  BIND: 0x08,
  DEFINE: 0x10,
  EXECUTE: 0x20,
  FETCH: 0x40,
  COMMIT: 0x100,
  DESCRIBE: 0x20000,
  BATCH_ERRORS: 0x80000,
} as const;

/** An execute call. */
export interface ExecuteRequest {
  readonly options: number;
  /** 0 asks for a new cursor. */
  readonly cursor: number;
  /** Null when the cursor's own statement is meant. */
  readonly sql: string | null;
  /** Rows wanted of a query. */
  readonly rows: number;
  readonly binds: readonly Variable[];
  readonly bindRows: readonly (readonly BindValue[])[];
  readonly defines: readonly Variable[];
}

/** Reads the rows of bind values up to the end of the request. */
export function readBindRows(reader: TtcReader, variables: readonly Variable[]): BindValue[][] {
  const rows: BindValue[][] = [];
  while (variables.length > 0 && !reader.atEnd && reader.buffer[reader.position] === 7) {
    reader.u8();
    rows.push(readBindRow(reader, variables));
  }
  return rows;
}

/** Reads the body of an execute call (field version 12). */
export function readExecute(reader: TtcReader): ExecuteRequest {
  const options = reader.ub();
  const cursor = reader.ub();
  const hasSql = reader.u8() !== 0;
  reader.ub();
  reader.u8();
  reader.ub();
  reader.skip(3);
  const rows = reader.ub();
  reader.ub();
  reader.u8();
  const bindCount = reader.ub();
  reader.skip(6);
  const defineCount = reader.ub();
  reader.ub();
  reader.skip(3);
  reader.ub();
  reader.u8();
  reader.ub();
  reader.ub();
  reader.u8();
  reader.ub();
  reader.u8();
  reader.u8();
  reader.ub();
  reader.u8();
  reader.ub();
  reader.u8();
  reader.u8();
  reader.ub();
  const sql = hasSql ? reader.text() : null;
  for (let index = 0; index < 13; index++) reader.ub();
  const variables: Variable[] = [];
  const isDefine = (options & ExecuteOption.DEFINE) !== 0;
  for (let index = 0; index < (isDefine ? defineCount : bindCount); index++) variables.push(readVariable(reader));
  const binds = isDefine ? [] : variables;
  return { options, cursor, sql, rows, binds, bindRows: readBindRows(reader, binds), defines: isDefine ? variables : [] };
}
