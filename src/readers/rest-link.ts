/**
 * The target of the first link with the relation `next` in the values of `Link` headers (RFC 8288), as it stands there; undefined when there is none.
 *
 * @example nextLink('<https://api.example.com/items?page=2>; rel="next", <…>; rel="last"'); // 'https://api.example.com/items?page=2'
 */
export function nextLink(header: string | undefined): string | undefined {
  // One link: its target in angle brackets, then parameters whose values may be quoted and may then hold commas.
  const links = (header ?? '').matchAll(/<([^>]*)>((?:\s*;\s*[^\s=;,]+\s*(?:=\s*(?:"(?:[^"\\]|\\.)*"|[^\s";,]*))?)*)/g);
  for (const [, target, parameters = ''] of links) {
    const values = [...parameters.matchAll(/;\s*([^\s=;,]+)\s*(?:=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s";,]*)))?/g)];
    const [, , quoted, plain] = values.find(([, name]) => name?.toLowerCase() === 'rel') ?? [];
    const relations = (quoted ?? plain ?? '').toLowerCase().split(/\s+/);
    if (relations.includes('next')) return target;
  }
  return undefined;
}
