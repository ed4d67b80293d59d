import { gzipSync } from 'node:zlib';
import {
  AvroBoolean,
  AvroBytes,
  AvroDate,
  AvroDecimal,
  AvroDouble,
  AvroLong,
  AvroNCLOB,
  AvroNVarchar,
  AvroTimestampMicros,
  ValueSchema,
} from '../../src/lib';
import type { RestRequest } from '../../src/readers/rest-reader';
import { failing, itemSchema, items, ReaderRun, rowsOf } from './rest-support';
import { RestService, sendJson } from './rest-service';

/** Loads what one page holds. */
async function load(
  body: string | Buffer,
  request: Partial<RestRequest>,
  headers: Readonly<Record<string, string>> = {},
): Promise<ReaderRun> {
  await using service = await RestService.start((_url, _request, response) => {
    response.writeHead(200, headers).end(body);
  });
  const run = await ReaderRun.open(service.url);
  try {
    await run.reader.load('T', { path: 'records', ...request });
    return run;
  } catch (error) {
    await run[Symbol.asyncDispose]();
    throw error;
  }
}

describe('values', () => {
  const schema = (): ValueSchema =>
    new ValueSchema('T', 'TEST')
      .addField('BIG', new AvroLong())
      .addField('EXACT', new AvroDecimal(38, 18))
      .addField('ROUND', new AvroDouble())
      .addField('TEXT', new AvroNVarchar(100))
      .addField('FLAG', new AvroBoolean())
      .addField('DAY', new AvroDate())
      .addField('AT', new AvroTimestampMicros())
      .addField('BYTES', new AvroBytes())
      .addField('REST', new AvroNCLOB());

  test('arrive to the last digit, also those that no JavaScript number holds', async () => {
    const body = `[{"BIG": 9223372036854775807, "EXACT": 12345678901234567890.123456789012345678, "ROUND": 1e300,
      "TEXT": 12345678901234567890.10, "FLAG": true, "DAY": "2024-02-29", "AT": "2024-02-29T23:59:59.123456+02:00", "BYTES": "00ff",
      "REST": {"n": 1.10, "list": [9007199254740993, null, "ä\\"\\n"]}},
      {"BIG": "9007199254740993", "EXACT": "-0.000000000000000001", "ROUND": 0, "TEXT": "\\u00e4 \\ud83d\\ude00 日", "FLAG": null}]`;
    await using run = await load(body, { schema: schema() });
    expect(await run.rows('T')).toEqual(
      [
        [
          '9223372036854775807',
          '12345678901234567890.123456789012345678',
          '1e+300',
          '12345678901234567890.10',
          'true',
          '2024-02-29',
          '2024-02-29 21:59:59.123456+00',
          '\\x00\\xFF',
          '{"n":1.10,"list":[9007199254740993,null,"ä\\"\\n"]}',
        ],
        ['9007199254740993', '-0.000000000000000001', '0.0', 'ä 😀 日', null, null, null, null, null],
      ]
        .map((row) => JSON.stringify(row))
        .sort(),
    );
  });

  test('that would have to be rounded or cut are errors', async () => {
    for (const value of ['9223372036854775808', '1.5', '"1e-1"', 'true'])
      await expect(load(`[{"BIG": ${value}}]`, { schema: schema() })).rejects.toEqual(failing('VALUE_INVALID', { column: 'BIG' }));
    await expect(load('[{"DAY": "2024-02-30"}]', { schema: schema() })).rejects.toEqual(failing('VALUE_INVALID', { column: 'DAY' }));
    await expect(load('[{"AT": 1709251199}]', { schema: schema() })).rejects.toEqual(failing('VALUE_INVALID', { column: 'AT' }));
  });

  test('are found at nested paths, and by names with dots', async () => {
    const table = new ValueSchema('T', 'TEST')
      .addField('ID', new AvroLong(), undefined, false)
      .addField('CITY', new AvroNVarchar(50))
      .addField('ZIP', new AvroNVarchar(50))
      .addField('DOT', new AvroNVarchar(50))
      .addField('ADDRESS', new AvroNCLOB());
    const fields = { ID: 'id', CITY: 'address.city.name', ZIP: 'address.zip', DOT: ['a.b'], ADDRESS: 'address' };
    const body = [
      { id: 1, 'a.b': 'x', address: { city: { name: 'Köln' }, zip: 50667 } },
      { id: 2, address: null },
      { id: 3, address: { city: null } },
    ];
    await using run = await load(JSON.stringify(body), { schema: table, fields });
    expect(await run.rows('T')).toEqual([
      '["1","Köln","50667","x","{\\"city\\":{\\"name\\":\\"Köln\\"},\\"zip\\":50667}"]',
      '["2",null,null,null,null]',
      '["3",null,null,null,"{\\"city\\":null}"]',
    ]);
    await expect(load('[{"id": 1, "address": "Köln"}]', { schema: table, fields })).rejects.toEqual(
      failing('VALUE_INVALID', { column: 'CITY', reason: 'address is no object' }),
    );
    await expect(load('[]', { schema: table, fields: { TOWN: 'town' } })).rejects.toEqual(failing('REST_REQUEST_INVALID'));
  });
});

