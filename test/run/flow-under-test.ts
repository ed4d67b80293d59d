import { HttpRequest, InvocationContext, type HttpResponseInit, type Timer } from '@azure/functions';
import type { RunContext } from '../../src/lib/context';
import type { CommitResult } from '../../src/lib/kafka/kafka-producer';
import { dataFlow, type DataFlow } from '../../src/lib/run/data-flow';
import type { FlowServices } from '../../src/lib/run/flow-services';
import { FunctionRunner, type NewPointer } from '../../src/lib/run/function-runner';
import type { Problem } from '../../src/lib/run/problem';
import type { RunProducer } from '../../src/lib/run/run-producer';
import type { RunReport } from '../../src/lib/run/run-report';
import type { Filter } from '../../src/lib/run/run-request';
import { Shutdown } from '../../src/lib/run/shutdown';
import { SourceAdapter } from '../../src/lib/run/source-adapter';
import { EnvironmentSecrets } from '../../src/lib/secrets/environment-secrets';
import { readSettings } from '../../src/lib/settings';
import { MemorySnapshotStore } from '../../src/lib/state/memory-snapshot-store';
import { MemoryStore } from '../../src/lib/state/memory-store';
import type { StateStore } from '../../src/lib/state/state-store';

/** What the parts of a flow do at each step; a test replaces the steps it is about. Every step writes its name into `events`. */
export interface Steps {
  connectReader(context: RunContext): Promise<void>;
  connectProducer(context: RunContext): Promise<void>;
  initialLoad(run: RunContext, producer: RunProducer): Promise<NewPointer>;
  deltaLoad(pointer: string, run: RunContext): Promise<NewPointer>;
  /** Without it the runner has no backfill of its own. */
  backfill?(filter: Filter, run: RunContext): Promise<void>;
  commit(): Promise<void>;
  abort(): Promise<void>;
  closeProducer(): Promise<void>;
}

const nothing = (): Promise<void> => Promise.resolve();

const plainSteps: Steps = {
  connectReader: nothing,
  connectProducer: nothing,
  initialLoad: () => Promise.resolve('pointer-0'),
  deltaLoad: (pointer) => Promise.resolve(`${pointer}+`),
  commit: nothing,
  abort: nothing,
  closeProducer: nothing,
};

class TestReader extends SourceAdapter {
  constructor(
    private readonly steps: Steps,
    private readonly events: string[],
  ) {
    super(console);
    events.push('reader made');
  }

  override async connect(context: RunContext): Promise<void> {
    await super.connect(context);
    this.events.push('reader connects');
    await this.steps.connectReader(context);
  }

  override load(): Promise<void> {
    return Promise.resolve();
  }

  override [Symbol.asyncDispose](): Promise<void> {
    this.events.push('reader closes');
    return Promise.resolve();
  }
}

/** Stands where the producer stands, so that the order of a run can be watched and each step made to fail. */
class TestProducer implements RunProducer {
  readonly commits: CommitResult[] = [];
  #id = '';

  constructor(
    private readonly steps: Steps,
    private readonly events: string[],
  ) {
    events.push('producer made');
  }

  async connect(context: RunContext): Promise<void> {
    this.#id = context.id;
    this.events.push('producer connects');
    await this.steps.connectProducer(context);
  }

  async commit(): Promise<CommitResult> {
    this.events.push('commit');
    await this.steps.commit();
    const commit: CommitResult = { commitId: this.#id, tables: { T: 3 }, rows: 3, messages: 4, topics: {} };
    this.commits.push(commit);
    return commit;
  }

  abort(): Promise<void> {
    this.events.push('abort');
    return this.steps.abort();
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.events.push('producer closes');
    return this.steps.closeProducer();
  }
}

class TestRunner extends FunctionRunner<TestReader, TestProducer> {
  constructor(
    private readonly steps: Steps,
    private readonly events: string[],
    private readonly readsEverything: boolean,
  ) {
    super(console);
  }

  override get deltaIsFullLoad(): boolean {
    return this.readsEverything;
  }

  override initialLoad(producer: TestProducer, _reader: TestReader, run: RunContext): Promise<NewPointer> {
    this.events.push('initial load');
    return this.steps.initialLoad(run, producer);
  }

  override deltaLoad(_producer: TestProducer, _reader: TestReader, pointer: string, run: RunContext): Promise<NewPointer> {
    this.events.push(`delta load from ${pointer}`);
    return this.steps.deltaLoad(pointer, run);
  }

  override backfill(producer: TestProducer, reader: TestReader, filter: Filter, run: RunContext): Promise<void> {
    this.events.push('backfill');
    return this.steps.backfill ? this.steps.backfill(filter, run) : super.backfill(producer, reader, filter, run);
  }
}

/** Passes everything on, and writes what concerns lease, pointer and history into `events`. */
class WatchedStore implements StateStore {
  readonly place = 'watched';

