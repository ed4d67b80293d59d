import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Workspace } from '../../src/lib/duckdb/workspace';

describe('a workspace', () => {
  let workspace: Workspace;
  beforeAll(async () => {
    workspace = await Workspace.open({ memoryLimit: '500MB', threads: 2 });
  });
  afterAll(async () => {
    await workspace.close();
  });

  test('names tables as they are, whatever the name', async () => {
    const name = 'a "table"; drop';
    await workspace.createTable(name, [{ name: 'c "1"', type: 'INTEGER' }]);
    expect(await workspace.columns(name)).toEqual([{ name: 'c "1"', type: 'INTEGER', nullable: true }]);
    expect(await workspace.hasTable(name)).toBe(true);
    expect(await workspace.rowCount(name)).toBe(0);
    await workspace.dropTable(name);
    expect(await workspace.hasTable(name)).toBe(false);
    await expect(workspace.rowCount(name)).rejects.toMatchObject({ code: 'TABLE_UNKNOWN' });
  });

  test('returns plain and exact values', async () => {
    const [row] = await workspace.query(
      "SELECT ?::INTEGER AS i, 9007199254740993 AS big, 1.10::DECIMAL(5,2) AS dec, [1, NULL] AS list, {'a': 'x'} AS struct, TIMESTAMPTZ '2024-01-01 02:00:00+02' AS tz",
      [5],
    );
    expect(row).toEqual({ i: 5, big: 9007199254740993n, dec: '1.10', list: [1, null], struct: { a: 'x' }, tz: '2024-01-01 00:00:00+00' });
  });

  test('says which statement failed', async () => {
    await expect(workspace.run('SELECT * FROM nowhere')).rejects.toMatchObject({ code: 'WORKSPACE_SQL' });
    await expect(workspace.query("SELECT CAST('secret' AS INTEGER)")).rejects.toThrow(/^(?!.*secret)/);
  });

  test('does not download extensions', async () => {
    await expect(workspace.run('LOAD spatial')).rejects.toMatchObject({ code: 'WORKSPACE_SQL' });
  });
});

test('what does not fit the memory goes to a folder that is gone after closing', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'tablecast-test-'));
  try {
    const workspace = await Workspace.open({ memoryLimit: '60MB', threads: 1, folder });
    await workspace.run('CREATE TABLE big AS SELECT i, md5(i::VARCHAR) || md5((i * 3)::VARCHAR) AS text FROM range(1500000) t(i)');
    expect(readdirSync(folder)).toHaveLength(1);
    await expect(workspace.checkKey('big', ['i'])).resolves.toBeUndefined();
    await workspace.close();
    await workspace.close();
    expect(existsSync(folder)).toBe(true);
    expect(readdirSync(folder)).toEqual([]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('a closed workspace refuses, and closing waits for what is under way', async () => {
  const workspace = await Workspace.open({ memoryLimit: '100MB' });
  await workspace.createTable('t', [{ name: 'v', type: 'INTEGER' }]);
  const appended = workspace.appendText('t', [['1']]);
  await workspace.close();
  await expect(appended).resolves.toBeUndefined();
  await expect(workspace.query('SELECT 1')).rejects.toMatchObject({ code: 'WORKSPACE_SQL' });
});

test('an option that DuckDB refuses is named', async () => {
  await expect(Workspace.open({ memoryLimit: 'plenty' })).rejects.toMatchObject({ code: 'WORKSPACE_SQL' });
});

describe('the key check', () => {
  let workspace: Workspace;
  beforeAll(async () => {
    workspace = await Workspace.open({ memoryLimit: '500MB', threads: 2 });
    await workspace.run(
      'CREATE TABLE k AS SELECT (i // 2)::INTEGER AS half, i::INTEGER AS id, \'x\' || (i % 3) AS "Te xt", CASE WHEN i < 2 THEN NULL ELSE i END AS maybe FROM range(10) t(i)',
    );
  });
  afterAll(async () => {
    await workspace.close();
  });

  test('accepts a key', async () => {
    await expect(workspace.checkKey('k', ['id'])).resolves.toBeUndefined();
    await expect(workspace.checkKey('k', ['half', 'id'])).resolves.toBeUndefined();
  });

  test('counts keys that occur twice and names three', async () => {
    await expect(workspace.checkKey('k', ['half'])).rejects.toMatchObject({
      code: 'KEY_NOT_UNIQUE',
      details: { table: 'k', columns: 'half', count: 5, keys: ['(0)', '(1)', '(2)'] },
    });
    await expect(workspace.checkKey('k', ['Te xt'])).rejects.toMatchObject({ code: 'KEY_NOT_UNIQUE', details: { count: 3 } });
  });

  test('counts nulls', async () => {
    await expect(workspace.checkKey('k', ['maybe', 'id'])).rejects.toMatchObject({
      code: 'KEY_NULL',
      details: { count: 2, keys: ['(null, 0)', '(null, 1)'] },
    });
  });

  test('ends the statement that is under way, and those that wait, when the run is stopped', async () => {
    const controller = new AbortController();
    await using stopped = await Workspace.open({ memoryLimit: '100MB', threads: 1, signal: controller.signal });
    const endless = 'SELECT count(*) AS n FROM range(1000000000000)';
    const statements = [stopped.run(`CREATE TABLE T AS ${endless}`), stopped.run('CREATE TABLE U (N INTEGER)')];
    const reason = new Error('the lease is lost');
    setImmediate(() => {
      controller.abort(reason);
    });
    expect(await Promise.allSettled(statements)).toEqual([
      { status: 'rejected', reason },
      { status: 'rejected', reason },
    ]);
    expect(await stopped.hasTable('U')).toBe(false);
  });
});
