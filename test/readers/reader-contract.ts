import { setTimeout as delay } from 'node:timers/promises';
import { inspect } from 'node:util';
import { Table, vectorFromArray, type DataType } from 'apache-arrow';
import fc from 'fast-check';
import { AvroLong, AvroNVarchar, TablecastError, ValueSchema, type RunContext, type SourceAdapter } from '../../src/lib';
import { recordingLogger } from '../state/recording-logger';
import { testRun, type TestRun } from './test-run';

/** A source with a table of some pages, and one that is empty; some of the values are null. */
export interface ContractSource<R extends SourceAdapter> extends AsyncDisposable {
  /** Content of the secret `Source`. */
  readonly secret: Readonly<Record<string, unknown>>;
  readonly reader: (secretName: string, logger: ReturnType<typeof recordingLogger>) => R;
  /** Loads what is named into a workspace table. */
  readonly load: (reader: R, table: string, what: 'rows' | 'empty') => Promise<unknown>;
  /** What the workspace table must hold, cast to text, in any order. */
  readonly expected: readonly (readonly (string | null)[])[];
  /** Secrets that do not let the reader in, or lead nowhere, and the error that says so. */
  readonly failures: Readonly<
    Record<string, { readonly secret: Readonly<Record<string, unknown>>; readonly code: string; readonly retry: boolean }>
  >;
  /** Texts that only the secret may hold. */
  readonly confidential: readonly string[];
  /** What the reader keeps open at the source: sessions, connections, files. */
  readonly open: () => Promise<number>;
  /** Makes the source stop in the middle of its next answer, where it can; returns when it has. */
  readonly stall?: () => Promise<void>;
}

