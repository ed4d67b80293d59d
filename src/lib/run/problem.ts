import type { TablecastError } from '../errors';

/** A failure as RFC 9457 describes it, with the code to look up, what to do, and whether trying again can help. */
export interface Problem {
  /** Names the kind of problem; the same for all occurrences. */
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  /** This occurrence: the run, or the request when no run came about. */
  readonly instance: string;
  readonly code: string;
  readonly fix: string;
  readonly retry: boolean;
}

export const PROBLEM_CONTENT_TYPE = 'application/problem+json';

/** The problem that an error is for the caller. `instance` is the id of the run, or of the invocation when there was no run. */
export function toProblem(error: TablecastError, instance: string): Problem {
  const words = error.code.toLowerCase().replaceAll('_', ' ');
  return {
    type: `urn:tablecast:problem:${error.code}`,
    title: words.charAt(0).toUpperCase() + words.slice(1),
    status: error.status,
    detail: error.message,
    instance: `urn:tablecast:run:${instance}`,
    code: error.code,
    fix: error.fix,
    retry: error.retry,
  };
}
