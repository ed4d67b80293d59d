import { Type, types } from 'avsc';
import type { AvroRecordSchema } from '../../src/lib/schema';

/** avsc over a schema's JSON, with longs as bigint: the independent encoder. Values have the schema's encoded names; unions are not wrapped. */
export function avscOf(schema: AvroRecordSchema): Type {
  const long = types.LongType.__with({
    fromBuffer: (buffer: Buffer) => buffer.readBigInt64LE(),
    toBuffer: (value: bigint) => {
      const buffer = Buffer.alloc(8);
      buffer.writeBigInt64LE(value);
      return buffer;
    },
    fromJSON: BigInt,
    toJSON: Number,
    isValid: (value: unknown) => typeof value === 'bigint',
    compare: (one: bigint, other: bigint) => Number(one - other),
  });
  return Type.forSchema(schema as unknown as Parameters<typeof Type.forSchema>[0], {
    wrapUnions: 'auto',
    typeHook: (part: unknown) => (part === 'long' || (part as { type?: unknown }).type === 'long' ? long : undefined),
  });
}
