/** A value does not fit its data type exactly. Internal to the encoding: whoever knows table, column and key makes a VALUE_INVALID of it. */
export class ValueMismatch extends Error {
  /** Why, as the end of a sentence; never the value itself. */
  readonly reason: string;
  /** Names of the fields within a nested column that lead to the value. */
  readonly path: readonly string[];

  constructor(reason: string, path: readonly string[] = []) {
    super(path.length === 0 ? reason : `${path.join('.')}: ${reason}`);
    this.reason = reason;
    this.path = path;
  }

  /** The same, seen from the record that the field belongs to. */
  within(field: string): ValueMismatch {
    return new ValueMismatch(this.reason, [field, ...this.path]);
  }
}