/** What every reader has to do, whatever it reads. */
export function readerContract<R extends SourceAdapter>(start: () => Promise<ContractSource<R>>): void {
  let source: ContractSource<R>;
  let run: TestRun;
  let logger: ReturnType<typeof recordingLogger>;
  let reader: R;

  const connect = async (secret = source.secret, change: (context: RunContext) => Partial<RunContext> = () => ({})): Promise<void> => {
    await run[Symbol.asyncDispose]();
    run = await testRun({ Source: secret });
    await reader.connect({ ...run.context, logger, ...change(run.context) });
  };
  const rowsOf = async (table: string): Promise<string[]> => {
    const rows = await run.workspace.query(`SELECT CAST(COLUMNS(*) AS VARCHAR) FROM "${table}"`);
    return rows.map((row) => JSON.stringify(Object.values(row))).sort();
  };
  const expected = (): string[] => source.expected.map((row) => JSON.stringify(row)).sort();
  const caught = async (work: () => Promise<unknown>): Promise<unknown> => {
    try {
      await work();
    } catch (error) {
      return error;
    }
    throw new Error('nothing was thrown');
  };
  /** Connecting may fail, or the first load: readers that connect at their first use are fine too. */
  const failureOf = (secret: Readonly<Record<string, unknown>>): Promise<unknown> =>
    caught(async () => {
      await connect(secret);
      await source.load(reader, 'T', 'rows');
    });

  /** The other end of a connection notices a little later that it was closed. */
  const nothingOpen = async (): Promise<void> => {
    for (let tries = 0; tries < 200 && (await source.open()) > 0; tries++) await delay(10);
    expect(await source.open()).toBe(0);
  };

  beforeAll(async () => {
    source = await start();
  });
  afterAll(async () => {
    await source[Symbol.asyncDispose]();
  });
  beforeEach(async () => {
    logger = recordingLogger();
    run = await testRun({ Source: source.secret });
    reader = source.reader('Source', logger);
  });
  afterEach(async () => {
    await reader[Symbol.asyncDispose]();
    await run[Symbol.asyncDispose]();
    await nothingOpen();
    const written = inspect([logger.lines, run.notes], { depth: 8 });
    for (const text of source.confidential) expect(written).not.toContain(text);
  });

  test('a load brings every row once, every value exactly and nulls as nulls, with the types that the schema declares', async () => {
    await connect();
    await source.load(reader, 'T', 'rows');
    expect(await rowsOf('T')).toEqual(expected());
    expect(expected().some((row) => row.includes('null'))).toBe(true);
    const declared = reader.tableSchema.tableFields.map(({ name, type }) => [name, type.duckdbType()]);
    expect((await run.workspace.columns('T')).map(({ name, type }) => [name, type])).toEqual(declared);
  });

  test('a source without rows makes an empty table with its schema', async () => {
    await connect();
    await source.load(reader, 'T', 'empty');
    expect(await run.workspace.rowCount('T')).toBe(0);
    expect((await run.workspace.columns('T')).map(({ name }) => name)).toEqual(reader.tableSchema.tableFields.map(({ name }) => name));
  });

  test('loads one after another, into other tables and into the same one, do not disturb each other', async () => {
    await connect();
    await source.load(reader, 'T', 'rows');
    await source.load(reader, 'U', 'rows');
    await source.load(reader, 'V', 'empty');
    await source.load(reader, 'T', 'rows');
    expect(await rowsOf('T')).toEqual(expected());
    expect(await rowsOf('U')).toEqual(expected());
    expect(await rowsOf('V')).toEqual([]);
  });

  test('prepareLoad makes the table of a schema and gives the Arrow schema of its pages, which land in any order', async () => {
    await connect();
    const schema = new ValueSchema('PAGES', 'TEST').addField('ID', new AvroLong(), undefined, false).addField('TEXT', new AvroNVarchar(20));
    const pages = fc.array(
      fc.array(fc.tuple(fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n), fc.option(fc.string({ maxLength: 5, unit: 'grapheme' }))), {
        maxLength: 4,
      }),
      {
        maxLength: 6,
      },
    );
    await fc.assert(
      fc.asyncProperty(pages, async (content) => {
        const arrow = await reader.prepareLoad('P', schema);
        expect(arrow.fields.map(({ name, nullable }) => [name, nullable])).toEqual([
          ['ID', false],
          ['TEXT', true],
        ]);
        expect((await run.workspace.columns('P')).map(({ name }) => name)).toEqual(['ID', 'TEXT']);
        expect(await run.workspace.rowCount('P')).toBe(0);
        const [id, text] = arrow.fields.map((field): DataType => field.type as DataType);
        await Promise.all(
          content.map((page) => {
            const columns = {
              ID: vectorFromArray(
                page.map(([value]) => value),
                id!,
              ),
              TEXT: vectorFromArray(
                page.map(([, value]) => value),
                text!,
              ),
            };
            return reader.insertPage('P', page.length === 0 ? new Table(arrow) : new Table(arrow, columns));
          }),
        );
        const rows = content.flat().map(([value, words]) => JSON.stringify([String(value), words]));
        expect(await rowsOf('P')).toEqual(rows.sort());
      }),
      { numRuns: 20 },
    );
    await expect(reader.insertPage('NOT_PREPARED', new Table(schema.arrowSchema()))).rejects.toMatchObject({ code: 'READER_NOT_READY' });
  });

  test('before it is connected, and before something is loaded, it says so', async () => {
    expect(await caught(async () => source.load(reader, 'T', 'rows'))).toMatchObject({ code: 'READER_NOT_READY' });
    expect(await caught(() => Promise.resolve(reader.tableSchema))).toMatchObject({ code: 'READER_NOT_READY' });
    await connect();
    expect(await caught(() => Promise.resolve(reader.tableSchema))).toMatchObject({ code: 'READER_NOT_READY' });
  });

  test('it can be closed twice, also when it was never connected; closing ends what it had open', async () => {
    await reader[Symbol.asyncDispose]();
    await reader[Symbol.asyncDispose]();
    reader = source.reader('Source', logger);
    await connect();
    await source.load(reader, 'T', 'rows');
    await reader[Symbol.asyncDispose]();
    await reader[Symbol.asyncDispose]();
    await nothingOpen();
  });

  describe('when the run is stopped', () => {
    const reason = new TablecastError('RUN_STOPPED', {});

    test('before the load, nothing is read', async () => {
      await connect();
      run.stop(reason);
      expect(await caught(async () => source.load(reader, 'T', 'rows'))).toBe(reason);
    });

    test('while it begins to read, the load ends with the reason', async () => {
      await connect(source.secret, ({ journal }) => ({
        journal: {
          ...journal,
          time: (stage, work) => {
            if (stage === 'read') run.stop(reason);
            return journal.time(stage, work);
          },
        },
      }));
      expect(await caught(async () => source.load(reader, 'T', 'rows'))).toBe(reason);
    });

    test('while the source works or does not go on, the load ends with the reason', async () => {
      await connect();
      const stalled = source.stall?.();
      const loading = caught(async () => source.load(reader, 'T', 'rows'));
      await stalled;
      run.stop(reason);
      expect(await loading).toBe(reason);
    });
  });

  test('what keeps it from its source is an error with a code, which says whether to try again and holds no secret', async () => {
    for (const [name, { secret, code, retry }] of Object.entries(source.failures)) {
      const error = await failureOf(secret);
      expect([name, error]).toEqual([name, expect.objectContaining({ code, retry })]);
      const told = inspect(error, { depth: 8, showHidden: true });
      for (const text of source.confidential) expect(told).not.toContain(text);
      await reader[Symbol.asyncDispose]();
      reader = source.reader('Source', logger);
    }
  });
}
