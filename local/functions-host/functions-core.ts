import type { FunctionCallback, FunctionMetadata, HookCallback, LogCategory, LogLevel, ProgrammingModel } from './core-api';

/**
 * What the app gets when @azure/functions asks for `@azure/functions-core`. The app registers itself while its modules load, once in a
 * process; so what it registered is state of this module, as in the Functions worker.
 */

export interface RegisteredFunction {
  readonly metadata: FunctionMetadata;
  readonly callback: FunctionCallback;
}

/** The app of this process: what it registered, and where its system messages go. */
export const app = {
  functions: new Map<string, RegisteredFunction>(),
  hooks: new Map<string, Set<HookCallback>>(),
  programmingModel: undefined as ProgrammingModel | undefined,
  systemLog: (_level: LogLevel, _message: string): void => undefined,
};

export const version = '4.0.0';
export const hostVersion = '4.1000.0';

export class Disposable {
  constructor(private readonly callOnDispose: () => unknown) {}

  dispose(): unknown {
    return this.callOnDispose();
  }
}

export function registerFunction(metadata: FunctionMetadata, callback: FunctionCallback): Disposable {
  if (app.functions.has(metadata.name)) throw new Error(`Two functions are named "${metadata.name}"`);
  app.functions.set(metadata.name, { metadata, callback });
  return new Disposable(() => app.functions.delete(metadata.name));
}

export function registerHook(name: string, callback: HookCallback): Disposable {
  const callbacks = app.hooks.get(name) ?? new Set();
  app.hooks.set(name, callbacks.add(callback));
  return new Disposable(() => callbacks.delete(callback));
}

export function setProgrammingModel(model: ProgrammingModel): void {
  app.programmingModel = model;
}

export function getProgrammingModel(): ProgrammingModel | undefined {
  return app.programmingModel;
}

export function log(level: LogLevel, _category: LogCategory, message: string): void {
  app.systemLog(level, message);
}

/** Runs the hooks of one kind in the order of their registration. */
export async function runHooks(name: string, context: Record<string, unknown>): Promise<void> {
  for (const callback of app.hooks.get(name) ?? []) await callback(context);
}
