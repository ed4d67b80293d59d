import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { closeServer } from '../close-server';

const RESOURCE = 'https://vault.azure.net';
const TENANT = '00000000-0000-0000-0000-000000000000';
const TOKEN_SECONDS = 3600;

/** Tokens given out. All vaults of a process accept them: the identity library keeps one token for all, as a real one would be good for all. */
const tokens = new Set<string>();

export interface LocalKeyVault extends AsyncDisposable {
  /** For the setting KEY_VAULT_URL. */
  readonly url: string;
  /** Environment variables by which `DefaultAzureCredential` finds the managed identity of this process. */
  readonly identity: { readonly IDENTITY_ENDPOINT: string; readonly IDENTITY_HEADER: string };
  /** Adds a secret, or a new version of it. */
  setSecret(name: string, value: string): void;
  removeSecret(name: string): void;
  /** A disabled secret exists, but its value is refused. */
  disableSecret(name: string): void;
  /** Whether the identity may read secrets; when not, the vault answers 403. Default true. */
  allowAccess(allowed: boolean): void;
  close(): Promise<void>;
}

interface StoredSecret {
  readonly value: string;
  readonly version: string;
  readonly created: number;
  enabled: boolean;
}

/**
 * A Key Vault and a managed-identity endpoint on a loopback port, to which Azure's own client libraries talk: secrets can be read, nothing else.
 * Source of the protocol: https://learn.microsoft.com/rest/api/keyvault/secrets/get-secret and
 * https://learn.microsoft.com/azure/app-service/overview-managed-identity (REST endpoint reference).
 */
export async function startKeyVault(secrets: Readonly<Record<string, string>> = {}, port = 0): Promise<LocalKeyVault> {
  const stored = new Map<string, StoredSecret[]>();
  const identityHeader = randomUUID();
  let allowed = true;

  const setSecret = (name: string, value: string): void => {
    const versions = stored.get(name.toLowerCase()) ?? [];
    versions.push({ value, version: randomUUID().replaceAll('-', ''), created: Math.floor(Date.now() / 1000), enabled: true });
    stored.set(name.toLowerCase(), versions);
  };
  for (const [name, value] of Object.entries(secrets)) setSecret(name, value);

  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://vault');
    if (url.pathname === '/msi/token') answerToken(request, response, url);
    else answerSecret(request, response, url);
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  /** The App Service endpoint, version 2019-08-01. */
  function answerToken(request: IncomingMessage, response: ServerResponse, url: URL): void {
    if (request.headers['x-identity-header'] !== identityHeader) {
      send(response, 401, { statusCode: 401, message: 'The identity header is missing or wrong.' });
      return;
    }
    const token = randomUUID();
    tokens.add(token);
    const expires = String(Math.floor(Date.now() / 1000) + TOKEN_SECONDS);
    send(response, 200, {
      access_token: token,
      expires_on: expires,
      resource: url.searchParams.get('resource') ?? RESOURCE,
      token_type: 'Bearer',
    });
  }

  function answerSecret(request: IncomingMessage, response: ServerResponse, url: URL): void {
    const token = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1];
    if (token === undefined || !tokens.has(token)) {
      response.setHeader('WWW-Authenticate', `Bearer authorization="https://login.microsoftonline.com/${TENANT}", resource="${RESOURCE}"`);
      sendError(response, 401, 'Unauthorized', 'AKV10000: Request is missing a Bearer or PoP token.');
      return;
    }
    const [, name, version] = /^\/secrets\/([0-9A-Za-z-]{1,127})(?:\/([0-9a-f]*))?$/.exec(url.pathname) ?? [];
    if (request.method !== 'GET' || name === undefined) {
      sendError(response, 405, 'MethodNotAllowed', 'Only GET /secrets/{name}/{version} is served here.');
      return;
    }
    if (!allowed) {
      sendError(
        response,
        403,
        'Forbidden',
        "Caller is not authorized to perform action on resource. Action: 'Microsoft.KeyVault/vaults/secrets/getSecret/action'",
        {
          code: 'ForbiddenByRbac',
        },
      );
      return;
    }
    const versions = stored.get(name.toLowerCase()) ?? [];
    const secret = version ? versions.find((candidate) => candidate.version === version) : versions.at(-1);
    if (!secret) {
      sendError(response, 404, 'SecretNotFound', `A secret with (name/id) ${name} was not found in this key vault.`);
      return;
    }
    if (!secret.enabled) {
      sendError(response, 403, 'Forbidden', 'Operation get is not allowed on a disabled secret.', { code: 'SecretDisabled' });
      return;
    }
    const { value, created } = secret;
    const attributes = { enabled: true, created, updated: created, recoveryLevel: 'Recoverable', recoverableDays: 90 };
    send(response, 200, { value, id: `${base}/secrets/${name}/${secret.version}`, attributes, tags: {} });
  }

  let closing: Promise<void> | undefined;
  const close = (): Promise<void> => (closing ??= closeServer(server));

  return {
    url: base,
    identity: { IDENTITY_ENDPOINT: `${base}/msi/token`, IDENTITY_HEADER: identityHeader },
    setSecret,
    removeSecret: (name) => stored.delete(name.toLowerCase()),
    disableSecret: (name) => {
      const newest = stored.get(name.toLowerCase())?.at(-1);
      if (newest) newest.enabled = false;
    },
    allowAccess: (value) => {
      allowed = value;
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

function send(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' }).end(JSON.stringify(body));
}

function sendError(response: ServerResponse, status: number, code: string, message: string, innererror?: { readonly code: string }): void {
  send(response, status, { error: { code, message, ...(innererror && { innererror }) } });
}
