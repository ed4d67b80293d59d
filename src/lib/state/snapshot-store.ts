/**
 * Where one dataflow keeps Parquet files between its runs: the state that it has published, for the next run to compare with. Each file has the name of the
 * commit that it belongs to. A file is there as a whole or not at all.
 */
export interface SnapshotStore {
  /** Where that is, for messages; holds no secret. */
  readonly place: string;
  /**
   * Keeps a local file under a name; one that has this name is replaced.
   * @throws TablecastError SNAPSHOT_UNREACHABLE, SNAPSHOT_FORBIDDEN
   */
  save(name: string, file: string): Promise<void>;
  /**
   * Writes what is kept under the name into a local file.
   * @throws TablecastError SNAPSHOT_MISSING, SNAPSHOT_UNREACHABLE, SNAPSHOT_FORBIDDEN
   */
  load(name: string, file: string): Promise<void>;
  /** All names, in no particular order. */
  names(): Promise<string[]>;
  /** Removes what is kept under the name, if anything is. */
  remove(name: string): Promise<void>;
}
