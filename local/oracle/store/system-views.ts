import { NUMBER, byteLength, dictionaryName, varchar, DATE } from '../sql/types';
import type { OracleType } from '../sql/types';
import type { Catalog, SystemValue, SystemView, Table, View } from './catalog';

/** What the views of the running system show. */
export interface SystemState {
  readonly catalog: Catalog;
  readonly service: string;
  readonly currentScn: number;
  /** `YYYY-MM-DD HH:MM:SS` in UTC. */
  readonly now: string;
  readonly transactions: readonly {
    readonly id: number;
    readonly startScn: number;
    readonly sessionId: number;
    readonly startTime: string;
  }[];
  readonly sessions: readonly { readonly id: number; readonly user: string }[];
  /** Columns of a view, as a query on it would have them. */
  readonly viewColumns: (view: View) => readonly { readonly name: string; readonly type: OracleType; readonly nullable: boolean }[];
}

type Row = readonly SystemValue[];
type Build = (state: SystemState, user: string) => readonly Row[];

interface Definition {
  readonly columns: string;
  readonly rows: Build;
  readonly privilege?: string;
}

/** Columns are written as `NAME` (text), `NAME:n` (number) or `NAME:d` (date). */
function columnsOf(text: string): SystemView['columns'] {
  return text.split(' ').map((part) => {
    const [name = '', kind] = part.split(':');
    const type: OracleType =
      kind === 'n'
        ? NUMBER
        : kind === 'd'
          ? DATE
          : kind === 'l'
            ? { name: 'LONG' }
            : varchar(name === 'COMMENTS' || name === 'DATA_DEFAULT' ? 4000 : 128);
    return { name, type };
  });
}

const objects = <Kind extends 'table' | 'view'>(
  { catalog }: SystemState,
  user: string,
  kind: Kind,
): Extract<Table | View, { kind: Kind }>[] =>
  [...catalog.objects.values()].filter(
    (object): object is Extract<Table | View, { kind: Kind }> => object.kind === kind && catalog.maySee(user, object),
  );

const named = (state: SystemState, user: string): (Table | View)[] => [...objects(state, user, 'table'), ...objects(state, user, 'view')];

function columnRows(state: SystemState, user: string): Row[] {
  return named(state, user).flatMap((object) => {
    const columns = object.kind === 'table' ? object.columns : state.viewColumns(object);
    return columns.map(({ name, type, nullable }, index): Row => {
      const character = ['VARCHAR2', 'NVARCHAR2', 'CHAR', 'NCHAR'].includes(type.name);
      const national = type.name.startsWith('N') && character;
      const isNumber = type.name === 'NUMBER';
      const scale = isNumber
        ? type.precision === undefined
          ? null
          : (type.scale ?? 0)
        : type.name.startsWith('TIMESTAMP')
          ? (type.scale ?? 6)
          : null;
      return [
        object.owner,
        object.name,
        name,
        dictionaryName(type),
        byteLength(type),
        isNumber ? (type.floatBits ?? type.precision ?? null) : null,
        scale,
        nullable ? 'Y' : 'N',
        index + 1,
        null,
        character ? (national || type.inCharacters === true ? (type.length ?? 1) : byteLength(type)) : 0,
        character ? (national || type.inCharacters === true ? 'C' : 'B') : null,
        character || type.name === 'CLOB' ? 'CHAR_CS' : type.name === 'NCLOB' ? 'NCHAR_CS' : null,
      ];
    });
  });
}

const COLUMN_COLUMNS =
  'OWNER TABLE_NAME COLUMN_NAME DATA_TYPE DATA_LENGTH:n DATA_PRECISION:n DATA_SCALE:n NULLABLE COLUMN_ID:n DATA_DEFAULT CHAR_LENGTH:n CHAR_USED CHARACTER_SET_NAME';

interface ConstraintRow {
  readonly row: Row;
  readonly columns: readonly Row[];
}

