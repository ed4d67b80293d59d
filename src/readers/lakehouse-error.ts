import { TablecastError, type ErrorCode, type ErrorDetails } from '../lib/index';

/** What was being done when DuckDB failed. */
export interface LakehouseAction {
  /** E.g. `read WEATHER at version 3`. */
  readonly action: string;
  /** Full path of the table. */
  readonly path: string;
  readonly secret: string;
  readonly version?: number | undefined;
}

/** What DuckDB, its Azure client and its Delta reader say, by what it means. The first that fits counts. */
const meanings: readonly (readonly [RegExp, ErrorCode])[] = [
  [
    /status code: 40[13]|Unauthorized|Forbidden|lacked (?:the necessary privileges|valid authentication)|AuthenticationFailed|Authorization\w*(?:Failure|Mismatch)|InvalidAuthenticationInfo|NoAuthenticationInformation|\w+NotPermitted|No valid Azure credentials|Account must be specified/,
    'LAKEHOUSE_FORBIDDEN',
  ],
  // A name that cannot be resolved, a port that nobody listens on, a server that is busy or goes away.
  [
    /get a new connection|resolve host|could not connect|while sending request|error sending request|after \d+ retries|timed out|Timeout was reached|receiving data|ServerBusy|Service Unavailable|status code: 5|SSL (?:CA|connect|peer)|certificate verif/i,
    'LAKEHOUSE_UNREACHABLE',
  ],
  // An answer without a body, after the log could be listed: a busy server, or a token that ran out meanwhile. The next run may succeed.
  [/Failed to parse xml/, 'LAKEHOUSE_UNREACHABLE'],
  [/LogSegment end version|Cannot open file|BlobNotFound|PathNotFound|FileNotFoundError|No such file/, 'LAKEHOUSE_VERSION_GONE'],
  [/No files in log segment|InvalidTableLocation|ContainerNotFound|FilesystemNotFound/, 'LAKEHOUSE_TABLE_UNKNOWN'],
  [/UnsupportedError|[Nn]ot (?:yet )?(?:supported|implemented)/, 'LAKEHOUSE_UNSUPPORTED'],
  // All else that the Delta reader or the Azure client says; what is left are mistakes in the flow's own SQL.
  [/DeltaKernel|Azure/, 'LAKEHOUSE_FAILED'],
];

/** An error of a statement that reads a lakehouse, as one that says what to do; one that has another reason stays as it is. */
export function asLakehouseError(error: unknown, { action, path, secret, version }: LakehouseAction): unknown {
  if (!(error instanceof TablecastError) || error.code !== 'WORKSPACE_SQL') return error;
  const text = (error.cause as { readonly message?: string } | undefined)?.message ?? error.message;
  const code = meanings.find(([pattern]) => pattern.test(text.replaceAll(path, '')))?.[1];
  if (code === undefined) return error;
  const reason = shortReason(text);
  const details: ErrorDetails = { action, path, secret, reason, ...(version !== undefined && { version }) };
  const cause = { cause: error.cause ?? error };
  if (code === 'LAKEHOUSE_VERSION_GONE') {
    if (version === undefined) return new TablecastError('LAKEHOUSE_FAILED', details, cause);
    return new TablecastError(code, { ...details, reason: 'a file of that version is no longer there' }, cause);
  }
  return new TablecastError(code, details, cause);
}

/** The part of DuckDB's message that tells something: its first line, the code in an answer of Azure, no addresses of requests. */
function shortReason(text: string): string {
  const [first = ''] = text.split('\n', 1);
  const code = /<Code>(\w+)<\/Code>/.exec(text)?.[1];
  const plain = first
    .replace(/^(?:\w+ )+Error: /, '')
    .replace(/<\?xml.*$/, '')
    .trim();
  return code === undefined ? plain : `${code} (${plain})`;
}
