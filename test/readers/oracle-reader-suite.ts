import fc from 'fast-check';
import oracledb, { type Connection } from 'oracledb';
import { AvroDate, AvroDecimal, AvroDouble, AvroLong, AvroNVarchar, AvroString, type ValueSchema } from '../../src/lib';
import { OracleConnectionSettings } from '../../src/readers/oracle-connection-settings';
import { OracleReader } from '../../src/readers/oracle-reader';
import { connect, createSchema, dropSchema, type OracleLogin } from './oracle-schema';
import { testRun, type TestRun } from './test-run';

const settings = new OracleConnectionSettings('Source');
const failing = (code: string, details: Record<string, unknown> = {}): unknown =>
  expect.objectContaining({ code, details: expect.objectContaining(details) as unknown });

/** What a reader of Oracle has to do, on whatever stands behind the login. */
export function oracleReaderSuite(start: () => Promise<OracleLogin>, stop: () => Promise<void>): void {
  let login: OracleLogin;
  let run: TestRun;
  let reader: OracleReader;
  let other: Connection;

  beforeAll(async () => {
    login = await start();
    await createSchema(login);
  });
  afterAll(async () => {
    await dropSchema(login);
    await stop();
  });
  beforeEach(async () => {
    run = await testRun({ Source: login });
    reader = new OracleReader(settings, run.logger, { pageRows: 100 });
    await reader.connect(run.context);
    other = await connect(login);
  });
  afterEach(async () => {
    await reader[Symbol.asyncDispose]();
    await run[Symbol.asyncDispose]();
    await other.rollback();
    await other.close();
  });

  const rowsOf = (table: string, columns = '*', order = '1'): Promise<Record<string, unknown>[]> =>
    run.workspace.query(`SELECT ${columns} FROM "${table}" ORDER BY ${order}`);
  const typesOf = (schema: ValueSchema): Record<string, string> =>
    Object.fromEntries(schema.tableFields.map((field) => [field.name, field.type.toString()]));

  describe('load', () => {
    test('brings the rows into the workspace and makes the schema of the projection', async () => {
      reader.setSchemaNameForSql('PLAN', 'LABWARE');
      expect(await reader.load('PLAN', 'select plan_no, name, price, changed from tc_plan')).toBe(3);
      const schema = reader.tableSchema;
      expect([schema.name, schema.namespace]).toEqual(['PLAN', 'LABWARE']);
      expect(typesOf(schema)).toMatchObject({
        PLAN_NO: 'LONG',
        PRICE: 'DECIMAL(15,2)',
        CHANGED: expect.stringMatching(/local/i) as string,
      });
      expect(schema.field('PLAN_NO')).toMatchObject({ nullable: false, doc: undefined });
      expect(schema.pks).toEqual([]);
      expect(await rowsOf('PLAN', 'PLAN_NO::VARCHAR n, NAME, PRICE::VARCHAR p, CHANGED::VARCHAR c', 'NAME NULLS LAST')).toEqual([
        { n: '11', NAME: 'Air', p: '-0.01', c: '1999-12-31 00:00:00' },
        { n: '10', NAME: 'Water', p: '12.30', c: '2024-01-31 10:15:30' },
        { n: '10', NAME: null, p: null, c: null },
      ]);
    });

    test('with a name completes the schema in the same call', async () => {
      await reader.load('PLAN', 'select * from tc_plan', 'PLAN', 'LABWARE');
      expect(reader.tableSchema.pks).toEqual(['VERSION', 'PLAN_NO']);
      expect(reader.tableSchema.doc).toBe('Sample plans of the laboratory');
    });

    test('reads many pages, each row once and in order', async () => {
      const count = 1234;
      await other.execute('DELETE FROM TC_LARGE');
      await other.executeMany(
        "INSERT INTO TC_LARGE (ID, NAME, AMOUNT, CHANGED) VALUES (:1, :2, :3, TO_TIMESTAMP(:4, 'YYYY-MM-DD HH24:MI:SS.FF6'))",
        Array.from({ length: count }, (_, i) => [i, `row ${i}`, i / 4, `2024-01-01 00:00:00.${String(i).padStart(6, '0')}`]),
      );
      await other.commit();
      expect(await reader.load('LARGE', 'select * from tc_large order by id')).toBe(count);
      const rows = await rowsOf('LARGE', 'ID::INTEGER i, NAME, AMOUNT::DOUBLE a, CHANGED::VARCHAR c', 'rowid');
      expect(rows).toEqual(
        Array.from({ length: count }, (_, i) => ({
          i,
          NAME: `row ${i}`,
          a: i / 4,
          c: expect.stringContaining('2024-01-01 00:00:00') as string,
        })),
      );
    });

    test('of no rows makes an empty table with its schema', async () => {
      expect(await reader.load('PLAN', 'select plan_no from tc_plan where 1 = 0')).toBe(0);
      expect(await run.workspace.rowCount('PLAN')).toBe(0);
      expect(reader.tableSchema.tableFields.map(({ name }) => name)).toEqual(['PLAN_NO']);
    });

    test('binds values, which never become SQL', async () => {
      const sql = 'select plan_no from tc_plan where name = :name or plan_no = :no';
      expect(await reader.load('PLAN', sql, undefined, undefined, { binds: { name: "' or '1' = '1", no: 11n } })).toBe(1);
      expect(await reader.load('PLAN', sql, undefined, undefined, { binds: { NAME: 'Water', no: null } })).toBe(1);
    });

    test('says which binds are missing, not in the SQL, or of no use', async () => {
      const sql = 'select plan_no from tc_plan where plan_no > :since';
      await expect(reader.load('PLAN', sql)).rejects.toEqual(failing('SQL_BINDS', { reason: 'no value is given for :since' }));
      await expect(reader.load('PLAN', sql, undefined, undefined, { binds: { since: 1, until: 2 } })).rejects.toEqual(
        failing('SQL_BINDS', { reason: 'the SQL does not have :until' }),
      );
      await expect(reader.load('PLAN', sql, undefined, undefined, { binds: { since: new Date() as never } })).rejects.toEqual(
        failing('SQL_BINDS'),
      );
    });

    test('accepts WITH, comments and a semicolon at the end', async () => {
      const sql = '-- all\nwith p as (select plan_no, changed from tc_plan) select * from p -- end\n;';
      expect(await reader.load('PLAN', sql)).toBe(3);
    });

    test('reads names in quotes', async () => {
      await other.execute(`DELETE FROM "Tc mixed"`);
      await other.execute(`INSERT INTO "Tc mixed" ("Id", "a b", NAME) VALUES (1, 'x', 'y')`);
      await other.commit();
      await reader.load('MIXED', 'select t.*, sysdate as "now" from "Tc mixed" t', 'MIXED', 'LABWARE');
      expect(await rowsOf('MIXED', '"Id"::VARCHAR i, "a b", NAME')).toEqual([{ i: '1', 'a b': 'x', NAME: 'y' }]);
      expect(reader.tableSchema.pks).toEqual(['Id']);
    });

    test.each([
      ['select plan_no, plan_no from tc_plan', 'PLAN_NO occurs more than once'],
      ['select p.changed, s.site_id, p.site_id from tc_plan p join tc_site s on s.site_id = p.site_id', 'SITE_ID occurs more than once'],
      ['select plan_no, name as "plan_no" from tc_plan', 'PLAN_NO and plan_no differ only in upper and lower case'],
    ])('%s is an error about its names', async (sql, reason) => {
      await expect(reader.load('PLAN', sql)).rejects.toEqual(failing('SQL_COLUMN_NAMES', { reason }));
    });

    test('names the table that is not there', async () => {
      await expect(reader.load('PLAN', 'select * from tc_nothing')).rejects.toEqual(
        failing('ORACLE_TABLE_UNKNOWN', { name: expect.stringContaining('TC_NOTHING') }),
      );
    });

    test('names the column that is not there', async () => {
      await expect(reader.load('PLAN', 'select nothing from tc_plan')).rejects.toEqual(
        failing('ORACLE_COLUMN_UNKNOWN', { name: expect.stringContaining('NOTHING') }),
      );
    });

    test('leaves the session usable after an error', async () => {
      await expect(reader.load('PLAN', 'select * from tc_nothing')).rejects.toThrow();
      expect(await reader.load('PLAN', 'select * from tc_plan')).toBe(3);
    });

    test('stops when the run is stopped, with its reason', async () => {
      const reason = new Error('the lease was lost');
      const slow = new OracleReader(settings, run.logger, { pageRows: 1 });
      await slow.connect(run.context);
      jest.spyOn(run.context.journal, 'progress').mockImplementationOnce(() => {
        run.stop(reason);
      });
      await expect(slow.load('PLAN', 'select * from tc_plan')).rejects.toBe(reason);
      // The page that was there when the run stopped, and none of the two after it.
      expect(await run.workspace.rowCount('PLAN')).toBe(1);
      await slow[Symbol.asyncDispose]();
    });
  });

  describe('types', () => {
    const insert = async (columns: Readonly<Record<string, string>>): Promise<void> => {
      await other.execute('DELETE FROM TC_TYPES');
      await other.execute(`INSERT INTO TC_TYPES (ID, ${Object.keys(columns).join(', ')}) VALUES (1, ${Object.values(columns).join(', ')})`);
      await other.commit();
    };
    const loaded = async (columns: Readonly<Record<string, string>>, shown: (name: string) => string): Promise<Record<string, unknown>> => {
      await insert(columns);
      const names = Object.keys(columns);
      await reader.load('TYPES', `select ${names.join(', ')} from tc_types`);
      const [row] = await rowsOf('TYPES', names.map((name) => `${shown(name)} AS ${name}`).join(', '));
      return row!;
    };
    const asText = (name: string): string => `${name}::VARCHAR`;

    test('numbers are exact to the last digit', async () => {
      const values = {
        N_INT: '-999999999',
        N_LONG: '999999999999999999',
        N_BIG: '-99999999999999999999999999999999999999',
        N_DEC: '9999999999999.99',
        N_NEG: '12345000',
        N_SMALL: '0.00012',
        N_BARE: '0.1234567890123456789012345678901234567',
      };
      // DuckDB writes a DECIMAL that has no digits before the point without a zero.
      expect(await loaded(values, asText)).toEqual({ ...values, N_SMALL: '.00012' });
      expect(typesOf(reader.tableSchema)).toEqual({
        N_INT: 'INT',
        N_LONG: 'LONG',
        N_BIG: 'DECIMAL(38,0)',
        N_DEC: 'DECIMAL(15,2)',
        N_NEG: 'INT',
        N_SMALL: 'DECIMAL(5,5)',
        N_BARE: 'STRING',
      });
    });

    test('any NUMBER comes as the text of exactly its value', async () => {
      const digits = fc.stringMatching(/^[1-9][0-9]{0,36}$/);
      const number = fc.tuple(fc.boolean(), digits, fc.integer({ min: 0, max: 37 })).map(([negative, text, fraction]) => {
        const padded = text.padStart(fraction + 1, '0');
        const whole = padded.slice(0, padded.length - fraction);
        const rest = padded.slice(padded.length - fraction).replace(/0+$/, '');
        return `${negative ? '-' : ''}${whole}${rest === '' ? '' : `.${rest}`}`;
      });
      const numbers = fc.sample(number, { numRuns: 150, seed: 7 });
      await other.execute('DELETE FROM TC_TYPES');
      for (const [id, text] of numbers.entries()) await other.execute(`INSERT INTO TC_TYPES (ID, N_BARE) VALUES (${id}, ${text})`);
      await other.commit();
      await reader.load('TYPES', 'select id, n_bare from tc_types');
      expect((await rowsOf('TYPES', 'N_BARE', 'ID::INTEGER')).map((row) => row['N_BARE'])).toEqual(numbers);
    });

    test('texts keep every character, and blanks of a CHAR', async () => {
      const values = { V: "'Grüße 🌍 “quoted” ''x'''", NV: "N'日本語'", CH: "'ab'" };
      expect(await loaded(values, (name) => name)).toEqual({ V: "Grüße 🌍 “quoted” 'x'", NV: '日本語', CH: 'ab   ' });
    });

    test('dates and timestamps are exact to the microsecond, whatever the time zone of the app', async () => {
      const values = {
        D: "TO_DATE('2024-03-31 02:30:00', 'YYYY-MM-DD HH24:MI:SS')",
        TS0: "TIMESTAMP '0050-01-02 03:04:05'",
        TS3: "TIMESTAMP '1582-10-20 03:04:05.678'",
        TS6: "TIMESTAMP '9999-12-31 23:59:59.999999'",
      };
      expect(await loaded(values, asText)).toEqual({
        D: '2024-03-31 02:30:00',
        TS0: '0050-01-02 03:04:05',
        TS3: '1582-10-20 03:04:05.678',
        TS6: '9999-12-31 23:59:59.999999',
      });
    });

    test('years before Christ stay the year they are', async () => {
      expect(await loaded({ D: "DATE '-0044-03-15'" }, asText)).toEqual({ D: '0044-03-15 (BC) 00:00:00' });
    });

    test('timestamps finer than a microsecond are text', async () => {
      expect(await loaded({ TS9: "TIMESTAMP '2024-01-31 10:15:30.123456789'" }, asText)).toEqual({ TS9: '2024-01-31 10:15:30.123456789' });
    });

    test('zones become the instant in UTC; declared as text they keep their offset', async () => {
      const values = { TZ: "TIMESTAMP '2024-01-31 10:15:30.123456 +02:00'", TLZ: "TIMESTAMP '2024-07-31 10:15:30.5 -03:30'" };
      expect(await loaded(values, asText)).toEqual({ TZ: '2024-01-31 08:15:30.123456+00', TLZ: '2024-07-31 13:45:30.5+00' });
      await reader.load('TYPES', 'select tz from tc_types', undefined, undefined, { declare: { TZ: new AvroString() } });
      expect(await rowsOf('TYPES')).toEqual([{ TZ: '2024-01-31 10:15:30.123456 +02:00' }]);
    });

    test('floating point numbers come with infinities and NaN', async () => {
      await other.execute('DELETE FROM TC_TYPES');
      const sql = 'INSERT INTO TC_TYPES (ID, BF, BD) VALUES (:id, :bf, :bd)';
      const values = [1.5, 0.1, NaN, Infinity, -Infinity, 1e-300];
      for (const [id, value] of values.entries()) {
        await other.execute(sql, {
          id,
          bf: { val: Math.fround(value), type: oracledb.DB_TYPE_BINARY_FLOAT },
          bd: { val: value, type: oracledb.DB_TYPE_BINARY_DOUBLE },
        });
      }
      await other.commit();
      await reader.load('TYPES', 'select id, bf, bd from tc_types');
      const rows = await rowsOf('TYPES', 'BF, BD', 'ID');
      expect(rows).toEqual(values.map((value) => ({ BF: Math.fround(value), BD: value })));
      expect(typesOf(reader.tableSchema)).toMatchObject({ BF: 'FLOAT', BD: 'DOUBLE' });
    });

    test('bytes and large objects come whole', async () => {
      const text = 'Grüße 🌍 '.repeat(20_000);
      const bytes = Buffer.from(Array.from({ length: 100_000 }, (_, i) => i % 251));
      await other.execute('DELETE FROM TC_TYPES');
      const sql = 'INSERT INTO TC_TYPES (ID, R, CL, NCL, BL) VALUES (:id, :r, :cl, :ncl, :bl)';
      await other.execute(sql, {
        id: 1,
        r: bytes.subarray(0, 20),
        cl: { val: text, type: oracledb.DB_TYPE_CLOB },
        ncl: { val: 'ü', type: oracledb.DB_TYPE_NCLOB },
        bl: { val: bytes, type: oracledb.DB_TYPE_BLOB },
      });
      await other.execute('INSERT INTO TC_TYPES (ID) VALUES (2)');
      await other.commit();
      await reader.load('TYPES', 'select id, r, cl, ncl, bl from tc_types');
      const [first, second] = await rowsOf(
        'TYPES',
        'hex(R) AS R, md5(CL) AS CL, length(CL)::INTEGER AS L, NCL, octet_length(BL)::INTEGER AS N, md5(hex(BL)) AS BL',
        'ID',
      );
      const [expected] = await run.workspace.query('SELECT md5(?) AS cl, md5(?) AS bl', [text, bytes.toString('hex').toUpperCase()]);
      expect(first).toEqual({
        R: bytes.subarray(0, 20).toString('hex').toUpperCase(),
        CL: expected!['cl'],
        L: Array.from(text).length,
        NCL: 'ü',
        N: 100_000,
        BL: expected!['bl'],
      });
      expect(second).toEqual({ R: null, CL: null, L: null, NCL: null, N: null, BL: null });
    });

    test('NUMBER without digits is text, and the report proposes what would hold its values', async () => {
      await reader.load('PLAN', 'select plan_no, amount, plan_no * 2 as twice from tc_plan');
      expect(await rowsOf('PLAN', 'AMOUNT', 'AMOUNT NULLS LAST')).toEqual([{ AMOUNT: '-1234.125' }, { AMOUNT: '0.5' }, { AMOUNT: null }]);
      expect(run.notes).toEqual([
        'PROPOSAL PLAN.AMOUNT: a NUMBER without declared digits is kept as text. Its values now would fit { declare: { AMOUNT: new AvroDecimal(7, 3) } }',
        'PROPOSAL PLAN.TWICE: a NUMBER without declared digits is kept as text. Its values now would fit { declare: { TWICE: new AvroInt() } }',
      ]);
    });

    test('a declared type is exact or an error; only DOUBLE rounds', async () => {
      const load = (declared: AvroDecimal | AvroDouble | AvroLong): Promise<number> =>
        reader.load('PLAN', 'select plan_no, amount from tc_plan', undefined, undefined, { declare: { AMOUNT: declared } });
      await load(new AvroDecimal(10, 3));
      expect(await rowsOf('PLAN', 'AMOUNT::VARCHAR a', 'AMOUNT NULLS LAST')).toEqual([{ a: '-1234.125' }, { a: '0.500' }, { a: null }]);
      expect(run.notes).toEqual([]);
      await expect(load(new AvroDecimal(10, 2))).rejects.toEqual(failing('VALUE_INVALID', { table: 'PLAN', column: 'AMOUNT' }));
      await expect(load(new AvroDecimal(5, 3))).rejects.toEqual(failing('VALUE_INVALID'));
      await expect(load(new AvroLong())).rejects.toEqual(failing('VALUE_INVALID'));
      await load(new AvroDouble());
      expect(await rowsOf('PLAN', 'AMOUNT a', 'AMOUNT NULLS LAST')).toEqual([{ a: -1234.125 }, { a: 0.5 }, { a: null }]);
    });

    test('a DATE declared a day is one, unless it has a time', async () => {
      const load = (no: number): Promise<number> =>
        reader.load('PLAN', 'select changed from tc_plan where plan_no = :no', undefined, undefined, {
          binds: { no },
          declare: { CHANGED: new AvroDate() },
        });
      await load(11);
      expect(await rowsOf('PLAN', 'CHANGED::VARCHAR c')).toEqual([{ c: '1999-12-31' }]);
      await expect(load(10)).rejects.toEqual(failing('VALUE_INVALID', { column: 'CHANGED' }));
    });

    test('a declaration for a column that is not there is an error', async () => {
      const load = reader.load('PLAN', 'select plan_no from tc_plan', undefined, undefined, { declare: { NOTHING: new AvroLong() } });
      await expect(load).rejects.toEqual(failing('DECLARATION_INVALID', { column: 'NOTHING' }));
    });
  });

  describe('augmentSchema', () => {
    const augmented = async (sql: string): Promise<ValueSchema> => {
      await reader.load('PLAN', sql, 'PLAN', 'LABWARE');
      return reader.tableSchema;
    };
    const foreignKey = {
      fkName: 'TC_PLAN_SITE_FK',
      fkSchemaFqn: 'LABWARE.TC_SITE',
      conditions: [{ leftFieldName: 'SITE_ID', rightFieldName: 'SITE_ID', condition: '=' }],
    };

    test('adds comments, types, the key in its own order, and references', async () => {
      const schema = await augmented('select * from tc_plan');
      expect(schema.pks).toEqual(['VERSION', 'PLAN_NO']);
      expect(schema.doc).toBe('Sample plans of the laboratory');
      expect(schema.tableFields.map(({ name, doc, sourceDataType }) => [name, doc, sourceDataType])).toEqual([
        ['PLAN_NO', 'Number of the plan', 'NUMBER(10)'],
        ['VERSION', undefined, 'NUMBER(3)'],
        ['NAME', 'What the plan is called', 'VARCHAR2(60)'],
        ['SITE_ID', undefined, 'NUMBER(6)'],
        ['AMOUNT', undefined, 'NUMBER'],
        ['PRICE', undefined, 'NUMBER(15,2)'],
        ['CHANGED', undefined, 'DATE'],
      ]);
      expect(schema.foreignKeys).toEqual([foreignKey]);
    });

    test('gives texts their length in characters, unless the flow declared another', async () => {
      reader.setSchemaNameForSql('SITE', 'LABWARE');
      await reader.load('SITE', 'select code, name, name as label from tc_site', undefined, undefined, {
        declare: { LABEL: new AvroNVarchar(99) },
      });
      reader.tableSchema.setRepoUrl('https://example.com/repo');
      await reader.augmentSchema();
      expect(typesOf(reader.tableSchema)).toEqual({ CODE: 'NVARCHAR(10)', NAME: 'NVARCHAR(40)', LABEL: 'NVARCHAR(99)' });
      expect(reader.tableSchema.repoUrl).toBe('https://example.com/repo');
      expect(reader.tableSchema.field('NAME')).toMatchObject({ nullable: false, doc: 'Name of the site' });
    });

    test('follows aliases, and needs the whole key', async () => {
      const schema = await augmented('select p.plan_no as no, p.version v, p.name label from tc_plan p');
      expect(schema.pks).toEqual(['V', 'NO']);
      expect(schema.field('LABEL')?.doc).toBe('What the plan is called');
      expect((await augmented('select plan_no, name from tc_plan')).pks).toEqual([]);
      expect(run.notes).toContain('UNRESOLVED PLAN: no primary key of the tables read is certain to stay unique in this SELECT');
    });

    test('follows synonyms', async () => {
      const schema = await augmented('select * from tc_plan_s');
      expect([schema.pks, schema.doc]).toEqual([['VERSION', 'PLAN_NO'], 'Sample plans of the laboratory']);
    });

    test('follows views to the table behind them', async () => {
      const schema = await augmented('select * from tc_plan_v');
      expect([schema.pks, schema.doc]).toEqual([['VERSION', 'NO'], 'Plans with their sites']);
      expect(schema.tableFields.map(({ name, doc }) => [name, doc])).toEqual([
        ['VERSION', undefined],
        ['NO', 'Number of the plan'],
        ['NAME', 'What the plan is called'],
        ['SITE', 'Name of the site'],
      ]);
    });

    test('keeps the key through a join that cannot multiply rows, and drops it else', async () => {
      const join = await augmented(
        'select p.version, p.plan_no, p.site_id, s.name site from tc_plan p left join tc_site s on s.site_id = p.site_id',
      );
      expect(join.pks).toEqual(['VERSION', 'PLAN_NO']);
      expect(join.field('SITE')?.doc).toBe('Name of the site');
      expect(join.foreignKeys).toEqual([foreignKey]);
      const product = await augmented('select p.version, p.plan_no, s.name site from tc_plan p cross join tc_site s');
      expect(product.pks).toEqual([]);
    });

    test('lists in the report what does not resolve', async () => {
      await augmented("select version, plan_no, nvl(name, '?') as name from tc_plan");
      expect(run.notes).toEqual(["UNRESOLVED PLAN.NAME: NVL(name, '?') is computed"]);
    });

    test('keeps what the flow has set', async () => {
      reader.setSchemaNameForSql('PLAN', 'LABWARE');
      await reader.load('PLAN', 'select plan_no, name from tc_plan where version = 1');
      reader.tableSchema.setPks(['PLAN_NO']).setDoc('Ours');
      reader.tableSchema.field('NAME')?.setDoc('Our name');
      await reader.augmentSchema();
      expect([reader.tableSchema.pks, reader.tableSchema.doc, reader.tableSchema.field('NAME')?.doc]).toEqual([
        ['PLAN_NO'],
        'Ours',
        'Our name',
      ]);
    });

    test('before a load is an error', async () => {
      await expect(reader.augmentSchema()).rejects.toEqual(failing('READER_NOT_READY'));
    });
  });

  describe('position', () => {
    const event = async (connection: Connection, id: number): Promise<void> => {
      await connection.execute('INSERT INTO TC_EVENT (ID, NAME) VALUES (:id, :name)', { id, name: `event ${id}` });
    };
    beforeEach(async () => {
      await other.execute('DELETE FROM TC_EVENT');
      await event(other, 1);
      await other.commit();
    });

    test('is an SCN, the same each time it is asked', async () => {
      const position = await reader.position();
      expect(position).toMatch(/^[1-9][0-9]*$/);
      expect(await reader.position()).toBe(position);
    });

    test('after a read is an error that names the table', async () => {
      await reader.load('EVENT', 'select * from tc_event');
      await expect(reader.position()).rejects.toEqual(failing('POSITION_AFTER_READ', { table: 'EVENT' }));
    });

    test('fixes the state that all later reads see', async () => {
      await reader.position();
      await event(other, 2);
      await other.commit();
      expect(await reader.load('EVENT', 'select * from tc_event')).toBe(1);
      expect(await reader.load('AGAIN', 'select * from tc_event')).toBe(1);
    });

    test('without it, the first read fixes the state for the others', async () => {
      expect(await reader.load('EVENT', 'select * from tc_event')).toBe(1);
      await event(other, 2);
      await other.commit();
      expect(await reader.load('AGAIN', 'select * from tc_event')).toBe(1);
    });

    test('a delta from it finds each later change and none of before', async () => {
      const position = await reader.position();
      await event(other, 2);
      await other.commit();
      await using next = await freshReader();
      const sql = 'select id from tc_event where ora_rowscn > :since';
      expect(await next.reader.load('EVENT', sql, undefined, undefined, { binds: { since: BigInt(position) } })).toBe(1);
      expect(await next.run.workspace.query('SELECT ID::INTEGER AS id FROM EVENT')).toEqual([{ id: 2 }]);
    });

    test('lies before the start of a transaction that is still open', async () => {
      await event(other, 2);
      const third = await connect(login);
      try {
        await event(third, 3);
        await third.commit();
        const position = await reader.position();
        expect(await reader.load('EVENT', 'select * from tc_event')).toBe(2);
        await other.commit();
        await using next = await freshReader();
        expect(BigInt(position) < BigInt(await next.reader.position())).toBe(true);
        const sql = 'select id from tc_event where ora_rowscn > :since order by id';
        await next.reader.load('EVENT', sql, undefined, undefined, { binds: { since: BigInt(position) } });
        // 3 comes again: it was committed after 2 had begun.
        expect(await next.run.workspace.query('SELECT ID::INTEGER AS id FROM EVENT ORDER BY 1')).toEqual([{ id: 2 }, { id: 3 }]);
      } finally {
        await third.close();
      }
    });
  });

  describe('the connection', () => {
    const failingLogin = async (wrong: Partial<OracleLogin>): Promise<unknown> => {
      await using test = await freshReader(wrong);
      return await test.reader.load('PLAN', 'select * from tc_plan').catch((error: unknown) => error);
    };

    test('with a wrong password is refused, and the error does not show it', async () => {
      const error = await failingLogin({ password: 'Wrong-Secret-1' });
      expect(error).toEqual(failing('ORACLE_LOGIN', { user: login.user, secret: 'Source' }));
      expect(JSON.stringify(error) + String(error)).not.toContain('Wrong-Secret-1');
    });

    test('to an unknown service says so', async () => {
      expect(await failingLogin({ connectString: login.connectString.replace(/\/[^/]*$/, '/no_such_service') })).toEqual(
        failing('ORACLE_SERVICE_UNKNOWN'),
      );
    });

    test('to a port where nobody listens says so', async () => {
      expect(await failingLogin({ connectString: 'localhost:1/x' })).toEqual(failing('ORACLE_UNREACHABLE', { address: 'localhost:1/x' }));
    });

    test('takes its settings from a secret that is checked', async () => {
      await using bad = await testRun({ Source: { user: 'x', pasword: 'secret' } });
      await using typo = new OracleReader(settings, bad.logger);
      await typo.connect(bad.context);
      const error: unknown = await typo.load('PLAN', 'select 1 from dual').catch((problem: unknown) => problem);
      expect(error).toEqual(
        failing('SECRET_INVALID', { name: 'Source', reason: expect.stringMatching(/password.*connectString.*pasword/s) }),
      );
      expect(String(error)).not.toContain('secret}');
    });
  });

  async function freshReader(
    wrong: Partial<OracleLogin> = {},
  ): Promise<{ readonly reader: OracleReader; readonly run: TestRun } & AsyncDisposable> {
    const freshRun = await testRun({ Source: { ...login, ...wrong } });
    const fresh = new OracleReader(settings, freshRun.logger);
    await fresh.connect(freshRun.context);
    return {
      reader: fresh,
      run: freshRun,
      async [Symbol.asyncDispose]() {
        await fresh[Symbol.asyncDispose]();
        await freshRun[Symbol.asyncDispose]();
      },
    };
  }
}
