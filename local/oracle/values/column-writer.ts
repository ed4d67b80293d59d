import type { DuckDBType } from '@duckdb/node-api';
import { DuckDBDecimalType, DuckDBTypeId } from '@duckdb/node-api';
import type { DataChunk, Vector } from '@duckdb/node-bindings';
import type { TtcWriter } from '../net/ttc-writer';
import { bufferSize } from '../net/answers';
import { OracleError } from '../oracle-error';
import type { OracleType } from '../sql/types';
import { WireType } from './bind-value';
import type { Variable } from './bind-value';
import { byteColumnOf, bytesOf, childOf, columnOf, isValid, validityOf, wordsOf } from './column-vector';
import type { ByteColumn } from './column-vector';
import { writeDateBytes } from './datetime';
import { writeNumberText, writeScaled } from './number';

const LONGEST_ORDINARY_VALUE = 32767;
const LOW_WORD = 0x1_0000_0000;

/** Writes the values of one result column. */
export interface ColumnWriter {
  /** Takes the values of a chunk. */
  load(chunk: DataChunk, index: number, rows: number): void;
  /** Writes the value of a row. */
  write(writer: TtcWriter, row: number): void;
}

/** Keeps the content of a LOB and gives its locator. */
export type LobKeeper = (content: string | Buffer, national: boolean) => Buffer;

abstract class VectorWriter implements ColumnWriter {
  protected validity: Uint8Array | null = null;

  load(chunk: DataChunk, index: number, rows: number): void {
    const vector = columnOf(chunk, index);
    this.validity = validityOf(vector, rows);
    this.loadValues(vector, rows);
  }

  write(writer: TtcWriter, row: number): void {
    if (isValid(this.validity, row)) this.writeValue(writer, row);
    else this.writeNull(writer);
  }

  protected writeNull(writer: TtcWriter): void {
    writer.u8(0);
  }

  protected abstract loadValues(vector: Vector, rows: number): void;
  protected abstract writeValue(writer: TtcWriter, row: number): void;
}

/** Integers and decimals of up to 64 bits. */
class ScaledWriter extends VectorWriter {
  private words: Int32Array = new Int32Array(0);
  private small: Int16Array | null = null;

  constructor(
    private readonly bytes: 2 | 4 | 8,
    private readonly scale: number,
  ) {
    super();
  }

  protected loadValues(vector: Vector, rows: number): void {
    if (this.bytes === 2) {
      const data = bytesOf(vector, rows, 2);
      this.small = new Int16Array(data.buffer, data.byteOffset, rows);
    } else this.words = wordsOf(vector, rows, this.bytes);
  }

  protected writeValue(writer: TtcWriter, row: number): void {
    if (this.small !== null) writeScaled(writer, this.small[row]!, this.scale);
    else if (this.bytes === 4) writeScaled(writer, this.words[row]!, this.scale);
    else {
      const high = this.words[row * 2 + 1]!;
      const low = this.words[row * 2]! >>> 0;
      // 2^52: doubles are exact up to here.
      if (high < 0x10_0000 && high >= -0x10_0000) writeScaled(writer, high * LOW_WORD + low, this.scale);
      else writeNumberText(writer, decimalText((BigInt(high) << 32n) + BigInt(low), this.scale));
    }
  }
}

function decimalText(value: bigint, scale: number): string {
  return scale === 0 ? value.toString() : `${value.toString()}e-${scale}`;
}

/** Integers and decimals of 128 bits. */
class WideWriter extends VectorWriter {
  private words: Int32Array = new Int32Array(0);

  constructor(private readonly scale: number) {
    super();
  }

  protected loadValues(vector: Vector, rows: number): void {
    this.words = wordsOf(vector, rows, 16);
  }

  protected writeValue(writer: TtcWriter, row: number): void {
    const { words } = this;
    const [low, second, third, high] = [words[row * 4]! >>> 0, words[row * 4 + 1]!, words[row * 4 + 2]!, words[row * 4 + 3]!];
    const sign = second >> 31;
    if (third === sign && high === sign && second < 0x10_0000 && second >= -0x10_0000) {
      writeScaled(writer, second * LOW_WORD + low, this.scale);
      return;
    }
    const value = (BigInt(high) << 96n) + (BigInt(third >>> 0) << 64n) + (BigInt(second >>> 0) << 32n) + BigInt(low);
    writeNumberText(writer, decimalText(value, this.scale));
  }
}

/** Floating point results of calculations, as NUMBER. */
class DoubleNumberWriter extends VectorWriter {
  private values: Float64Array = new Float64Array(0);

  protected loadValues(vector: Vector, rows: number): void {
    const data = bytesOf(vector, rows, 8);
    this.values = new Float64Array(data.buffer, data.byteOffset, rows);
  }

  protected writeValue(writer: TtcWriter, row: number): void {
    const value = this.values[row]!;
    if (!Number.isFinite(value)) throw new OracleError(1426, 'numeric overflow');
    writeNumberText(writer, String(value));
  }
}

