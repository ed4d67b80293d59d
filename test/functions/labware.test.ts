import './timer-settings';
import '../../src/functions/labware';
import '../../src/functions/labware-results';
import { describeWithKafka } from '../support/parts';
import { FlowSystem } from './flow-system';

const plans = 'RAW.LABWARE.SAMPLE_PLAN';
const results = 'RAW.LABWARE.RESULT';

describeWithKafka('the LABWARE flows, from an HTTP request to what a consumer holds', () => {
  let system: FlowSystem;
  beforeAll(async () => {
    system = await FlowSystem.start();
  });
  afterAll(async () => {
    await system[Symbol.asyncDispose]();
  });
  beforeEach(() => {
    system.useNewEnvironment();
  });

  test('PUT publishes SAMPLE_PLAN: every value of every awkward type is at the consumer as it is at the source', async () => {
    const { status, report } = await system.call('PUT', 'LABWARE/run');
    expect({ status, report }).toMatchObject({
      status: 200,
      report: {
        function: 'LABWARE_Reader',
        load: 'initial',
        status: 'succeeded',
        trigger: 'http',
        pointer: { before: null },
      },
    });
    const compared = await system.compare('LIMSPRD.SAMPLE_PLAN', plans);
    expect(compared).toMatchObject({ differences: 0, examples: [], sourceRows: report.tables['SAMPLE_PLAN']?.publish });
    expect(compared.sourceRows).toBeGreaterThan(0);
    expect(Object.keys(report.seconds)).toEqual(
      expect.arrayContaining(['total', 'connect', 'read', 'augment', 'check', 'publish', 'commit', 'save']),
    );
  });

  test('all rows of a run carry its id, follow one TRUNCATE row, and lie within the offsets of its commit record', async () => {
    const { report } = await system.call('PUT', 'LABWARE/run');
    const messages = await system.committed(plans);
    expect(messages[0]?.value).toMatchObject({ __change_type: 'T' });
    expect(new Set(messages.slice(1).map(({ value }) => value['__change_type']))).toEqual(new Set(['R']));
    expect(new Set(messages.map(({ value }) => value['__source_transaction']))).toEqual(new Set([report.id]));
    const commits = await system.committed('commit');
    expect(commits.map(({ value }) => value)).toMatchObject([
      {
        commit_id: report.id,
        producer_name: 'LABWARE_Reader',
        record_count: messages.length,
        topics: {
          [system.topic(plans)]: {
            offsets: { 0: { min_offset: BigInt(messages[0]!.offset), max_offset: BigInt(messages.at(-1)!.offset) } },
          },
        },
      },
    ]);
  });

  test('the published schema says what the dictionary says: key in its order, foreign key, comments', async () => {
    await system.call('PUT', 'LABWARE/run');
    const response = await fetch(`${system.cluster.registry}/subjects/${system.topic(plans)}-value/versions/latest`);
    const schema = JSON.parse(((await response.json()) as { schema: string }).schema) as Record<string, unknown> & {
      fields: Record<string, unknown>[];
    };
    expect(schema).toMatchObject({
      name: 'SAMPLE_PLAN',
      namespace: 'LABWARE',
      doc: 'Plans that say which samples are taken, when, and what is tested',
      pks: ['NAME', 'VERSION'],
      data_product_owner_email: 'lims@example.com',
    });
    expect(schema.fields.find(({ name }) => name === 'C_x0024LOCATION')).toMatchObject({
      __originalname: 'C$LOCATION',
      __source_data_type: 'VARCHAR2(30)',
    });
    expect(JSON.stringify(schema['fks'])).toContain('SAMPLE_PLAN_PRODUCT_FK');
  });

  test('PATCH of the sample plans is a full load: it brings inserted, changed and deleted rows, even before any PUT', async () => {
    expect((await system.call('PATCH', 'LABWARE/run')).report).toMatchObject({ load: 'delta', pointer: { before: null } });
    await system.change(
      `insert into LIMSPRD.SAMPLE_PLAN (VERSION, NAME, PRICE) values (1, 'NEW', 1.5)`,
      `update LIMSPRD.SAMPLE_PLAN set STATUS = 'RETIRED' where NAME = 'WATER-DAILY' and VERSION = 1`,
      `delete from LIMSPRD.SAMPLE_PLAN where NAME = 'EMPTY'`,
    );
    expect((await system.call('PATCH', 'LABWARE/run')).status).toBe(200);
    expect(await system.compare('LIMSPRD.SAMPLE_PLAN', plans)).toMatchObject({ differences: 0 });
  });

  test('POST chooses: initial without a pointer, delta with one, and what query or body say', async () => {
    const load = async (path: string, body?: string) => (await system.call('POST', path, body)).report.load;
    expect(await load('LABWARE/results/run')).toBe('initial');
    expect(await load('LABWARE/results/run')).toBe('delta');
    expect(await load('LABWARE/results/run?load=initial')).toBe('initial');
    expect(await load('LABWARE/results/run', '{"load":"delta"}')).toBe('delta');
    expect(await system.compare('LIMSPRD.RESULT', results)).toMatchObject({ differences: 0 });
  });

  test('GET answers pointer and runs, newest first; it needs neither source nor broker and starts nothing', async () => {
    system.set({ SECRET_LABWARE_SOURCE: undefined, SECRET_KAFKA: undefined });
    expect((await system.call('GET', 'LABWARE/run')).flow).toMatchObject({
      function: 'LABWARE_Reader',
      active: null,
      pointer: null,
      runs: [],
    });
    system.set({ SECRET_LABWARE_SOURCE: system.oracleSecret(), SECRET_KAFKA: system.kafkaSecret() });
    const put = await system.call('PUT', 'LABWARE/run');
    const patch = await system.call('PATCH', 'LABWARE/run');
    const { flow } = await system.call('GET', 'LABWARE/run');
    expect(flow).toMatchObject({ active: null, pointer: { value: patch.report.pointer.after, run: patch.report.id } });
    expect(flow.runs.map(({ id }) => id)).toEqual([patch.report.id, put.report.id]);
  });

  test('PATCH of the results publishes what changed since the pointer, and nothing when nothing did', async () => {
    const put = await system.call('PUT', 'LABWARE/results/run');
    await system.change(
      `insert into LIMSPRD.RESULT values (900001, 1, 'IRON', '0.31', 0.31, 'mg/l', localtimestamp)`,
      `update LIMSPRD.RESULT set ENTRY = 'amber' where SAMPLE_NUMBER = 2 and ANALYSIS = 'COLOUR'`,
    );
    const patch = await system.call('PATCH', 'LABWARE/results/run');
    expect(patch.report).toMatchObject({ load: 'delta', tables: { RESULT: { read: 2, publish: 2 } }, commits: [{ rows: 2, messages: 2 }] });
    expect(patch.report.pointer.before).toBe(put.report.pointer.after);
    expect(Number(patch.report.pointer.after)).toBeGreaterThan(Number(patch.report.pointer.before));
    expect(await system.compare('LIMSPRD.RESULT', results)).toMatchObject({ differences: 0 });
    expect((await system.call('PATCH', 'LABWARE/results/run')).report).toMatchObject({
      commits: [],
      pointer: { before: patch.report.pointer.after },
    });
  });

  test('a change that was not committed while a load ran comes with the next one', async () => {
    await system.call('PUT', 'LABWARE/results/run');
    const session = await system.owner();
    await session.execute(`insert into LIMSPRD.RESULT values (900002, 1, 'IRON', '0.5', 0.5, 'mg/l', localtimestamp)`);
    // Another change, committed meanwhile, moves the database on.
    await system.change(`insert into LIMSPRD.RESULT values (900003, 1, 'IRON', '0.7', 0.7, 'mg/l', localtimestamp)`);
    expect((await system.call('PATCH', 'LABWARE/results/run')).report.commits).toMatchObject([{ rows: 1 }]);
    await session.commit();
    await system.call('PATCH', 'LABWARE/results/run');
    const numbers = (await system.committed(results)).map(({ value }) => value['RESULT_NUMBER']);
    expect(numbers).toEqual(expect.arrayContaining([900002n, 900003n]));
    expect(await system.compare('LIMSPRD.RESULT', results)).toMatchObject({ differences: 0 });
  });

  test('the timer acts as POST without a load; it exists only for the flow whose schedule is set', async () => {
    const timers = system.host.functions.filter(({ timer }) => timer !== undefined).map(({ name }) => name);
    expect(timers).toEqual(['LABWARE_Reader_Timer']);
    const started = await fetch(`${system.host.address}/admin/functions/LABWARE_Reader_Timer`, {
      method: 'POST',
      headers: { 'x-functions-key': 'master-key' },
    });
    expect(started.status).toBe(202);
    let runs: readonly unknown[];
    do ({ runs } = (await system.call('GET', 'LABWARE/run')).flow);
    while (runs.length === 0);
    expect(runs).toMatchObject([{ trigger: 'timer', load: 'initial', status: 'succeeded' }]);
  });

  test('the log tells what happened and holds no password', async () => {
    await system.call('PUT', 'LABWARE/run');
    expect(system.log.join('\n')).toMatch(/LABWARE_Reader: Run \w{26} of LABWARE_Reader \(initial\) succeeded/);
    expect(system.log.join('\n')).not.toContain('reader-secret');
  });
});
