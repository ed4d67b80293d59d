import type { RunContext } from '../context';

/** What a flow reads from: connected once the lease is held, closed at the end of the run. `SourceAdapter` is one. */
export interface RunReader extends AsyncDisposable {
  connect(context: RunContext): Promise<void>;
}