/** IEEE numbers: big-endian; positive ones with the top bit set, negative ones with all bits inverted. */
class FloatWriter extends VectorWriter {
  private data: Uint8Array = new Uint8Array(0);

  constructor(private readonly bytes: 4 | 8) {
    super();
  }

  protected loadValues(vector: Vector, rows: number): void {
    this.data = bytesOf(vector, rows, this.bytes);
  }

  protected writeValue(writer: TtcWriter, row: number): void {
    const { bytes } = this;
    writer.u8(bytes);
    const last = row * bytes + bytes - 1;
    const negative = (this.data[last]! & 0x80) !== 0;
    for (let index = 0; index < bytes; index++) {
      const byte = this.data[last - index]!;
      writer.u8(negative ? ~byte & 0xff : index === 0 ? byte | 0x80 : byte);
    }
  }
}

class BooleanWriter extends VectorWriter {
  private data: Uint8Array = new Uint8Array(0);

  protected loadValues(vector: Vector, rows: number): void {
    this.data = bytesOf(vector, rows, 1);
  }

  protected writeValue(writer: TtcWriter, row: number): void {
    if (this.data[row] === 0) writer.u8(1).u8(0);
    else writer.u8(2).u8(1).u8(1);
  }
}

/** DATE and TIMESTAMP from microseconds or nanoseconds since 1970. */
class DatetimeWriter extends VectorWriter {
  private words: Int32Array = new Int32Array(0);

  constructor(
    private readonly nano: boolean,
    private readonly withFraction: boolean,
  ) {
    super();
  }

  protected loadValues(vector: Vector, rows: number): void {
    this.words = wordsOf(vector, rows, 8);
  }

  protected writeValue(writer: TtcWriter, row: number): void {
    writer.u8(this.withFraction ? 11 : 7);
    writeMoment(writer, this.words, row, this.nano, this.withFraction);
  }
}

function writeMoment(writer: TtcWriter, words: Int32Array, row: number, nano: boolean, withFraction: boolean): void {
  const high = words[row * 2 + 1]!;
  const low = words[row * 2]! >>> 0;
  let seconds: number;
  let nanoseconds: number;
  if (nano) {
    const value = (BigInt(high) << 32n) + BigInt(low);
    const rest = ((value % 1_000_000_000n) + 1_000_000_000n) % 1_000_000_000n;
    seconds = Number((value - rest) / 1_000_000_000n);
    nanoseconds = Number(rest);
  } else if (high < 0x1f_ffff && high >= -0x1f_ffff) {
    const micros = high * LOW_WORD + low;
    seconds = Math.floor(micros / 1e6);
    nanoseconds = (micros - seconds * 1e6) * 1000;
  } else {
    // Beyond 2^53 microseconds: years after 2255 or before 1684.
    const value = (BigInt(high) << 32n) + BigInt(low);
    const rest = ((value % 1_000_000n) + 1_000_000n) % 1_000_000n;
    seconds = Number((value - rest) / 1_000_000n);
    nanoseconds = Number(rest) * 1000;
  }
  writeDateBytes(writer, seconds);
  if (withFraction) writer.u32(nanoseconds);
}

/** TIMESTAMP WITH TIME ZONE: the instant in UTC and the offset of its zone. */
class ZonedWriter extends VectorWriter {
  private words: Int32Array = new Int32Array(0);
  private zones: Int32Array = new Int32Array(0);

  constructor(private readonly nano: boolean) {
    super();
  }

  protected loadValues(vector: Vector, rows: number): void {
    this.words = wordsOf(childOf(vector, 0), rows, 8);
    this.zones = wordsOf(childOf(vector, 1), rows, 4);
  }

  protected writeValue(writer: TtcWriter, row: number): void {
    writer.u8(13);
    writeMoment(writer, this.words, row, this.nano, true);
    const zone = this.zones[row]!;
    const hours = Math.trunc(zone / 60);
    writer.u8(hours + 20).u8(zone - hours * 60 + 60);
  }
}

abstract class BytesWriter extends VectorWriter {
  protected column: ByteColumn = { buffers: [], starts: new Int32Array(0), lengths: new Int32Array(0) };

  protected loadValues(vector: Vector, rows: number): void {
    this.column = byteColumnOf(vector, rows, this.validity);
  }

  protected part(row: number): Buffer {
    const { buffers, starts, lengths } = this.column;
    return buffers[row]!.subarray(starts[row], starts[row]! + lengths[row]!);
  }
}

/** Texts in UTF-8 and RAW. */
class PlainBytesWriter extends BytesWriter {
  protected writeValue(writer: TtcWriter, row: number): void {
    const { buffers, starts, lengths } = this.column;
    writer.slice(buffers[row]!, starts[row]!, lengths[row]!);
  }
}

const utf16 = (text: string): Buffer => Buffer.from(text, 'utf16le').swap16();

class NationalWriter extends BytesWriter {
  protected writeValue(writer: TtcWriter, row: number): void {
    writer.bytes(utf16(this.part(row).toString('utf8')));
  }
}

