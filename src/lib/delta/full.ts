import type { DeltaStrategy, DeltaTask } from './delta-strategy';
import { publishAll } from './publish';
import { everything } from './selection';

/**
 * Every load is an initial load: the table is read whole and replaces what consumers have. For tables that are small, or whose source tells nothing about
 * its changes. There is no pointer, and a delta load works from the start.
 *
 * @example
 * protected override readonly strategy = full();
 */
export function full(): DeltaStrategy {
  const load = async (task: DeltaTask): Promise<void> => {
    await publishAll(task, await task.load(everything('initial')));
  };
  return { name: 'full', deltaIsFullLoad: true, initialLoad: load, deltaLoad: load };
}
