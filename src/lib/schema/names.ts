/**
 * Column and table names on their way into Avro and back. Avro allows letters, digits and `_` only, and no leading digit; every other character
 * becomes `_x` and the four hex digits of its UTF-16 code unit. A literal `_x` is escaped first, so that the rule can be reversed.
 */

/**
 * The Avro name of a column or table name. Total and reversible: any string has exactly one Avro name, and two strings never share one.
 *
 * @example
 * encodeName('REVENUE$'); // 'REVENUE_x0024'
 * encodeName('A_x$');     // 'A_x005f_x0078_x0024'
 * encodeName('2nd');      // '_x0032nd'
 * encodeName('😀');       // '_xd83d_xde00', its two surrogates
 */
export function encodeName(original: string): string {
  // No `u` flag: the pattern has to see code units, so that a high code point becomes two escapes and a lone surrogate one.
  return original.replaceAll(/_x|[^A-Za-z0-9_]|^[0-9]/g, (part) => (part === '_x' ? '_x005f_x0078' : escape(part)));
}

/**
 * The original name behind an Avro name: every `_xHHHH` becomes that UTF-16 code unit again.
 *
 * @example decodeName('REVENUE_x0024'); // 'REVENUE$'
 */
export function decodeName(name: string): string {
  return name.replaceAll(/_x([0-9a-fA-F]{4})/g, (_escape, digits: string) => String.fromCharCode(Number.parseInt(digits, 16)));
}

/** Whether a text is a name by the Avro specification, which also rules enum symbols and the parts of a namespace. */
export function isAvroName(text: string): boolean {
  return /^[A-Za-z_][A-Za-z0-9_]*$/.test(text);
}

/** Whether a text is a namespace by the Avro specification: names, separated by dots. */
export function isAvroNamespace(text: string): boolean {
  return text.split('.').every(isAvroName);
}

function escape(codeUnit: string): string {
  return `_x${codeUnit.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