class NumberTextWriter extends BytesWriter {
  protected writeValue(writer: TtcWriter, row: number): void {
    writeNumberText(writer, this.part(row).toString('latin1'));
  }
}

const rowidDigits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

class RowidWriter extends BytesWriter {
  protected writeValue(writer: TtcWriter, row: number): void {
    const text = this.part(row).toString('latin1');
    const digits = (from: number, to: number): number =>
      Array.from(text.slice(from, to)).reduce((value, digit) => value * 64 + rowidDigits.indexOf(digit), 0);
    writer.u8(14).ub(digits(0, 6)).ub(digits(6, 9)).u8(0).ub(digits(9, 15)).ub(digits(15, 18));
  }
}

/** Wraps values of LONG types and of columns longer than an ordinary value: each is followed by an indicator and a return code. */
class LongWriter implements ColumnWriter {
  constructor(private readonly inner: ColumnWriter) {}

  load(chunk: DataChunk, index: number, rows: number): void {
    this.inner.load(chunk, index, rows);
  }

  write(writer: TtcWriter, row: number): void {
    this.inner.write(writer, row);
    writer.ub(0).ub(0);
  }
}

class LocatorWriter extends BytesWriter {
  constructor(
    private readonly keep: LobKeeper,
    private readonly isText: boolean,
    private readonly national: boolean,
  ) {
    super();
  }

  protected writeValue(writer: TtcWriter, row: number): void {
    const bytes = Buffer.from(this.part(row));
    const content = this.isText ? bytes.toString('utf8') : bytes;
    writer.ub(40).ub(content.length).ub(8132).bytes(this.keep(content, this.national));
  }
}

function decimalWriter(type: DuckDBDecimalType): ColumnWriter {
  if (type.width > 18) return new WideWriter(type.scale);
  return new ScaledWriter(type.width > 9 ? 8 : type.width > 4 ? 4 : 2, type.scale);
}

function numberWriter(stored: DuckDBType): ColumnWriter {
  if (stored instanceof DuckDBDecimalType) return decimalWriter(stored);
  switch (stored.typeId) {
    case DuckDBTypeId.VARCHAR:
      return new NumberTextWriter();
    case DuckDBTypeId.DOUBLE:
      return new DoubleNumberWriter();
    case DuckDBTypeId.SMALLINT:
      return new ScaledWriter(2, 0);
    case DuckDBTypeId.INTEGER:
      return new ScaledWriter(4, 0);
    case DuckDBTypeId.BIGINT:
      return new ScaledWriter(8, 0);
    case DuckDBTypeId.HUGEINT:
      return new WideWriter(0);
    default:
      throw new OracleError(600, `internal error code, arguments: [NUMBER from ${stored.toString()}]`);
  }
}

/**
 * The writer of a result column.
 * @param type the column's type as described to the client
 * @param stored DuckDB's type of the values
 * @param define type of the value the client asked for, for LOBs: a locator, or the content as LONG or LONG RAW
 */
export function columnWriter(type: OracleType, stored: DuckDBType, define: Variable | null, keepLob: LobKeeper): ColumnWriter {
  switch (type.name) {
    case 'NUMBER':
      return numberWriter(stored);
    case 'BINARY_FLOAT':
      return new FloatWriter(4);
    case 'BINARY_DOUBLE':
      return new FloatWriter(8);
    case 'BOOLEAN':
      return new BooleanWriter();
    case 'DATE':
      return new DatetimeWriter(stored.typeId === DuckDBTypeId.TIMESTAMP_NS, false);
    case 'TIMESTAMP':
    case 'TIMESTAMP WITH LOCAL TIME ZONE':
      return new DatetimeWriter(stored.typeId === DuckDBTypeId.TIMESTAMP_NS, true);
    case 'TIMESTAMP WITH TIME ZONE':
      return new ZonedWriter(stored.toString().includes('TIMESTAMP_NS'));
    case 'ROWID':
      return new RowidWriter();
    case 'CLOB':
    case 'NCLOB':
    case 'BLOB': {
      const isText = type.name !== 'BLOB';
      if (define === null || define.type === WireType.CLOB || define.type === WireType.BLOB)
        return new LocatorWriter(keepLob, isText, isText);
      return new LongWriter(define.national ? new NationalWriter() : new PlainBytesWriter());
    }
    case 'LONG':
    case 'LONG RAW':
      return new LongWriter(new PlainBytesWriter());
    case 'NVARCHAR2':
    case 'NCHAR':
      return wrapLong(type, new NationalWriter());
    case 'VARCHAR2':
    case 'CHAR':
    case 'RAW':
      return wrapLong(type, new PlainBytesWriter());
    case 'INTERVAL DAY TO SECOND':
      throw new OracleError(932, 'inconsistent datatypes: this server does not return intervals');
  }
}

const wrapLong = (type: OracleType, writer: ColumnWriter): ColumnWriter =>
  bufferSize(type) > LONGEST_ORDINARY_VALUE ? new LongWriter(writer) : writer;