function constraints(state: SystemState, user: string): ConstraintRow[] {
  return objects(state, user, 'table').flatMap((table) => {
    const columns = (name: string, names: readonly string[]): Row[] =>
      names.map((column, index): Row => [table.owner, name, table.name, column, index + 1]);
    const status = (generated: boolean): Row => [
      'ENABLED',
      'NOT DEFERRABLE',
      'IMMEDIATE',
      'VALIDATED',
      generated ? 'GENERATED NAME' : 'USER NAME',
      null,
    ];
    const keys = table.keys.map((key): ConstraintRow => ({
      row: [
        table.owner,
        key.name,
        key.kind === 'primary' ? 'P' : 'U',
        table.name,
        null,
        null,
        null,
        ...status(key.name.startsWith('SYS_')),
      ],
      columns: columns(key.name, key.columns),
    }));
    const foreign = table.foreignKeys.map((key): ConstraintRow => ({
      row: [table.owner, key.name, 'R', table.name, key.owner, key.key, 'NO ACTION', ...status(key.name.startsWith('SYS_'))],
      columns: columns(key.name, key.columns),
    }));
    const checks = table.columns
      .filter((column) => !column.nullable)
      .map((column, index): ConstraintRow => {
        const name = `SYS_C_${table.stored}_${index + 1}`.toUpperCase();
        return {
          row: [table.owner, name, 'C', table.name, null, null, null, ...status(true)],
          columns: [[table.owner, name, table.name, column.name, null]],
        };
      });
    return [...keys, ...foreign, ...checks];
  });
}

const own =
  (build: Build): Build =>
  (state, user) =>
    build(state, user)
      .filter((row) => row[0] === user)
      .map((row) => row.slice(1));

const tableRows: Build = (state, user) =>
  objects(state, user, 'table').map((table) => [
    table.owner,
    table.name,
    null,
    'VALID',
    'NO',
    table.rowsPerBlock === 1 ? 'ENABLED' : 'DISABLED',
    'NO',
    'N',
  ]);
const TABLE_COLUMNS = 'OWNER TABLE_NAME NUM_ROWS:n STATUS PARTITIONED DEPENDENCIES NESTED TEMPORARY';
const tableComments: Build = (state, user) =>
  named(state, user).map((object) => [object.owner, object.name, object.kind.toUpperCase(), object.comment]);
const columnComments: Build = (state, user) =>
  columnRows(state, user).map((row) => {
    const object = state.catalog.get(String(row[0]), String(row[1]));
    return [
      row[0]!,
      row[1]!,
      row[2]!,
      object === undefined || object.kind === 'synonym' ? null : (object.columnComments.get(String(row[2])) ?? null),
    ];
  });
const CONSTRAINT_COLUMNS =
  'OWNER CONSTRAINT_NAME CONSTRAINT_TYPE TABLE_NAME R_OWNER R_CONSTRAINT_NAME DELETE_RULE STATUS DEFERRABLE DEFERRED VALIDATED GENERATED SEARCH_CONDITION_VC';
const constraintRows: Build = (state, user) => constraints(state, user).map(({ row }) => row);
const CONSTRAINT_COLUMN_COLUMNS = 'OWNER CONSTRAINT_NAME TABLE_NAME COLUMN_NAME POSITION:n';
const constraintColumnRows: Build = (state, user) => constraints(state, user).flatMap(({ columns }) => columns);
const synonymRows: Build = ({ catalog }, user) =>
  [...catalog.objects.values()].flatMap((object) => {
    if (object.kind !== 'synonym') return [];
    if (object.owner !== 'PUBLIC' && object.owner !== user && !catalog.maySee(user, object.target)) return [];
    return [[object.owner, object.name, object.target.owner, object.target.name, null]];
  });
const viewRows: Build = (state, user) =>
  objects(state, user, 'view').map((view) => [view.owner, view.name, view.text.length, view.text, view.text]);
