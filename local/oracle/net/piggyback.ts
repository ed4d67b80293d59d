import { OracleError } from '../oracle-error';
import type { TtcReader } from './ttc-reader';

const CLOSE_CURSORS = 105;
const CANCEL_CURSORS = 120;
const SET_SCHEMA = 152;
const END_TO_END = 135;
const LOB = 96;

/**
 * Reads over a message that travels in front of a call.
 * @param setSchema called with the new current schema
 * @returns cursors to close
 * @throws OracleError 3115 for one this server does not know
 */
export function skipPiggyback(reader: TtcReader, code: number, setSchema: (name: string) => void): number[] {
  switch (code) {
    case CLOSE_CURSORS:
    case CANCEL_CURSORS: {
      reader.u8();
      const ids: number[] = [];
      for (let count = reader.ub(); count > 0; count--) ids.push(reader.ub());
      return ids;
    }
    case SET_SCHEMA:
      reader.u8();
      reader.ub();
      setSchema(reader.text());
      return [];
    case END_TO_END: {
      reader.skip(2);
      reader.ub();
      const lengths: number[] = [];
      for (let index = 0; index < 4; index++) {
        reader.u8();
        lengths.push(reader.ub());
      }
      reader.u8();
      reader.ub();
      reader.u8();
      lengths.push(reader.ub());
      reader.u8();
      reader.ub();
      reader.u8();
      reader.ub();
      reader.u8();
      lengths.push(reader.ub());
      for (const length of lengths) if (length > 0) reader.bytes();
      return [];
    }
    case LOB: {
      // Frees temporary LOBs: an ordinary LOB call with all locators one after the other.
      reader.u8();
      const size = reader.ub();
      reader.u8();
      for (let index = 0; index < 3; index++) reader.ub();
      reader.skip(3);
      reader.ub();
      reader.skip(2);
      reader.ub();
      reader.ub();
      reader.u8();
      reader.skip(6);
      reader.skip(size);
      return [];
    }
    default:
      throw new OracleError(3115, `unsupported network datatype or representation (piggyback ${code})`);
  }
}
