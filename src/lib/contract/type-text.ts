import type { AvroType } from '../schema';

/** A type in words, with all that makes it up: a structure's fields too. Two types with the same text have the same values. */
export function typeText(type: AvroType): string {
  switch (type.kind) {
    case 'RECORD':
      return `RECORD ${type.name}(${type.fields.map((field) => `${field.name} ${typeText(field.type)}${field.nullable ? '' : ' NOT NULL'}`).join(', ')})`;
    case 'ARRAY':
      return `ARRAY<${typeText(type.items)}>`;
    case 'MAP':
      return `MAP<${typeText(type.values)}>`;
    case 'UNION':
      return `UNION<${type.items.map(typeText).join(', ')}>`;
    case 'FIXED':
      return `FIXED ${type.name}(${type.length})`;
    case 'ENUM':
      return `ENUM ${type.name}(${type.symbols.join(', ')})`;
    default:
      return type.toString();
  }
}