const dependencyRows: Build = (state, user) =>
  objects(state, user, 'view').flatMap((view) =>
    tablesOf(view.query).flatMap((name): Row[] => {
      const target = state.catalog.get(name.schema ?? view.owner, name.name) ?? state.catalog.get('PUBLIC', name.name);
      return target === undefined
        ? []
        : [[view.owner, view.name, 'VIEW', target.owner, target.name, target.kind.toUpperCase(), null, 'HARD']];
    }),
  );

/** Names of the tables in a query, subqueries included. */
function tablesOf(node: unknown): { schema: string | null; name: string }[] {
  if (typeof node !== 'object' || node === null) return [];
  if (Array.isArray(node)) return node.flatMap(tablesOf);
  const record = node as Record<string, unknown>;
  if (record['kind'] === 'table' && 'asOf' in record) return [record['name'] as { schema: string | null; name: string }];
  return Object.values(record).flatMap(tablesOf);
}

const objectRows: Build = (state, user) => [
  ...named(state, user).map((object): Row => [object.owner, object.name, object.kind.toUpperCase(), 'VALID']),
  ...synonymRows(state, user).map((row): Row => [row[0]!, row[1]!, 'SYNONYM', 'VALID']),
];

const transactionRows = (state: SystemState): Row[] =>
  state.transactions.map(({ id, startScn, sessionId, startTime }): Row => [
    String(id).padStart(16, '0'),
    id,
    1,
    id,
    'ACTIVE',
    startTime,
    startScn % 2 ** 32,
    Math.floor(startScn / 2 ** 32),
    startScn,
    startTime,
    String(sessionId),
    'NO',
  ]);
const TRANSACTION_COLUMNS =
  'ADDR XIDUSN:n XIDSLOT:n XIDSQN:n STATUS START_TIME START_SCNB:n START_SCNW:n START_SCN:n START_DATE:d SES_ADDR SPACE';
const instanced = (rows: readonly Row[]): Row[] => rows.map((row) => [1, ...row]);

const databaseRows = (state: SystemState): Row[] => [[1, state.service, state.currentScn, 'READ WRITE', 'PRIMARY', 'ARCHIVELOG']];
const sessionRows = (state: SystemState): Row[] => state.sessions.map(({ id, user }): Row => [id, id, user, 'ACTIVE', 'USER', String(id)]);

