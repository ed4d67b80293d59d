import type { CatalogTable, TableName } from '../lib/lineage/table-catalog';
import type { OracleSession } from './oracle-session';

/** A reference of one table to another, columns in key order. */
export interface DictionaryForeignKey {
  readonly name: string;
  readonly columns: readonly string[];
  readonly referencedTable: string;
  readonly referencedColumns: readonly string[];
}

/** What the data dictionary says about a table or view beyond its columns' names and keys. */
export interface DictionaryTable extends CatalogTable {
  readonly comment?: string;
  readonly columnComments: ReadonlyMap<string, string>;
  /** Types in the dictionary's words, e.g. `NUMBER(10,2)`, `VARCHAR2(40 CHAR)`. */
  readonly columnTypes: ReadonlyMap<string, string>;
  /** Of text columns: the greatest length in characters. */
  readonly columnLengths: ReadonlyMap<string, number>;
  readonly foreignKeys: readonly DictionaryForeignKey[];
}

const currentSchemaSql = "SELECT SYS_CONTEXT('USERENV', 'CURRENT_SCHEMA') FROM DUAL";
const columnsSql = `SELECT COLUMN_NAME, DATA_TYPE, DATA_LENGTH, DATA_PRECISION, DATA_SCALE, CHAR_LENGTH, CHAR_USED
FROM ALL_TAB_COLUMNS WHERE OWNER = :owner AND TABLE_NAME = :name ORDER BY COLUMN_ID`;
const synonymSql = 'SELECT TABLE_OWNER, TABLE_NAME, DB_LINK FROM ALL_SYNONYMS WHERE OWNER = :owner AND SYNONYM_NAME = :name';
const tableCommentSql = 'SELECT COMMENTS FROM ALL_TAB_COMMENTS WHERE OWNER = :owner AND TABLE_NAME = :name';
const columnCommentsSql = 'SELECT COLUMN_NAME, COMMENTS FROM ALL_COL_COMMENTS WHERE OWNER = :owner AND TABLE_NAME = :name';
const constraintsSql = `SELECT C.CONSTRAINT_NAME, C.CONSTRAINT_TYPE, C.STATUS, K.COLUMN_NAME, C.R_OWNER, C.R_CONSTRAINT_NAME
FROM ALL_CONSTRAINTS C JOIN ALL_CONS_COLUMNS K ON K.OWNER = C.OWNER AND K.CONSTRAINT_NAME = C.CONSTRAINT_NAME
WHERE C.OWNER = :owner AND C.TABLE_NAME = :name AND C.CONSTRAINT_TYPE IN ('P', 'U', 'R') ORDER BY C.CONSTRAINT_NAME, K.POSITION`;
const referencedSql =
  'SELECT TABLE_NAME, COLUMN_NAME FROM ALL_CONS_COLUMNS WHERE OWNER = :owner AND CONSTRAINT_NAME = :name ORDER BY POSITION';
const viewSql = 'SELECT TEXT FROM ALL_VIEWS WHERE OWNER = :owner AND VIEW_NAME = :name';

const maximalSynonyms = 8;

/** Oracle's data dictionary as the session's user may read it; each table is looked up once. Only binds go into its statements. */
export class OracleDictionary {
  readonly #session: OracleSession;
  readonly #tables = new Map<string, Promise<DictionaryTable | undefined>>();
  #currentSchema: Promise<string> | undefined;

  constructor(session: OracleSession) {
    this.#session = session;
  }

