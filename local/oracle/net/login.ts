import { createCipheriv, createDecipheriv, createHash, pbkdf2Sync, randomBytes } from 'node:crypto';
import type { TtcReader } from './ttc-reader';
import type { TtcWriter } from './ttc-writer';

const VERIFIER_TYPE_12C = 0x4815;
const ITERATIONS = 4096;
const SESSION_KEY_ITERATIONS = 3;

function cipher(key: Buffer, data: Buffer): Buffer {
  const aes = createCipheriv('aes-256-cbc', key, Buffer.alloc(16)).setAutoPadding(false);
  return Buffer.concat([aes.update(data), aes.final()]);
}

function decipher(key: Buffer, data: Buffer): Buffer {
  const aes = createDecipheriv('aes-256-cbc', key, Buffer.alloc(16)).setAutoPadding(false);
  return Buffer.concat([aes.update(data), aes.final()]);
}

const hex = (bytes: Buffer): string => bytes.toString('hex').toUpperCase();

/** A request of either authentication phase. */
export interface AuthRequest {
  readonly user: string;
  readonly pairs: ReadonlyMap<string, string>;
}

/** Reads the body of an authentication call. */
export function readAuthRequest(reader: TtcReader): AuthRequest {
  const hasUser = reader.u8() !== 0;
  reader.ub();
  reader.ub();
  reader.u8();
  const count = reader.ub();
  reader.u8();
  reader.u8();
  const user = hasUser ? reader.text() : '';
  const pairs = new Map<string, string>();
  for (let index = 0; index < count; index++) {
    const key = reader.sized();
    pairs.set(key, reader.sized());
    reader.ub();
  }
  return { user, pairs };
}

function writePairs(writer: TtcWriter, pairs: readonly (readonly [key: string, value: string, flags?: number])[]): void {
  writer.u8(8).ub(pairs.length);
  for (const [key, value, flags] of pairs) writer.keyValue(key, value, flags ?? 0);
  writer.u8(9).ub(0).ub(0);
}

/** The verifier of a password and its salt, the only thing a database keeps of a password. */
export interface Verifier {
  readonly salt: Buffer;
  readonly key: Buffer;
}

/** Derives the 12c verifier of a password (PBKDF2 with SHA-512). */
export function createVerifier(password: string): Verifier {
  const salt = randomBytes(16);
  const passwordKey = pbkdf2Sync(password, Buffer.concat([salt, Buffer.from('AUTH_PBKDF2_SPEEDY_KEY')]), ITERATIONS, 64, 'sha512');
  const key = createHash('sha512').update(passwordKey).update(salt).digest().subarray(0, 32);
  return { salt, key };
}

/** One login: the key exchange of the 12c verifier, phase one then phase two. */
export class LoginExchange {
  private readonly serverKey = randomBytes(32);
  private readonly sessionSalt = randomBytes(16);

  constructor(private readonly verifier: Verifier) {}

  /** Answers phase one. */
  writeChallenge(writer: TtcWriter): void {
    writePairs(writer, [
      ['AUTH_SESSKEY', hex(cipher(this.verifier.key, this.serverKey))],
      ['AUTH_VFR_DATA', hex(this.verifier.salt), VERIFIER_TYPE_12C],
      ['AUTH_PBKDF2_CSK_SALT', hex(this.sessionSalt)],
      ['AUTH_PBKDF2_VGEN_COUNT', String(ITERATIONS)],
      ['AUTH_PBKDF2_SDER_COUNT', String(SESSION_KEY_ITERATIONS)],
    ]);
  }

  /** The password the client sent in phase two and the key the answer is signed with; null when they cannot be decrypted. */
  open(pairs: ReadonlyMap<string, string>): { readonly password: string; readonly key: Buffer } | null {
    const clientKey = decipher(this.verifier.key, Buffer.from(pairs.get('AUTH_SESSKEY')?.slice(0, 64) ?? '', 'hex'));
    const mixed = Buffer.from(hex(clientKey) + hex(this.serverKey), 'latin1');
    const key = pbkdf2Sync(mixed, this.sessionSalt, SESSION_KEY_ITERATIONS, 32, 'sha512');
    const encrypted = Buffer.from(pairs.get('AUTH_PASSWORD') ?? '', 'hex');
    if (encrypted.length === 0 || encrypted.length % 16 !== 0) return null;
    const plain = decipher(key, encrypted);
    const padding = plain[plain.length - 1] ?? 0;
    if (padding < 1 || padding > 16) return null;
    return { password: plain.toString('utf8', 16, plain.length - padding), key };
  }

  /** Answers a successful phase two. */
  static writeSuccess(writer: TtcWriter, key: Buffer, session: { id: number; serial: number; service: string }): void {
    writePairs(writer, [
      ['AUTH_SVR_RESPONSE', hex(cipher(key, Buffer.concat([randomBytes(16), Buffer.from('SERVER_TO_CLIENT')])))],
      ['AUTH_VERSION_NO', String((19 << 24) | (3 << 16))],
      ['AUTH_SESSION_ID', String(session.id)],
      ['AUTH_SERIAL_NUM', String(session.serial)],
      ['AUTH_DBNAME', session.service],
      ['AUTH_SC_SERVICE_NAME', session.service],
      ['AUTH_INSTANCENAME', session.service],
      ['AUTH_SC_DBUNIQUE_NAME', session.service],
      ['AUTH_MAX_OPEN_CURSORS', '300'],
      ['AUTH_MAX_IDEN_LENGTH', '128'],
    ]);
  }
}
