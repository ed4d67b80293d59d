/**
 * Every error a run can end with, in one table: the thrower, the HTTP answer (problem+json), the retry decision and docs/errors.md all read it.
 */

interface ErrorDefinition {
  /** HTTP status of the answer when this error ends a request. */
  readonly status: number;
  /** Whether the same request can succeed later without anybody changing anything. */
  readonly retry: boolean;
  /** What was being done and to what, with `{placeholders}`. Never a secret, never row content other than key values. */
  readonly message: string;
  /** What to do, as an instruction. */
  readonly fix: string;
}

const definitions = {
  // Request
  METHOD_NOT_ALLOWED: {
    status: 405,
    retry: false,
    message: '{method} is not a way to call {route}',
    fix: 'Use PUT (initial load), PATCH (delta load), POST (load chosen by the request) or GET (status).',
  },
  BODY_INVALID: {
    status: 400,
    retry: false,
    message: 'The request body of {route} is not valid: {reason}',
    fix: 'Send no body, or a JSON object such as {"load": "initial"}.',
  },
  LOAD_UNKNOWN: {
    status: 400,
    retry: false,
    message: '"{load}" is not a kind of load',
    fix: 'Use "initial" or "delta".',
  },
  // Settings and secrets
  SETTING_INVALID: {
    status: 500,
    retry: false,
    message: 'App settings are missing or wrong: {problems}',
    fix: 'Correct the named app settings; docs/settings.md describes each.',
  },
  SECRET_MISSING: {
    status: 500,
    retry: false,
    message: 'The secret {name} was not found in {place}',
    fix: 'Create the secret in the Key Vault named by KEY_VAULT_URL, or, without a vault, set the environment variable {variable}.',
  },
  SECRET_INVALID: {
    status: 500,
    retry: false,
    message: 'The secret {name} cannot be used: {reason}',
    fix: 'Correct the secret; docs/settings.md shows the properties it needs.',
  },
  // Anything not foreseen
  UNEXPECTED: {
    status: 500,
    retry: false,
    message: 'The run stopped on an error that has no entry of its own: {reason}',
    fix: 'Read the cause in the log of this run. If it can happen in normal operation it deserves its own entry.',
  },
} as const satisfies Record<string, ErrorDefinition>;

export type ErrorCode = keyof typeof definitions;

/** The table, for the generated documentation and the HTTP answer. */
export const errorDefinitions: Readonly<Record<ErrorCode, ErrorDefinition>> = definitions;

export type ErrorDetails = Readonly<Record<string, string | number | boolean | readonly (string | number)[]>>;

/** The one error class: a code of the table, the details that fill its message, and the cause. */
export class TablecastError extends Error {
  override readonly name = 'TablecastError';
  readonly code: ErrorCode;
  readonly details: ErrorDetails;

  constructor(code: ErrorCode, details: ErrorDetails = {}, options?: ErrorOptions) {
    super(fill(errorDefinitions[code].message, details), options);
    this.code = code;
    this.details = details;
  }

  get status(): number {
    return errorDefinitions[this.code].status;
  }

  get retry(): boolean {
    return errorDefinitions[this.code].retry;
  }

  /** What to do about it. */
  get fix(): string {
    return fill(errorDefinitions[this.code].fix, this.details);
  }

  /** The error itself when it is one of ours, else an UNEXPECTED with the original as cause. */
  static from(error: unknown): TablecastError {
    if (error instanceof TablecastError) return error;
    return new TablecastError('UNEXPECTED', { reason: error instanceof Error ? error.message : String(error) }, { cause: error });
  }
}

function fill(template: string, details: ErrorDetails): string {
  return template.replaceAll(/\{(\w+)\}/g, (placeholder, name: string) => {
    const value = details[name];
    return value === undefined ? placeholder : Array.isArray(value) ? value.join(', ') : String(value);
  });
}
