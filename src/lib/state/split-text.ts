/**
 * A property of Table Storage holds 64 KiB of UTF-16, that is 32,768 characters. A little less leaves room for Azurite, which garbles a character
 * that lies across two network packets into several, and then finds the property too long.
 */
const MAX_PROPERTY_LENGTH = 32_000;

/** Cuts a text into pieces that fit a property, never between the two halves of a surrogate pair. An empty text is one empty piece. */
export function splitText(text: string): string[] {
  const pieces: string[] = [];
  let start = 0;
  do {
    let end = Math.min(start + MAX_PROPERTY_LENGTH, text.length);
    if (end < text.length && isHighSurrogate(text.charCodeAt(end - 1))) end -= 1;
    pieces.push(text.slice(start, end));
    start = end;
  } while (start < text.length);
  return pieces;
}

/** Texts → properties: `name` when it fits one property, else `name_0`, `name_1` … */
export function toProperties(values: Readonly<Record<string, string>>): Record<string, string> {
  const properties: Record<string, string> = {};
  for (const [name, text] of Object.entries(values)) {
    const pieces = splitText(text);
    if (pieces.length === 1) properties[name] = text;
    else pieces.forEach((piece, index) => (properties[`${name}_${index}`] = piece));
  }
  return properties;
}

/** The reverse of `toProperties`; what the service adds by itself (`odata.metadata`, and properties that are no text) is left out. */
export function fromProperties(properties: Readonly<Record<string, unknown>>): Record<string, string> {
  const values: Record<string, string> = {};
  for (const [name, value] of Object.entries(properties)) {
    if (typeof value !== 'string' || name.startsWith('odata.')) continue;
    const numbered = /^(.+)_(\d+)$/.exec(name);
    if (!numbered) values[name] = value;
    else if (numbered[2] === '0') values[numbered[1]!] = joined(properties, numbered[1]!);
  }
  return values;
}

function joined(properties: Readonly<Record<string, unknown>>, name: string): string {
  const pieces: string[] = [];
  for (let piece = properties[`${name}_0`]; typeof piece === 'string'; piece = properties[`${name}_${pieces.length}`]) pieces.push(piece);
  return pieces.join('');
}

function isHighSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdbff;
}
