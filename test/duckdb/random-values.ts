import {
  AvroBoolean,
  AvroByte,
  AvroBytes,
  AvroCLOB,
  AvroDate,
  AvroDecimal,
  AvroDouble,
  AvroEnum,
  AvroFixed,
  AvroFloat,
  AvroInt,
  AvroLocalTimestamp,
  AvroLocalTimestampMicros,
  AvroLong,
  AvroNVarchar,
  AvroShort,
  AvroString,
  AvroTime,
  AvroTimeMicros,
  AvroTimestamp,
  AvroTimestampMicros,
  type AvroType,
  AvroUUID,
  AvroVarchar,
} from '../../src/lib/schema';

/** A value known twice: as the text a source delivers, and as what avsc encodes. */
export interface KnownValue {
  readonly text: string | Uint8Array;
  readonly avsc: unknown;
}

export interface RandomType {
  readonly type: AvroType;
  next(random: () => number): KnownValue;
}

/** A repeatable source of numbers from 0 to 1 (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

function pick<T>(random: () => number, choices: readonly T[]): T {
  return choices[Math.floor(random() * choices.length)]!;
}

function below(random: () => number, limit: number): number {
  return Math.floor(random() * limit);
}

/** Whole numbers of every length in bits: where encodings have their borders. */
function wholeNumber(random: () => number, bits: number): bigint {
  const length = below(random, bits);
  const power = 1n << BigInt(length);
  const value = pick(random, [power, power - 1n, power + 1n, BigInt(Math.floor(random() * Number(power)))]);
  return BigInt.asIntN(bits, pick(random, [value, -value, ~value]));
}

function integers(type: AvroType, bits: number): RandomType {
  return {
    type,
    next(random) {
      const value = wholeNumber(random, bits);
      return { text: String(value), avsc: bits === 64 ? value : Number(value) };
    },
  };
}

function decimals(precision: number, scale: number): RandomType {
  return {
    type: new AvroDecimal(precision, scale),
    next(random) {
      const digits = 1 + below(random, precision);
      let unscaled = BigInt(Array.from({ length: digits }, () => pick(random, ['0', '9', String(below(random, 10))])).join(''));
      if (random() < 0.3) unscaled = (1n << BigInt(below(random, Math.floor(precision * 3.3)))) - BigInt(below(random, 2));
      if (random() < 0.5) unscaled = -unscaled;
      const text = String(unscaled < 0n ? -unscaled : unscaled).padStart(scale + 1, '0');
      const point = text.length - scale;
      return {
        text: `${unscaled < 0n ? '-' : ''}${text.slice(0, point)}${scale > 0 ? '.' : ''}${text.slice(point)}`,
        avsc: twosComplement(unscaled),
      };
    },
  };
}

/** Shortest big-endian two's complement: adds bytes until the number fits. */
export function twosComplement(value: bigint): Buffer {
  let length = 1;
  while (BigInt.asIntN(length * 8, value) !== value) length++;
  const bytes = Buffer.alloc(length);
  for (let at = 0; at < length; at++) bytes[length - 1 - at] = Number((value >> BigInt(at * 8)) & 0xffn);
  return bytes;
}

const ALPHABETS = ['abc', 'ß', 'ä\0,', '漢字', '😀a', '"\'\\\n\t'].map((alphabet) => Array.from(alphabet));

function textOf(random: () => number, characters: number): string {
  const alphabet = pick(random, ALPHABETS);
  return Array.from({ length: characters }, () => pick(random, alphabet)).join('');
}

function texts(type: AvroType, most: number): RandomType {
  const borders = [0, 1, 11, 12, 13, 16, 31, 64, 95, 96, 97, 127, 128].filter((length) => length <= most);
  return {
    type,
    next(random) {
      let length = random() < 0.5 ? pick(random, borders) : below(random, Math.min(most, 40) + 1);
      if (most > 1000 && random() < 0.0005) length = pick(random, [4095, 4096, 4097, 8191, 32767, 32768, 32769, 70_000]);
      const text = textOf(random, length);
      return { text, avsc: text };
    },
  };
}

function days(random: () => number): number {
  // 0001-01-01 to 9999-12-31.
  return pick(random, [0, -1, 1, -719162, 2932896, below(random, 3652059) - 719162]);
}

function isoDay(day: number): string {
  return new Date(day * 86_400_000).toISOString().slice(0, 10);
}

function clock(micros: number, digits: 3 | 6): string {
  const seconds = Math.floor(micros / 1_000_000);
  const two = (number: number): string => String(number).padStart(2, '0');
  const fraction = String(micros % 1_000_000)
    .padStart(6, '0')
    .slice(0, digits);
  return `${two(Math.floor(seconds / 3600))}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}.${fraction}`;
}

