import type { TokenStream } from './token-stream';
import type { OracleType } from './types';

function parameters(tokens: TokenStream): { numbers: number[]; inCharacters: boolean } {
  const numbers: number[] = [];
  let inCharacters = false;
  if (tokens.accept('(')) {
    if (tokens.accept('*')) numbers.push(38);
    else numbers.push(tokens.integer());
    while (tokens.accept(',')) numbers.push(tokens.integer());
    if (tokens.accept('CHAR')) inCharacters = true;
    else tokens.accept('BYTE');
    tokens.expect(')');
  }
  return { numbers, inCharacters };
}

/**
 * Reads a data type of a column definition or CAST.
 * @throws OracleError 900 for a type this server does not know
 */
export function parseType(tokens: TokenStream): OracleType {
  const name = tokens.next().text;
  switch (name) {
    case 'NUMBER':
    case 'DECIMAL':
    case 'NUMERIC': {
      const { numbers } = parameters(tokens);
      if (numbers.length === 0) return name === 'NUMBER' ? { name: 'NUMBER' } : { name: 'NUMBER', precision: 38, scale: 0 };
      return { name: 'NUMBER', precision: numbers[0] ?? 38, scale: numbers[1] ?? 0 };
    }
    case 'INTEGER':
    case 'INT':
    case 'SMALLINT':
      return { name: 'NUMBER', precision: 38, scale: 0 };
    case 'FLOAT':
      return { name: 'NUMBER', floatBits: parameters(tokens).numbers[0] ?? 126 };
    case 'VARCHAR2':
    case 'VARCHAR':
    case 'NVARCHAR2':
    case 'CHAR':
    case 'NCHAR': {
      const { numbers, inCharacters } = parameters(tokens);
      const national = name.startsWith('N');
      return { name: name === 'VARCHAR' ? 'VARCHAR2' : name, length: numbers[0] ?? 1, inCharacters: inCharacters || national };
    }
    case 'LONG':
      return { name: tokens.accept('RAW') ? 'LONG RAW' : 'LONG' };
    case 'RAW':
      return { name: 'RAW', length: parameters(tokens).numbers[0] ?? 2000 };
    case 'DATE':
    case 'CLOB':
    case 'NCLOB':
    case 'BLOB':
    case 'BOOLEAN':
    case 'ROWID':
    case 'BINARY_FLOAT':
    case 'BINARY_DOUBLE':
      return { name };
    case 'TIMESTAMP': {
      const scale = parameters(tokens).numbers[0] ?? 6;
      if (tokens.accept('WITH', 'TIME', 'ZONE')) return { name: 'TIMESTAMP WITH TIME ZONE', scale };
      if (tokens.accept('WITH', 'LOCAL', 'TIME', 'ZONE')) return { name: 'TIMESTAMP WITH LOCAL TIME ZONE', scale };
      return { name: 'TIMESTAMP', scale };
    }
    default:
      return tokens.fail(`data type expected instead of ${name}`);
  }
}
