/** A promise for a call of the client that reports to a callback. */
export function settled<T = void>(call: (done: (error: unknown, value?: unknown) => void) => unknown): Promise<T> {
  return new Promise((resolve, reject) => {
    call((error, value) => {
      // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- the client's errors are Errors, but not by its types
      if (error !== null && error !== undefined) reject(error);
      else resolve(value as T);
    });
  });
}