test('fields without a column, and columns without a field, are noted once each with their count', async () => {
  const body = [
    { ID: 1, NAME: 'a', AMOUNT: 1, extra: 1, deep: { x: 1 } },
    { ID: 2, extra: null },
    { ID: 3, NAME: null, AMOUNT: null },
  ];
  await using run = await load(JSON.stringify(body), { schema: itemSchema() });
  expect([...run.run.notes].sort()).toEqual([
    'FIELD_MISSING T: 1 records do not have AMOUNT; it is null there',
    'FIELD_MISSING T: 1 records do not have NAME; it is null there',
    'FIELD_UNKNOWN T: no column takes deep, which 1 records have',
    'FIELD_UNKNOWN T: no column takes extra, which 2 records have',
  ]);
});

test('fields with ever new names do not fill the report', async () => {
  const body = Array.from({ length: 300 }, (_, id) => ({ ID: id, NAME: '', AMOUNT: 0, [`field ${id}`]: 1, ['__proto__x']: 1 }));
  await using run = await load(JSON.stringify(body), { schema: itemSchema() });
  expect(run.run.notes).toHaveLength(101);
  expect(run.run.notes.at(-1)).toBe('FIELD_UNKNOWN T: 201 further values of other fields have no column');
});

describe('NDJSON', () => {
  const request: Partial<RestRequest> = { schema: itemSchema(), format: 'ndjson' };
  const lines = items(7).map((item) => JSON.stringify(item));

  test('is read with any line ends, and blank lines', async () => {
    for (const body of [lines.join('\n'), `${lines.join('\r\n')}\r\n`, `\n${lines.join('\n\n')}\n\n`]) {
      await using run = await load(body, request);
      expect(await run.rows('T')).toEqual(rowsOf(items(7)));
    }
    await using empty = await load('', request);
    expect(await empty.rows('T')).toEqual([]);
  });

  test('that ends in a line, or has something else in one, is an error', async () => {
    await expect(load(lines.join('\n').slice(0, -3), request)).rejects.toEqual(failing('REST_RESPONSE_INVALID', { what: 'page 1 of T' }));
    await expect(load(`${lines[0]}\noops\n`, request)).rejects.toEqual(
      failing('REST_RESPONSE_INVALID', { reason: `it is no valid JSON at byte ${Buffer.byteLength(lines[0]!) + 1}` }),
    );
    await expect(load(`${lines[0]} ${lines[1]}\n`, request)).rejects.toEqual(failing('REST_RESPONSE_INVALID'));
  });

  test('has no document in which a cursor could be', async () => {
    const paging = { type: 'cursor', next: 'meta.next' } as const;
    await expect(load('', { ...request, paging })).rejects.toEqual(failing('REST_REQUEST_INVALID'));
  });
});

