/** One stored entity: texts by name, and what is needed to change it safely. */
export interface StateEntity {
  /** Its row key within the partition. */
  readonly row: string;
  readonly values: Readonly<Record<string, string>>;
  /** Changes with every write; `replace` and `remove` succeed only with the current one. */
  readonly version: string;
  /** When it was last written, by the store's clock. */
  readonly writtenAt: Date;
  /** The store's clock when it was read: ages are `readAt - writtenAt`, so the clocks of the hosts do not matter. */
  readonly readAt: Date;
}

/**
 * The few operations that pointers, leases and run history need of a storage. Implemented by Table Storage and, for tests and demos, in memory.
 * Partition and row are any text; values are texts of any length up to `MAX_TEXT_LENGTH` together.
 * Every method can throw TablecastError STATE_UNREACHABLE or STATE_FORBIDDEN.
 */
export interface StateStore {
  /** For messages: host and table, without any key. */
  readonly place: string;
  /** Creates an entity and returns its version; undefined when one of that name exists. */
  insert(partition: string, row: string, values: Readonly<Record<string, string>>): Promise<string | undefined>;
  read(partition: string, row: string): Promise<StateEntity | undefined>;
  /** Replaces an entity when it still has `version`, and returns the new version; undefined when it changed or is gone. */
  replace(partition: string, row: string, values: Readonly<Record<string, string>>, version: string): Promise<string | undefined>;
  /** Removes an entity, when it still has `version` if one is given; false when it changed or is gone. */
  remove(partition: string, row: string, version?: string): Promise<boolean>;
  /** Entities whose row begins with `rowPrefix` (letters, digits and `-`), ordered by row; `skip` of them left out, at most `count`. */
  list(partition: string, rowPrefix: string, options: { readonly skip?: number; readonly count: number }): Promise<StateEntity[]>;
}

/**
 * UTF-16 characters that one entity may hold: an entity of Table Storage has at most 1 MiB, a property 64 KiB.
 * Source: https://learn.microsoft.com/rest/api/storageservices/understanding-the-table-service-data-model
 */
export const MAX_TEXT_LENGTH = 480_000;
