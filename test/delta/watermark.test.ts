import fc from 'fast-check';
import { AvroInt, AvroNVarchar, AvroTimestampMicros, ValueSchema, watermark, type WatermarkOptions, Workspace } from '../../src/lib';
import { atMoment, before, comparable, isWatermark, toWatermarkText, unreadable } from '../../src/lib/delta/watermark-value';
import { StrategyTrial, type TrialOptions } from './strategy-trial';

const schema = new ValueSchema('SOURCE', 'TEST')
  .addField('ID', new AvroInt(), undefined, false)
  .addField('AMOUNT', new AvroInt())
  .addField('STATUS', new AvroNVarchar(1))
  .addField('CREATED', new AvroTimestampMicros())
  .addField('CHANGED', new AvroTimestampMicros())
  .setPks(['ID']);

function start(options: Partial<WatermarkOptions> = {}, more: Partial<TrialOptions> = {}): Promise<StrategyTrial> {
  const strategy = watermark({ columns: ['CHANGED'], type: 'timestamp', overlap: '10 minutes', ...options });
  const columns = 'ID INTEGER, AMOUNT INTEGER, STATUS VARCHAR, CREATED TIMESTAMP, CHANGED TIMESTAMP';
  return StrategyTrial.start({ strategy, schema, columns, backfillBy: ['STATUS'], ...more });
}

/** A row, or a changed one; times are of 2024-05-06. */
const put = (id: number, amount: number, changed: string, status = 'A'): string =>
  `DELETE FROM SOURCE WHERE ID = ${id}; INSERT INTO SOURCE VALUES (${id}, ${amount}, '${status}', NULL, '2024-05-06 ${changed}')`;

const markOf = (trial: StrategyTrial): unknown => (JSON.parse(trial.pointer!) as { watermark: unknown }).watermark;

test('a delta reads from the last watermark, less the overlap, up to the start of the run, and publishes what is new', async () => {
  await using trial = await start();
  await trial.change(put(1, 1, '06:00:00'), put(2, 2, '06:59:00.123456'), `INSERT INTO SOURCE VALUES (3, 3, 'A', NULL, NULL)`);
  await trial.initial();
  expect(trial.published).toEqual(['T', 'R 1', 'R 2', 'R 3']);
  expect(markOf(trial)).toBe('2024-05-06T06:59:00.123456000');

  await trial.change(put(1, 10, '07:00:30'), put(4, 4, '06:50:00'));
  await trial.delta();
  expect(trial.selection).toEqual({
    load: 'delta',
    condition: `"CHANGED" >= CAST($since AS TIMESTAMP) AND "CHANGED" < CAST($until AS TIMESTAMP)`,
    binds: { since: '2024-05-06T06:49:00.123456000', until: '2024-05-06T07:01:00.000000000' },
    from: '2024-05-06T06:49:00.123456000',
    to: '2024-05-06T07:01:00.000000000',
  });
  // Row 2 lies in the overlap and was published before; row 4 was committed late.
  expect(trial.published.sort()).toEqual(['A 1', 'A 4']);
  expect(markOf(trial)).toBe('2024-05-06T07:00:30.000000000');
  expect(trial.consumer()).toEqual(await trial.sourceRows());
});

test('when nothing new is there nothing is published, and pointer and file stay', async () => {
  await using trial = await start();
  await trial.change(put(1, 1, '06:55:00'));
  await trial.initial();
  const { pointer } = trial;
  await trial.delta();
  await trial.delta();
  expect(trial.messages).toEqual([]);
  expect(trial.pointer).toBe(pointer);
  expect(await trial.snapshots.names()).toHaveLength(1);
});

test('a row of the same moment as the last watermark is not missed, even without overlap', async () => {
  await using trial = await start({ overlap: 0 });
  await trial.change(put(1, 1, '06:55:00'));
  await trial.initial();
  await trial.change(put(2, 2, '06:55:00'));
  await trial.delta();
  expect(trial.published).toEqual(['A 2']);
  await trial.delta();
  expect(trial.messages).toEqual([]);
});

