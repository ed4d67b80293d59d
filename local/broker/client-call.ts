/** Turns a call of the Kafka client that reports to a callback into a promise. */
export function clientCall<T = undefined>(work: (done: (error: unknown, result?: T) => void) => void): Promise<T> {
  return new Promise((resolve, reject) => {
    work((error, result) => {
      // The client passes null or undefined when all went well.
      if (error === null || error === undefined) resolve(result as T);
      else reject(error instanceof Error ? error : new Error('The Kafka client failed without saying why', { cause: error }));
    });
  });
}
