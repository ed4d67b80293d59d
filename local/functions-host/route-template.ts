/** Routes as ASP.NET writes them: `products/{category:alpha}/{id:int?}`, `files/{*path}`, `{version=1}`. Literals ignore case. */

interface Parameter {
  readonly name: string;
  readonly constraints: readonly ((text: string) => boolean)[];
  readonly optional: boolean;
  readonly fallback: string | undefined;
  readonly rest: boolean;
}

type Segment = { readonly literal: string } | { readonly parameter: Parameter };

const integer = (from: bigint, to: bigint) => (text: string) =>
  /^[+-]?\d+$/.test(text) && BigInt(text.replace(/^\+/, '')) >= from && BigInt(text.replace(/^\+/, '')) <= to;
const number = (text: string) => text.trim() !== '' && Number.isFinite(Number(text));

/** The constraints of ASP.NET routes, by name; arguments as text. */
const constraintsByName: Readonly<Record<string, (...args: string[]) => (text: string) => boolean>> = {
  int: () => integer(-(2n ** 31n), 2n ** 31n - 1n),
  long: () => integer(-(2n ** 63n), 2n ** 63n - 1n),
  bool: () => (text) => /^(true|false)$/i.test(text),
  datetime: () => (text) => !Number.isNaN(Date.parse(text)),
  decimal: () => number,
  double: () => number,
  float: () => number,
  guid: () => (text) => /^\{?[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12}\}?$/i.test(text),
  alpha: () => (text) => /^[a-z]*$/i.test(text),
  required: () => (text) => text.trim() !== '',
  length:
    (min = '0', max = min) =>
    (text) =>
      text.length >= Number(min) && text.length <= Number(max),
  minlength: (min) => (text) => text.length >= Number(min),
  maxlength: (max) => (text) => text.length <= Number(max),
  min: (min = '0') => integer(BigInt(min), 2n ** 63n - 1n),
  max: (max = '0') => integer(-(2n ** 63n), BigInt(max)),
  range: (min = '0', max = '0') => integer(BigInt(min), BigInt(max)),
  regex: (...pattern) => {
    const expression = new RegExp(pattern.join(','), 'i');
    return (text) => expression.test(text);
  },
};

/** A parsed route: matches paths, and is more or less specific than another. */
export class RouteTemplate {
  private constructor(
    readonly text: string,
    private readonly segments: readonly Segment[],
  ) {}

  /** @throws Error when a constraint is unknown or a segment is not well-formed */
  static parse(text: string): RouteTemplate {
    const trimmed = text.replace(/^\/+|\/+$/g, '');
    return new RouteTemplate(trimmed, trimmed === '' ? [] : splitSegments(trimmed).map((segment) => parseSegment(segment, text)));
  }

  /** The parameters of a path such as `products/paint/7` (without query), or undefined when it does not fit. */
  match(path: string): Record<string, string> | undefined {
    const given = path.replace(/^\/+|\/+$/g, '');
    const parts = given === '' ? [] : given.split('/');
    const parameters: Record<string, string> = {};
    for (const [index, segment] of this.segments.entries()) {
      const part = parts[index];
      if ('literal' in segment) {
        if (part === undefined || decode(part)?.toLowerCase() !== segment.literal.toLowerCase()) return undefined;
        continue;
      }
      const { name, constraints, optional, fallback, rest } = segment.parameter;
      const text = rest ? parts.slice(index).join('/') : part;
      if (text === undefined || (rest && text === '')) {
        if (fallback !== undefined) parameters[name] = fallback;
        else if (!optional && !rest) return undefined;
        continue;
      }
      const value = decode(text);
      if (value === undefined || !constraints.every((fits) => fits(value))) return undefined;
      parameters[name] = value;
      if (rest) return parameters;
    }
    return parts.length > this.segments.length ? undefined : parameters;
  }

  /** Negative when this route is more specific than the other: literal before constrained before free before rest, from the left. */
  compare(other: RouteTemplate): number {
    for (let index = 0; index < Math.max(this.segments.length, other.segments.length); index++) {
      const difference = rank(this.segments[index]) - rank(other.segments[index]);
      if (difference !== 0) return difference;
    }
    return this.text.localeCompare(other.text);
  }
}

function rank(segment: Segment | undefined): number {
  if (segment === undefined || 'literal' in segment) return 0;
  if (segment.parameter.rest) return 3;
  return segment.parameter.constraints.length > 0 ? 1 : 2;
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

/** Splits at slashes outside braces: a regex constraint may hold slashes. */
function splitSegments(text: string): string[] {
  const segments: string[] = [];
  let segment = '';
  let depth = 0;
  for (const character of text) {
    if (character === '{') depth++;
    if (character === '}') depth--;
    if (character === '/' && depth === 0) {
      segments.push(segment);
      segment = '';
    } else segment += character;
  }
  return [...segments, segment];
}

function parseSegment(segment: string, route: string): Segment {
  if (!/[{}]/.test(segment)) return { literal: segment };
  const found = /^\{(?<star>\*{0,2})(?<name>[A-Za-z_][\w-]*)(?<constraints>:.*?)?(?<ending>\?|=[^}]*)?\}$/.exec(segment)?.groups;
  if (found?.['name'] === undefined) throw new Error(`Route "${route}": the segment "${segment}" cannot be understood`);
  const { star, name, constraints = '', ending = '' } = found;
  return {
    parameter: {
      name,
      constraints: parseConstraints(constraints, route),
      optional: ending === '?',
      fallback: ending.startsWith('=') ? ending.slice(1) : undefined,
      rest: star !== '',
    },
  };
}

/** Reads `:length(2,5):alpha`. Brackets nest: the argument of a regex has its own. */
function parseConstraints(text: string, route: string): ((text: string) => boolean)[] {
  const constraints: ((text: string) => boolean)[] = [];
  let rest = text;
  while (rest !== '') {
    const name = /^:(\w+)/.exec(rest)?.[1] ?? '';
    const make = constraintsByName[name.toLowerCase()];
    if (make === undefined) throw new Error(`Route "${route}": unknown constraint "${rest.slice(1)}"`);
    rest = rest.slice(name.length + 1);
    const end = rest.startsWith('(') ? closingBracket(rest) : -1;
    constraints.push(make(...(end > 1 ? rest.slice(1, end).split(',') : [])));
    rest = rest.slice(end + 1);
  }
  return constraints;
}

function closingBracket(text: string): number {
  let depth = 0;
  for (let index = 0; index < text.length; index++) {
    if (text[index] === '(') depth++;
    if (text[index] === ')' && --depth === 0) return index;
  }
  throw new Error(`A bracket of the route constraint "${text}" is not closed`);
}
