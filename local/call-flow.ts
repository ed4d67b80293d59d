import type { Problem } from '../src/lib/run/problem';
import type { RunReport } from '../src/lib/run/run-report';
import type { EmbeddedSystem } from './embedded-system';

/** What came back from a flow: a report, or a problem. */
export type FlowAnswer =
  | { readonly ok: true; readonly status: number; readonly report: RunReport }
  | { readonly ok: false; readonly status: number; readonly problem: Problem };

/** Calls a flow over HTTP, with the key, as any client would. */
export async function callFlow({ host, key }: EmbeddedSystem, method: string, path: string): Promise<FlowAnswer> {
  const response = await fetch(`${host.address}${path}`, { method, headers: { 'x-functions-key': key } });
  const { status } = response;
  const body: unknown = await response.json();
  return response.ok ? { ok: true, status, report: body as RunReport } : { ok: false, status, problem: body as Problem };
}
