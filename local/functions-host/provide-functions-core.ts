import Module from 'node:module';
import * as functionsCore from './functions-core';

let provided = false;

/**
 * Answers `require('@azure/functions-core')` with our own module, as the Functions worker does. To be called before the app loads:
 * @azure/functions asks once and stays in its test mode when nobody answers.
 * Jest has a module system of its own, where `moduleNameMapper` does the same.
 */
export function provideFunctionsCore(): void {
  if (provided) return;
  provided = true;
  const prototype = Module.prototype as unknown as { require: (this: unknown, id: string) => unknown };
  const original = prototype.require;
  prototype.require = function (id) {
    return id === '@azure/functions-core' ? functionsCore : original.call(this, id);
  };
}
