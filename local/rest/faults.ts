/** What goes wrong with an answer. */
export type FaultKind =
  /** An error status, e.g. 503; 429 and 503 may say when to come again: after seconds, or at a date. */
  | { readonly fault: 'status'; readonly status: number; readonly retryAfter?: number | Date }
  /** The connection ends before anything of the answer. */
  | { readonly fault: 'drop' }
  /** The connection ends within the body. */
  | { readonly fault: 'drop in body' }
  /** Half of the body arrives, and then nothing more; the connection stays. */
  | { readonly fault: 'stall' }
  /** The body ends well after its half: cut short by something between service and client. */
  | { readonly fault: 'half body' }
  /** Not JSON, with status 200: a proxy's own page. */
  | { readonly fault: 'malformed' }
  /** In the last record of the page a field has a value of another type, by default an object. */
  | { readonly fault: 'wrong type'; readonly field?: string; readonly value?: unknown }
  /** The page names itself as the next one; a service that numbers its pages gives its first one again. */
  | { readonly fault: 'loop' }
  /** The answer begins late. */
  | { readonly fault: 'slow'; readonly milliseconds: number }
  /** The page has no records and no page follows. */
  | { readonly fault: 'empty' }
  /** The token is not accepted any more, however long it should have held. */
  | { readonly fault: 'token' };

/** A fault, and where and how often it happens. */
export type Misbehaviour = FaultKind & {
  /** Page, counted from 1, or `token` for the token endpoint. Default: every page. */
  readonly page?: number | 'token';
  /** Tries of each page at which it happens; the next one succeeds. Default: all. */
  readonly times?: number;
};

/** The faults that are asked for, and how often each has happened. */
export class Faults {
  readonly #active: { readonly misbehaviour: Misbehaviour; readonly happened: Map<number | 'token', number> }[] = [];

  add(misbehaviour: Misbehaviour): void {
    this.#active.push({ misbehaviour, happened: new Map() });
  }

  clear(): void {
    this.#active.length = 0;
  }

  /** What goes wrong with this request, if anything: the first fault that applies. */
  next(page: number | 'token'): FaultKind | undefined {
    for (const { misbehaviour, happened } of this.#active) {
      const applies = misbehaviour.page === undefined ? page !== 'token' : misbehaviour.page === page;
      const times = happened.get(page) ?? 0;
      if (!applies || times >= (misbehaviour.times ?? Infinity)) continue;
      happened.set(page, times + 1);
      return misbehaviour;
    }
    return undefined;
  }
}
