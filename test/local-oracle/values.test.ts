import fc from 'fast-check';
import oracledb from 'oracledb';
import type { OracleServer } from '../../local/oracle/server';
import { Client, startServer } from './support';

/** Plain decimal text as the driver shows a NUMBER: no zero before the point. */
const shown = (text: string): string => text.replace(/^(-?)0\./, '$1.');

describe('values go in and come out unchanged', () => {
  let server: OracleServer;
  let client: Client;

  beforeAll(async () => {
    server = await startServer([
      `create table NUMBERS (ID number(10), BARE number, WIDE number(38), MONEY number(12,2), TINY number(4,6), ROUNDED number(5,-2), INTS number(9), LONGS number(18,4), F float(63))`,
      `create table TEXTS (ID number(10), V varchar2(32767), NV nvarchar2(16000), C char(10 char), CL clob, NCL nclob, BL blob, R raw(2000))`,
      `create table MOMENTS (ID number(10), D date, T0 timestamp(0), T3 timestamp(3), T6 timestamp(6), T9 timestamp(9), TZ timestamp(6) with time zone, TZ9 timestamp(9) with time zone, TL timestamp(6) with local time zone)`,
      `create table FLOATS (ID number(10), BF binary_float, BD binary_double, B boolean)`,
      `create table LONGS (ID number(10), L long)`,
    ]);
    client = await Client.connect(server);
  });
  afterAll(async () => {
    await client[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
  });

  const insertAll = async (
    table: string,
    column: string,
    values: readonly unknown[],
    expression = ':2',
    bind?: oracledb.BindDefinition,
  ): Promise<void> => {
    await client.run(`delete from ${table}`);
    const rows = values.map((value, id) => [id, value]);
    await client.connection.executeMany(
      `insert into ${table} (ID, ${column}) values (:1, ${expression})`,
      rows,
      bind === undefined ? {} : { bindDefs: [{ type: oracledb.NUMBER }, bind] },
    );
  };
  const column = async (table: string, expression: string): Promise<unknown[]> =>
    (await client.query(`select ${expression} from ${table} order by ID`)).map(([value]) => value);

  const decimals = fc
    .tuple(fc.boolean(), fc.stringMatching(/^[1-9]\d{0,37}$/), fc.integer({ min: -80, max: 60 }))
    .map(([negative, digits, exponent]) => {
      let text: string;
      if (exponent >= 0) text = digits + '0'.repeat(exponent);
      else {
        const padded = digits.padStart(-exponent + 1, '0');
        text = `${padded.slice(0, exponent)}.${padded.slice(exponent)}`.replace(/\.?0+$/, '');
      }
      return (negative ? '-' : '') + text;
    });

  test('thousands of NUMBERs of up to 38 digits and any size, bound as text', async () => {
    const values = ['0', '1', '-1', '99', '100', '-100', '0.1', '-0.01', ...fc.sample(decimals, 3000)];
    const rows = values.map((text) => ({ text }));
    await client.run('delete from NUMBERS');
    // A literal is the only exact way into a bare NUMBER: the driver sends numbers as JavaScript has them.
    for (let start = 0; start < rows.length; start += 200) {
      const page = rows.slice(start, start + 200);
      await client.run(
        `insert into NUMBERS (ID, BARE) ${page.map(({ text }, index) => `select ${start + index}, ${text} from dual`).join(' union all ')}`,
      );
    }
    expect(await column('NUMBERS', 'BARE')).toEqual(values.map(shown));
  });

  test('JavaScript numbers and bigints as binds', async () => {
    const values = [
      0,
      1,
      -1,
      0.1,
      1e21,
      -1e-7,
      123456.789,
      Number.MAX_SAFE_INTEGER,
      Number.MIN_SAFE_INTEGER,
      1e-100,
      5e100,
      ...fc.sample(fc.double({ noNaN: true, min: -1e100, max: 1e100 }), 500).filter((value) => value === 0 || Math.abs(value) > 1e-90),
    ];
    await insertAll('NUMBERS', 'BARE', values);
    const rows = await client.connection.execute<number[]>('select BARE from NUMBERS order by ID');
    expect((rows.rows ?? []).map(([value]) => value)).toEqual(values.map((value) => (Object.is(value, -0) ? 0 : value)));
  });

  test.each([
    ['WIDE', 38, 0],
    ['MONEY', 12, 2],
    ['INTS', 9, 0],
    ['LONGS', 18, 4],
  ])('%s keeps all its digits', async (name, precision, scale) => {
    const digits = fc.tuple(fc.boolean(), fc.stringMatching(new RegExp(`^\\d{1,${precision}}$`))).map(([negative, text]) => {
      const padded = text.padStart(scale + 1, '0');
      const whole = padded.slice(0, padded.length - scale).replace(/^0+(?=\d)/, '');
      const fraction = scale === 0 ? '' : padded.slice(-scale).replace(/0+$/, '');
      const plain = fraction === '' ? whole : `${whole}.${fraction}`;
      return negative && plain !== '0' ? `-${plain}` : plain;
    });
    const values = fc.sample(digits, 1000);
    await client.run('delete from NUMBERS');
    for (let start = 0; start < values.length; start += 200)
      await client.run(
        `insert into NUMBERS (ID, ${name}) ${values
          .slice(start, start + 200)
          .map((text, index) => `select ${start + index}, ${text} from dual`)
          .join(' union all ')}`,
      );
    expect(await column('NUMBERS', name)).toEqual(values.map(shown));
  });

  test('a negative scale and a scale above the precision round and check as Oracle does', async () => {
    await client.run('delete from NUMBERS');
    await client.run('insert into NUMBERS (ID, ROUNDED, TINY) values (1, 12345, 0.0012345)');
    await client.run('insert into NUMBERS (ID, ROUNDED, TINY) values (2, -149, -0.0000004)');
    expect(await client.query('select ROUNDED, TINY from NUMBERS order by ID')).toEqual([
      ['12300', '.001235'],
      ['-100', '0'],
    ]);
    await expect(client.run('insert into NUMBERS (ID, TINY) values (3, 0.01)')).rejects.toThrow('ORA-01438');
    await expect(client.run('insert into NUMBERS (ID, MONEY) values (3, 12345678901.5)')).rejects.toThrow('ORA-01438');
  });

  const text = fc.oneof(
    fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 }),
    fc.string({ unit: 'binary', minLength: 1, maxLength: 60 }),
  );

  test('texts of every length around the limits of the wire format, in all of Unicode', async () => {
    const lengths = [1, 11, 12, 13, 63, 64, 251, 252, 253, 254, 255, 256, 1000, 4000, 8191, 8192, 32766, 32767];
    const values = [
      ...lengths.map((length) => 'x'.repeat(length)),
      ...fc.sample(text, 400),
      '🍷'.repeat(8000),
      'ä'.repeat(126),
      'ä'.repeat(127),
    ];
    await insertAll('TEXTS', 'V', values, ':2', { type: oracledb.DB_TYPE_VARCHAR, maxSize: 32767 });
    expect(await column('TEXTS', 'V')).toEqual(values);
    const short = values.filter((value) => value.length <= 16000);
    await insertAll('TEXTS', 'NV', short, ':2', { type: oracledb.DB_TYPE_NVARCHAR, maxSize: 32767 });
    expect(await column('TEXTS', 'NV')).toEqual(short);
  });

  test('the empty text is NULL, and CHAR is padded', async () => {
    await insertAll('TEXTS', 'V', ['', null, 'x'], ':2', { type: oracledb.DB_TYPE_VARCHAR, maxSize: 10 });
    expect(await column('TEXTS', 'V')).toEqual([null, null, 'x']);
    expect(await client.value('select count(*) from TEXTS where V is null')).toBe('2');
    await insertAll('TEXTS', 'C', ['ä', 'abcdefghij'], ':2', { type: oracledb.DB_TYPE_VARCHAR, maxSize: 100 });
    expect(await column('TEXTS', 'C')).toEqual(['ä         ', 'abcdefghij']);
    expect(await client.value("select count(*) from TEXTS where C = 'ä'")).toBe('1');
    await expect(client.run("insert into TEXTS (ID, C) values (9, 'abcdefghijk')")).rejects.toThrow('ORA-12899');
  });

  test('RAW of any bytes', async () => {
    const values = fc.sample(fc.uint8Array({ minLength: 1, maxLength: 600 }), 200).map((bytes) => Buffer.from(bytes));
    await insertAll('TEXTS', 'R', values, ':2', { type: oracledb.BUFFER, maxSize: 2000 });
    expect(await column('TEXTS', 'R')).toEqual(values);
  });

  const bigText = ['short', 'y'.repeat(32767), 'z'.repeat(32768), 'ä🍷'.repeat(60_000), null, '0123456789'.repeat(50_000)];

  test('CLOB, NCLOB and BLOB of any length, whole', async () => {
    await client.run('delete from TEXTS');
    for (const [id, value] of bigText.entries()) {
      const bytes = value === null ? null : Buffer.from(value);
      await client.run('insert into TEXTS (ID, CL, NCL, BL) values (:1, :2, :3, :4)', [
        id,
        { val: value, type: oracledb.CLOB },
        { val: value, type: oracledb.NCLOB },
        { val: bytes, type: oracledb.BLOB },
      ]);
    }
    const rows = await client.query('select CL, NCL, BL from TEXTS order by ID');
    expect(rows).toEqual(bigText.map((value) => [value, value, value === null ? null : Buffer.from(value)]));
  });

  test('CLOB, NCLOB and BLOB as locators that are read in pieces', async () => {
    await client.run('delete from TEXTS');
    for (const [id, value] of bigText.entries())
      await client.run('insert into TEXTS (ID, CL, NCL, BL) values (:1, :2, :3, :4)', [
        id,
        { val: value, type: oracledb.STRING, maxSize: 600_000 },
        { val: value, type: oracledb.DB_TYPE_NVARCHAR, maxSize: 600_000 },
        { val: value === null ? null : Buffer.from(value), type: oracledb.BUFFER, maxSize: 600_000 },
      ]);
    const result = await client.connection.execute<(oracledb.Lob | null)[]>('select CL, NCL, BL from TEXTS order by ID');
    for (const [id, row] of (result.rows ?? []).entries()) {
      const value = bigText[id] ?? null;
      const [clob, nclob, blob] = row;
      if (value === null) {
        expect(row).toEqual([null, null, null]);
        continue;
      }
      expect(clob!.length).toBe(value.length);
      expect(await clob!.getData()).toBe(value);
      expect(await nclob!.getData()).toBe(value);
      expect(await blob!.getData()).toEqual(Buffer.from(value));
      expect(await clob!.getData(2, 3)).toBe(value.slice(1, 4));
    }
  });

  test('LONG', async () => {
    await client.run('delete from LONGS');
    const values = ['a', 'b'.repeat(100_000), null];
    for (const [id, value] of values.entries())
      await client.run('insert into LONGS (ID, L) values (:1, :2)', [id, { val: value, type: oracledb.STRING, maxSize: 200_000 }]);
    expect(await column('LONGS', 'L')).toEqual(values);
  });

  test('binary floating point numbers, infinities and NaN included; Oracle has no negative zero', async () => {
    const values = [0, -0, 1.5, -1.5, Infinity, -Infinity, NaN, Number.MAX_VALUE, Number.MIN_VALUE, ...fc.sample(fc.double(), 500)];
    await insertAll('FLOATS', 'BD', values, ':2', { type: oracledb.DB_TYPE_BINARY_DOUBLE });
    expect(await column('FLOATS', 'BD')).toEqual(values.map((value) => (Object.is(value, -0) ? 0 : value)));
    const singles = fc.sample(fc.float(), 200).map((value) => (Object.is(value, -0) ? 0 : value));
    await insertAll('FLOATS', 'BF', singles, ':2', { type: oracledb.DB_TYPE_BINARY_FLOAT });
    expect(await column('FLOATS', 'BF')).toEqual(singles);
  });

  test('BOOLEAN', async () => {
    await insertAll('FLOATS', 'B', [true, false, null], ':2', { type: oracledb.DB_TYPE_BOOLEAN });
    expect(await column('FLOATS', 'B')).toEqual([true, false, null]);
  });

  const instants = fc.date({ min: new Date('1900-01-01T00:00:00Z'), max: new Date('9999-12-31T23:59:59.999Z'), noInvalidDate: true });

  test('thousands of dates and timestamps', async () => {
    const values = fc.sample(instants, 2000);
    await client.run('delete from MOMENTS');
    await client.connection.executeMany(
      'insert into MOMENTS (ID, D, T3, TZ, TL) values (:1, :2, :3, :4, :5)',
      values.map((value, id) => [id, value, value, value, value]),
      {
        bindDefs: [
          { type: oracledb.NUMBER },
          { type: oracledb.DB_TYPE_DATE },
          { type: oracledb.DB_TYPE_TIMESTAMP },
          { type: oracledb.DB_TYPE_TIMESTAMP_TZ },
          { type: oracledb.DB_TYPE_TIMESTAMP_LTZ },
        ],
      },
    );
    const second = (value: Date): Date => new Date(Math.floor(value.getTime() / 1000) * 1000);
    expect(await client.query('select D, T3, TZ, TL from MOMENTS order by ID')).toEqual(
      values.map((value) => [second(value), value, value, value]),
    );
  });

  const moment = fc
    .record({
      year: fc.integer({ min: 1, max: 9999 }),
      month: fc.integer({ min: 1, max: 12 }),
      day: fc.integer({ min: 1, max: 28 }),
      hour: fc.integer({ min: 0, max: 23 }),
      minute: fc.integer({ min: 0, max: 59 }),
      second: fc.integer({ min: 0, max: 59 }),
      fraction: fc.integer({ min: 0, max: 999_999_999 }),
    })
    .map(({ year, month, day, hour, minute, second, fraction }) => {
      const two = (value: number): string => String(value).padStart(2, '0');
      return {
        text: `${String(year).padStart(4, '0')}-${two(month)}-${two(day)} ${two(hour)}:${two(minute)}:${two(second)}`,
        fraction: String(fraction).padStart(9, '0'),
      };
    });

  test('wall clock times as text, from year 1 on, to the microsecond', async () => {
    const values = [
      { text: '0050-03-01 12:30:45', fraction: '000000000' },
      { text: '2024-03-31 02:30:00', fraction: '123456000' },
      ...fc.sample(moment, 300),
    ];
    await client.run('delete from MOMENTS');
    for (let start = 0; start < values.length; start += 100)
      await client.run(
        `insert into MOMENTS (ID, D, T6, TZ) ${values
          .slice(start, start + 100)
          .map(
            ({ text: at, fraction }, index) =>
              `select ${start + index}, to_date('${at}', 'YYYY-MM-DD HH24:MI:SS'), timestamp '${at}.${fraction.slice(0, 6)}', timestamp '${at}.${fraction.slice(0, 6)} -03:30' from dual`,
          )
          .join(' union all ')}`,
      );
    expect(
      await client.query(
        `select to_char(D, 'YYYY-MM-DD HH24:MI:SS'), to_char(T6, 'YYYY-MM-DD HH24:MI:SS.FF6'), to_char(T6, 'SYYYY-MM-DD HH24:MI:SS.FF9'), to_char(T6, 'YYYY-MM-DD"T"HH24:MI:SS.FF3'), to_char(TZ, 'YYYY-MM-DD HH24:MI:SS.FF6 TZH:TZM') from MOMENTS order by ID`,
      ),
    ).toEqual(
      values.map(({ text: at, fraction }) => [
        at,
        `${at}.${fraction.slice(0, 6)}`,
        ` ${at}.${fraction.slice(0, 6)}000`,
        `${at.replace(' ', 'T')}.${fraction.slice(0, 3)}`,
        `${at}.${fraction.slice(0, 6)} -03:30`,
      ]),
    );
  });

  test('nanoseconds', async () => {
    const values = fc
      .sample(moment, 100)
      .map(({ text: at, fraction }) => `${String(1700 + (Number(at.slice(0, 4)) % 500))}${at.slice(4)}.${fraction}`);
    await client.run('delete from MOMENTS');
    await client.run(
      `insert into MOMENTS (ID, T9, TZ9) ${values.map((at, index) => `select ${index}, timestamp '${at}', timestamp '${at} +01:00' from dual`).join(' union all ')}`,
    );
    expect(
      await client.query(
        `select to_char(T9, 'YYYY-MM-DD HH24:MI:SS.FF9'), to_char(TZ9, 'YYYY-MM-DD HH24:MI:SS.FF9 TZH:TZM'), to_char(T9, 'FF7') from MOMENTS order by ID`,
      ),
    ).toEqual(values.map((at) => [at, `${at} +01:00`, at.slice(20, 27)]));
  });

  test('a zone is kept, and gives the instant in UTC', async () => {
    await client.run('delete from MOMENTS');
    await client.run(`insert into MOMENTS (ID, TZ) values (1, timestamp '2024-06-01 12:00:00.123456 +05:30')`);
    await client.run(`insert into MOMENTS (ID, TZ) values (2, timestamp '2024-01-01 00:00:00 -11:00')`);
    expect(
      await client.query(
        `select to_char(sys_extract_utc(TZ), 'YYYY-MM-DD HH24:MI:SS.FF6'), to_char(TZ at time zone 'UTC', 'YYYY-MM-DD HH24:MI TZH:TZM'), to_char(TZ at time zone 'Europe/Berlin', 'YYYY-MM-DD HH24:MI TZH:TZM'), TZ from MOMENTS order by ID`,
      ),
    ).toEqual([
      ['2024-06-01 06:30:00.123456', '2024-06-01 06:30 +00:00', '2024-06-01 08:30 +02:00', new Date('2024-06-01T06:30:00.123Z')],
      ['2024-01-01 11:00:00.000000', '2024-01-01 11:00 +00:00', '2024-01-01 12:00 +01:00', new Date('2024-01-01T11:00:00Z')],
    ]);
  });
});
