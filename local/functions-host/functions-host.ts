import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { appFiles } from './app-files';
import { applySettings, readLocalSettings } from './app-settings';
import type { BindingInfo, TypedData } from './core-api';
import type { FunctionKeys } from './function-keys';
import { app, runHooks, type RegisteredFunction } from './functions-core';
import { consoleLog, type HostLog } from './host-log';
import { httpEndpoint, HttpListener, type HttpEndpoint } from './http-listener';
import { HttpStream } from './http-stream';
import { invoke, type Invocation } from './invocation';
import { provideFunctionsCore } from './provide-functions-core';
import { memoryScheduleStore, type ScheduleStore } from './schedule-store';
import { TimerListener } from './timer-listener';

export interface FunctionsHostOptions {
  /** Folder with host.json, local.settings.json and package.json. Default: the current folder. */
  readonly folder?: string;
  /** Loads the app's modules, which register their functions. Default: the files that `main` of package.json names. */
  readonly load?: () => unknown;
  /** Port on 127.0.0.1; 0 takes a free one. Default: 0. */
  readonly port?: number;
  /** App settings; they win over the environment, which wins over local.settings.json. Default: none. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Whether the Values of local.settings.json are app settings. Default: true. */
  readonly readLocalSettings?: boolean;
  /** Keys that callers must show. Default: random ones. */
  readonly keys?: FunctionKeys;
  /** Where the status of timers is kept. Default: in memory. */
  readonly schedules?: ScheduleStore;
  /** Default: the console, from level information. */
  readonly log?: HostLog;
}

/** A function that the host serves. */
export interface ServedFunction {
  readonly name: string;
  /** Methods and URL of an HTTP function. */
  readonly http?: { readonly methods: readonly string[]; readonly url: string };
  /** Next run of a timer function by its schedule. */
  readonly timer?: { readonly next: Date | null };
}

/**
 * Runs an Azure Functions app (Node programming model v4) in this process: HTTP and timer triggers, keys, app settings, hooks, streaming.
 * The app is not changed for it and registers what it registers on Azure. A process has one app; its modules load once.
 *
 * Unlike Azure it sets no limit on the time of an answer: there, a caller gets one after 230 seconds at most.
 */
export class FunctionsHost implements AsyncDisposable {
  private readonly appHookData: Record<string, unknown> = {};
  private readonly running = new Set<Promise<unknown>>();
  private readonly timers = new Map<string, TimerListener>();
  private readonly endpoints: HttpEndpoint[] = [];
  private readonly log: HostLog;
  private readonly restoreSettings: () => void;
  private listener: HttpListener | undefined;
  private stream: HttpStream | undefined;
  private stopped: Promise<void> | undefined;
  readonly keys: FunctionKeys;

  private constructor(private readonly options: FunctionsHostOptions) {
    this.log = options.log ?? consoleLog();
    this.keys = options.keys ?? { master: newKey(), host: newKey() };
    const folder = options.folder ?? process.cwd();
    const file = options.readLocalSettings === false ? {} : readLocalSettings(join(folder, 'local.settings.json'));
    // A variable that is already set wins over the file, as with the Core Tools.
    const added = Object.entries(file).filter(([name]) => process.env[name] === undefined);
    this.restoreSettings = applySettings({ ...Object.fromEntries(added), ...options.settings });
  }