test('rows of the future wait until their time has come', async () => {
  await using trial = await start({ overlap: '1 minute' });
  await trial.change(put(1, 1, '06:55:00'));
  await trial.initial();
  await trial.change(put(2, 2, '07:02:30'), put(3, 3, '07:00:10'));
  await trial.delta();
  expect(trial.published).toEqual(['A 3']);
  await trial.delta();
  expect(trial.published).toEqual([]);
  await trial.delta();
  expect(trial.published).toEqual(['A 2']);
  expect(trial.consumer()).toEqual(await trial.sourceRows());
});

test('of several columns, any selects the row, and the greatest counts', async () => {
  await using trial = await start({ columns: ['CREATED', 'CHANGED'] });
  await trial.change(
    `INSERT INTO SOURCE VALUES (1, 1, 'A', '2024-05-06 06:00', NULL), (2, 2, 'A', '2024-05-06 06:10', '2024-05-06 06:20')`,
  );
  await trial.initial();
  expect(markOf(trial)).toBe('2024-05-06T06:20:00.000000000');
  await trial.change(
    `INSERT INTO SOURCE VALUES (3, 3, 'A', '2024-05-06 06:30', NULL)`,
    `UPDATE SOURCE SET CHANGED = '2024-05-06 06:40', AMOUNT = 9 WHERE ID = 1`,
  );
  await trial.delta();
  expect(trial.published.sort()).toEqual(['A 1', 'A 3']);
  expect(markOf(trial)).toBe('2024-05-06T06:40:00.000000000');
});

test('rows that count as deleted are published as DELETE, and left out of initial loads and backfills', async () => {
  await using trial = await start({ deletedWhen: `STATUS = 'X'` });
  await trial.change(put(1, 1, '06:50:00'), put(2, 2, '06:51:00', 'X'));
  await trial.initial();
  expect(trial.published).toEqual(['T', 'R 1']);
  await trial.change(put(1, 1, '07:00:10', 'X'), put(3, 3, '07:00:20'));
  await trial.delta();
  expect(trial.published.sort()).toEqual(['A 3', 'D 1']);
  await trial.backfill({ STATUS: 'A' });
  expect(trial.published).toEqual(['T', 'R 3']);
  expect(trial.consumer()).toEqual(await trial.sourceRows(`STATUS <> 'X'`));
});

test('what is seen again after a run whose pointer was lost, or after a backfill, is published again', async () => {
  await using trial = await start();
  await trial.change(put(1, 1, '06:55:00'), put(2, 2, '06:55:00'));
  await trial.initial();
  await trial.change(put(1, 5, '06:56:00'));
  await trial.delta('after commit');
  // The same row as before, to the last bit: the hashes of the pointer's own file do not tell that consumers have another one.
  await trial.change(put(1, 1, '06:55:00'));
  await trial.delta();
  expect(trial.consumer()).toEqual(await trial.sourceRows());
  await trial.change(put(1, 7, '06:57:00', 'B'));
  await trial.backfill({ STATUS: 'B' });
  await trial.change(put(1, 1, '06:55:00'));
  await trial.delta();
  expect(trial.consumer()).toEqual(await trial.sourceRows());
});

test('a run that died before its commit leaves everything to the next', async () => {
  await using trial = await start();
  await trial.change(put(1, 1, '06:55:00'));
  await trial.initial();
  await trial.change(put(2, 2, '06:58:00'));
  await trial.delta('before commit');
  await trial.delta();
  expect(trial.published).toContain('A 2');
  await trial.delta();
  expect(trial.messages).toEqual([]);
  expect(await trial.snapshots.names()).toHaveLength(1);
});

test('without any watermark in the source a delta reads everything, and finds nothing new', async () => {
  await using trial = await start({}, { allowEmpty: true });
  await trial.initial();
  expect(markOf(trial)).toBeNull();
  await trial.delta();
  expect(trial.messages).toEqual([]);
  await trial.change(put(1, 1, '06:00:00'));
  await trial.delta();
  expect(trial.published).toEqual(['A 1']);
  expect(markOf(trial)).toBe('2024-05-06T06:00:00.000000000');
});

