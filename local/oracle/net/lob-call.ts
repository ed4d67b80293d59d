import { OracleError } from '../oracle-error';
import type { Session } from '../session';
import { writeCallEnd } from './answers';
import type { TtcReader } from './ttc-reader';
import type { TtcWriter } from './ttc-writer';

const READ = 2;
const LENGTH = 1;
const WRITE = 0x40;
const TRIM = 0x20;
const CHUNK_SIZE = 0x4000;
const CREATE_TEMPORARY = 0x110;
const FREE_TEMPORARY = 0x111;
const BLOB_CHUNK = 8132;

const utf16 = (text: string): Buffer => Buffer.from(text, 'utf16le').swap16();

/** Answers a LOB call: length, chunk size, reading by offset and amount (characters of a CLOB are UTF-16 units), temporary LOBs. */
export function answerLobCall(reader: TtcReader, writer: TtcWriter, session: Session): void {
  reader.u8();
  const locatorLength = reader.ub();
  reader.u8();
  reader.ub();
  reader.ub();
  reader.ub();
  reader.skip(3);
  const operation = reader.ub();
  reader.skip(2);
  const offset = reader.ub();
  const destination = reader.ub();
  const hasAmount = reader.u8() !== 0;
  reader.skip(6);
  const locator = Buffer.from(reader.raw(locatorLength));
  let amount = 0;
  if (operation === CREATE_TEMPORARY) {
    reader.ub();
    // The client sends the type of the LOB where the offset of the target stands: 113 is BLOB.
    const isBlob = destination === 113;
    const created = session.keepLob(isBlob ? Buffer.alloc(0) : '', !isBlob);
    created.copy(locator);
    writer.u8(8).raw(locator).ub(0).u8(0);
    writeCallEnd(writer, { inTransaction: session.inTransaction });
    return;
  }
  if (operation === WRITE) {
    reader.u8();
    const bytes = reader.bytes() ?? Buffer.alloc(0);
    const before = session.lob(locator);
    session.writeLob(locator, offset, typeof before === 'string' ? Buffer.from(bytes).swap16().toString('utf16le') : Buffer.from(bytes));
  } else if (operation === FREE_TEMPORARY) session.freeLob(locator);
  else if (operation === LENGTH) amount = session.lob(locator).length;
  else if (operation === CHUNK_SIZE) amount = BLOB_CHUNK;
  else if (operation === READ) {
    const wanted = hasAmount ? reader.ub() : 0;
    const content = session.lob(locator);
    const part = content.slice(offset - 1, offset - 1 + wanted);
    amount = part.length;
    if (amount > 0) writer.u8(14).bytes(typeof part === 'string' ? utf16(part) : part);
  } else if (operation !== TRIM) throw new OracleError(22275, `invalid LOB locator specified (operation ${operation})`);
  writer.u8(8).raw(locator);
  if (hasAmount) writer.ub(amount);
  writeCallEnd(writer, { inTransaction: session.inTransaction });
}
