import type { IncomingMessage, ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';
import type { FaultKind } from './faults';

/** Sends the body as the fault has it: whole, cut, or not at all. */
export async function sendBody(
  request: IncomingMessage,
  response: ServerResponse,
  text: string,
  fault: FaultKind | undefined,
): Promise<void> {
  const body = Buffer.from(text);
  const half = body.subarray(0, body.length / 2);
  switch (fault?.fault) {
    case 'drop in body':
    case 'stall':
      response.writeHead(200, { 'content-length': String(body.length) });
      await new Promise<void>((resolve) =>
        response.write(half, () => {
          resolve();
        }),
      );
      if (fault.fault === 'drop in body') response.destroy();
      return;
    case 'half body':
      response.end(half);
      return;
    case 'malformed':
      response.setHeader('content-type', 'text/html');
      response.end('<html><body>The service is being maintained.</body></html>');
      return;
    default:
      response.setHeader('vary', 'accept-encoding');
      if (/\bgzip\b/.test(String(request.headers['accept-encoding']))) response.setHeader('content-encoding', 'gzip').end(gzipSync(body));
      else response.end(body);
  }
}

export function sendStatus(response: ServerResponse, status: number, retryAfter?: number | Date): void {
  const wait = retryAfter instanceof Date ? retryAfter.toUTCString() : retryAfter === undefined ? undefined : String(retryAfter);
  const challenge = status === 401 ? { 'www-authenticate': 'Bearer realm="startek"' } : {};
  sendProblem(response, status, 'The service cannot answer', { ...challenge, ...(wait !== undefined && { 'retry-after': wait }) });
}

export function sendProblem(
  response: ServerResponse,
  status: number,
  detail: string,
  headers: Readonly<Record<string, string>> = {},
): void {
  sendJson(response, status, { status, detail }, { 'content-type': 'application/problem+json', ...headers });
}

export function sendJson(response: ServerResponse, status: number, value: unknown, headers: Readonly<Record<string, string>> = {}): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(value));
}
