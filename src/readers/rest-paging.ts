/**
 * How a service divides its records into pages.
 *
 * | type | next page | pages at the same time | the end |
 * | --- | --- | --- | --- |
 * | `page` | a number that counts pages | yes | the first page without records |
 * | `offset` | the number of records before it | yes | the first page without records |
 * | `cursor` | a text that the page before names | no | a page that names none |
 * | `link` | an address that the page before names, in its `Link` header or its body | no | a page that names none |
 * | `none` | there is one page | | |
 */
export type RestPaging =
  | { readonly type: 'none' }
  | {
      readonly type: 'page';
      /** Parameter that takes the number. Default `page`. */
      readonly parameter?: string;
      /** Number of the first page. Default 1. */
      readonly first?: number;
      /** Parameter that takes the number of records to a page, and that number; the service decides when not given. */
      readonly size?: readonly [parameter: string, records: number];
      /** Status, e.g. 404, with which the service answers for a page behind the last one; without it, it must answer with no records. */
      readonly endStatus?: number;
    }
  | {
      readonly type: 'offset';
      /** Parameter that takes the number of records before the page. Default `offset`. */
      readonly parameter?: string;
      /** Parameter that takes the number of records to a page, and that number. */
      readonly size: readonly [parameter: string, records: number];
      /** As with `page`. */
      readonly endStatus?: number;
    }
  | {
      readonly type: 'cursor';
      /** Parameter that takes the cursor. Default `cursor`. */
      readonly parameter?: string;
      /** Where the next cursor is: a path in the document, e.g. `meta.next`, or a header. No value, null or an empty text is the end. */
      readonly next: string | { readonly header: string };
      readonly size?: readonly [parameter: string, records: number];
    }
  | {
      readonly type: 'link';
      /** Path of the next page's address in the document, e.g. `links.next`; without it, the `Link` header with `rel="next"` (RFC 8288). */
      readonly next?: string;
      readonly size?: readonly [parameter: string, records: number];
    };

/** Pagings whose pages can be asked for without knowing the ones before. */
export type NumberedPaging = Extract<RestPaging, { readonly type: 'page' | 'offset' }>;

/** Parameters of a page, counted from 0; of the first page only for the types that do not count. */
export function pageParameters(paging: RestPaging, index: number): Readonly<Record<string, string>> {
  switch (paging.type) {
    case 'none':
      return {};
    case 'page':
      return { ...sizeParameter(paging.size), [paging.parameter ?? 'page']: String((paging.first ?? 1) + index) };
    case 'offset':
      return { ...sizeParameter(paging.size), [paging.parameter ?? 'offset']: String(index * paging.size[1]) };
    case 'cursor':
    case 'link':
      return sizeParameter(paging.size);
  }
}

/** Path in the document at which a page names the next one, if it does so there. */
export function nextPath(paging: RestPaging): string | undefined {
  return (paging.type === 'cursor' || paging.type === 'link') && typeof paging.next === 'string' ? paging.next : undefined;
}

/** The address with parameters set. */
export function withParameters(url: URL, parameters: Readonly<Record<string, string | number | undefined>>): URL {
  const result = new URL(url);
  for (const [name, value] of Object.entries(parameters)) if (value !== undefined) result.searchParams.set(name, String(value));
  return result;
}

function sizeParameter(size: readonly [parameter: string, records: number] | undefined): Readonly<Record<string, string>> {
  return size === undefined ? {} : { [size[0]]: String(size[1]) };
}
