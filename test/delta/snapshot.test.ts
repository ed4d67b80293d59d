import fc from 'fast-check';
import { AvroInt, AvroNVarchar, snapshot, type SnapshotOptions, ValueSchema } from '../../src/lib';
import { type Crash, StrategyTrial, type TrialOptions } from './strategy-trial';

const schema = new ValueSchema('SOURCE', 'TEST')
  .addField('ID', new AvroInt(), undefined, false)
  .addField('PLANT', new AvroNVarchar(10))
  .addField('AMOUNT', new AvroInt())
  .addField('SEEN', new AvroInt())
  .setPks(['ID']);

function start(options: SnapshotOptions = {}, more: Partial<TrialOptions> = {}): Promise<StrategyTrial> {
  const columns = 'ID INTEGER, PLANT VARCHAR, AMOUNT INTEGER, SEEN INTEGER';
  return StrategyTrial.start({ strategy: snapshot({ maxVanishing: 1, ...options }), schema, columns, backfillBy: ['PLANT'], ...more });
}

const tenRows = `INSERT INTO SOURCE SELECT i, 'P' || i % 2, i * 10, 0 FROM range(1, 11) AS r(i)`;

test('a delta publishes the differences from what was published last: deletes, updates, inserts', async () => {
  await using trial = await start();
  await trial.change(tenRows);
  await trial.initial();
  expect(trial.messages.filter(({ type }) => type === 'R')).toHaveLength(10);
  const first = trial.pointer;
  await trial.change(
    'DELETE FROM SOURCE WHERE ID = 3',
    'UPDATE SOURCE SET AMOUNT = 0 WHERE ID = 7',
    `INSERT INTO SOURCE VALUES (11, 'P1', 1, 0)`,
    'UPDATE SOURCE SET ID = 20 WHERE ID = 5',
  );
  await trial.delta();
  expect(trial.published.slice(0, 2).sort()).toEqual(['D 3', 'D 5']);
  expect(trial.published[2]).toBe('U 7');
  expect(trial.published.slice(3).sort()).toEqual(['I 11', 'I 20']);
  expect(trial.messages[2]!.row).toEqual({ ID: 7, PLANT: 'P1', AMOUNT: 0, SEEN: 0 });
  expect(trial.messages.find(({ row }) => row['ID'] === 3)?.row).toEqual({ ID: 3, PLANT: 'P1', AMOUNT: 30, SEEN: 0 });
  expect(trial.notes).toEqual(['CHANGES SOURCE: 2 inserted, 1 updated, 2 deleted, 7 unchanged']);
  expect(trial.pointer).not.toBe(first);
  expect(trial.consumer()).toEqual(await trial.sourceRows());
});

test('when nothing changed nothing is published, the pointer stays, and no file is written', async () => {
  await using trial = await start();
  await trial.change(tenRows);
  await trial.initial();
  const { pointer } = trial;
  await trial.delta();
  expect(trial.messages).toEqual([]);
  expect(trial.pointer).toBe(pointer);
  expect(await trial.snapshots.names()).toEqual([pointer]);
});

test('the file of a run is removed once a younger one is named by the pointer', async () => {
  await using trial = await start();
  await trial.change(tenRows);
  await trial.initial();
  for (let round = 0; round < 3; round++) {
    await trial.change('UPDATE SOURCE SET AMOUNT = AMOUNT + 1 WHERE ID = 1');
    await trial.delta();
  }
  await trial.delta();
  expect(await trial.snapshots.names()).toEqual([trial.pointer]);
  await trial.initial();
  await trial.delta();
  expect(await trial.snapshots.names()).toEqual([trial.pointer]);
});

test('EXTERMINATE rows have their key alone, and the state then keeps no other values', async () => {
  await using trial = await start({ deletes: 'EXTERMINATE' });
  await trial.change(tenRows);
  await trial.initial();
  await trial.change('DELETE FROM SOURCE WHERE ID = 2');
  await trial.delta();
  expect(trial.messages).toEqual([{ type: 'X', row: { ID: 2, PLANT: null, AMOUNT: null, SEEN: null } }]);
  await trial.snapshots.load(trial.pointer!, '/dev/null');
});

test('with before, each update comes with the row as it was published, ignored columns included', async () => {
  await using trial = await start({ before: true, ignore: ['SEEN'] });
  await trial.change(tenRows);
  await trial.initial();
  await trial.change('UPDATE SOURCE SET SEEN = 1');
  await trial.delta();
  expect(trial.messages).toEqual([]);
  await trial.change('UPDATE SOURCE SET AMOUNT = 1 WHERE ID = 1');
  await trial.delta();
  await trial.change('UPDATE SOURCE SET SEEN = 2', 'UPDATE SOURCE SET AMOUNT = 2 WHERE ID IN (1, 2)', 'DELETE FROM SOURCE WHERE ID = 3');
  await trial.delta();
  expect(trial.messages.map(({ type, row }) => [type, row['ID'], row['AMOUNT'], row['SEEN']])).toEqual([
    ['D', 3, 30, 0],
    ...[
      [
        ['B', 1, 1, 1],
        ['U', 1, 2, 2],
      ],
      [
        ['B', 2, 20, 0],
        ['U', 2, 2, 2],
      ],
    ]
      .sort((a, b) => (a[0]![1] === trial.messages[1]!.row['ID'] ? -1 : b[0]![1] === trial.messages[1]!.row['ID'] ? 1 : 0))
      .flat(),
  ]);
});

