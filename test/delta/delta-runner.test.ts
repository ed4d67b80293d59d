import { AvroInt, AvroNVarchar, DeltaRunner, full, type LoadedTable, snapshot, ValueSchema } from '../../src/lib';
import type { RunReader } from '../../src/lib/run/run-reader';
import { oracleDialect } from '../../src/readers/oracle-dialect';
import { StrategyTrial, type TrialOptions } from './strategy-trial';

const schema = new ValueSchema('SOURCE', 'TEST')
  .addField('ID', new AvroInt(), undefined, false)
  .addField('PLANT', new AvroNVarchar(10))
  .addField('LINE', new AvroInt())
  .setPks(['ID']);

async function start(options: Partial<TrialOptions> = {}): Promise<StrategyTrial> {
  const columns = 'ID INTEGER, PLANT VARCHAR, LINE INTEGER';
  const trial = await StrategyTrial.start({ strategy: full(), schema, columns, backfillBy: ['PLANT', 'LINE'], ...options });
  await trial.change(`INSERT INTO SOURCE VALUES (1, '0100', 1), (2, '0100', 2), (3, '0200', 1)`);
  return trial;
}

describe('full', () => {
  test('every load replaces the whole table, and there is no pointer', async () => {
    await using trial = await start();
    await trial.initial();
    expect(trial.published).toEqual(['T', 'R 1', 'R 2', 'R 3']);
    expect(trial.selection).toEqual({ load: 'initial', condition: '1 = 1', binds: {} });
    expect(trial.pointer).toBeUndefined();
    trial.pointer = 'of another strategy';
    await trial.change('DELETE FROM SOURCE WHERE ID = 2');
    await trial.delta();
    expect(trial.published).toEqual(['T', 'R 1', 'R 3']);
    expect(trial.pointer).toBe('of another strategy');
    expect(trial.consumer()).toEqual(await trial.sourceRows());
  });

  test('its delta may run without a pointer, that of other strategies may not', () => {
    class Runner extends DeltaRunner<RunReader> {
      constructor(protected override readonly strategy: ReturnType<typeof full>) {
        super(console);
      }

      protected override load(): Promise<LoadedTable> {
        return Promise.resolve({ table: 'T', schema });
      }
    }
    expect(new Runner(full()).deltaIsFullLoad).toBe(true);
    expect(new Runner(snapshot()).deltaIsFullLoad).toBe(false);
  });
});

describe('a backfill', () => {
  test('replaces the rows of its filter: a TRUNCATE with the filter, then the rows as they are', async () => {
    await using trial = await start({ strategy: snapshot({ maxVanishing: 1 }) });
    await trial.initial();
    const { pointer } = trial;
    await trial.change(
      'DELETE FROM SOURCE WHERE ID = 1',
      `INSERT INTO SOURCE VALUES (4, '0100', 9)`,
      'UPDATE SOURCE SET LINE = 7 WHERE ID = 3',
    );
    await trial.backfill({ PLANT: '0100' });
    expect(trial.messages[0]).toEqual({ type: 'T', row: { __truncate: { PLANT: '0100' } } });
    expect(trial.published).toEqual(['T', 'R 2', 'R 4']);
    expect(trial.selection).toEqual({
      load: 'backfill',
      condition: '"PLANT" = $value0',
      binds: { value0: '0100' },
      filter: { PLANT: '0100' },
    });
    expect(trial.pointer).toBe(pointer);
    await trial.delta();
    expect(trial.consumer()).toEqual(await trial.sourceRows());
  });

  test('takes several columns at once, numbers as text', async () => {
    await using trial = await start();
    await trial.initial();
    await trial.backfill({ PLANT: '0100', LINE: '2' });
    expect(trial.published).toEqual(['T', 'R 2']);
    expect(trial.selection?.condition).toBe('"PLANT" = $value0 AND "LINE" = $value1');
  });

  test('a column that is not allowed is refused, and the allowed ones are named; nothing reaches SQL', async () => {
    await using trial = await start();
    const failure = trial.backfill({ PLANT: '0100', 'ID" = 1 or 1=1 --': '1' });
    await expect(failure).rejects.toMatchObject({
      code: 'BACKFILL_FILTER',
      status: 422,
      fix: expect.stringContaining('PLANT, LINE') as string,
    });
    await expect(trial.backfill({})).rejects.toMatchObject({ code: 'BACKFILL_FILTER' });
    expect(trial.selection).toBeUndefined();
    await using none = await start({ backfillBy: [] });
    await expect(none.backfill({ PLANT: '0100' })).rejects.toMatchObject({ code: 'BACKFILL_UNSUPPORTED', status: 422 });
  });

  test('values travel as binds, whatever they hold', async () => {
    await using trial = await start();
    await trial.initial();
    const value = `' or '1'='1`;
    await trial.change(`UPDATE SOURCE SET PLANT = '${value.replaceAll("'", "''")}' WHERE ID = 1`);
    await trial.backfill({ PLANT: value });
    expect(trial.published).toEqual(['T', 'R 1']);
  });

  test('rows that the filter does not select for consumers stop it before anything is sent', async () => {
    await using trial = await start();
    // The source compares numbers, consumers the text: they would not delete the rows of line 1.
    const failure = trial.backfill({ LINE: '01' });
    await expect(failure).rejects.toMatchObject({ code: 'BACKFILL_FILTER' });
    await expect(failure).rejects.toThrow('2 rows came with another LINE than "01", e.g. "1"');
    expect(trial.messages).toEqual([]);
  });

  test('without rows it stops, unless load says that this is allowed: then consumers only delete', async () => {
    await using careful = await start();
    await expect(careful.backfill({ PLANT: '0300' })).rejects.toMatchObject({ code: 'EMPTY_TABLE' });
    await using trial = await start({ allowEmpty: true });
    await trial.initial();
    await trial.change(`DELETE FROM SOURCE WHERE PLANT = '0100'`);
    await trial.backfill({ PLANT: '0100' });
    expect(trial.published).toEqual(['T']);
    expect(trial.consumer()).toEqual(await trial.sourceRows());
  });

  test('a filter column that the table does not have is named', async () => {
    await using trial = await start({ backfillBy: ['REGION'] });
    await trial.change('ALTER TABLE SOURCE ADD COLUMN REGION VARCHAR');
    await expect(trial.backfill({ REGION: 'x' })).rejects.toMatchObject({ code: 'COLUMN_UNKNOWN' });
  });
});

test('conditions for Oracle compare with a value of the column’s own type', () => {
  expect(oracleDialect.compare('CHANGED_ON', '>=', 'since', 'date')).toBe(`"CHANGED_ON" >= TO_DATE(:since, 'YYYY-MM-DD"T"HH24:MI:SS')`);
  expect(oracleDialect.compare('C', '<', 'until', 'timestamptz')).toContain('FROM_TZ(TO_TIMESTAMP(:until');
});