  constructor(
    private readonly inner: StateStore,
    private readonly events: string[],
  ) {}

  insert: StateStore['insert'] = async (partition, row, values) => {
    const version = await this.inner.insert(partition, row, values);
    if (version !== undefined) this.events.push(row === 'lease' ? 'lease taken' : row === 'pointer' ? 'pointer saved' : 'run recorded');
    return version;
  };
  read: StateStore['read'] = (partition, row) => this.inner.read(partition, row);
  replace: StateStore['replace'] = async (partition, row, values, version) => {
    const replaced = await this.inner.replace(partition, row, values, version);
    if (replaced !== undefined) this.events.push(row === 'lease' ? 'lease renewed' : 'pointer saved');
    return replaced;
  };
  remove: StateStore['remove'] = async (partition, row, version) => {
    const removed = await this.inner.remove(partition, row, version);
    if (removed && row === 'lease') this.events.push('lease given back');
    return removed;
  };
  list: StateStore['list'] = (...request) => this.inner.list(...request);
}

export interface FlowUnderTest {
  readonly flow: DataFlow<TestReader, TestProducer>;
  /** What happened, in order. */
  readonly events: string[];
  readonly steps: Steps;
  readonly store: StateStore;
  readonly shutdown: Shutdown;
  /** Lines of the invocation's log. */
  readonly log: string[];
  readonly call: (method: string, request?: Request) => Promise<Answer>;
  /** The timer fires. */
  readonly tick: () => Promise<void>;
}

export interface Request {
  readonly query?: Readonly<Record<string, string>> | readonly (readonly [string, string])[];
  readonly body?: string;
}

export interface Answer {
  readonly status: number;
  readonly contentType: string | undefined;
  readonly headers: Readonly<Record<string, string>>;
  /** Report, problem or status; a test reads what it expects. */
  readonly body: Omit<RunReport, 'status'> & Omit<Problem, 'status'> & { readonly run: RunReport } & Readonly<Record<string, unknown>>;
}

export interface FlowOptions {
  readonly steps?: Partial<Steps>;
  readonly store?: StateStore;
  readonly services?: Partial<FlowServices>;
  readonly settings?: Readonly<Record<string, string>>;
  readonly deltaIsFullLoad?: boolean;
  readonly name?: string;
  /** Names of its dataflows; without them the flow has one runner. */
  readonly dataflows?: readonly string[];
}

export function flowUnderTest(options: FlowOptions = {}): FlowUnderTest {
  const events: string[] = [];
  const log: string[] = [];
  const steps: Steps = { ...plainSteps, ...options.steps };
  const store = options.store ?? new MemoryStore();
  const watched = new WatchedStore(store, events);
  const shutdown = new Shutdown();
  const services: FlowServices = {
    settings: () => readSettings(options.settings ?? {}),
    state: () => watched,
    snapshots: () => new MemorySnapshotStore(),
    secrets: () => new EnvironmentSecrets({}),
    shutdown: () => shutdown,
    ...options.services,
  };
  const runner = (): TestRunner => new TestRunner(steps, events, options.deltaIsFullLoad ?? false);
  const flow = dataFlow(
    {
      name: options.name ?? 'TEST_Reader',
      route: 'TEST/run',
      schedule: 'TEST_SCHEDULE',
      reader: () => new TestReader(steps, events),
      producer: () => new TestProducer(steps, events),
      ...(options.dataflows ? { dataflows: Object.fromEntries(options.dataflows.map((dataflow) => [dataflow, runner])) } : { runner }),
    },
    services,
  );
  const invocation = (): InvocationContext =>
    new InvocationContext({
      functionName: flow.name,
      invocationId: 'invocation-1',
      logHandler: (level, ...args: unknown[]) => {
        log.push(`${level}: ${args.map((arg) => (typeof arg === 'string' ? arg : JSON.stringify(arg))).join(' ')}`);
      },
    });
  const call: FlowUnderTest['call'] = async (method, { query = {}, body } = {}) => {
    const search = new URLSearchParams((Array.isArray(query) ? query : Object.entries(query)) as [string, string][]);
    const url = `http://localhost/api/TEST/run?${search.toString()}`;
    const request = new HttpRequest({ method, url, ...(body !== undefined && { body: { string: body } }) });
    return toAnswer(await flow.http(request, invocation()));
  };
  const tick = (): Promise<void> => {
    const timer: Timer = { isPastDue: false, schedule: { adjustForDST: false }, scheduleStatus: { last: '', next: '', lastUpdated: '' } };
    return flow.timer(timer, invocation());
  };
  return { flow, events, steps, store, shutdown, log, call, tick };
}

/** The response as its caller sees it. */
export function toAnswer({ status = 200, headers, body }: HttpResponseInit): Answer {
  const plainHeaders = headers as Readonly<Record<string, string>>;
  return { status, headers: plainHeaders, contentType: plainHeaders['content-type'], body: JSON.parse(body as string) as Answer['body'] };
}
