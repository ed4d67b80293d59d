import { OracleError, identifierInvalid, invalidStatement, tableMissing } from '../oracle-error';
import type { ColumnDefinition, Constraint, Statement, TableName } from '../sql/ast';
import { storageType } from '../sql/types';
import type { Column, Table } from './catalog';
import type { Database } from './database';

/** Rows of a table without ROWDEPENDENCIES that share one ORA_ROWSCN. */
const ROWS_PER_BLOCK = 64;

type Definition = Exclude<
  Statement,
  { kind: 'query' | 'insert' | 'update' | 'delete' | 'merge' | 'commit' | 'rollback' | 'setTransaction' | 'alterSession' | 'sleep' }
>;

let generated = 10_000;
const generatedName = (): string => `SYS_C00${++generated}`;

interface Who {
  readonly user: string;
  readonly schema: string;
}

/**
 * Carries out a statement that defines something: CREATE, DROP, ALTER TABLE, TRUNCATE, COMMENT, GRANT, REVOKE.
 * @throws OracleError 955, 942, 1031, … as Oracle would
 */
export async function applyDefinition(statement: Definition, database: Database, who: Who): Promise<void> {
  const { catalog } = database;
  const ownerOf = (name: TableName): string => name.schema ?? who.schema;
  const allowed = (owner: string): void => {
    if (owner !== who.user && !catalog.holds(who.user, 'DBA')) throw new OracleError(1031, 'insufficient privileges');
  };
  const existing = (name: TableName): Table => {
    const object = catalog.get(ownerOf(name), name.name);
    if (object?.kind !== 'table' || !catalog.maySee(who.user, object)) throw tableMissing(name.name, name.position);
    allowed(object.owner);
    return object;
  };
  const free = (owner: string, name: string, replace: boolean): void => {
    if (catalog.get(owner, name) !== undefined && !replace) throw new OracleError(955, 'name is already used by an existing object');
  };
  switch (statement.kind) {
    case 'createTable': {
      const owner = ownerOf(statement.table);
      allowed(owner);
      free(owner, statement.table.name, false);
      const table: Table = {
        kind: 'table',
        owner,
        name: statement.table.name,
        stored: database.nextStored(),
        columns: statement.columns.map(toColumn),
        keys: [],
        foreignKeys: [],
        comment: null,
        columnComments: new Map(),
        rowsPerBlock: statement.rowDependencies ? 1 : ROWS_PER_BLOCK,
      };
      addConstraints(table, statement.constraints, database, who);
      await database.createStored(table);
      catalog.put(table);
      return;
    }
    case 'createView': {
      const owner = ownerOf(statement.table);
      allowed(owner);
      free(owner, statement.table.name, statement.replace);
      catalog.put({
        kind: 'view',
        owner,
        name: statement.table.name,
        query: statement.query,
        columnNames: statement.columns,
        text: statement.text,
        comment: null,
        columnComments: new Map(),
      });
      return;
    }
    case 'createSynonym': {
      const owner = statement.isPublic ? 'PUBLIC' : ownerOf(statement.name);
      free(owner, statement.name.name, statement.replace);
      catalog.put({
        kind: 'synonym',
        owner,
        name: statement.name.name,
        target: { owner: ownerOf(statement.target), name: statement.target.name },
      });
      return;
    }
    case 'createUser':
      if (!catalog.holds(who.user, 'DBA')) throw new OracleError(1031, 'insufficient privileges');
      catalog.addUser(statement.name, statement.password);
      return;
    case 'drop': {
      const owner = statement.what === 'PUBLIC SYNONYM' ? 'PUBLIC' : ownerOf(statement.name);
      const object = catalog.get(owner, statement.name.name);
      if (object === undefined || !statement.what.endsWith(object.kind.toUpperCase()))
        throw tableMissing(statement.name.name, statement.name.position);
      if (owner !== 'PUBLIC') allowed(owner);
      catalog.remove(owner, statement.name.name);
      if (object.kind === 'table') await database.change((run) => run(`DROP TABLE store.${object.stored}`));
      return;
    }
    case 'alterTable': {
      const table = existing(statement.table);
      for (const definition of statement.add) {
        // The rows that are there would have to get the default.
        if (definition.defaultValue !== null || !definition.nullable) throw invalidStatement('ALTER TABLE ADD with DEFAULT or NOT NULL');
        if (table.columns.some((column) => column.name === definition.name))
          throw new OracleError(1430, 'column being added already exists in table');
        const column = toColumn(definition, Math.max(0, ...table.columns.map(({ stored }) => Number(stored.slice(1)))));
        await database.change((run) => run(`ALTER TABLE store.${table.stored} ADD COLUMN ${column.stored} ${storageType(column.type)}`));
        table.columns.push(column);
      }
      for (const name of statement.drop) {
        const index = table.columns.findIndex((column) => column.name === name);
        if (index < 0) throw identifierInvalid(`"${name}"`);
        table.columns.splice(index, 1);
      }
      addConstraints(table, statement.constraints, database, who);
      return;
    }
    case 'truncate': {
      const table = existing(statement.table);
      await database.change((run) => run(`DELETE FROM store.${table.stored}`));
      database.scn++;
      return;
    }
    case 'comment': {
      const owner = ownerOf(statement.table);
      const object = catalog.get(owner, statement.table.name);
      if (object === undefined || object.kind === 'synonym' || !catalog.maySee(who.user, object))
        throw tableMissing(statement.table.name, statement.table.position);
      allowed(owner);
      if (statement.column === null) object.comment = statement.text;
      else object.columnComments.set(statement.column, statement.text);
      return;
    }
    case 'grant':
    case 'revoke': {
      if (statement.on !== null) allowed(ownerOf(statement.on));
      const on = statement.on;
      const packaged =
        on !== null && on.name === 'DBMS_FLASHBACK'
          ? 'DBMS_FLASHBACK'
          : on === null
            ? null
            : `${catalog.systemViews.has(on.name) ? 'SYS' : ownerOf(on)}.${on.name.replace('V_$', 'V$')}`;
      for (const name of statement.kind === 'grant' ? statement.to : statement.from) {
        const user = catalog.users.get(name);
        if (user === undefined) throw new OracleError(1917, `user or role '${name}' does not exist`);
        for (const privilege of statement.privileges) {
          const held = packaged === null ? privilege : `${privilege} ON ${packaged}`;
          if (statement.kind === 'grant') user.privileges.add(held);
          else user.privileges.delete(held);
        }
      }
    }
  }
}

