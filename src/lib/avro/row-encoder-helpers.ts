/**
 * Source shared by all generated encoders, in plain JavaScript: as part of each, it works on variables of its own, and the engine optimizes it for that
 * schema alone. `out` and `dv` are the buffer the message is written to; every helper takes the position and returns the next. Copies go by 4 bytes and may
 * write up to 3 bytes too many, which the next field overwrites.
 */
export const HELPERS = `
const PREFIX = prefix.length;
let out = Buffer.allocUnsafeSlow(Math.max(65536, PREFIX + ROOM));
let dv = new DataView(out.buffer);
let limit = out.length - ROOM;
let views = new Array(16384);
prefix.copy(out, 0);

function view(p) {
  return (views[p] = out.subarray(0, p));
}

// Makes room for 'more' bytes and the fields without text behind them. 'out' only ever grows: rows of one table are alike.
function grow(p, more) {
  const next = Buffer.allocUnsafeSlow(Math.max(out.length * 2, p + more + ROOM));
  out.copy(next, 0, 0, p);
  out = next;
  dv = new DataView(out.buffer);
  limit = out.length - ROOM;
  views = new Array(16384);
}

// Varint of the 32 bits of z.
function u32(p, z) {
  while ((z & -128) !== 0) {
    out[p++] = (z & 127) | 128;
    z >>>= 7;
  }
  out[p++] = z;
  return p;
}

function i32(p, x) {
  return u32(p, (x << 1) ^ (x >> 31));
}

// Zigzag varint of a 64-bit integer in two halves.
function i64(p, lo, hi) {
  const s = hi >> 31;
  let h = ((hi << 1) | (lo >>> 31)) ^ s;
  let l = (lo << 1) ^ s;
  for (;;) {
    if (h === 0) return u32(p, l);
    out[p] = (l & 127) | 128;
    out[p + 1] = ((l >>> 7) & 127) | 128;
    out[p + 2] = ((l >>> 14) & 127) | 128;
    out[p + 3] = ((l >>> 21) & 127) | 128;
    p += 4;
    l = (l >>> 28) | (h << 4);
    h >>>= 28;
  }
}

// Plus and minus infinity of DuckDB's timestamps.
function infinite(lo, hi) {
  return (hi === 2147483647 && lo === -1) || (hi === -2147483648 && lo === 1);
}

// Shortest big-endian two's complement of a whole number in words of 32 bits, the lowest first; 'top' is the index of the highest.
function decimal(p, d, at, top) {
  let w = top;
  const s = d[at + w] >> 31;
  while (w > 0 && (d[at + w] ^ s) === 0) w--;
  const n = ((w * 32 + 32 - Math.clz32(d[at + w] ^ s)) >> 3) + 1;
  out[p++] = n << 1;
  for (let k = n - 1; k >= 0; k--) out[p++] = d[at + (k >> 2)] >>> ((k & 3) << 3);
  return p;
}

function strings(column) {
  const bodies = column.bodies;
  if (bodies === undefined) return undefined;
  const data = column.data;
  return { inline: new DataView(data.buffer, data.byteOffset, data.byteLength), view: bodies.view, bytes: bodies.bytes, starts: bodies.starts, source: bodies };
}

// Length and body of a string.
function text(p, i, n, t) {
  if (p + n + 5 > limit) grow(p, n + 5);
  return body(n > 1073741823 ? fail(0, 'it is longer than 1 GB') : u32(p, n << 1), i, n, t);
}

function body(p, i, n, t) {
  if (p + n > limit) grow(p, n);
  if (n <= 12) {
    const from = (i << 4) + 4;
    const source = t.inline;
    for (let k = 0; k < n; k += 4) dv.setInt32(p + k, source.getInt32(from + k, true), true);
    return p + n;
  }
  const start = t.starts[i];
  if (start < 0) out.set(t.source.long(i), p);
  else if (n > 96) t.bytes.copy(out, p, start, start + n);
  else {
    const source = t.view;
    for (let k = 0; k < n; k += 4) dv.setInt32(p + k, source.getInt32(start + k, true), true);
  }
  return p + n;
}

function raw(p, bytes) {
  if (p + bytes.length > limit) grow(p, bytes.length);
  out.set(bytes, p);
  return p + bytes.length;
}

// UTF-8 has one byte per character that does not start with the bits 10.
function characters(from, to, most, field) {
  let count = 0;
  for (let k = from; k < to; k++) if ((out[k] & 192) !== 128) count++;
  if (count > most) fail(field, 'it is longer than ' + most + ' characters');
}
`;