  /**
   * The table or view behind a name, through synonyms.
   * @param schema where a name without owner is looked for; the session's current schema when undefined
   * @returns undefined when there is none that the user may see, or it is behind a database link
   */
  async table(name: TableName, schema: string | undefined): Promise<DictionaryTable | undefined> {
    const owner = name.owner ?? schema ?? (await this.#schema());
    const key = JSON.stringify([owner, name.name, name.owner === undefined]);
    let found = this.#tables.get(key);
    if (!found) {
      found = this.#find(owner, name.name, name.owner === undefined);
      this.#tables.set(key, found);
    }
    return found;
  }

  async #schema(): Promise<string> {
    this.#currentSchema ??= this.#session
      .query(currentSchemaSql, {}, 'read the current schema')
      .then((rows) => rows[0]?.[0] ?? this.#session.user.toUpperCase());
    return this.#currentSchema;
  }

  async #find(owner: string, name: string, unqualified: boolean): Promise<DictionaryTable | undefined> {
    for (let hops = 0; hops < maximalSynonyms; hops++) {
      const columns = await this.#read(columnsSql, owner, name);
      if (columns.length > 0) return this.#describe(owner, name, columns);
      const synonym =
        (await this.#read(synonymSql, owner, name))[0] ??
        (unqualified && hops === 0 ? (await this.#read(synonymSql, 'PUBLIC', name))[0] : undefined);
      const [tableOwner, tableName, link] = synonym ?? [];
      if (typeof tableOwner !== 'string' || typeof tableName !== 'string' || typeof link === 'string') return undefined;
      owner = tableOwner;
      name = tableName;
    }
    return undefined;
  }

  async #describe(owner: string, name: string, columns: readonly (string | null)[][]): Promise<DictionaryTable> {
    const columnTypes = new Map(columns.map(([column, ...type]) => [column ?? '', typeText(type)]));
    const comments = await this.#read(columnCommentsSql, owner, name);
    const comment = (await this.#read(tableCommentSql, owner, name))[0]?.[0];
    const view = (await this.#read(viewSql, owner, name))[0]?.[0];
    const constraints = constraintsOf(await this.#read(constraintsSql, owner, name)).filter(({ enabled }) => enabled);
    const primaryKey = constraints.find(({ type }) => type === 'P')?.columns;
    const foreignKeys: DictionaryForeignKey[] = [];
    for (const constraint of constraints) {
      if (constraint.type !== 'R' || constraint.referenced === undefined) continue;
      const referenced = await this.#read(referencedSql, constraint.referenced.owner, constraint.referenced.name);
      const referencedTable = referenced[0]?.[0];
      if (typeof referencedTable !== 'string' || referenced.length !== constraint.columns.length) continue;
      foreignKeys.push({
        name: constraint.name,
        columns: constraint.columns,
        referencedTable,
        referencedColumns: referenced.map(([, column]) => column ?? ''),
      });
    }
    return {
      owner,
      name,
      columns: [...columnTypes.keys()],
      columnTypes,
      columnLengths: new Map(
        columns.flatMap(([column, type, , , , characters]) =>
          isText(type) && Number(characters) > 0 ? [[column ?? '', Number(characters)] as const] : [],
        ),
      ),
      columnComments: new Map(
        comments.flatMap(([column, text]) => (typeof column === 'string' && typeof text === 'string' ? [[column, text] as const] : [])),
      ),
      ...(typeof comment === 'string' ? { comment } : {}),
      ...(typeof view === 'string' ? { view } : {}),
      ...(primaryKey ? { primaryKey } : {}),
      uniqueKeys: constraints.filter(({ type }) => type === 'U').map(({ columns: names }) => names),
      foreignKeys,
    };
  }

  /** Best effort: a dictionary view that the user may not read counts as empty. */
  async #read(sql: string, owner: string, name: string): Promise<(string | null)[][]> {
    return (await this.#session.queryIfReadable(sql, { owner, name }, `read the data dictionary for ${owner}.${name}`)) ?? [];
  }
}

interface Constraint {
  readonly name: string;
  readonly type: string;
  readonly enabled: boolean;
  readonly columns: string[];
  readonly referenced: { readonly owner: string; readonly name: string } | undefined;
}

function constraintsOf(rows: readonly (string | null)[][]): Constraint[] {
  const constraints = new Map<string, Constraint>();
  for (const [name, type, status, column, referencedOwner, referencedName] of rows) {
    if (typeof name !== 'string' || typeof type !== 'string' || typeof column !== 'string') continue;
    const referenced =
      typeof referencedOwner === 'string' && typeof referencedName === 'string'
        ? { owner: referencedOwner, name: referencedName }
        : undefined;
    const constraint = constraints.get(name) ?? { name, type, enabled: status !== 'DISABLED', columns: [], referenced };
    constraint.columns.push(column);
    constraints.set(name, constraint);
  }
  return [...constraints.values()];
}

function isText(type: string | null | undefined): boolean {
  return type === 'VARCHAR2' || type === 'NVARCHAR2' || type === 'CHAR' || type === 'NCHAR';
}

/** A column's type as one would declare it. */
function typeText([type, length, precision, scale, characters, used]: readonly (string | null | undefined)[]): string {
  switch (type) {
    case 'NUMBER':
      if (typeof precision !== 'string') return typeof scale === 'string' ? `NUMBER(*,${scale})` : 'NUMBER';
      return typeof scale === 'string' && scale !== '0' ? `NUMBER(${precision},${scale})` : `NUMBER(${precision})`;
    case 'FLOAT':
      return `FLOAT(${precision ?? '126'})`;
    case 'VARCHAR2':
    case 'CHAR':
      return used === 'C' ? `${type}(${characters ?? ''} CHAR)` : `${type}(${length ?? ''})`;
    case 'NVARCHAR2':
    case 'NCHAR':
      return `${type}(${characters ?? ''})`;
    case 'RAW':
      return `RAW(${length ?? ''})`;
    default:
      return type ?? '';
  }
}
