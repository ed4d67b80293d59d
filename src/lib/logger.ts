/**
 * Where the library writes its log: an `InvocationContext` of @azure/functions satisfies it, and so does `console`.
 * Messages and fields never hold a secret or the content of rows.
 */
export interface Logger {
  debug(message: string, fields?: Readonly<Record<string, unknown>>): void;
  info(message: string, fields?: Readonly<Record<string, unknown>>): void;
  warn(message: string, fields?: Readonly<Record<string, unknown>>): void;
  error(message: string, fields?: Readonly<Record<string, unknown>>): void;
}
