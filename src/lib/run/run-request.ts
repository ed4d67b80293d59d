import type { HttpRequest } from '@azure/functions';
import { TablecastError } from '../errors';

export type Load = 'initial' | 'delta';

/** What a caller wants: a load, the load that fits (`auto`), or to know how the flow is doing. */
export type RunRequest = { readonly kind: 'status' } | { readonly kind: 'run'; readonly load: Load | 'auto' };

/** The methods that a flow answers, for `app.http`. */
export const FLOW_METHODS = ['PUT', 'POST', 'GET', 'PATCH'] as const;

/**
 * Reads the request: PUT is an initial load, PATCH a delta load, GET the status; POST takes `load` from the query or from a JSON body, and without
 * one the run chooses: delta when there is a pointer, else initial.
 * @throws TablecastError METHOD_NOT_ALLOWED, BODY_INVALID, LOAD_UNKNOWN
 */
export async function readRunRequest(request: HttpRequest, route: string): Promise<RunRequest> {
  switch (request.method.toUpperCase()) {
    case 'GET':
      return { kind: 'status' };
    case 'PUT':
      return { kind: 'run', load: requireSame('initial', await readLoad(request, route), request.method, route) };
    case 'PATCH':
      return { kind: 'run', load: requireSame('delta', await readLoad(request, route), request.method, route) };
    case 'POST':
      return { kind: 'run', load: (await readLoad(request, route)) ?? 'auto' };
    default:
      throw new TablecastError('METHOD_NOT_ALLOWED', { method: request.method, route });
  }
}

async function readLoad(request: HttpRequest, route: string): Promise<Load | undefined> {
  const inQuery = request.query.get('load');
  const inBody = await readBody(request, route);
  if (inQuery !== null && inBody !== undefined && inQuery !== inBody) {
    throw new TablecastError('BODY_INVALID', {
      route,
      reason: `its "load" is ${JSON.stringify(inBody)}, but that of the query is "${inQuery}"`,
    });
  }
  return toLoad(inQuery ?? inBody);
}

/** The `load` of a JSON body; undefined when there is no body or no such property. */
async function readBody(request: HttpRequest, route: string): Promise<unknown> {
  const text = await request.text();
  if (text.trim() === '') return undefined;
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch (error) {
    throw new TablecastError('BODY_INVALID', { route, reason: 'it is not JSON' }, { cause: error });
  }
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw new TablecastError('BODY_INVALID', { route, reason: 'it is not a JSON object' });
  }
  const unknown = Object.keys(body).filter((name) => name !== 'load');
  if (unknown.length > 0) throw new TablecastError('BODY_INVALID', { route, reason: `it has unknown properties: ${unknown.join(', ')}` });
  return (body as { load?: unknown }).load;
}

function toLoad(value: unknown): Load | undefined {
  if (value === undefined) return undefined;
  if (value === 'initial' || value === 'delta') return value;
  throw new TablecastError('LOAD_UNKNOWN', { load: typeof value === 'string' ? value : JSON.stringify(value) });
}

/** PUT and PATCH name their load themselves; one that says something else beside it is a mistake, not a wish. */
function requireSame(load: Load, stated: Load | undefined, method: string, route: string): Load {
  if (stated === undefined || stated === load) return load;
  throw new TablecastError('BODY_INVALID', { route, reason: `${method} is always a ${load} load, not "${stated}"` });
}
