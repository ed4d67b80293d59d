/** How a run's workspace is opened. */
export interface WorkspaceOptions {
  /** Memory that DuckDB may use before it spills to disk, e.g. `512MB`, `2GB`. */
  readonly memoryLimit: string;
  /** Folder in which the workspace makes its own sub-folder for spill files, removed at the end. Default: the system's temporary folder. */
  readonly folder?: string | undefined;
  /** Threads that DuckDB uses. Default: one per processor. */
  readonly threads?: number | undefined;
  /** Folder with DuckDB extensions to load from, e.g. `delta` for lakehouse tables; nothing is ever downloaded. Default: the app's own folder `extensions`, or DuckDB's where there is none. */
  readonly extensionDirectory?: string | undefined;
  /** Ends the statement that is under way when it is aborted; `run` and `query` then throw its reason. Default: statements run to their end. */
  readonly signal?: AbortSignal | undefined;
}
