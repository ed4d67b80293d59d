import type { HttpRequest } from '@azure/functions';
import { TablecastError } from '../errors';
import { readFilter } from './read-filter';

/** What a run brings: all rows, those that changed since the pointer, or, leaving the pointer alone, those that a filter selects. */
export type Load = 'initial' | 'delta' | 'backfill';

/** Which rows a backfill brings: column → value as text; a row is selected when all of them agree. Never empty. */
export type Filter = Readonly<Record<string, string>>;

/** The load that a run was asked for; `auto` is a delta when there is a pointer, else initial. */
export type WantedLoad = { readonly load: 'initial' | 'delta' | 'auto' } | { readonly load: 'backfill'; readonly filter: Filter };

/** What a caller wants of the dataflow that it names, if it names one: to know how it is doing, or a load. */
export type RunRequest = { readonly dataflow: string | undefined } & (
  { readonly kind: 'status' } | { readonly kind: 'run'; readonly wanted: WantedLoad }
);

/** The methods that a flow answers, for `app.http`. */
export const FLOW_METHODS = ['PUT', 'POST', 'GET', 'PATCH'] as const;

/** The load that a method stands for. */
const loadOfMethod: Readonly<Record<string, Load>> = { PUT: 'initial', PATCH: 'delta' };

/**
 * Reads the request: PUT is an initial load, PATCH a delta load, GET the status; POST takes `load` from the query or from a JSON body, and without
 * one the run chooses: delta when there is a pointer, else initial. `dataflow` may stand in either, too; the `filter` of a backfill in the body only.
 * What is not known is refused: a misspelt `load` would otherwise start another one.
 * @throws TablecastError METHOD_NOT_ALLOWED, QUERY_INVALID, BODY_INVALID, LOAD_UNKNOWN, FILTER_INVALID
 */
export async function readRunRequest(request: HttpRequest, route: string): Promise<RunRequest> {
  const method = request.method.toUpperCase();
  if (!FLOW_METHODS.some((known) => known === method)) throw new TablecastError('METHOD_NOT_ALLOWED', { method: request.method, route });
  const query = readQuery(request, route);
  if (method === 'GET') {
    if (query.load !== undefined) throw new TablecastError('QUERY_INVALID', { route, reason: 'GET starts nothing, so it takes no "load"' });
    return { kind: 'status', dataflow: query.dataflow };
  }
  const body = await readBody(request, route);
  const dataflow = agree('dataflow', query.dataflow, body.dataflow, route);
  if (dataflow !== undefined && typeof dataflow !== 'string')
    throw new TablecastError('BODY_INVALID', { route, reason: 'its "dataflow" is not a text' });
  const stated = toLoad(agree('load', query.load, body.load, route));
  const fixed = loadOfMethod[method];
  // A method that names its load itself, with another one beside it, is a mistake, not a wish.
  if (fixed !== undefined && stated !== undefined && stated !== fixed)
    throw new TablecastError('BODY_INVALID', { route, reason: `${method} is always a ${fixed} load, not "${stated}"` });
  return { kind: 'run', dataflow, wanted: toWanted(fixed ?? stated ?? 'auto', body.filter, route) };
}

function toWanted(load: Load | 'auto', filter: unknown, route: string): WantedLoad {
  if (load === 'backfill') return { load, filter: readFilter(filter, route) };
  if (filter === undefined) return { load };
  const what = load === 'auto' ? 'a load that is not named' : `${load === 'initial' ? 'an initial' : 'a delta'} load`;
  throw new TablecastError('FILTER_INVALID', { route, reason: `it stands beside ${what}, and only a backfill takes one` });
}

interface Parameters {
  readonly load?: unknown;
  readonly dataflow?: unknown;
  readonly filter?: unknown;
}

/** Where function keys may stand; the host has dealt with them. */
const hostParameters = ['code', 'clientId'];

/** The parameters of the query that are for the flow, each a text. */
function readQuery({ query }: HttpRequest, route: string): { readonly load?: string; readonly dataflow?: string } {
  const found: Record<string, string> = {};
  for (const [name, value] of query) {
    if (hostParameters.includes(name)) continue;
    if (name === 'filter') throw new TablecastError('QUERY_INVALID', { route, reason: '"filter" belongs in the JSON body' });
    if (name !== 'load' && name !== 'dataflow')
      throw new TablecastError('QUERY_INVALID', { route, reason: `it has an unknown parameter: ${name}` });
    if (found[name] !== undefined) throw new TablecastError('QUERY_INVALID', { route, reason: `it has "${name}" more than once` });
    found[name] = value;
  }
  return found;
}

/** The properties of a JSON body; none when there is no body. */
async function readBody(request: HttpRequest, route: string): Promise<Parameters> {
  const text = await request.text();
  if (text.trim() === '') return {};
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch (error) {
    throw new TablecastError('BODY_INVALID', { route, reason: 'it is not JSON' }, { cause: error });
  }
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw new TablecastError('BODY_INVALID', { route, reason: 'it is not a JSON object' });
  }
  const unknown = Object.keys(body).filter((name) => !['load', 'dataflow', 'filter'].includes(name));
  if (unknown.length > 0) throw new TablecastError('BODY_INVALID', { route, reason: `it has unknown properties: ${unknown.join(', ')}` });
  return body;
}

/** What query and body say together; one may be silent, but they must not differ. */
function agree(name: string, inQuery: string | undefined, inBody: unknown, route: string): unknown {
  if (inQuery !== undefined && inBody !== undefined && inQuery !== inBody) {
    throw new TablecastError('BODY_INVALID', {
      route,
      reason: `its "${name}" is ${JSON.stringify(inBody)}, but that of the query is "${inQuery}"`,
    });
  }
  return inQuery ?? inBody;
}

function toLoad(value: unknown): Load | undefined {
  if (value === undefined) return undefined;
  if (value === 'initial' || value === 'delta' || value === 'backfill') return value;
  throw new TablecastError('LOAD_UNKNOWN', { load: typeof value === 'string' ? value : JSON.stringify(value) });
}