test.each<[WatermarkOptions['type'], string | number, string, readonly string[], string, string]>([
  ['number', 5, 'DECIMAL(18,3)', ['10.5', '11.125'], '11.125', '6.125'],
  ['number', 5, 'BIGINT', ['-3', '-4'], '-3', '-8'],
  ['text', 0, 'VARCHAR', [`'a'`, `'b'`], 'b', 'b'],
  ['date', '1 day', 'DATE', [`'2024-05-01'`, `'2024-05-02'`], '2024-05-02T00:00:00', '2024-05-01T00:00:00'],
  ['date', '2 hours', 'TIMESTAMP', [`'2024-05-01 01:00:00'`], '2024-05-01T01:00:00', '2024-04-30T23:00:00'],
  [
    'timestamp',
    '1 second',
    'TIMESTAMP_NS',
    [`'2024-05-01 00:00:00.123456789'`, `'2024-05-01 00:00:00.123456788'`],
    '2024-05-01T00:00:00.123456789',
    '2024-04-30T23:59:59.123456789',
  ],
  [
    'timestamptz',
    '30 minutes',
    'TIMESTAMPTZ',
    [`'2024-05-01 02:00:00+02'`],
    '2024-05-01T00:00:00.000000000Z',
    '2024-04-30T23:30:00.000000000Z',
  ],
])(
  '%s with an overlap of %s in %s: the pointer is the greatest value, with full precision',
  async (type, overlap, column, values, pointer, from) => {
    await using trial = await start(
      { type, overlap },
      { columns: `ID INTEGER, AMOUNT INTEGER, STATUS VARCHAR, CREATED TIMESTAMP, CHANGED ${column}` },
    );
    await trial.change(...values.map((value, index) => `INSERT INTO SOURCE VALUES (${index}, 0, 'A', NULL, ${value})`));
    await trial.initial();
    expect(markOf(trial)).toBe(pointer);
    await trial.delta();
    expect(trial.selection?.from).toBe(from);
    expect(trial.messages).toEqual([]);
  },
);

test('a pointer of another strategy or type is refused', async () => {
  await using trial = await start();
  await trial.change(put(1, 1, '06:00:00'));
  await trial.initial();
  const position = JSON.parse(trial.pointer!) as Record<string, unknown>;
  for (const pointer of [
    '123',
    '01J00000000000000000000001',
    '{}',
    JSON.stringify({ ...position, watermark: '12' }),
    JSON.stringify({ ...position, seen: '..' }),
    JSON.stringify({ ...position, columns: ['OTHER'] }),
    JSON.stringify({ ...position, type: 'date', watermark: null }),
  ]) {
    trial.pointer = pointer;
    await expect(trial.delta()).rejects.toMatchObject({ code: 'POINTER_FOREIGN' });
  }
});

test('options that do not go together are refused at once', () => {
  const make = (options: Partial<WatermarkOptions>) => () => watermark({ columns: ['A'], type: 'timestamp', ...options });
  for (const options of [
    { columns: [] },
    { overlap: 10 },
    { overlap: '10' },
    { overlap: '5 parsecs' },
    { type: 'number', overlap: '1 day' },
    { type: 'number', overlap: -1 },
    { type: 'text', overlap: 1 },
    { timeZone: 'Mars/Olympus' },
  ] as const)
    expect(make(options)).toThrow(/do not go together/);
});

