import { createHash } from 'node:crypto';

/** Keys of Table Storage hold 1 KiB of UTF-16, that is 512 characters. */
const MAX_KEY_LENGTH = 512;

/**
 * Makes a key of Table Storage from any text: letters, digits, `.`, `_` and `-` stay, every other UTF-16 unit becomes `=` and four hex digits,
 * because `/ \ # ?` and control characters are forbidden and `%` confuses URLs. Different texts make different keys; a text too long for a key
 * keeps its beginning and ends with its SHA-256.
 */
export function entityKey(text: string): string {
  const encoded = text.replaceAll(/[^A-Za-z0-9._-]/g, escapeUnits);
  if (encoded.length <= MAX_KEY_LENGTH) return encoded;
  // `==` never comes out of the escape, so a shortened key equals no other key.
  const hash = createHash('sha256').update(text, 'utf16le').digest('hex');
  return `${encoded.slice(0, MAX_KEY_LENGTH - hash.length - 2)}==${hash}`;
}

function escapeUnits(unit: string): string {
  return `=${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
