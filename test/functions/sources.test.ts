import '../../src/functions/startek';
import '../../src/functions/lakehouse';
import '../../src/functions/transform';
import { mkdtemp, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { demoFlows } from '../../local/demo-flows';
import { LocalDeltaTable } from '../../local/lakehouse/local-delta-table';
import type { Comparison } from '../../local/compare-rows';
import { describeWith, describeWithExtensions } from '../support/parts';
import { FlowSystem, type Answer } from './flow-system';

/** Route, table and topic of a flow. */
interface Flow {
  readonly path: string;
  readonly table: string;
  readonly topic: string;
}

/** A target of a lineage document. */
interface LineageOfTarget {
  readonly source_tables: Readonly<Record<string, unknown>>;
  readonly target_columns: Readonly<
    Record<string, { readonly column_sources: Readonly<Record<string, { source_column_name: string }[]>> }>
  >;
}

const startek: Flow = { path: 'STARTEK/run', table: 'ATTRIBUTE', topic: 'RAW.STARTEK.ATTRIBUTE' };
const lakehouse: Flow = { path: 'LAKEHOUSE/run', table: 'WEATHER', topic: 'RAW.LAKEHOUSE.WEATHER' };
const transform: Flow = { path: 'TRANSFORM/run', table: 'LAB_DAILY', topic: 'APPLICATION.LABWARE.LAB_DAILY' };

describeWith(['kafka', 'registry'], 'the flows that read REST services and lakehouses', () => {
  let system: FlowSystem;
  beforeAll(async () => {
    system = await FlowSystem.start();
    system.useNewEnvironment();
  });
  afterAll(async () => {
    await system[Symbol.asyncDispose]();
  });

  const load = async (method: 'PUT' | 'PATCH', { path }: Flow): Promise<Answer> => {
    const answer = await system.call(method, path);
    expect(answer).toMatchObject({ status: 200, report: { status: 'succeeded' } });
    return answer;
  };
  const compare = async ({ table, topic }: Flow): Promise<Comparison> => {
    const flow = demoFlows.find((candidate) => candidate.table === table)!;
    return flow.compare({ connection: await system.reader(), rest: system.rest, lakehouse: system.lakehouse }, await system.image(topic));
  };
  /** How many of the messages after the first so many have each type. */
  const typesAfter = async ({ topic }: Flow, messages: number): Promise<Record<string, number>> => {
    const types: Record<string, number> = {};
    for (const { value } of (await system.committed(topic)).slice(messages)) {
      const type = String(value['__change_type']);
      types[type] = (types[type] ?? 0) + 1;
    }
    return types;
  };
  const messagesOf = async ({ topic }: Flow): Promise<number> => (await system.committed(topic)).length;
  const pointerOf = async ({ path }: Flow): Promise<unknown> => (await system.call('GET', path)).flow.pointer;

  /** A delta load that fails as it must: a clear error, nothing visible, the pointer where it was. */
  const fails = async (flow: Flow, status: number, code: string, says: string | RegExp): Promise<void> => {
    const before = [await pointerOf(flow), await system.countCommitted(flow.topic, 'commit')];
    const failed = await system.call('PATCH', flow.path);
    expect(failed).toMatchObject({ status, type: 'application/problem+json', problem: { code, status } });
    expect(`${failed.problem.detail} ${failed.problem.fix}`).toMatch(says);
    expect([await pointerOf(flow), await system.countCommitted(flow.topic, 'commit')]).toEqual(before);
    expect((await system.call('GET', flow.path)).flow.active).toBeNull();
    const { clientSecret = '' } = system.rest.credentials.auth;
    expect(JSON.stringify(failed.problem) + system.log.join('\n')).not.toContain(clientSecret);
  };

  describe('STARTEK', () => {
    beforeAll(async () => {
      await load('PUT', startek);
    });
    afterEach(() => {
      system.rest.behave();
    });

    test('publishes all attributes, and then what differs from what was published: inserted, updated, deleted', async () => {
      expect(await compare(startek)).toMatchObject({ differences: 0, sourceRows: system.rest.rows.size });
      const { rows } = system.rest;
      rows.upsert({ Name: 'BER', AttributeType: 'city', AttributeValue: 'Berlin' });
      rows.upsert({ Name: 'JFK', AttributeType: 'airport', AttributeValue: null });
      rows.delete('SFO', 'country');
      const messages = await messagesOf(startek);
      await load('PATCH', startek);
      expect(await typesAfter(startek, messages)).toEqual({ I: 1, U: 1, D: 1 });
      expect(await compare(startek)).toMatchObject({ differences: 0 });

      const pointer = await pointerOf(startek);
      await load('PATCH', startek);
      expect(await messagesOf(startek)).toBe(messages + 3);
      expect(await pointerOf(startek)).toEqual(pointer);
    });

    test('reads a page that comes at the third try, a token that expires on the way, and lost connections, each row once', async () => {
      const { rest } = system;
      rest.rows.upsert({ Name: 'BER', AttributeType: 'city', AttributeValue: 'Berlin-Mitte' });
      rest.misbehave({ fault: 'status', status: 503, retryAfter: 0, page: 2, times: 2 });
      rest.misbehave({ fault: 'token', page: 1, times: 1 });
      rest.misbehave({ fault: 'drop in body', page: 3, times: 1 });
      rest.misbehave({ fault: 'half body', page: 4, times: 1 });
      const messages = await messagesOf(startek);
      await load('PATCH', startek);
      const tries = rest.triesByPage();
      expect([1, 2, 3, 4, 5].map((page) => tries.get(page))).toEqual([2, 3, 2, 2, 1]);
      expect(await typesAfter(startek, messages)).toEqual({ U: 1 });
      expect(await compare(startek)).toMatchObject({ differences: 0 });
    });

    test.each<[what: string, status: number, code: string, says: RegExp, fault: Parameters<FlowSystem['rest']['misbehave']>[0]]>([
      ['something that is not JSON', 502, 'REST_RESPONSE_INVALID', /page 2 of ATTRIBUTE/, { fault: 'malformed', page: 2 }],
      ['a value of another type', 422, 'VALUE_INVALID', /AttributeValue.*page 2, record 1000/, { fault: 'wrong type', page: 2 }],
      [
        'a list in place of the key',
        422,
        'VALUE_INVALID',
        /Name.*page 2, record 1000/,
        { fault: 'wrong type', field: 'Name', value: [], page: 2 },
      ],
      ['pages that go round in circles', 502, 'REST_CURSOR_LOOP', /page/, { fault: 'loop', page: 2 }],
      ['a page that is refused', 502, 'REST_FAILED', /404/, { fault: 'status', status: 404, page: 2 }],
      ['a page without records among the others', 503, 'REST_SOURCE_CHANGED', /records/, { fault: 'empty', page: 2 }],
      ['a service that takes no token', 502, 'REST_AUTHENTICATION', /StarTek-Source/, { fault: 'token' }],
      ['a token endpoint that refuses', 502, 'REST_AUTHENTICATION', /StarTek-Source/, { fault: 'status', status: 401, page: 'token' }],
    ])('stops at %s', async (_what, status, code, says, fault) => {
      system.rest.rows.upsert({ Name: 'BER', AttributeType: 'fault', AttributeValue: code });
      system.rest.misbehave(fault);
      await fails(startek, status, code, says);
    });

    test('stops when the source shrinks, be it to nothing, and goes on from where it was', async () => {
      const { rows } = system.rest;
      const kept = [...rows];
      for (const { Name, AttributeType } of kept.slice(0, kept.length / 2)) rows.delete(Name, AttributeType);
      await fails(startek, 422, 'TOO_MANY_VANISHED', /ATTRIBUTE/);
      rows.clear();
      await fails(startek, 422, 'TOO_MANY_VANISHED', /ATTRIBUTE/);
      for (const row of kept) rows.upsert(row);
      await load('PATCH', startek);
      expect(await compare(startek)).toMatchObject({ differences: 0, sourceRows: kept.length });
    });
  });

  describeWithExtensions('LAKEHOUSE', () => {
    let weather: LocalDeltaTable;
    beforeAll(async () => {
      ({ weather } = system.lakehouse);
      await load('PUT', lakehouse);
    });

    const day = {
      location: 'Seattle',
      date: '2012-01-01',
      precipitation: '0.0',
      temp_max: '12.9',
      temp_min: '5',
      wind: '4.7',
      weather: 'sun',
    };

    test('publishes the newest version, and then what differs between two versions', async () => {
      expect(await compare(lakehouse)).toMatchObject({ differences: 0, sourceRows: 2922 });
      await weather.commit({ upserts: [day] });
      await weather.commit({ upserts: [{ ...day, date: '2016-01-01' }], deletes: [{ location: 'New York', date: '2012-01-02' }] });
      const messages = await messagesOf(lakehouse);
      const { report } = await load('PATCH', lakehouse);
      expect(report.pointer).toMatchObject({
        before: expect.stringMatching(/^0:/) as string,
        after: expect.stringMatching(/^2:/) as string,
      });
      expect(await typesAfter(lakehouse, messages)).toEqual({ I: 1, U: 1, D: 1 });
      await load('PATCH', lakehouse);
      expect(await messagesOf(lakehouse)).toBe(messages + 3);
      expect(await compare(lakehouse)).toMatchObject({ differences: 0 });
    });

    test('publishes one city again on request, and leaves the pointer alone', async () => {
      const pointer = await pointerOf(lakehouse);
      const messages = await messagesOf(lakehouse);
      const answer = await system.call('POST', lakehouse.path, JSON.stringify({ load: 'backfill', filter: { location: 'New York' } }));
      expect(answer.status).toBe(200);
      const cities = (await weather.rows()).filter(({ location }) => location === 'New York');
      expect(await typesAfter(lakehouse, messages)).toEqual({ T: 1, R: cities.length });
      expect(await pointerOf(lakehouse)).toEqual(pointer);
      expect(await compare(lakehouse)).toMatchObject({ differences: 0 });
    });

    test('stops when the table is not there, is another one, or its old version has vanished', async () => {
      const away = await mkdtemp(join(tmpdir(), 'tablecast-away-'));
      try {
        await rename(weather.folder, join(away, 'WEATHER'));
        await fails(lakehouse, 422, 'LAKEHOUSE_TABLE_UNKNOWN', /WEATHER/);
        const columns = [
          { name: 'location', type: 'string' },
          { name: 'date', type: 'date' },
        ];
        await using other = await LocalDeltaTable.create(weather.folder, { name: 'WEATHER', columns, key: ['location', 'date'] });
        for (let version = 1; version <= 3; version++) await other.commit({ upserts: [{ location: 'Oslo', date: `2012-01-0${version}` }] });
        await fails(lakehouse, 422, 'LAKEHOUSE_TABLE_RECREATED', /WEATHER/);
        await rm(weather.folder, { recursive: true });
        await rename(join(away, 'WEATHER'), weather.folder);
      } finally {
        await rm(away, { recursive: true, force: true });
      }
      await weather.commit({ upserts: [{ ...day, temp_max: '13.1' }] });
      await weather.vacuum();
      await fails(lakehouse, 422, 'LAKEHOUSE_VERSION_GONE', /version 2/);
      // As its text says: a new initial load puts it right.
      await load('PUT', lakehouse);
      expect(await compare(lakehouse)).toMatchObject({ differences: 0 });
    });
  });

  describeWithExtensions('TRANSFORM', () => {
    beforeAll(async () => {
      await load('PUT', transform);
    });
    afterEach(() => {
      system.rest.behave();
    });

    test('joins the three sources, and publishes what a change in each of them does to the result', async () => {
      const compared = await compare(transform);
      expect(compared).toMatchObject({ differences: 0, examples: [] });
      expect(compared.sourceRows).toBeGreaterThan(5);

      const messages = await messagesOf(transform);
      await system.change(
        `insert into LIMSPRD.RESULT values (900001, 1, 'NITRATE', '0.31', 0.31, 'mg/l', localtimestamp)`,
        `delete from LIMSPRD.RESULT where ANALYSIS = 'TURBIDITY' and SAMPLE_NUMBER < 40`,
      );
      system.rest.rows.upsert({ Name: 'JFK', AttributeType: 'latitude', AttributeValue: '40.64' });
      await system.lakehouse.weather.commit({
        upserts: [
          { location: 'Seattle', date: '2015-01-02', precipitation: '55.5', temp_max: '1.5', temp_min: '0', wind: '9.9', weather: 'rain' },
        ],
      });
      await load('PATCH', transform);
      expect(Object.keys(await typesAfter(transform, messages)).sort()).toEqual(['D', 'I', 'U']);
      expect(await compare(transform)).toMatchObject({ differences: 0, examples: [] });
    });

    test('publishes once which columns of which tables of the three sources are behind each of its own', async () => {
      const documents = (await system.committed('impact_lineage')).filter(({ key }) => key?.['producer_name'] === 'TRANSFORM_Reader');
      expect(documents).toHaveLength(1);
      const { target_tables } = plain(documents[0]!.value) as { target_tables: Record<string, LineageOfTarget> };
      const { source_tables, target_columns } = Object.values(target_tables)[0]!;
      expect(Object.keys(source_tables).map((key) => key.replace(/:\d+/, ''))).toEqual([
        expect.stringMatching(/^LIMSPRD\.RESULT_oracle:\/\/[\w.]+\/\w+$/),
        expect.stringMatching(/^LIMSPRD\.SAMPLE_oracle:\/\/[\w.]+\/\w+$/),
        expect.stringMatching(/^WEATHER_file:\/\/\//),
        expect.stringMatching(/^startek\/attributes\/page_http:\/\/[\w.]+$/),
      ]);
      const sources = Object.entries(target_columns).map(([name, { column_sources }]) => [
        name,
        Object.entries(column_sources).flatMap(([table, columns]) =>
          columns.map(({ source_column_name }) => `${table.split('_')[0]!}.${source_column_name}`),
        ),
      ]);
      expect(Object.fromEntries(sources)).toMatchObject({
        PLAN_NAME: ['LIMSPRD.SAMPLE.PLAN_NAME'],
        SAMPLED_ON: ['LIMSPRD.SAMPLE.LOGIN_DATE'],
        MEAN: ['LIMSPRD.RESULT.NUMERIC_ENTRY'],
        RESULTS: [],
        CITY: ['startek/attributes/page.AttributeType', 'startek/attributes/page.AttributeValue'],
        USUAL_TEMPERATURE: ['WEATHER.temp_max'],
      });
    });

    test('stops when one of its sources fails, and when a row breaks a rule that stops', async () => {
      system.rest.misbehave({ fault: 'malformed', page: 2 });
      await fails(transform, 502, 'REST_RESPONSE_INVALID', /page 2 of ATTRIBUTE/);
      system.rest.behave();
      system.set({ SECRET_LAKEHOUSE_SOURCE: JSON.stringify({ url: join(system.lakehouse.url, 'elsewhere') }) });
      await fails(transform, 422, 'LAKEHOUSE_TABLE_UNKNOWN', /elsewhere/);
      system.set({ SECRET_LAKEHOUSE_SOURCE: JSON.stringify({ url: system.lakehouse.url }) });
      await system.change('update LIMSPRD.RESULT set NUMERIC_ENTRY = -1 where RESULT_NUMBER = 900001');
      await fails(transform, 422, 'AUDIT_STOPPED', /NOT_NEGATIVE/);
      await system.change('update LIMSPRD.RESULT set NUMERIC_ENTRY = 1 where RESULT_NUMBER = 900001');
      await load('PATCH', transform);
      expect(await compare(transform)).toMatchObject({ differences: 0 });
    });
  });
});

/** Maps as objects, all the way down. */
function plain(value: unknown): unknown {
  if (value instanceof Map) return Object.fromEntries([...value].map(([key, one]) => [String(key), plain(one)]));
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, plain(one)]));
}
