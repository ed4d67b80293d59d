import type { TtcWriter } from '../net/ttc-writer';

/**
 * Oracle NUMBER on the wire: one byte of sign and exponent (of 100), then up to 20 pairs of digits. Positive: 193 + exponent, each
 * pair + 1. Negative: 62 - exponent, 101 - each pair, and 102 at the end if fewer than 20 pairs. Zero is the single byte 128.
 */
const ZERO = 0x80;
const MOST_PAIRS = 20;
const pairs = new Uint8Array(64);

function writePairs(writer: TtcWriter, negative: boolean, exponent: number, first: number, count: number, step: number): void {
  const used = Math.min(count, MOST_PAIRS);
  const end = negative && used < MOST_PAIRS ? 1 : 0;
  writer.reserve(used + 3);
  const { buffer } = writer;
  let { position } = writer;
  buffer[position++] = used + 1 + end;
  buffer[position++] = negative ? 62 - exponent : 193 + exponent;
  for (let index = 0, at = first; index < used; index++, at += step) buffer[position++] = negative ? 101 - pairs[at]! : pairs[at]! + 1;
  if (end === 1) buffer[position++] = 102;
  writer.position = position;
}

function writeZero(writer: TtcWriter): void {
  writer.reserve(2);
  writer.buffer[writer.position++] = 1;
  writer.buffer[writer.position++] = ZERO;
}

/** Writes `value / 10^scale`; `value` is an integer of at most 2^52 in size, `scale` is 0 or more. */
export function writeScaled(writer: TtcWriter, value: number, scale: number): void {
  if (value === 0) {
    writeZero(writer);
    return;
  }
  let rest = Math.abs(value);
  let exponent = -(scale >> 1);
  if ((scale & 1) === 1) {
    // An odd scale: the last digit is the upper half of a pair.
    const tens = Math.floor(rest / 10);
    const last = (rest - tens * 10) * 10;
    let count = 0;
    exponent -= 1;
    if (last !== 0) pairs[count++] = last;
    else exponent += 1;
    rest = tens;
    writeDigits(writer, value < 0, rest, exponent, count);
    return;
  }
  writeDigits(writer, value < 0, rest, exponent, 0);
}

/** `count` low pairs stand in `pairs` already; `rest` has the higher digits; `exponent` belongs to the lowest pair. */
function writeDigits(writer: TtcWriter, negative: boolean, start: number, lowest: number, already: number): void {
  let rest = start;
  let exponent = lowest;
  let count = already;
  if (count === 0) {
    for (;;) {
      const hundreds = Math.floor(rest / 100);
      if (hundreds * 100 !== rest) break;
      rest = hundreds;
      exponent++;
    }
  }
  while (rest > 0x7fffffff) {
    const hundreds = Math.floor(rest / 100);
    pairs[count++] = rest - hundreds * 100;
    rest = hundreds;
  }
  let small = rest | 0;
  while (small > 0) {
    const hundreds = (small / 100) | 0;
    pairs[count++] = small - hundreds * 100;
    small = hundreds;
  }
  writePairs(writer, negative, exponent + count - 1, count - 1, count, -1);
}

/**
 * Writes a number given as decimal text, e.g. `-.00001`, `12.50`, `1e30`. More than 40 digits are cut as Oracle would not have stored
 * them.
 * @throws RangeError for text that is no number
 */
export function writeNumberText(writer: TtcWriter, text: string): void {
  const match = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d+))?$/.exec(text);
  if (match === null || (match[2] === '' && (match[3] ?? '') === '')) throw new RangeError(`${text} is not a number`);
  const fraction = match[3] ?? '';
  let digits = (match[2] ?? '') + fraction;
  let exponent = Number(match[4] ?? '0') - fraction.length; // of ten, of the last digit
  const firstDigit = digits.search(/[1-9]/);
  if (firstDigit < 0) {
    writeZero(writer);
    return;
  }
  digits = digits.slice(firstDigit);
  const trimmed = digits.replace(/0+$/, '');
  exponent += digits.length - trimmed.length;
  digits = trimmed;
  if ((exponent & 1) !== 0) {
    digits += '0';
    exponent -= 1;
  }
  if (digits.length % 2 === 1) digits = '0' + digits;
  const count = digits.length / 2;
  const used = Math.min(count, MOST_PAIRS);
  for (let index = 0; index < used; index++)
    pairs[index] = (digits.charCodeAt(index * 2) - 48) * 10 + digits.charCodeAt(index * 2 + 1) - 48;
  let kept = used;
  while (kept > 1 && pairs[kept - 1] === 0) kept--;
  writePairs(writer, match[1] === '-', exponent / 2 + count - 1, 0, kept, 1);
}

/** The plain decimal text (no exponent) of a NUMBER as the client sends it. */
export function numberText(bytes: Uint8Array): string {
  const head = bytes[0] ?? ZERO;
  if (head === ZERO) return '0';
  const negative = head < ZERO;
  let length = bytes.length;
  if (negative && bytes[length - 1] === 102) length--;
  const exponent = negative ? 62 - head : head - 193;
  let digits = '';
  for (let index = 1; index < length; index++) digits += String(negative ? 101 - bytes[index]! : bytes[index]! - 1).padStart(2, '0');
  const point = (exponent + 1) * 2;
  let text: string;
  if (point <= 0) text = `0.${'0'.repeat(-point)}${digits}`;
  else if (point >= digits.length) text = digits + '0'.repeat(point - digits.length);
  else text = `${digits.slice(0, point)}.${digits.slice(point)}`;
  if (text.includes('.')) text = text.replace(/\.?0+$/, '');
  text = text.replace(/^0+(?=\d)/, '');
  return negative ? `-${text}` : text;
}