test('more vanished rows than allowed stop the run before anything is sent; an empty source is one of these', async () => {
  await using trial = await start({ maxVanishing: 0.2 });
  await trial.change(tenRows);
  await trial.initial();
  await trial.change('DELETE FROM SOURCE WHERE ID <= 3');
  const failure = trial.delta();
  await expect(failure).rejects.toMatchObject({ code: 'TOO_MANY_VANISHED' });
  await expect(failure).rejects.toThrow(/3 of the 10 rows of SOURCE \(30 %\) .* more than the 20 %/);
  await trial.change('DELETE FROM SOURCE');
  await expect(trial.delta()).rejects.toMatchObject({ code: 'TOO_MANY_VANISHED' });
  expect(trial.consumer()).toHaveLength(10);
  await trial.change(tenRows, 'DELETE FROM SOURCE WHERE ID <= 2');
  await trial.delta();
  expect(trial.published.sort()).toEqual(['D 1', 'D 2']);
});

test('a table that is empty at first, where that is allowed, is filled by inserts', async () => {
  await using trial = await start({ maxVanishing: 0.2 }, { allowEmpty: true });
  await trial.initial();
  await trial.change(tenRows);
  await trial.delta();
  expect(trial.messages.every(({ type }) => type === 'I')).toBe(true);
  expect(trial.consumer()).toEqual(await trial.sourceRows());
});

test('a key that is null or occurs twice stops the run before anything is sent', async () => {
  await using trial = await start();
  await trial.change(tenRows);
  await trial.initial();
  await trial.change('INSERT INTO SOURCE VALUES (1, NULL, NULL, NULL)');
  await expect(trial.delta()).rejects.toMatchObject({ code: 'KEY_NOT_UNIQUE' });
  await trial.change('DELETE FROM SOURCE WHERE PLANT IS NULL', 'INSERT INTO SOURCE VALUES (NULL, NULL, NULL, NULL)');
  await expect(trial.delta()).rejects.toMatchObject({ code: 'KEY_NULL' });
  expect(await trial.snapshots.names()).toEqual([trial.pointer]);
});

test('a table without primary key is refused', async () => {
  const keyless = new ValueSchema('SOURCE', 'TEST').addField('ID', new AvroInt());
  await using trial = await start({}, { schema: keyless });
  await trial.change(tenRows);
  await expect(trial.initial()).rejects.toMatchObject({ code: 'KEY_MISSING' });
});

test('a state that is gone, or that is no Parquet file, and a pointer of another strategy are told apart', async () => {
  await using trial = await start();
  await trial.change(tenRows);
  await trial.initial();
  const { pointer } = trial;
  await trial.snapshots.save(pointer!, __filename);
  await expect(trial.delta()).rejects.toMatchObject({ code: 'SNAPSHOT_UNREADABLE' });
  await trial.snapshots.remove(pointer!);
  await expect(trial.delta()).rejects.toMatchObject({ code: 'SNAPSHOT_MISSING' });
  for (const foreign of ['1234567', '{"watermark":null}', '']) {
    trial.pointer = foreign;
    await expect(trial.delta()).rejects.toMatchObject({ code: 'POINTER_FOREIGN', status: 409 });
  }
  await trial.initial();
  await trial.change('DELETE FROM SOURCE WHERE ID = 1');
  await trial.delta();
  expect(trial.published).toEqual(['D 1']);
});

test('a column that is added or removed between two runs is published where it has a value', async () => {
  await using trial = await start();
  await trial.change(tenRows);
  await trial.initial();
  await trial.change('ALTER TABLE SOURCE ADD COLUMN NOTE VARCHAR', `UPDATE SOURCE SET NOTE = 'x' WHERE ID = 4`);
  await trial.delta();
  expect(trial.published).toEqual(['U 4']);
  await trial.change('ALTER TABLE SOURCE DROP COLUMN NOTE', 'DELETE FROM SOURCE WHERE ID = 4');
  await trial.delta();
  expect(trial.messages).toEqual([{ type: 'D', row: { ID: 4, PLANT: 'P0', AMOUNT: 40, SEEN: 0 } }]);
});

test('a state without rows, from before the flow asked for DELETE, gives its deletes as EXTERMINATE', async () => {
  await using old = await start({ deletes: 'EXTERMINATE' });
  await old.change(tenRows);
  await old.initial();
  await using trial = await start({ before: true }, { snapshots: old.snapshots });
  trial.pointer = old.pointer;
  await trial.change(tenRows, 'DELETE FROM SOURCE WHERE ID = 1', 'UPDATE SOURCE SET AMOUNT = 0 WHERE ID = 2');
  trial.now = new Date(trial.now.getTime() + 3_600_000);
  await trial.delta().catch(() => trial.delta());
  expect(trial.published).toEqual(['X 1', 'U 2']);
});

