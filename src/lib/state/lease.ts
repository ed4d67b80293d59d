import { TablecastError } from '../errors';
import type { Logger } from '../logger';
import { flowLabel, type FlowState } from './flow-state';
import type { StateEntity } from './state-store';

const LEASE_ROW = 'lease';

export interface LeaseRequest {
  /** Id of the run that wants the lease. */
  readonly run: string;
  readonly since: Date;
  /** How long the lease holds after each renewal. */
  readonly seconds: number;
}

/** A lease as others see it. */
export interface LeaseHolder {
  readonly run: string;
  readonly since: string;
  /** When the lease ends unless it is renewed; ISO 8601. */
  readonly until: string;
  /** Whether that time has passed, so that a new run would take over. */
  readonly expired: boolean;
}

/**
 * The right to run a flow, held by one run at a time. It is renewed in the background until it is released. When it is lost (somebody took it
 * over, or the storage could not be reached in time) `signal` is aborted with LEASE_LOST as its reason.
 *
 * It is a row of the state table: creating it fails when it exists, and every change names the version it replaces, so of two that want the same
 * thing exactly one succeeds. Age is measured by the storage's clock alone.
 */
export class Lease {
  readonly #abort = new AbortController();
  readonly #renewal: NodeJS.Timeout;
  #deadline: NodeJS.Timeout;
  #pending: Promise<void> = Promise.resolve();

  private constructor(
    readonly state: FlowState,
    readonly request: LeaseRequest,
    private version: string,
    /** The dead run whose lease was taken over. */
    readonly takenOverFrom: string | undefined,
    private readonly logger: Logger,
    heldSince: number,
  ) {
    this.#deadline = this.#armDeadline(heldSince);
    this.#renewal = setInterval(
      () => {
        this.renew().catch((error: unknown) => {
          this.logger.warn(`The lease of run ${request.run} was not renewed`, {
            reason: error instanceof Error ? error.message : String(error),
          });
        });
      },
      (request.seconds * 1000) / 3,
    );
  }

  /**
   * Takes the lease of a flow.
   * @throws TablecastError RUN_ACTIVE naming the run that holds it, since when and until when
   */
  static async acquire(state: FlowState, request: LeaseRequest, logger: Logger): Promise<Lease> {
    const values = leaseValues(request);
    // Each round ends unless the lease changed hands between two requests; that cannot go on for long.
    for (let round = 0; ; round += 1) {
      const started = performance.now();
      const created = await state.store.insert(state.partition, LEASE_ROW, values);
      if (created !== undefined) return new Lease(state, request, created, undefined, logger, started);
      const current = await state.store.read(state.partition, LEASE_ROW);
      if (!current) continue;
      // The client repeats a request whose answer got lost: then the row that is in the way is our own.
      if (current.values['run'] === request.run) return new Lease(state, request, current.version, undefined, logger, started);
      const holder = toHolder(current);
      if (!holder.expired || round > 5) {
        throw new TablecastError('RUN_ACTIVE', {
          function: flowLabel(state.flow),
          run: holder.run,
          since: holder.since,
          until: holder.until,
        });
      }
      const takenOver = await state.store.replace(state.partition, LEASE_ROW, values, current.version);
      if (takenOver !== undefined) return new Lease(state, request, takenOver, holder.run, logger, started);
    }
  }

  /** Who holds the lease of a flow, if anybody. */
  static async holder(state: FlowState): Promise<LeaseHolder | undefined> {
    const entity = await state.store.read(state.partition, LEASE_ROW);
    return entity && toHolder(entity);
  }

  /** Aborted when the lease is lost. */
  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /**
   * Renews the lease now; what must not happen without the lease (a commit) calls this right before.
   * @throws TablecastError LEASE_LOST when another run has it, STATE_UNREACHABLE when nobody can say
   */
  renew(): Promise<void> {
    // One at a time: two renewals under way would meet as a conflict.
    const renewal = this.#pending.then(() => this.#renewOnce());
    this.#pending = renewal.catch(() => undefined);
    return renewal;
  }

  /** Gives the lease back. A lease that was lost stays with its new holder. Safe to call twice. */
  async release(): Promise<void> {
    clearInterval(this.#renewal);
    clearTimeout(this.#deadline);
    await this.#pending;
    clearTimeout(this.#deadline);
    if (this.signal.aborted) {
      const current = await this.state.store.read(this.state.partition, LEASE_ROW);
      if (current?.values['run'] !== this.request.run) return;
      this.version = current.version;
    }
    await this.state.store.remove(this.state.partition, LEASE_ROW, this.version);
  }

  async #renewOnce(): Promise<void> {
    this.signal.throwIfAborted();
    const { store, partition } = this.state;
    for (let version: string | undefined = this.version; version !== undefined;) {
      const started = performance.now();
      const renewed: string | undefined = await store.replace(partition, LEASE_ROW, leaseValues(this.request), version);
      if (renewed !== undefined) {
        this.version = renewed;
        this.signal.throwIfAborted();
        clearTimeout(this.#deadline);
        this.#deadline = this.#armDeadline(started);
        return;
      }
      const current = await store.read(partition, LEASE_ROW);
      // Our own earlier write, whose answer got lost, has changed the version: go on from there.
      version = current?.values['run'] === this.request.run ? current.version : undefined;
      if (version === undefined) this.#lose(current ? `run ${current.values['run'] ?? '?'} has taken it over` : 'it was removed');
    }
    this.signal.throwIfAborted();
  }

  /** The lease counts from the moment the renewal was sent; a tenth is left for the clock and for stopping. */
  #armDeadline(heldSince: number): NodeJS.Timeout {
    const remaining = heldSince + this.request.seconds * 900 - performance.now();
    return setTimeout(
      () => {
        this.#lose(`it could not be renewed within ${this.request.seconds} seconds`);
      },
      Math.max(0, remaining),
    );
  }

  #lose(reason: string): void {
    clearInterval(this.#renewal);
    clearTimeout(this.#deadline);
    this.#abort.abort(new TablecastError('LEASE_LOST', { run: this.request.run, function: flowLabel(this.state.flow), reason }));
  }
}

function leaseValues({ run, since, seconds }: LeaseRequest): Record<string, string> {
  return { run, since: since.toISOString(), seconds: String(seconds) };
}

function toHolder({ values, writtenAt, readAt }: StateEntity): LeaseHolder {
  const { run = '', since = '', seconds = '0' } = values;
  const until = new Date(writtenAt.getTime() + Number(seconds) * 1000);
  return { run, since, until: until.toISOString(), expired: readAt.getTime() > until.getTime() };
}
