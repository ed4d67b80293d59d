import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { closeServer } from '../close-server';
import { compatibilityLevels, type CompatibilityLevel } from './avro-compatibility';
import { RegistryProblem } from './registry-problem';
import { SchemaStore } from './schema-store';

export interface SchemaRegistryOptions {
  /** Port on 127.0.0.1; 0, the default, takes a free one. */
  readonly port?: number;
  /** Passwords by user for HTTP basic authentication; not set: everybody may do everything. */
  readonly users?: Readonly<Record<string, string>>;
  /** Level of subjects without one of their own; BACKWARD by default. */
  readonly compatibility?: CompatibilityLevel;
}

export interface LocalSchemaRegistry extends AsyncDisposable {
  /** Base address, e.g. `http://127.0.0.1:8081`. */
  readonly url: string;
  close(): Promise<void>;
}

interface Call {
  readonly store: SchemaStore;
  /** The variable parts of the path, decoded. */
  readonly path: readonly string[];
  readonly query: URLSearchParams;
  readonly body: Readonly<Record<string, unknown>>;
}

/** `METHOD /path` with `*` for a variable part → answer. */
const routes: Readonly<Record<string, (call: Call) => unknown>> = {
  'GET /': () => ({}),
  'GET /subjects': ({ store }) => store.subjects,
  'POST /subjects/*': ({ store, path, body }) => store.lookup(part(path, 0), schemaText(body)),
  'DELETE /subjects/*': ({ store, path }) => store.remove(part(path, 0)),
  'GET /subjects/*/versions': ({ store, path }) => store.versions(part(path, 0)).map(({ version }) => version),
  'POST /subjects/*/versions': ({ store, path, body }) => ({ id: store.register(part(path, 0), schemaText(body)) }),
  'GET /subjects/*/versions/*': ({ store, path }) => store.version(part(path, 0), versionNumber(part(path, 1))),
  'GET /subjects/*/versions/*/schema': ({ store, path }) =>
    JSON.parse(store.version(part(path, 0), versionNumber(part(path, 1))).schema) as unknown,
  'DELETE /subjects/*/versions/*': ({ store, path }) => store.remove(part(path, 0), versionNumber(part(path, 1)))[0],
  'GET /schemas/types': () => ['AVRO'],
  'GET /schemas/ids/*': ({ store, path }) => ({ schema: store.schema(Number(part(path, 0))) }),
  'GET /schemas/ids/*/schema': ({ store, path }) => JSON.parse(store.schema(Number(part(path, 0)))) as unknown,
  'GET /schemas/ids/*/subjects': ({ store, path }) => [...new Set(store.uses(Number(part(path, 0))).map(({ subject }) => subject))],
  'GET /schemas/ids/*/versions': ({ store, path }) =>
    store.uses(Number(part(path, 0))).map(({ subject, version }) => ({ subject, version })),
  'POST /compatibility/subjects/*/versions': (call) => compatibility(call),
  'POST /compatibility/subjects/*/versions/*': (call) => compatibility(call, versionNumber(part(call.path, 1))),
  'GET /config': ({ store }) => ({ compatibilityLevel: store.globalLevel }),
  'PUT /config': ({ store, body }) => {
    store.globalLevel = levelOf(body);
    return { compatibility: store.globalLevel };
  },
  'GET /config/*': ({ store, path, query }) => {
    const own = store.level(part(path, 0));
    if (own !== undefined) return { compatibilityLevel: own };
    if (query.get('defaultToGlobal') === 'true') return { compatibilityLevel: store.globalLevel };
    throw new RegistryProblem(404, 40408, `Subject '${part(path, 0)}' does not have subject-level compatibility configured`);
  },
  'PUT /config/*': ({ store, path, body }) => {
    store.setLevel(part(path, 0), levelOf(body));
    return { compatibility: levelOf(body) };
  },
  'DELETE /config/*': ({ store, path }) => {
    const level = store.level(part(path, 0));
    store.setLevel(part(path, 0), undefined);
    return { compatibilityLevel: level ?? store.globalLevel };
  },
  'GET /mode': () => ({ mode: 'READWRITE' }),
  'GET /mode/*': () => ({ mode: 'READWRITE' }),
};

/**
 * Starts a schema registry in this process that speaks Confluent's REST API for Avro, in memory.
 * `await using registry = await startSchemaRegistry()` closes it at the end of the block.
 */
