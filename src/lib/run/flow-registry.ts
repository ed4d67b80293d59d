import type { FlowDefinition } from './flow-definition';
import type { RunProducer } from './run-producer';
import type { RunReader } from './run-reader';

/** What is common to all flows, whatever they read from and publish with. */
export type AnyFlow = FlowDefinition<RunReader>;

const flows = new Map<string, AnyFlow>();

/** Called by `dataFlow`; one with a name that is taken replaces the earlier one, as functions of the host do. */
export function registerFlow<R extends RunReader, P extends RunProducer>(flow: FlowDefinition<R, P>): void {
  // Its parts are only ever handed to one another, so what R and P are does not matter to whoever runs them together.
  flows.set(flow.name, flow);
}

/** All flows that the loaded modules have made, by name in alphabetical order. */
export function registeredFlows(): readonly AnyFlow[] {
  return [...flows.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}