function toColumn(definition: ColumnDefinition, index: number): Column {
  return {
    name: definition.name,
    type: definition.type,
    nullable: definition.nullable,
    defaultValue: definition.defaultValue,
    stored: `c${index + 1}`,
  };
}

function addConstraints(table: Table, constraints: readonly Constraint[], database: Database, who: Who): void {
  for (const constraint of constraints) {
    const name = constraint.name ?? generatedName();
    for (const column of constraint.columns)
      if (!table.columns.some((candidate) => candidate.name === column)) throw identifierInvalid(`"${column}"`);
    if (constraint.kind !== 'foreign') {
      table.keys.push({ name, kind: constraint.kind, columns: constraint.columns });
      if (constraint.kind === 'primary')
        for (const column of table.columns) if (constraint.columns.includes(column.name)) column.nullable = false;
      continue;
    }
    const owner = constraint.table.schema ?? who.schema;
    const parent =
      owner === table.owner && constraint.table.name === table.name ? table : database.catalog.get(owner, constraint.table.name);
    if (parent?.kind !== 'table') throw tableMissing(constraint.table.name, constraint.table.position);
    const key = parent.keys.find(({ kind, columns }) =>
      constraint.references.length === 0 ? kind === 'primary' : columns.join() === constraint.references.join(),
    );
    if (key === undefined) throw new OracleError(2270, 'no matching unique or primary key for this column-list');
    table.foreignKeys.push({
      name,
      columns: constraint.columns,
      owner: parent.owner,
      table: parent.name,
      key: key.name,
      references: key.columns,
    });
  }
}