export async function startSchemaRegistry(options: SchemaRegistryOptions = {}): Promise<LocalSchemaRegistry> {
  const store = new SchemaStore(options.compatibility);
  const server = createServer((request, response) => {
    void answer(request, response, store, options.users);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, '127.0.0.1', resolve);
  });
  let closing: Promise<void> | undefined;
  const close = (): Promise<void> => (closing ??= closeServer(server));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close, [Symbol.asyncDispose]: close };
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  store: SchemaStore,
  users: SchemaRegistryOptions['users'],
): Promise<void> {
  let status = 200;
  let body: unknown;
  try {
    checkUser(request, users);
    body = await dispatch(request, store);
  } catch (error) {
    const problem =
      error instanceof RegistryProblem ? error : new RegistryProblem(500, 50001, error instanceof Error ? error.message : String(error));
    status = problem.status;
    body = { error_code: problem.code, message: problem.message };
    if (status === 401) response.setHeader('www-authenticate', 'Basic realm="schema registry"');
  }
  response.writeHead(status, { 'content-type': 'application/vnd.schemaregistry.v1+json' });
  response.end(JSON.stringify(body));
}

function checkUser(request: IncomingMessage, users: SchemaRegistryOptions['users']): void {
  if (users === undefined) return;
  const [, encoded = ''] = /^Basic (.+)$/i.exec(request.headers.authorization ?? '') ?? [];
  const [, user = '', password = ''] = /^([^:]*):(.*)$/s.exec(Buffer.from(encoded, 'base64').toString()) ?? [];
  if (!Object.hasOwn(users, user) || users[user] !== password) throw new RegistryProblem(401, 401, 'Unauthorized');
}

async function dispatch(request: IncomingMessage, store: SchemaStore): Promise<unknown> {
  const url = new URL(request.url ?? '/', 'http://registry');
  const segments = url.pathname.split('/').filter((segment) => segment !== '');
  for (const [pattern, handler] of Object.entries(routes)) {
    const path = match(pattern, request.method ?? 'GET', segments);
    if (path !== null) return handler({ store, path, query: url.searchParams, body: await bodyOf(request) });
  }
  throw new RegistryProblem(404, 404, 'HTTP 404 Not Found');
}

/** @returns the variable parts, or null when the pattern is another */
function match(pattern: string, method: string, segments: readonly string[]): string[] | null {
  const [wantedMethod, wantedPath = ''] = pattern.split(' ');
  const wanted = wantedPath.split('/').filter((segment) => segment !== '');
  if (wantedMethod !== method || wanted.length !== segments.length) return null;
  if (wanted.some((segment, index) => segment !== '*' && segment !== segments[index])) return null;
  return segments.filter((_segment, index) => wanted[index] === '*').map(decodeURIComponent);
}

async function bodyOf(request: IncomingMessage): Promise<Readonly<Record<string, unknown>>> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  if (chunks.length === 0) return {};
  try {
    const value: unknown = JSON.parse(Buffer.concat(chunks).toString());
    if (typeof value === 'object' && value !== null) return value as Record<string, unknown>;
  } catch {
    // Answered below, like any body that is no object.
  }
  throw new RegistryProblem(400, 400, 'Unable to process JSON');
}

function part(path: readonly string[], index: number): string {
  return path[index] ?? '';
}

function schemaText(body: Readonly<Record<string, unknown>>): string {
  if (typeof body.schema !== 'string') throw RegistryProblem.invalidSchema('the body has no schema');
  if (body.schemaType !== undefined && body.schemaType !== 'AVRO') throw RegistryProblem.invalidSchema('only AVRO is kept here');
  return body.schema;
}

function versionNumber(text: string): number | 'latest' {
  if (text === 'latest' || text === '-1') return 'latest';
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  const message = `The specified version '${text}' is not a valid version id. Allowed values are between [1, 2^31-1] and the string "latest"`;
  throw new RegistryProblem(422, 42202, message);
}

function levelOf(body: Readonly<Record<string, unknown>>): CompatibilityLevel {
  const level = compatibilityLevels.find((known) => known === body.compatibility);
  if (level === undefined) throw new RegistryProblem(422, 42203, `Invalid compatibility level: ${String(body.compatibility)}`);
  return level;
}

function compatibility({ store, path, query, body }: Call, version?: number | 'latest'): unknown {
  const messages = store.check(part(path, 0), schemaText(body), version);
  return { is_compatible: messages.length === 0, ...(query.get('verbose') === 'true' ? { messages } : {}) };
}
