import { quoteLiteral } from '../duckdb/quote';
import type { AvroType } from '../schema';

/**
 * SQL of what stands in a column that must not be null where nothing is known: 0, '', false, the epoch; as in TRUNCATE rows.
 * @param duckdbType of the column
 */
export function zeroLiteral(type: AvroType, duckdbType: string): string {
  const cast = (literal: string): string => `CAST(${literal} AS ${duckdbType})`;
  if (/^(TIMESTAMP|DATE)/.test(duckdbType)) return cast(`'1970-01-01'`);
  if (duckdbType.startsWith('TIME')) return cast(`'00:00:00'`);
  const zero = type.zero();
  if (zero instanceof Uint8Array) return cast(`from_hex(${quoteLiteral(Buffer.from(zero).toString('hex'))})`);
  if (Array.isArray(zero)) return cast('[]');
  if (typeof zero === 'string' || typeof zero === 'number' || typeof zero === 'bigint' || typeof zero === 'boolean')
    return cast(quoteLiteral(String(zero)));
  if (type.kind === 'MAP') return cast('MAP {}');
  return cast(
    `{${Object.keys(zero as object)
      .map((name) => `${quoteLiteral(name)}: NULL`)
      .join(', ')}}`,
  );
}
