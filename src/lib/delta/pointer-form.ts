import type { RunContext } from '../context';
import { TablecastError } from '../errors';
import { flowLabel } from '../state/flow-state';

/**
 * Makes sure that a pointer was made by the strategy that is to read it: a flow's strategy may have been changed since.
 * @param expected what a pointer of the strategy is, for the message
 * @throws TablecastError POINTER_FOREIGN
 */
export function checkPointerForm(pointer: string, form: RegExp, expected: string, strategy: string, run: RunContext): void {
  if (!form.test(pointer)) throw foreignPointer(expected, strategy, run);
}

export function foreignPointer(expected: string, strategy: string, run: RunContext, cause?: unknown): TablecastError {
  return new TablecastError(
    'POINTER_FOREIGN',
    { function: flowLabel(run), strategy, expected },
    cause === undefined ? undefined : { cause },
  );
}
