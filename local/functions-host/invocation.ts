import { randomUUID } from 'node:crypto';
import type { CoreInvocationContext, InvocationRequest, LogLevel, TypedData } from './core-api';
import { app, runHooks, type RegisteredFunction } from './functions-core';
import type { HostLog } from './host-log';

/** One call of one function, from its request to its return value. */
export interface Invocation {
  readonly id: string;
  /** The function's return value; rejects with what the function threw. */
  readonly result: Promise<TypedData | null | undefined>;
}

/** Calls a function as the Functions worker does: arguments, hooks before, the function, hooks after, response. */
export function invoke(
  registered: RegisteredFunction,
  request: Pick<InvocationRequest, 'inputData'> & Partial<InvocationRequest>,
  log: HostLog,
  appHookData: Record<string, unknown>,
): Invocation {
  const id = randomUUID();
  const name = registered.metadata.name;
  const core: CoreInvocationContext = {
    invocationId: id,
    metadata: registered.metadata,
    request: { triggerMetadata: {}, traceContext: null, retryContext: null, ...request },
    state: undefined,
    log: (level: LogLevel, _category, message) => {
      log.write(level, name, message);
    },
  };
  return { id, result: timed(registered, core, log, appHookData) };
}

async function timed(registered: RegisteredFunction, core: CoreInvocationContext, log: HostLog, appHookData: Record<string, unknown>) {
  const name = core.metadata.name;
  const started = performance.now();
  const milliseconds = () => Math.round(performance.now() - started);
  log.write('information', name, `started, invocation ${core.invocationId}`);
  try {
    const result = await run(registered, core, appHookData);
    log.write('information', name, `ended after ${milliseconds()} ms`);
    return result;
  } catch (error) {
    log.write(
      'error',
      name,
      `failed after ${milliseconds()} ms: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
    );
    throw error;
  }
}

async function run(registered: RegisteredFunction, core: CoreInvocationContext, appHookData: Record<string, unknown>) {
  if (app.programmingModel === undefined) throw new Error('No app is loaded');
  const model = app.programmingModel.getInvocationModel(core);
  const { context, inputs } = await model.getArguments();
  // One object for both kinds of hook: a hook before may replace inputs and function, a hook after the result or the error.
  const hook: Record<string, unknown> & {
    inputs: unknown[];
    functionCallback: RegisteredFunction['callback'];
    result?: unknown;
    error?: unknown;
  } = {
    hookData: {},
    appHookData,
    invocationContext: context,
    functionCallback: registered.callback,
    inputs,
  };
  core.state = 'preInvocationHooks';
  await runHooks('preInvocation', hook);
  core.state = 'invocation';
  try {
    hook.result = await model.invokeFunction(context, hook.inputs, hook.functionCallback);
  } catch (error) {
    hook.error = error;
  }
  core.state = 'postInvocationHooks';
  await runHooks('postInvocation', hook);
  core.state = undefined;
  // eslint-disable-next-line @typescript-eslint/only-throw-error -- the function's own error, whatever it is
  if (hook.error !== undefined && hook.error !== null) throw hook.error;
  return (await model.getResponse(context, hook.result)).returnValue;
}
