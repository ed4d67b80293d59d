import { keyOf, type Attribute, type StoredAttribute } from './attribute-rows';

/** Something in the request that the service does not take; the answer is 400 with this text. */
export class BadRequest extends Error {}

/** Rows that a request asks for: their place among all rows. */
export interface Window {
  readonly start: number;
  readonly size: number;
}

/** A page, ready to be written down in its style. */
export interface Page extends Window {
  /** What stands for the rows; faults may have changed them. */
  readonly records: readonly unknown[];
  /** Rows on all pages. */
  readonly total: number;
  /** Place of the first row of the next page; undefined on the last one. */
  readonly next: number | undefined;
  /** Address of the page that begins there. */
  readonly address: (start: number) => string;
  /** Opaque text for the page that begins there. */
  readonly cursor: (start: number) => string;
}

export interface PageStyle {
  /** Parameter that says how many rows a page has. */
  readonly sizeParameter: string;
  /** Rows when the request does not say how many. */
  readonly defaultSize: number;
  /** Where a page begins. */
  readonly start: (query: URLSearchParams, rows: readonly Attribute[], size: number) => number;
  /** Parameters that lead to the page which begins there. */
  readonly parameters: (start: number, rows: readonly Attribute[], size: number) => Readonly<Record<string, string>>;
  readonly answer: (page: Page) => { readonly document: unknown; readonly headers?: Readonly<Record<string, string>> };
  /** One JSON value per line, in place of a document. */
  readonly isNdjson?: boolean;
}

export const largestSize = 1000;

const byCursor: Pick<PageStyle, 'sizeParameter' | 'defaultSize' | 'start' | 'parameters'> = {
  sizeParameter: 'limit',
  defaultSize: 100,
  start: (query, rows) => placeAfter(query.get('cursor') ?? '', rows),
  parameters: (start, rows) => ({ cursor: cursorTo(start, rows) }),
};

/** By offset, in links that the client follows as they are. */
const byLink: Pick<PageStyle, 'sizeParameter' | 'defaultSize' | 'start' | 'parameters'> = {
  sizeParameter: 'limit',
  defaultSize: 100,
  start: (query) => wholeNumber(query, 'offset', 0),
  parameters: (start) => ({ offset: String(start) }),
};

/** The path's last part, and how the pages below it look. */
export const pageStyles: Readonly<Record<string, PageStyle>> = {
  page: {
    sizeParameter: 'size',
    defaultSize: 100,
    start: (query, _rows, size) => (wholeNumber(query, 'page', 1, 1) - 1) * size,
    parameters: (start, _rows, size) => ({ page: String(start / size + 1) }),
    answer: ({ records, start, size, total }) => ({
      document: { data: { items: records }, meta: { page: start / size + 1, size, pages: Math.ceil(total / size), total } },
    }),
  },
  offset: {
    sizeParameter: 'limit',
    defaultSize: 100,
    start: (query) => wholeNumber(query, 'offset', 0),
    parameters: (start) => ({ offset: String(start) }),
    answer: ({ records, start, size, total }) => ({ document: { total, offset: start, limit: size, items: records } }),
  },
  cursor: {
    ...byCursor,
    answer: ({ records, next, cursor }) => ({ document: { items: records, meta: { next: next === undefined ? null : cursor(next) } } }),
  },
  'header-cursor': {
    ...byCursor,
    answer: ({ records, next, cursor }) => ({ document: records, headers: next === undefined ? {} : { 'x-next-cursor': cursor(next) } }),
  },
  link: { ...byLink, answer: (page) => ({ document: page.records, headers: linkHeaders(page) }) },
  'body-link': {
    ...byLink,
    answer: ({ records, start, size, total, next, address }) => ({
      document: {
        count: total,
        next: next === undefined ? null : address(next),
        previous: start === 0 ? null : address(Math.max(start - size, 0)),
        results: records,
      },
    }),
  },
  // All rows in one answer, unless a limit is asked for.
  ndjson: { ...byLink, defaultSize: Infinity, isNdjson: true, answer: (page) => ({ document: page.records, headers: linkHeaders(page) }) },
};

/** RFC 8288; some parameters, and a comma within quotes, are there for whoever takes the header apart too simply. */
function linkHeaders({ start, size, total, next, address }: Page): Readonly<Record<string, string>> {
  const links = [`<${address(0)}>; rel="first"; title="first, of all"`];
  if (start > 0) links.push(`<${address(Math.max(start - size, 0))}>; rel=prev`);
  if (next !== undefined) links.push(`<${address(next)}>; type="application/json"; rel="next"`);
  return { link: links.join(', '), 'x-total-count': String(total) };
}

/** The key of the row before, so that rows inserted or deleted meanwhile move no page. */
export function cursorTo(start: number, rows: readonly Attribute[]): string {
  const before = rows[start - 1];
  return Buffer.from(JSON.stringify(before === undefined ? [] : [before.Name, before.AttributeType])).toString('base64url');
}

function placeAfter(cursor: string, rows: readonly Attribute[]): number {
  if (cursor === '') return 0;
  let key: unknown;
  try {
    key = JSON.parse(Buffer.from(cursor, 'base64url').toString());
  } catch {
    throw new BadRequest('cursor is not one of this service');
  }
  if (!Array.isArray(key)) throw new BadRequest('cursor is not one of this service');
  const [name, type] = key as unknown[];
  if (typeof name !== 'string' || typeof type !== 'string') return 0;
  const last = keyOf(name, type);
  const found = rows.findIndex((row) => keyOf(row.Name, row.AttributeType) > last);
  return found === -1 ? rows.length : found;
}

/** The page that a request asks for, with the rows as they are now. */
export function windowOf(style: PageStyle, query: URLSearchParams, rows: readonly StoredAttribute[]): Window {
  const asked = query.has(style.sizeParameter) ? wholeNumber(query, style.sizeParameter, 0, 1) : style.defaultSize;
  const size = style.isNdjson === true ? asked : Math.min(asked, largestSize);
  return { start: style.start(query, rows, size), size };
}

function wholeNumber(query: URLSearchParams, name: string, otherwise: number, least = 0): number {
  const text = query.get(name);
  if (text === null) return otherwise;
  if (!/^\d{1,9}$/.test(text) || Number(text) < least) throw new BadRequest(`${name} must be a whole number from ${least}`);
  return Number(text);
}
