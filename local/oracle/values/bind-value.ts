import type { TtcReader } from '../net/ttc-reader';
import { readDatetime } from './datetime';
import type { WireDatetime } from './datetime';
import { numberText } from './number';

/** A value of a placeholder, in the form the client sent it. */
export type BindValue =
  | { readonly kind: 'null'; readonly type: number }
  | { readonly kind: 'number'; readonly text: string }
  | { readonly kind: 'string'; readonly text: string }
  | { readonly kind: 'raw'; readonly bytes: Buffer }
  | { readonly kind: 'datetime'; readonly value: WireDatetime; readonly type: number }
  | { readonly kind: 'double'; readonly value: number }
  | { readonly kind: 'boolean'; readonly value: boolean }
  | { readonly kind: 'lob'; readonly locator: Buffer };

/** Type of a bind or of a defined column, as the client describes it. */
export interface Variable {
  readonly type: number;
  readonly size: number;
  readonly national: boolean;
}

/** Numbers of the data types on the wire. */
export const WireType = {
  VARCHAR2: 1,
  NUMBER: 2,
  LONG: 8,
  ROWID: 11,
  DATE: 12,
  RAW: 23,
  LONG_RAW: 24,
  CHAR: 96,
  BINARY_FLOAT: 100,
  BINARY_DOUBLE: 101,
  CLOB: 112,
  BLOB: 113,
  TIMESTAMP: 180,
  TIMESTAMP_TZ: 181,
  TIMESTAMP_LTZ: 231,
  BOOLEAN: 252,
} as const;

const LONGEST_ORDINARY_VALUE = 32767;
/** Stands before the marker of a BOOLEAN that is NULL. */
const ESCAPE = 253;

/** Reads the description of one variable. */
export function readVariable(reader: TtcReader): Variable {
  const type = reader.u8();
  reader.skip(3);
  const size = reader.ub();
  reader.ub();
  reader.ub();
  if (reader.ub() > 0) reader.bytes();
  reader.ub();
  reader.ub();
  const form = reader.u8();
  reader.ub();
  reader.ub();
  return { type, size, national: form === 2 };
}

/** IEEE bytes in Oracle's sortable form back to a number: positive numbers have the top bit set, negative ones all bits inverted. */
function readFloat(bytes: Buffer): number {
  const copy = Buffer.from(bytes);
  if ((copy[0]! & 0x80) !== 0) copy[0] = copy[0]! & 0x7f;
  else for (let index = 0; index < copy.length; index++) copy[index] = ~copy[index]! & 0xff;
  return copy.length === 4 ? copy.readFloatBE(0) : copy.readDoubleBE(0);
}

function readValue(reader: TtcReader, variable: Variable): BindValue {
  const { type } = variable;
  if (type === WireType.BOOLEAN) {
    const length = reader.u8();
    if (length === ESCAPE) {
      reader.u8();
      return { kind: 'null', type };
    }
    if (length === 2) return { kind: 'boolean', value: reader.u16() === 0x0101 };
    return { kind: 'boolean', value: reader.raw(length)[0] === 1 };
  }
  if (type === WireType.CLOB || type === WireType.BLOB) {
    if (reader.ub() === 0) return { kind: 'null', type };
    return { kind: 'lob', locator: Buffer.from(reader.bytes() ?? Buffer.alloc(0)) };
  }
  const bytes = reader.bytes();
  if (bytes === null || bytes.length === 0) return { kind: 'null', type };
  switch (type) {
    case WireType.NUMBER:
      return { kind: 'number', text: numberText(bytes) };
    case WireType.DATE:
    case WireType.TIMESTAMP:
    case WireType.TIMESTAMP_TZ:
    case WireType.TIMESTAMP_LTZ:
      return { kind: 'datetime', value: readDatetime(bytes), type };
    case WireType.RAW:
    case WireType.LONG_RAW:
      return { kind: 'raw', bytes: Buffer.from(bytes) };
    case WireType.BINARY_FLOAT:
    case WireType.BINARY_DOUBLE:
      return { kind: 'double', value: readFloat(bytes) };
    default:
      return { kind: 'string', text: variable.national ? Buffer.from(bytes).swap16().toString('utf16le') : bytes.toString('utf8') };
  }
}

/** Reads one row of bind values. Values longer than an ordinary one follow after all others. */
export function readBindRow(reader: TtcReader, variables: readonly Variable[]): BindValue[] {
  const values = new Array<BindValue>(variables.length);
  // The size of a national text is given four times over.
  const isLong = (variable: Variable): boolean => (variable.national ? variable.size / 4 : variable.size) > LONGEST_ORDINARY_VALUE;
  variables.forEach((variable, index) => {
    if (!isLong(variable)) values[index] = readValue(reader, variable);
  });
  variables.forEach((variable, index) => {
    if (isLong(variable)) values[index] = readValue(reader, variable);
  });
  return values;
}
