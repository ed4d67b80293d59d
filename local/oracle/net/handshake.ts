import type { TtcWriter } from './ttc-writer';

/** Field version 12 (19.1): decides which optional fields the messages have. */
const FIELD_VERSION = 12;

/** Answers the protocol negotiation: character sets and capabilities. */
export function writeProtocolAnswer(writer: TtcWriter): void {
  const compileCapabilities = Buffer.alloc(53);
  compileCapabilities[7] = FIELD_VERSION;
  const runtimeCapabilities = Buffer.alloc(11);
  runtimeCapabilities[0] = 2;
  runtimeCapabilities[1] = 1; // the data types answer carries the database's time zone
  runtimeCapabilities[6] = 4; // strings up to 32767 bytes
  const fdo = Buffer.alloc(11);
  fdo.writeUInt16BE(2000, 9); // AL16UTF16
  writer.u8(1).u8(6).u8(0);
  writer.raw(Buffer.from('Tablecast Oracle Net test server\0', 'latin1'));
  writer.u16le(873).u8(0).u16le(0); // AL32UTF8
  writer.u16(fdo.length).raw(fdo).bytes(compileCapabilities).bytes(runtimeCapabilities);
}

/** Answers the data types negotiation: the database's time zone is UTC, no type has a special representation. */
export function writeDataTypesAnswer(writer: TtcWriter): void {
  writer
    .u8(2)
    .raw(Buffer.from([0x80, 0, 0, 0, 60, 60, 0x80, 0, 0, 0, 0]))
    .u16(0);
}