test('values of types that Parquet does not have come back in the images of deletes', async () => {
  await using trial = await StrategyTrial.start({
    strategy: snapshot({ maxVanishing: 1 }),
    schema,
    columns: 'ID HUGEINT, PLANT VARCHAR, AMOUNT HUGEINT, SEEN TIME',
    allowEmpty: true,
  });
  await trial.change(`INSERT INTO SOURCE VALUES (170141183460469231731687303715884105727, 'x', -1, '07:08:09')`);
  await trial.initial();
  await trial.change('DELETE FROM SOURCE');
  await trial.delta();
  expect(trial.messages.map(({ type, row }) => [type, String(row['ID']), row['PLANT'], String(row['AMOUNT'])])).toEqual([
    ['D', '170141183460469231731687303715884105727', 'x', '-1'],
  ]);
});

test.each<[string, (trial: StrategyTrial) => Promise<void>]>([
  ['a delta whose pointer was lost after its commit', (trial) => trial.delta('after commit')],
  ['a delta that died before its commit', (trial) => trial.delta('before commit')],
  ['an initial load whose pointer was lost', (trial) => trial.initial('after commit')],
  ['a backfill', (trial) => trial.backfill({ PLANT: 'P1' })],
  ['a backfill that died before its commit', (trial) => trial.backfill({ PLANT: 'P1' }, 'before commit')],
])('after %s, what changed only for it is put right by the next delta', async (_name, between) => {
  await using trial = await start();
  await trial.change(tenRows);
  await trial.initial();
  await trial.change(
    `UPDATE SOURCE SET AMOUNT = -1 WHERE ID = 1`,
    `INSERT INTO SOURCE VALUES (11, 'P1', 1, 0)`,
    'DELETE FROM SOURCE WHERE ID = 3',
  );
  await between(trial);
  await trial.change('DELETE FROM SOURCE', tenRows);
  await trial.delta();
  expect(trial.consumer()).toEqual(await trial.sourceRows());
  expect(trial.messages.length).toBeLessThanOrEqual(6);
  await trial.change('DELETE FROM SOURCE WHERE ID = 2');
  await trial.delta();
  expect(trial.published).toContain('D 2');
  await trial.delta();
  expect(await trial.snapshots.names()).toEqual([trial.pointer]);
});

type Step =
  | { readonly kind: 'change'; readonly sql: string }
  | { readonly kind: 'delta' | 'initial'; readonly crash: Crash | undefined }
  | { readonly kind: 'backfill'; readonly plant: string; readonly crash: Crash | undefined };

const id = fc.integer({ min: 1, max: 3 });
const plant = fc.constantFrom('P0', 'P1');
const change = fc.oneof(
  fc
    .tuple(id, plant, fc.nat(1))
    .map(([i, p, amount]) => `DELETE FROM SOURCE WHERE ID = ${i}; INSERT INTO SOURCE VALUES (${i}, '${p}', ${amount}, 0)`),
  id.map((i) => `DELETE FROM SOURCE WHERE ID = ${i}`),
  fc.tuple(id, id).map(([i, j]) => `DELETE FROM SOURCE WHERE ID = ${j} AND ${i} <> ${j}; UPDATE SOURCE SET ID = ${j} WHERE ID = ${i}`),
);
const crash = fc.constantFrom<Crash | undefined>(undefined, undefined, 'before commit', 'after commit');
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: change.map((sql): Step => ({ kind: 'change', sql })) },
  { weight: 4, arbitrary: crash.map((crash): Step => ({ kind: 'delta', crash })) },
  { weight: 1, arbitrary: crash.map((crash): Step => ({ kind: 'initial', crash })) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('backfill' as const), plant, crash }) },
);

test('whatever changes, fails or is loaded again in between: after each delta the consumer has what the source has', async () => {
  const options = fc.record({ before: fc.boolean(), deletes: fc.constantFrom('DELETE' as const, 'EXTERMINATE' as const) });
  await fc.assert(
    fc.asyncProperty(options, fc.array(step, { minLength: 8, maxLength: 16 }), async (options, steps) => {
      await using trial = await start(options, { allowEmpty: true });
      await trial.change(tenRows, 'DELETE FROM SOURCE WHERE ID > 3');
      await trial.initial();
      for (const one of [...steps, { kind: 'delta', crash: undefined } as const]) {
        if (one.kind === 'change') await trial.change(one.sql);
        else if (one.kind === 'backfill') await trial.backfill({ PLANT: one.plant }, one.crash);
        else {
          await trial[one.kind](one.crash);
          if (one.crash === undefined) expect(trial.consumer()).toEqual(await trial.sourceRows());
        }
      }
    }),
    { numRuns: 8 },
  );
});
