/** A table as named in SQL: in the dictionary's spelling (upper case unless quoted). */
export interface TableName {
  /** The schema, when the SQL names it. */
  readonly owner?: string;
  readonly name: string;
}

/** What the data dictionary knows of a table or view. */
export interface CatalogTable {
  readonly owner: string;
  readonly name: string;
  /** Visible columns in the order of `select *`. */
  readonly columns: readonly string[];
  /** Columns of the primary key, in key order. */
  readonly primaryKey?: readonly string[];
  /** Columns of the unique constraints. */
  readonly uniqueKeys: readonly (readonly string[])[];
  /** Columns that are never NULL. Only asked for in DuckDB's dialect. */
  readonly notNull?: readonly string[];
  /** For a view: its SELECT; names in it without a schema belong to the view's owner. */
  readonly view?: string;
}

/** Finds a table in the data dictionary; `schema` is used when the name has no owner, and undefined stands for the session's. */
export type TableLookup = (name: TableName, schema: string | undefined) => Promise<CatalogTable | undefined>;