  /**
   * Loads the app and serves it. A function that cannot be served, for example because its schedule names a missing setting, is logged as
   * an error and left out, as on Azure.
   * @throws Error when the app does not load or the port is taken
   */
  static async start(options: FunctionsHostOptions = {}): Promise<FunctionsHost> {
    const host = new FunctionsHost(options);
    try {
      await host.open();
      return host;
    } catch (error) {
      await host[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** E.g. `http://127.0.0.1:7071`. */
  get address(): string {
    if (this.listener === undefined) throw new Error('The host has not started');
    return this.listener.address;
  }

  get functions(): readonly ServedFunction[] {
    return [
      ...this.endpoints.map(({ registered, methods, route }) => ({
        name: registered.metadata.name,
        http: { methods, url: `${this.address}/${route.text}` },
      })),
      ...[...this.timers].map(([name, timer]) => ({ name, timer: { next: timer.next } })),
    ];
  }

  /** Tells the app (hook appTerminate), takes no more calls, waits for those under way, and closes everything. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.stopped ??= this.stop();
    await this.stopped;
  }

  private async open(): Promise<void> {
    const folder = this.options.folder ?? process.cwd();
    app.systemLog = (level, message) => {
      this.log.write(level, 'host', message);
    };
    provideFunctionsCore();
    if (this.options.load !== undefined) await this.options.load();
    // eslint-disable-next-line @typescript-eslint/no-require-imports -- the app is CommonJS and must see the same module system
    else for (const file of appFiles(folder)) require(file);
    if (app.programmingModel === undefined) throw new Error('The app has registered no function');

    const prefix = routePrefix(folder);
    const begin: (() => void)[] = [];
    for (const registered of app.functions.values()) this.addFunction(registered, prefix, begin);
    this.stream = await HttpStream.open(app.programmingModel);
    await runHooks('appStart', { hookData: {}, appHookData: this.appHookData });
    this.listener = await HttpListener.open({
      port: this.options.port ?? 0,
      endpoints: this.endpoints,
      keys: this.keys,
      stream: this.stream,
      invoke: (endpoint, data, triggerMetadata, headers) =>
        this.invoke(endpoint.registered, endpoint.binding, data, triggerMetadata, headers),
      startByHand: (name) => this.startByHand(name),
    });
    for (const start of begin) start();
  }

  private addFunction(registered: RegisteredFunction, prefix: string, begin: (() => void)[]): void {
    const { name, bindings } = registered.metadata;
    // The key of a binding is its name.
    const [bindingName, binding] = Object.entries(bindings).find(([, { type }]) => type.toLowerCase().endsWith('trigger')) ?? [];
    try {
      if (binding === undefined || bindingName === undefined) throw new Error('it has no trigger');
      const trigger = { ...binding, name: bindingName };
      if (trigger.type === 'httpTrigger') this.endpoints.push(httpEndpoint(registered, trigger, prefix));
      else if (trigger.type === 'timerTrigger') {
        const start = async (data: TypedData): Promise<void> => {
          await this.invoke(registered, trigger, data).result;
        };
        const timer = new TimerListener(name, trigger, start, this.options.schedules ?? memoryScheduleStore());
        this.timers.set(name, timer);
        begin.push(() => {
          // A failed run is logged by its invocation; the schedule goes on.
          timer.begin()?.catch(() => undefined);
        });
      } else throw new Error(`triggers of type ${trigger.type} are not served here`);
    } catch (error) {
      this.log.write('error', 'host', `${name} is not served: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  private invoke(
    registered: RegisteredFunction,
    binding: BindingInfo,
    data: TypedData,
    triggerMetadata: Record<string, TypedData> = {},
    headers: Record<string, string> = {},
  ): Invocation {
    const traceContext =
      headers['traceparent'] === undefined ? null : { traceParent: headers['traceparent'], traceState: headers['tracestate'] ?? '' };
    const request = { inputData: [{ name: binding.name ?? '', data }], triggerMetadata, traceContext };
    const invocation = invoke(registered, request, this.log, this.appHookData);
    const settled: Promise<unknown> = Promise.allSettled([invocation.result]).then(() => this.running.delete(settled));
    this.running.add(settled);
    return invocation;
  }

  private startByHand(functionName: string): boolean {
    const timer = this.timers.get(functionName);
    timer?.run(false).catch(() => undefined);
    return timer !== undefined;
  }

  private async stop(): Promise<void> {
    for (const timer of this.timers.values()) timer[Symbol.dispose]();
    // Before the wait: the app may end its work earlier when it knows.
    if (this.listener !== undefined) await runHooks('appTerminate', { hookData: {}, appHookData: this.appHookData });
    await this.listener?.[Symbol.asyncDispose]();
    await Promise.all(this.running);
    await this.stream?.[Symbol.asyncDispose]();
    this.restoreSettings();
  }
}

/** 256 random bits, as long as Azure's own keys. */
function newKey(): string {
  return randomBytes(32).toString('base64url');
}

/** `extensions.http.routePrefix` of host.json; `api` when it says nothing. */
function routePrefix(folder: string): string {
  const file = join(folder, 'host.json');
  if (!existsSync(file)) return 'api';
  const { extensions } = JSON.parse(readFileSync(file, 'utf8')) as { extensions?: { http?: { routePrefix?: string } } };
  return extensions?.http?.routePrefix ?? 'api';
}
