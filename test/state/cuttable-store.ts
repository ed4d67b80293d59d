import { TablecastError } from '../../src/lib/errors';
import type { StateStore } from '../../src/lib/state/state-store';

/** A store behind a line that can be cut. */
export class CuttableStore implements StateStore {
  cut = false;
  readonly place: string;

  constructor(private readonly inner: StateStore) {
    this.place = inner.place;
  }

  insert = (...row: Parameters<StateStore['insert']>): Promise<string | undefined> => this.#through().insert(...row);
  read = (...row: Parameters<StateStore['read']>): ReturnType<StateStore['read']> => this.#through().read(...row);
  replace = (...row: Parameters<StateStore['replace']>): Promise<string | undefined> => this.#through().replace(...row);
  remove = (...row: Parameters<StateStore['remove']>): Promise<boolean> => this.#through().remove(...row);
  list = (...row: Parameters<StateStore['list']>): ReturnType<StateStore['list']> => this.#through().list(...row);

  #through(): StateStore {
    if (this.cut) throw new TablecastError('STATE_UNREACHABLE', { place: this.place, action: 'any', reason: 'the line is cut' });
    return this.inner;
  }
}
