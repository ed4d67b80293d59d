import { readTable } from '../../local/consumer/table-image';
import { startTableStorage, type LocalTableStorage } from '../../local/storage/azurite';
import { MemoryStore } from '../../src/lib/state/memory-store';
import { TableStorageStore } from '../../src/lib/state/table-storage-store';
import { CuttableStore } from '../state/cuttable-store';
import { kafkaCluster, uniqueName } from '../support/kafka-cluster';
import { describeWithKafka } from '../support/parts';
import { type Cities, type CitiesFlow, citiesFlow } from './cities';

const leaseOf = (environment: string): string => JSON.stringify([environment, 'CITIES_Reader', 'CITIES_Reader']);

/** What the source holds, in the form in which a consumer sees it. */
function sourceRows({ rows }: Cities): unknown[] {
  return [...rows.values()].map(({ name, people }) => ({ NAME: name, PEOPLE: people })).sort((a, b) => a.NAME.localeCompare(b.NAME));
}

describeWithKafka('a flow from its source to Kafka, its state in Table Storage', () => {
  let storage: LocalTableStorage;
  let tables = 0;

  beforeAll(async () => {
    storage = await startTableStorage();
  });

  afterAll(async () => {
    await storage.close();
  });

  async function newFlow(
    secret?: Readonly<Record<string, string>>,
  ): Promise<CitiesFlow & { environment: string; store: TableStorageStore }> {
    const { bootstrap, registry } = await kafkaCluster();
    const environment = uniqueName('flow').toLowerCase();
    const store = new TableStorageStore(storage.connectionString, `flows${++tables}`);
    const flow = citiesFlow({ environment, store, secret: { 'bootstrap.servers': bootstrap, 'schema.registry.url': registry, ...secret } });
    flow.cities.put(['Bari', 316_000], ['Lyon', 522_000], ['Gent', null], ['Oulu', 214_000]);
    return Object.assign(flow, { environment, store });
  }

  async function consumed(topic: string): Promise<{ rows: unknown[]; messages: number; commitId: string | null }> {
    const { bootstrap, registry } = await kafkaCluster();
    const image = await readTable({ bootstrap, registry, topic });
    const rows = [...image.rows()].map(({ NAME, PEOPLE }) => ({ NAME, PEOPLE }));
    return { rows: rows.sort((a, b) => String(a.NAME).localeCompare(String(b.NAME))), messages: image.messages, commitId: image.commitId };
  }

  test('initial and delta loads bring the consumer to what the source holds, each from the pointer of the one before', async () => {
    const { call, cities, topic } = await newFlow();
    const initial = await call('PUT');
    expect(initial).toMatchObject({
      status: 200,
      body: {
        load: 'initial',
        tables: { CITIES: { read: 4, publish: 4 } },
        commits: [{ rows: 4, messages: 5, tables: { CITIES: 4 } }],
        pointer: { before: null, after: '1' },
      },
    });
    expect(initial.body.commits[0]!.topics[topic]).toBeDefined();
    expect(Object.keys(initial.body.seconds)).toEqual(expect.arrayContaining(['connect', 'read', 'check', 'publish', 'commit', 'save']));
    expect(await consumed(topic)).toEqual({ rows: sourceRows(cities), messages: 5, commitId: initial.body.id });

    cities.put(['Lyon', 523_000], ['Kiel', 246_000]);
    const delta = await call('PATCH');
    expect(delta.body).toMatchObject({ load: 'delta', commits: [{ rows: 2 }], pointer: { before: '1', after: '2' } });
    expect(await consumed(topic)).toEqual({ rows: sourceRows(cities), messages: 7, commitId: delta.body.id });

    // Nothing changed: nothing is published, and the pointer stays where it is.
    const empty = await call('POST');
    expect(empty.body).toMatchObject({ load: 'delta', commits: [], pointer: { before: '2', after: '2' } });
    expect((await consumed(topic)).messages).toBe(7);

    cities.rows.delete('Bari');
    expect((await call('PUT')).body.load).toBe('initial');
    expect((await consumed(topic)).rows).toEqual(sourceRows(cities));
    expect((await call('GET')).body['runs']).toHaveLength(4);
  });

  test('a run that fails after its rows were sent leaves nothing to see and the pointer where it was; the next one succeeds', async () => {
    const flow = await newFlow();
    await flow.call('PUT');
    flow.cities.put(['Lyon', 1]);
    flow.meanwhile = () => Promise.reject(new Error('the source went away'));
    expect((await flow.call('PATCH')).body).toMatchObject({
      code: 'UNEXPECTED',
      run: { commits: [], pointer: { before: '1', after: '1' } },
    });
    expect((await consumed(flow.topic)).messages).toBe(5);
    flow.meanwhile = () => Promise.resolve();
    expect((await flow.call('PATCH')).body).toMatchObject({ pointer: { before: '1', after: '2' } });
    expect((await consumed(flow.topic)).rows).toEqual(sourceRows(flow.cities));
  });

  test('a run whose lease was taken over after its rows were sent commits nothing', async () => {
    const flow = await newFlow();
    await flow.call('PUT');
    flow.cities.put(['Lyon', 2]);
    flow.meanwhile = async () => {
      const lease = (await flow.store.read(leaseOf(flow.environment), 'lease'))!;
      await flow.store.replace(leaseOf(flow.environment), 'lease', { ...lease.values, run: 'another-run' }, lease.version);
    };
    expect((await flow.call('PATCH')).body).toMatchObject({ code: 'LEASE_LOST', run: { commits: [] } });
    expect((await consumed(flow.topic)).messages).toBe(5);
    expect((await flow.call('GET')).body.pointer).toMatchObject({ value: '1' });
  });

  test('when a run is cut off from its storage, the next one takes over, and the first can publish nothing any more', async () => {
    const { bootstrap, registry } = await kafkaCluster();
    const options = {
      environment: uniqueName('flow').toLowerCase(),
      secret: { 'bootstrap.servers': bootstrap, 'schema.registry.url': registry },
      leaseSeconds: 5,
    };
    const store = new TableStorageStore(storage.connectionString, `flows${++tables}`);
    const line = new CuttableStore(store);
    const cutOff = citiesFlow({ ...options, store: line });
    const next = citiesFlow({ ...options, store });
    cutOff.cities.put(['Lyon', 1]);
    next.cities.put(['Lyon', 2], ['Gent', 3]);

    let takeOver: Awaited<ReturnType<typeof next.call>> | undefined;
    cutOff.meanwhile = async () => {
      line.cut = true;
      do takeOver = await next.call('PUT');
      while (takeOver.status === 409);
      line.cut = false;
    };
    expect((await cutOff.call('PUT')).body).toMatchObject({ code: 'LEASE_LOST', run: { commits: [], pointer: { after: null } } });
    expect(takeOver).toMatchObject({ status: 200 });
    expect(takeOver!.body.notes).toContainEqual(expect.objectContaining({ kind: 'LEASE_TAKEN_OVER' }));
    expect((await consumed(next.topic)).rows).toEqual(sourceRows(next.cities));
    expect((await next.call('GET')).body).toMatchObject({ active: null, pointer: { run: takeOver!.body.id } });
  });

  test('after a pointer could not be saved the next delta publishes the same rows again, and the consumer holds what the source holds', async () => {
    const flow = await newFlow();
    await flow.call('PUT');
    flow.cities.put(['Lyon', 3]);
    const replace = flow.store.replace.bind(flow.store);
    flow.store.replace = (partition, row, values, version) =>
      row === 'pointer' ? Promise.reject(new Error('the storage went away')) : replace(partition, row, values, version);
    const failed = await flow.call('PATCH');
    expect(failed.body).toMatchObject({ code: 'POINTER_NOT_SAVED', retry: true, run: { commits: [{ rows: 1 }], pointer: { after: '1' } } });
    flow.store.replace = replace;
    const repeated = await flow.call('PATCH');
    expect(repeated.body).toMatchObject({ commits: [{ rows: 1 }], pointer: { before: '1', after: '2' } });
    expect((await consumed(flow.topic)).rows).toEqual(sourceRows(flow.cities));
  });

  test('a broker that does not answer is a clear problem, and the pointer stands', async () => {
    const flow = await newFlow({ 'bootstrap.servers': '127.0.0.1:1' });
    const { status, body } = await flow.call('PUT');
    expect({ status, code: body.code, retry: body.retry }).toEqual({ status: 503, code: 'KAFKA_UNREACHABLE', retry: true });
    expect(body.run.pointer.after).toBeNull();
  });
});

test('a flow whose Kafka secret is missing says which variable to set', async () => {
  const { call } = citiesFlow({ environment: 'test', store: new MemoryStore(), secret: undefined });
  const { status, body } = await call('PUT');
  expect({ status, code: body.code }).toEqual({ status: 500, code: 'SECRET_MISSING' });
  expect(body.fix).toContain('SECRET_KAFKA');
});