test('a compressed answer is read, with a byte order mark too; one that is cut short is not', async () => {
  const packed = gzipSync(`\uFEFF${JSON.stringify(items(7))}`);
  await using run = await load(packed, { schema: itemSchema() }, { 'content-encoding': 'gzip' });
  expect(await run.rows('T')).toEqual(rowsOf(items(7)));
  await expect(load(packed.subarray(0, -20), { schema: itemSchema() }, { 'content-encoding': 'gzip' })).rejects.toEqual(
    failing('REST_UNREACHABLE'),
  );
});

test('text that is no UTF-8 is an error, not another text', async () => {
  const body = Buffer.concat([Buffer.from('[{"ID": 1, "NAME": "'), Buffer.from([0xe4]), Buffer.from(' in Latin-1"}]')]);
  await expect(load(body, { schema: itemSchema() })).rejects.toEqual(failing('REST_RESPONSE_INVALID'));
});

describe('a schema made of the first records', () => {
  test('has a type that holds all of them, and text for what is mixed', async () => {
    const body = `[{"id": 1, "amount": 1, "code": "7", "ok": true, "day": "2024-01-31", "at": "2024-01-31T10:00:00.5Z", "local": "2024-01-31 10:00:00",
      "offset": "2024-01-31T10:00:00+01:00", "long": 123456789012345678901, "list": [1.50], "none": null},
      {"id": -2, "amount": 2.25, "code": 8, "ok": null, "day": "2024-02-01", "list": {"a": 1}}]`;
    await using run = await load(body, { key: ['id'] });
    const types = run.reader.tableSchema.tableFields.map(
      ({ name, type, nullable }) => `${name} ${type.toString()}${nullable ? '' : ' not null'}`,
    );
    expect(types).toEqual([
      'id LONG not null',
      'amount DECIMAL(38,18)',
      'code STRING',
      'ok BOOLEAN',
      'day DATE',
      'at TIMESTAMP_MICROS',
      'local LOCAL_TIMESTAMP_MICROS',
      'offset STRING',
      'long STRING',
      'list NCLOB',
      'none STRING',
    ]);
    expect(run.reader.tableSchema.pks).toEqual(['id']);
    expect(await run.rows('T')).toEqual([
      '["-2","2.250000000000000000","8",null,"2024-02-01",null,null,null,null,"{\\"a\\":1}",null]',
      '["1","1.000000000000000000","7","true","2024-01-31","2024-01-31 10:00:00.5+00","2024-01-31 10:00:00","2024-01-31T10:00:00+01:00","123456789012345678901","[1.50]",null]',
    ]);
  });

  test('does not lose a field that comes later: that is an error', async () => {
    const body = JSON.stringify([...items(5), { ID: 6, LATE: 1 }]);
    await expect(load(body, { sampleRecords: 5 })).rejects.toEqual(
      failing('REST_SCHEMA_CHANGED', { field: 'LATE', record: 6, page: 1, sample: 5 }),
    );
    await using run = await load(body, { sampleRecords: 6 });
    expect(await run.rows('T')).toHaveLength(6);
  });

  test('does not read more of a large page than it needs', async () => {
    let answers = 0;
    await using service = await RestService.start((_url, _request, response) => {
      answers += 1;
      response.write(
        `[${items(1000)
          .map((item) => JSON.stringify(item))
          .join(',')}`,
      );
      // The first answer never ends.
      if (answers === 2) response.end(']');
    });
    await using run = await ReaderRun.open(service.url);
    expect(await run.reader.load('T', { path: 'items', sampleRecords: 10 })).toBe(1000);
  });

  test('has the name that was set for it', async () => {
    await using service = await RestService.start((_url, _request, response) => {
      sendJson(response, items(2));
    });
    await using run = await ReaderRun.open(service.url);
    run.reader.setSchemaNameForSql('ITEM', 'SHOP');
    await run.reader.load('T', { path: 'items' });
    expect(run.reader.tableSchema.fullName).toBe('SHOP.ITEM');
  });
});