const definitions: Record<string, Definition> = {
  DUAL: { columns: 'DUMMY', rows: () => [['X']] },
  ALL_TABLES: { columns: TABLE_COLUMNS, rows: tableRows },
  USER_TABLES: { columns: TABLE_COLUMNS.replace('OWNER ', ''), rows: own(tableRows) },
  ALL_VIEWS: { columns: 'OWNER VIEW_NAME TEXT_LENGTH:n TEXT:l TEXT_VC', rows: viewRows },
  USER_VIEWS: { columns: 'VIEW_NAME TEXT_LENGTH:n TEXT:l TEXT_VC', rows: own(viewRows) },
  ALL_TAB_COLUMNS: { columns: COLUMN_COLUMNS, rows: columnRows },
  ALL_TAB_COLS: {
    columns: `${COLUMN_COLUMNS} HIDDEN_COLUMN VIRTUAL_COLUMN INTERNAL_COLUMN_ID:n USER_GENERATED`,
    rows: (state, user) => columnRows(state, user).map((row) => [...row, 'NO', 'NO', row[8]!, 'YES']),
  },
  USER_TAB_COLUMNS: { columns: COLUMN_COLUMNS.replace('OWNER ', ''), rows: own(columnRows) },
  ALL_CONSTRAINTS: { columns: CONSTRAINT_COLUMNS, rows: constraintRows },
  USER_CONSTRAINTS: { columns: CONSTRAINT_COLUMNS, rows: (state, user) => constraintRows(state, user).filter((row) => row[0] === user) },
  ALL_CONS_COLUMNS: { columns: CONSTRAINT_COLUMN_COLUMNS, rows: constraintColumnRows },
  USER_CONS_COLUMNS: {
    columns: CONSTRAINT_COLUMN_COLUMNS,
    rows: (state, user) => constraintColumnRows(state, user).filter((row) => row[0] === user),
  },
  ALL_TAB_COMMENTS: { columns: 'OWNER TABLE_NAME TABLE_TYPE COMMENTS', rows: tableComments },
  USER_TAB_COMMENTS: { columns: 'TABLE_NAME TABLE_TYPE COMMENTS', rows: own(tableComments) },
  ALL_COL_COMMENTS: { columns: 'OWNER TABLE_NAME COLUMN_NAME COMMENTS', rows: columnComments },
  USER_COL_COMMENTS: { columns: 'TABLE_NAME COLUMN_NAME COMMENTS', rows: own(columnComments) },
  ALL_SYNONYMS: { columns: 'OWNER SYNONYM_NAME TABLE_OWNER TABLE_NAME DB_LINK', rows: synonymRows },
  USER_SYNONYMS: { columns: 'SYNONYM_NAME TABLE_OWNER TABLE_NAME DB_LINK', rows: own(synonymRows) },
  ALL_DEPENDENCIES: {
    columns: 'OWNER NAME TYPE REFERENCED_OWNER REFERENCED_NAME REFERENCED_TYPE REFERENCED_LINK_NAME DEPENDENCY_TYPE',
    rows: dependencyRows,
  },
  ALL_OBJECTS: { columns: 'OWNER OBJECT_NAME OBJECT_TYPE STATUS', rows: objectRows },
  ALL_USERS: { columns: 'USERNAME', rows: ({ catalog }) => [...catalog.users.keys()].map((name) => [name]) },
  V$DATABASE: {
    columns: 'DBID:n NAME CURRENT_SCN:n OPEN_MODE DATABASE_ROLE LOG_MODE',
    rows: databaseRows,
    privilege: 'SELECT ANY DICTIONARY',
  },
  V$TRANSACTION: { columns: TRANSACTION_COLUMNS, rows: transactionRows, privilege: 'SELECT ANY DICTIONARY' },
  GV$TRANSACTION: {
    columns: `INST_ID:n ${TRANSACTION_COLUMNS}`,
    rows: (state) => instanced(transactionRows(state)),
    privilege: 'SELECT ANY DICTIONARY',
  },
  V$SESSION: { columns: 'SID:n SERIAL#:n USERNAME STATUS TYPE SADDR', rows: sessionRows, privilege: 'SELECT ANY DICTIONARY' },
  GV$SESSION: {
    columns: 'INST_ID:n SID:n SERIAL#:n USERNAME STATUS TYPE SADDR',
    rows: (state) => instanced(sessionRows(state)),
    privilege: 'SELECT ANY DICTIONARY',
  },
  V$VERSION: {
    columns: 'BANNER BANNER_FULL',
    rows: () => [['Oracle Net test server', 'Oracle Net test server']],
    privilege: 'SELECT ANY DICTIONARY',
  },
};

/** Makes the views of the data dictionary and of the running system known to a catalog. */
export function addSystemViews(catalog: Catalog): void {
  for (const [name, { columns, privilege }] of Object.entries(definitions)) {
    catalog.systemViews.set(name, { kind: 'system', name, columns: columnsOf(columns), privilege: privilege ?? null });
    // V$ views are synonyms of V_$ views, and privileges are granted on those.
    if (name.includes('V$'))
      catalog.systemViews.set(name.replace('V$', 'V_$'), {
        kind: 'system',
        name,
        columns: columnsOf(columns),
        privilege: privilege ?? null,
      });
  }
}

/** The rows of a system view for a user, who sees only what he may read. */
export function systemRows(view: SystemView, state: SystemState, user: string): readonly Row[] {
  return definitions[view.name]!.rows(state, user);
}
