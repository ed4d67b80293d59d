import type { ColumnField, ColumnVector, EncodedField } from './column-layout';
import { frame } from './encode-row';
import { HELPERS } from './row-encoder-helpers';

/** A value that cannot be encoded: the field by its index, and why. Internal: whoever knows table and key makes a VALUE_INVALID of it. */
export class FieldFailure extends Error {
  readonly field: number;

  constructor(field: number, reason: string) {
    super(reason);
    this.field = field;
  }
}

interface Generated {
  bind(columns: readonly ColumnVector[]): void;
  row(index: number): Buffer;
}

/**
 * Encodes rows straight from the memory of column vectors: one function generated per schema, with indexes only, never a user's name, in its source. The
 * constant start of the message (frame and technical fields) is written once, each row behind it in the same buffer; nothing is allocated per row.
 * Format: Confluent's framing, then the Avro 1.11 binary encoding of the record.
 */
export class RowEncoder {
  readonly #generated: Generated;

  /** @param fields all fields of the record, in its order */
  constructor(schemaId: number, fields: readonly EncodedField[]) {
    this.#generated = generate(schemaId, fields);
  }

  /** Takes the next chunk: the columns, by the index that the fields use. */
  bind(columns: readonly ColumnVector[]): void {
    this.#generated.bind(columns);
  }

  /**
   * The message for one row of the chunk. The buffer is a view that the next call overwrites.
   *
   * @throws FieldFailure when the row has a value that the field cannot have
   */
  row(index: number): Buffer {
    return this.#generated.row(index);
  }
}

/** Most bytes of a field that is no text, its branch included. */
const FIELD_BYTES = 24;

/** The engine does not optimize very long functions: a wide table's encoder consists of several. */
const PART_FIELDS = 24;

function generate(schemaId: number, fields: readonly EncodedField[]): Generated {
  const firstColumn = fields.findIndex((field) => !('constant' in field));
  const constants = (firstColumn < 0 ? fields : fields.slice(0, firstColumn)).map((field) =>
    'constant' in field ? field.constant : new Uint8Array(),
  );
  const prefix = Buffer.concat([frame(schemaId), ...constants]);
  const rest = firstColumn < 0 ? [] : fields.slice(firstColumn);
  // Constants between columns are short: they are copied byte by byte, and count as room to keep free.
  const room = 64 + rest.reduce((sum, field) => sum + ('constant' in field ? field.constant.length : FIELD_BYTES), 0);
  const columns = [...new Set(rest.flatMap((field) => ('constant' in field ? [] : [field.column])))];
  const body = rest.map((field, index) => {
    const number = firstColumn + index;
    return 'constant' in field ? constantCode(field.constant) : columnCode(field, number);
  });
  const parts = Array.from({ length: Math.ceil(body.length / PART_FIELDS) }, (_, part) =>
    body.slice(part * PART_FIELDS, (part + 1) * PART_FIELDS),
  );
  const source = `'use strict';
const ROOM = ${room};
${HELPERS}
${columns.map((column) => `let v${column} = null, d${column}, t${column}, e${column};`).join('\n')}
${parts.map((part, index) => `function part${index}(i, p) {\n${part.join('\n')}\n  return p;\n}`).join('\n')}
return {
  bind(columns) {
${columns.map((column) => `    { const c = columns[${column}]; v${column} = c.validity; d${column} = c.data; t${column} = strings(c); e${column} = c.encoded; }`).join('\n')}
  },
  row(i) {
    let p = PREFIX;
${parts.map((_part, part) => `    p = part${part}(i, p);`).join('\n')}
    return p < 16384 ? (views[p] ?? view(p)) : out.subarray(0, p);
  },
};`;
  const fail = (field: number, reason: string): never => {
    throw new FieldFailure(field, reason);
  };
  // eslint-disable-next-line @typescript-eslint/no-implied-eval, @typescript-eslint/no-unsafe-call -- source made of numbers and fixed text only
  return new Function('prefix', 'fail', source)(prefix, fail) as Generated;
}

function constantCode(constant: Uint8Array): string {
  return `    ${[...constant].map((byte) => `out[p++] = ${byte};`).join(' ')}`;
}

/** Index of a union's branch on the wire: a zigzag long; unions have far fewer than 64 branches. */
function branchCode(branch: number | undefined): string {
  return branch === undefined ? '' : `p = u32(p, ${branch << 1}); `;
}

function columnCode(field: ColumnField, number: number): string {
  const { column: c, layout } = field;
  const isNull = `v${c} !== null && (v${c}[i >> 3] & (1 << (i & 7))) === 0`;
  const ifNull = field.nullBranch === undefined ? `fail(${number}, 'it is null');` : branchCode(field.nullBranch);
  const value = layout === 'null' ? `fail(${number}, 'it is not null');` : `${branchCode(field.branch)}${valueCode(field, number)}`;
  if (layout === 'null') return `    if (!(${isNull})) { ${value} }`;
  if (layout === 'encoded') return `    p = raw(p, e${c}[i]);`;
  return `    if (${isNull}) { ${ifNull} } else { ${value} }`;
}

function valueCode({ column: c, layout, length }: ColumnField, number: number): string {
  switch (layout) {
    case 'boolean':
      return `out[p++] = d${c}[i];`;
    case 'int32':
      return `p = i32(p, d${c}[i]);`;
    case 'int64':
      return `p = i64(p, d${c}[i * 2], d${c}[i * 2 + 1]);`;
    case 'date':
      return `if (d${c}[i] === 2147483647 || d${c}[i] === -2147483647) fail(${number}, 'it is infinity'); p = i32(p, d${c}[i]);`;
    case 'timestamp':
      return `if (infinite(d${c}[i * 2], d${c}[i * 2 + 1])) fail(${number}, 'it is infinity'); p = i64(p, d${c}[i * 2], d${c}[i * 2 + 1]);`;
    case 'time-millis':
      return `{ const m = d${c}[i * 2 + 1] * 4294967296 + (d${c}[i * 2] >>> 0); if (m % 1000 !== 0) fail(${number}, 'it has more than 3 digits after the second'); p = i32(p, m / 1000); }`;
    case 'float32':
      return `dv.setInt32(p, d${c}[i], true); p += 4;`;
    case 'float64':
      return `dv.setInt32(p, d${c}[i * 2], true); dv.setInt32(p + 4, d${c}[i * 2 + 1], true); p += 8;`;
    case 'decimal64':
      return `p = decimal(p, d${c}, i * 2, 1);`;
    case 'decimal128':
      return `p = decimal(p, d${c}, i * 4, 3);`;
    case 'uuid':
      return `dv.setInt32(p, d${c}[i * 4 + 3] ^ -2147483648); dv.setInt32(p + 4, d${c}[i * 4 + 2]); dv.setInt32(p + 8, d${c}[i * 4 + 1]); dv.setInt32(p + 12, d${c}[i * 4]); p += 16;`;
    case 'fixed':
      return `if (d${c}[i << 2] !== ${length ?? 0}) fail(${number}, 'it does not have ${length ?? 0} bytes'); p = body(p, i, d${c}[i << 2], t${c});`;
    case 'text':
    case 'bytes': {
      const check = length === undefined ? '' : ` if (n > ${length}) characters(p - n, p, ${length}, ${number});`;
      return `{ const n = d${c}[i << 2]; p = text(p, i, n, t${c});${check} }`;
    }
    case 'encoded':
    case 'null':
      return '';
  }
}
