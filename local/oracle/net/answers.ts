import type { OracleError } from '../oracle-error';
import { byteLength } from '../sql/types';
import type { OracleType } from '../sql/types';
import { WireType } from '../values/bind-value';
import type { TtcWriter } from './ttc-writer';

const CHARSET_UTF8 = 873;
const BARE_NUMBER_SCALE = -127;

/** A column of a query's result. */
export interface ResultColumn {
  readonly name: string;
  readonly type: OracleType;
  readonly nullable: boolean;
}

const wireTypes: Record<OracleType['name'], number> = {
  NUMBER: WireType.NUMBER,
  VARCHAR2: WireType.VARCHAR2,
  NVARCHAR2: WireType.VARCHAR2,
  CHAR: WireType.CHAR,
  NCHAR: WireType.CHAR,
  LONG: WireType.LONG,
  RAW: WireType.RAW,
  'LONG RAW': WireType.LONG_RAW,
  DATE: WireType.DATE,
  TIMESTAMP: WireType.TIMESTAMP,
  'TIMESTAMP WITH TIME ZONE': WireType.TIMESTAMP_TZ,
  'TIMESTAMP WITH LOCAL TIME ZONE': WireType.TIMESTAMP_LTZ,
  'INTERVAL DAY TO SECOND': 183,
  BINARY_FLOAT: WireType.BINARY_FLOAT,
  BINARY_DOUBLE: WireType.BINARY_DOUBLE,
  CLOB: WireType.CLOB,
  NCLOB: WireType.CLOB,
  BLOB: WireType.BLOB,
  BOOLEAN: WireType.BOOLEAN,
  ROWID: WireType.ROWID,
};

/** Character set form: 1 for the database's, 2 for the national one, 0 for what is not text. */
function characterForm(type: OracleType): number {
  switch (type.name) {
    case 'VARCHAR2':
    case 'CHAR':
    case 'CLOB':
    case 'LONG':
      return 1;
    case 'NVARCHAR2':
    case 'NCHAR':
    case 'NCLOB':
      return 2;
    default:
      return 0;
  }
}

/** Size of the buffer the client is told to have; 0 would make it read every value as NULL. */
export function bufferSize(type: OracleType): number {
  if (type.name === 'LONG' || type.name === 'LONG RAW') return 0x7fffffff;
  return Math.max(1, byteLength(type));
}

function precisionAndScale(type: OracleType): readonly [number, number] {
  if (type.name !== 'NUMBER') return [0, type.name.startsWith('TIMESTAMP') ? (type.scale ?? 6) : 0];
  if (type.floatBits !== undefined) return [type.floatBits, BARE_NUMBER_SCALE];
  if (type.precision === undefined) return [0, BARE_NUMBER_SCALE];
  return [type.precision, type.scale ?? 0];
}

/** Writes the description of a result. */
export function writeDescribe(writer: TtcWriter, columns: readonly ResultColumn[]): void {
  writer
    .u8(16)
    .u8(0)
    .ub(columns.reduce((sum, column) => sum + bufferSize(column.type), 0) % 0x7fffffff)
    .ub(columns.length);
  if (columns.length > 0) writer.u8(0);
  columns.forEach((column, index) => {
    const [precision, scale] = precisionAndScale(column.type);
    const form = characterForm(column.type);
    const size = column.type.name === 'LONG' || column.type.name === 'LONG RAW' ? 0 : byteLength(column.type);
    writer
      .u8(wireTypes[column.type.name])
      .u8(0)
      .u8(precision & 0xff)
      .u8(scale & 0xff);
    writer.ub(bufferSize(column.type)).ub(0).ub(0).ub(0).ub(0);
    writer
      .ub(form === 0 ? 0 : CHARSET_UTF8)
      .u8(form)
      .ub(size)
      .ub(0);
    writer
      .u8(column.nullable ? 1 : 0)
      .u8(0)
      .sized(column.name);
    writer
      .ub(0)
      .ub(0)
      .ub(index + 1)
      .ub(0);
  });
  for (let index = 0; index < 6; index++) writer.ub(0);
}

/** Writes the header before the rows of an answer. */
export function writeRowHeader(writer: TtcWriter): void {
  writer.u8(6).u8(0).ub(0).ub(0).ub(0).ub(0).ub(0).ub(0);
}

/** One failed row of a bulk DML with batch errors. */
export interface BatchError {
  readonly row: number;
  readonly error: OracleError;
}

/** How a call ended. */
export interface CallEnd {
  readonly cursor?: number;
  /** Rows delivered so far by the cursor, or changed by the statement. */
  readonly rowCount?: number;
  /** A query's rows are all delivered. */
  readonly exhausted?: boolean;
  readonly error?: OracleError;
  /** A transaction is open. */
  readonly inTransaction?: boolean;
  readonly batchErrors?: readonly BatchError[];
}

const NO_DATA_FOUND = 1403;

/** Writes the end-of-call message. */
export function writeCallEnd(writer: TtcWriter, end: CallEnd): void {
  const code = end.error?.code ?? (end.exhausted === true ? NO_DATA_FOUND : 0);
  const rowCount = end.rowCount ?? 0;
  const batch = end.batchErrors ?? [];
  writer
    .u8(4)
    .ub(end.inTransaction === true ? 2 : 0)
    .ub(0)
    .ub(rowCount)
    .ub(code & 0xffff)
    .ub(0)
    .ub(0);
  writer.ub(end.error === undefined ? (end.cursor ?? 0) : 0).ub(end.error?.position ?? 0);
  writer.zeros(5).u8(0);
  writer.ub(0).ub(0).u8(0).ub(0).ub(0); // row id
  writer.ub(0).u8(0).u8(0).ub(0).ub(0).ub(0);
  writer.ub(batch.length);
  if (batch.length > 0) {
    writer.u8(254);
    for (const { error } of batch) writer.ub(2).ub(error.code);
    writer.u8(0);
  }
  writer.ub(batch.length);
  if (batch.length > 0) {
    writer.u8(254);
    for (const { row } of batch) writer.ub(4).ub(row);
    writer.u8(0);
  }
  writer.ub(batch.length);
  if (batch.length > 0) {
    writer.u8(0);
    for (const { error } of batch) writer.ub(0).text(error.message).zeros(2);
  }
  writer.ub(code).ub(rowCount);
  if (code !== 0) writer.text(end.error?.message ?? 'ORA-01403: no data found');
}

/** Writes the status message that ends calls without a result. */
export function writeStatus(writer: TtcWriter, inTransaction: boolean): void {
  writer
    .u8(9)
    .ub(inTransaction ? 2 : 0)
    .ub(0);
}
