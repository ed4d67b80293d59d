import { TablecastError } from '../errors';
import type { Filter } from './run-request';

/** Characters of names and values together: a filter stands in the report, in the history and in the TRUNCATE row. */
const MAX_LENGTH = 10_000;

/**
 * The filter of a backfill, from the property of the request's body. Whole numbers are taken as text; other numbers have more than one text (1.50 and 1.5),
 * and only the caller knows which one the column has.
 * @throws TablecastError FILTER_INVALID
 */
export function readFilter(value: unknown, route: string): Filter {
  const refuse = (reason: string): never => {
    throw new TablecastError('FILTER_INVALID', { route, reason });
  };
  if (value === undefined) return refuse('a backfill needs one; all rows are an initial load');
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return refuse('it is not a JSON object');
  const entries = Object.entries(value as Readonly<Record<string, unknown>>);
  if (entries.length === 0) return refuse('it is empty and would select all rows; that is an initial load');
  const filter = entries.map(([column, content]): [string, string] => {
    if (column === '') return refuse('it names a column without a name');
    if (typeof content === 'string') return [column, content];
    if (typeof content !== 'number') return refuse(`the value of ${column} is ${kindOf(content)}, not a text`);
    if (!Number.isSafeInteger(content))
      return refuse(`the value of ${column} is not a whole number of at most 15 digits; write it as text`);
    return [column, String(content)];
  });
  const length = filter.reduce((sum, [column, text]) => sum + column.length + text.length, 0);
  if (length > MAX_LENGTH) return refuse(`it has ${length} characters, and at most ${MAX_LENGTH} are allowed`);
  return Object.freeze(Object.fromEntries(filter));
}

function kindOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'boolean' ? 'true or false' : 'an object';
}
