import { readFileSync } from 'node:fs';
import path from 'node:path';
import oracledb from 'oracledb';
import { AvroDate, AvroDecimal, AvroDouble, AvroLong, AvroString, type AvroType } from '../../src/lib';
import { oracleTypeNames, readingOf, type ColumnReading, type OracleColumn } from '../../src/readers/oracle-types';

function column(typeName: OracleColumn['typeName'], more: Partial<OracleColumn> = {}): OracleColumn {
  return { name: 'C', typeName, precision: 0, scale: 0, byteSize: 0, nullable: true, objectType: undefined, ...more };
}

function read(typeName: OracleColumn['typeName'], more: Partial<OracleColumn> = {}, declared?: AvroType): ColumnReading {
  const reading = readingOf(column(typeName, more), '"C"', declared);
  if (!reading) throw new Error(`${typeName} cannot be read`);
  return reading;
}

describe('the type of a NUMBER', () => {
  test.each([
    [1, 0, 'INT'],
    [9, 0, 'INT'],
    [10, 0, 'LONG'],
    [18, 0, 'LONG'],
    [19, 0, 'DECIMAL(19,0)'],
    [38, 0, 'DECIMAL(38,0)'],
    [15, 2, 'DECIMAL(15,2)'],
    [38, 38, 'DECIMAL(38,38)'],
    // A negative scale: that many more digits before the point.
    [5, -3, 'INT'],
    [10, -3, 'LONG'],
    [20, -10, 'DECIMAL(30,0)'],
    [30, -10, 'STRING'],
    // A scale above the precision: zeros after the point.
    [2, 5, 'DECIMAL(5,5)'],
    [2, 40, 'STRING'],
    // NUMBER and FLOAT.
    [0, -127, 'STRING'],
    [126, -127, 'STRING'],
    [0, 0, 'STRING'],
  ])('(%d,%d) is %s', (precision, scale, type) => {
    expect(read('NUMBER', { precision, scale }).type.toString()).toBe(type);
  });

  test('only those whose digits are not limited are worth a proposal', () => {
    expect(read('NUMBER', { scale: -127 }).isBareNumber).toBe(true);
    expect(read('NUMBER', { precision: 15, scale: 2 }).isBareNumber).toBeUndefined();
    expect(read('NUMBER', { scale: -127 }, new AvroDecimal(15, 2)).isBareNumber).toBeUndefined();
  });

  test.each([new AvroDecimal(15, 2), new AvroDouble(), new AvroLong(), new AvroString()])('can be declared as %s', (declared) => {
    expect(read('NUMBER', { scale: -127 }, declared).type).toBe(declared);
  });
});

describe('the type of a date or timestamp', () => {
  test.each([
    ['DATE', 0, 'local-timestamp-millis', `TO_CHAR("C", 'SYYYY-MM-DD HH24:MI:SS')`],
    ['TIMESTAMP', 0, 'local-timestamp-millis', `TO_CHAR("C", 'SYYYY-MM-DD HH24:MI:SS')`],
    ['TIMESTAMP', 3, 'local-timestamp-millis', `TO_CHAR("C", 'SYYYY-MM-DD HH24:MI:SS.FF3')`],
    ['TIMESTAMP', 6, 'local-timestamp-micros', `TO_CHAR("C", 'SYYYY-MM-DD HH24:MI:SS.FF6')`],
    ['TIMESTAMP', 9, 'VARCHAR', `TO_CHAR("C", 'SYYYY-MM-DD HH24:MI:SS.FF9')`],
    ['TIMESTAMP_TZ', 3, 'timestamp-millis', `TO_CHAR("C" AT TIME ZONE 'UTC', 'SYYYY-MM-DD HH24:MI:SS.FF3')`],
    ['TIMESTAMP_TZ', 6, 'timestamp-micros', `TO_CHAR("C" AT TIME ZONE 'UTC', 'SYYYY-MM-DD HH24:MI:SS.FF6')`],
    ['TIMESTAMP_LTZ', 6, 'timestamp-micros', `TO_CHAR("C" AT TIME ZONE 'UTC', 'SYYYY-MM-DD HH24:MI:SS.FF6')`],
    ['TIMESTAMP_TZ', 9, 'VARCHAR', `TO_CHAR("C", 'SYYYY-MM-DD HH24:MI:SS.FF9 TZH:TZM')`],
  ] as const)('%s(%d) is %s', (typeName, precision, kind, select) => {
    const reading = read(typeName, { precision });
    expect([reading.type.kind, reading.select]).toEqual([kind, select]);
  });

  test('declared as text, a zone keeps its own offset', () => {
    expect(read('TIMESTAMP_TZ', { precision: 6 }, new AvroString()).select).toBe(`TO_CHAR("C", 'SYYYY-MM-DD HH24:MI:SS.FF6 TZH:TZM')`);
  });

  test('a DATE can be declared a day, an instant cannot', () => {
    expect(read('DATE', {}, new AvroDate()).type.kind).toBe('date');
    expect(() => read('TIMESTAMP_TZ', { precision: 6 }, new AvroDate())).toThrow('DATE cannot be made of');
    expect(() => read('DATE', {}, new AvroDecimal(10, 0))).toThrow('cannot be made of DATE');
  });
});

test('what cannot be read says so', () => {
  for (const typeName of ['OBJECT', 'CURSOR', 'BFILE', 'VECTOR'] as const) expect(readingOf(column(typeName), '"C"')).toBeUndefined();
});

test('the map has every type that the driver can describe', () => {
  const driver = Object.keys(oracledb).flatMap((name) => (name.startsWith('DB_TYPE_') ? [name.slice('DB_TYPE_'.length)] : []));
  expect(driver.filter((name) => !(oracleTypeNames as readonly string[]).includes(name))).toEqual([]);
});

test('docs/oracle.md has a row for every type of the map', () => {
  const page = readFileSync(path.resolve(__dirname, '../../docs/oracle.md'), 'utf8');
  const words: Partial<Record<string, string>> = {
    VARCHAR: 'VARCHAR2',
    NVARCHAR: 'NVARCHAR2',
    TIMESTAMP_TZ: 'TIMESTAMP(p) WITH TIME ZONE',
    TIMESTAMP_LTZ: 'TIMESTAMP(p) WITH LOCAL TIME ZONE',
    INTERVAL_DS: 'INTERVAL DAY TO SECOND',
    INTERVAL_YM: 'INTERVAL YEAR TO MONTH',
    LONG_RAW: 'LONG RAW',
    LONG_NVARCHAR: 'LONG',
    OBJECT: 'object types',
  };
  expect(oracleTypeNames.filter((name) => !page.includes(words[name] ?? name))).toEqual([]);
});