describe('watermarks as text', () => {
  let workspace: Workspace;

  beforeAll(async () => {
    workspace = await Workspace.open({ memoryLimit: '64MB' });
  });

  afterAll(async () => {
    await workspace.close();
  });

  const evaluate = async (value: string, type: string, as: WatermarkOptions['type']): Promise<unknown> => {
    await workspace.run(`CREATE OR REPLACE TABLE T AS SELECT CAST(${value} AS ${type}) AS C`);
    const column = (await workspace.columns('T'))[0]!;
    const [row] = await workspace.query(`SELECT CAST(${comparable(column, as)} AS VARCHAR) AS mark FROM T AS source`);
    return row?.['mark'];
  };

  test.each([
    [`'2024-05-06 07:08:09.123456789'`, 'VARCHAR', 'timestamp', '2024-05-06T07:08:09.123456789'],
    [`'2024-05-06 07:08:09'`, 'VARCHAR', 'timestamp', '2024-05-06T07:08:09.000000000'],
    [`'2024-05-06T01:08:09.1234567 +02:00'`, 'VARCHAR', 'timestamptz', '2024-05-05T23:08:09.123456700'],
    [`'2024-05-06 07:08:09.000000001 -05:30'`, 'VARCHAR', 'timestamptz', '2024-05-06T12:38:09.000000001'],
    [`'-0044-03-15 00:00:00.000000000'`, 'VARCHAR', 'timestamp', '0000-01-01T00:00:00.000000000'],
    [`'9999-12-31 00:00:00'`, 'TIMESTAMP', 'timestamp', '9999-12-31T00:00:00.000000000'],
    [`'0044-03-15 (BC) 00:00:00'`, 'TIMESTAMP', 'timestamp', '0000-01-01T00:00:00.000000000'],
    [`'infinity'`, 'TIMESTAMP', 'timestamp', '9999-12-31T23:59:59.999999999'],
    [`'0099-01-01 00:00:00'`, 'TIMESTAMP', 'timestamp', '0099-01-01T00:00:00.000000000'],
    [`'2024-05-06 07:08:09.123'`, 'TIMESTAMP_MS', 'timestamp', '2024-05-06T07:08:09.123000000'],
    [`'10'`, 'VARCHAR', 'number', '10.000000000'],
    ['NULL', 'TIMESTAMP', 'timestamp', null],
    ['NULL', 'VARCHAR', 'timestamptz', null],
  ] as const)('%s of %s as %s is %s', async (value, type, as, expected) => {
    expect(await evaluate(value, type, as)).toBe(expected);
  });

  test('a text that is no time is found before it is used', async () => {
    await workspace.run(`CREATE OR REPLACE TABLE T AS SELECT unnest(['2024-05-06 07:08:09.1', NULL, 'yesterday']) AS C`);
    const column = (await workspace.columns('T'))[0]!;
    const rows = await workspace.query(`SELECT C FROM T AS source WHERE ${unreadable(column, 'timestamp')!}`);
    expect(rows).toEqual([{ C: 'yesterday' }]);
  });

  test('going back and forth in time keeps the fraction; numbers are exact', () => {
    fc.assert(
      fc.property(
        fc.date({ min: new Date('0100-01-01'), max: new Date('9990-01-01'), noInvalidDate: true }),
        fc.nat(999_999),
        fc.nat(1_000_000),
        (date, nanos, seconds) => {
          const text = `${date.toISOString().slice(0, 23)}${String(nanos).padStart(6, '0')}`;
          expect(isWatermark(text, 'timestamp')).toBe(true);
          const earlier = before(text, seconds, 'timestamp');
          expect(isWatermark(earlier, 'timestamp')).toBe(true);
          expect(Date.parse(`${text.slice(0, 23)}Z`) - Date.parse(`${earlier.slice(0, 23)}Z`)).toBe(seconds * 1000);
          expect(earlier.slice(19)).toBe(text.slice(19));
        },
      ),
    );
    fc.assert(
      fc.property(fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n }), fc.integer({ min: 1, max: 1_000_000 }), (value, overlap) => {
        const fraction = toWatermarkText(`${value}.500000000`, 'number');
        expect(before(String(value), overlap, 'number')).toBe(String(value - BigInt(overlap)));
        expect(fraction).toBe(`${value}.5`);
        expect(before(before(fraction, overlap, 'number'), overlap, 'number')).toBe(before(fraction, overlap * 2, 'number'));
      }),
    );
    expect(before('1', 0.000001, 'number')).toBe('0.999999');
  });

  test('the start of a run is what a clock in the zone of the source shows', () => {
    const moment = new Date('2024-07-06T22:08:09.123Z');
    expect(atMoment(moment, 'timestamp', 'UTC')).toBe('2024-07-06T22:08:09.123000000');
    expect(atMoment(moment, 'timestamp', 'Europe/Paris')).toBe('2024-07-07T00:08:09.123000000');
    expect(atMoment(moment, 'date', 'Europe/Paris')).toBe('2024-07-07T00:08:09');
    expect(atMoment(moment, 'timestamptz', 'Europe/Paris')).toBe('2024-07-06T22:08:09.123000000Z');
    expect(atMoment(moment, 'number', 'UTC')).toBeUndefined();
  });
});
