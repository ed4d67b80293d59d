import { Type } from 'avsc';

/** What a new version of a subject must be able to do with the earlier ones; the registry's default is BACKWARD. */
export const compatibilityLevels = [
  'NONE',
  'BACKWARD',
  'BACKWARD_TRANSITIVE',
  'FORWARD',
  'FORWARD_TRANSITIVE',
  'FULL',
  'FULL_TRANSITIVE',
] as const;

export type CompatibilityLevel = (typeof compatibilityLevels)[number];

/**
 * Parses an Avro schema.
 * @param text the schema as JSON text
 * @throws Error that says what is wrong with it
 */
export function parseAvro(text: string): Type {
  // Unions are wrapped: only so are unions with several numbers in them unambiguous to avsc, and reading rules do not depend on it.
  return Type.forSchema(JSON.parse(text) as Parameters<typeof Type.forSchema>[0], { wrapUnions: 'always' });
}

/**
 * Why a new schema does not go with the earlier versions, oldest first; empty when it does.
 * The rules are Avro's schema resolution, as avsc implements it.
 */
export function incompatibilities(level: CompatibilityLevel, schema: Type, earlier: readonly Type[]): string[] {
  if (level === 'NONE') return [];
  const compared = level.endsWith('_TRANSITIVE') ? earlier : earlier.slice(-1);
  const reasons: string[] = [];
  for (const old of compared) {
    if (!level.startsWith('FORWARD')) reasons.push(...cannotRead('the new schema', schema, 'the earlier one', old));
    if (!level.startsWith('BACKWARD')) reasons.push(...cannotRead('the earlier schema', old, 'the new one', schema));
  }
  return reasons;
}

function cannotRead(readerName: string, reader: Type, writerName: string, writer: Type): string[] {
  try {
    reader.createResolver(writer);
    return [];
  } catch (error) {
    return [`${readerName} cannot read what ${writerName} wrote: ${error instanceof Error ? error.message : String(error)}`];
  }
}