function microsOfDay(random: () => number, digits: 3 | 6): number {
  const micros = pick(random, [0, 1000, 86_399_999_000, below(random, 86_400_000_000)]);
  return digits === 3 ? micros - (micros % 1000) : micros;
}

function timestamps(type: AvroType, digits: 3 | 6): RandomType {
  return {
    type,
    next(random) {
      const day = days(random);
      const micros = microsOfDay(random, digits);
      const total = BigInt(day) * 86_400_000_000n + BigInt(micros);
      return { text: `${isoDay(day)} ${clock(micros, digits)}`, avsc: digits === 3 ? total / 1000n : total };
    },
  };
}

function doubles(type: AvroType, round: (value: number) => number): RandomType {
  return {
    type,
    next(random) {
      const value = round(
        pick(random, [
          0,
          -0,
          1,
          -1.5,
          NaN,
          Infinity,
          -Infinity,
          1e300,
          5e-324,
          3.4e38,
          random(),
          (random() - 0.5) * 10 ** below(random, 40),
        ]),
      );
      return { text: Object.is(value, -0) ? '-0' : String(value), avsc: value };
    },
  };
}

function bytes(random: () => number, length: number): Buffer {
  return Buffer.from(Array.from({ length }, () => below(random, 256)));
}

/** Every type that a plain column can have. */
export const randomTypes: Readonly<Record<string, RandomType>> = {
  boolean: {
    type: new AvroBoolean(),
    next(random) {
      const value = random() < 0.5;
      return { text: String(value), avsc: value };
    },
  },
  byte: integers(new AvroByte(), 8),
  short: integers(new AvroShort(), 16),
  int: integers(new AvroInt(), 32),
  long: integers(new AvroLong(), 64),
  float: doubles(new AvroFloat(), Math.fround),
  double: doubles(new AvroDouble(), (value) => value),
  ...Object.fromEntries(
    [
      [1, 0],
      [4, 2],
      [9, 4],
      [15, 2],
      [18, 0],
      [18, 18],
      [19, 0],
      [20, 19],
      [38, 0],
      [38, 10],
      [38, 38],
    ].map(([precision, scale]) => [`decimal ${precision} ${scale}`, decimals(precision!, scale!)]),
  ),
  string: texts(new AvroString(), 100_000),
  clob: texts(new AvroCLOB(), 100_000),
  varchar: texts(new AvroVarchar(20), 20),
  nvarchar: texts(new AvroNVarchar(130), 130),
  bytes: {
    type: new AvroBytes(),
    next(random) {
      const value = bytes(random, pick(random, [0, 1, 4, 11, 12, 13, 14, 100, below(random, 300)]));
      return { text: value, avsc: value };
    },
  },
  fixed: {
    type: new AvroFixed(7, 'seven'),
    next(random) {
      const value = bytes(random, 7);
      return { text: value, avsc: value };
    },
  },
  'long fixed': {
    type: new AvroFixed(200, 'two_hundred'),
    next(random) {
      const value = bytes(random, 200);
      return { text: value, avsc: value };
    },
  },
  enum: {
    type: new AvroEnum(['GREEN', 'RED', 'BLUE'], 'color'),
    next(random) {
      const value = pick(random, ['GREEN', 'RED', 'BLUE']);
      return { text: value, avsc: value };
    },
  },
  uuid: {
    type: new AvroUUID(),
    next(random) {
      const value = bytes(random, 16);
      const hex = value.toString('hex');
      return { text: hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-'), avsc: value };
    },
  },
  date: {
    type: new AvroDate(),
    next(random) {
      const day = days(random);
      return { text: isoDay(day), avsc: day };
    },
  },
  'time millis': {
    type: new AvroTime(),
    next(random) {
      const micros = microsOfDay(random, 3);
      return { text: clock(micros, 3), avsc: micros / 1000 };
    },
  },
  'time micros': {
    type: new AvroTimeMicros(),
    next(random) {
      const micros = microsOfDay(random, 6);
      return { text: clock(micros, 6), avsc: BigInt(micros) };
    },
  },
  'timestamp millis': timestamps(new AvroTimestamp(), 3),
  'timestamp micros': timestamps(new AvroTimestampMicros(), 6),
  'local timestamp millis': timestamps(new AvroLocalTimestamp(), 3),
  'local timestamp micros': timestamps(new AvroLocalTimestampMicros(), 6),
};
