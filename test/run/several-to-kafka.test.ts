import { readTable } from '../../local/consumer/table-image';
import { MemoryStore } from '../../src/lib/state/memory-store';
import { kafkaCluster, uniqueName } from '../support/kafka-cluster';
import { describeWithKafka } from '../support/parts';
import { callFlow } from './cities';
import type { Answer } from './flow-under-test';
import { regionsFlow, type RegionsFlow } from './regions';

describeWithKafka('a flow with several sources and several dataflows, to Kafka', () => {
  async function newFlow(): Promise<RegionsFlow & { environment: string }> {
    const { bootstrap, registry } = await kafkaCluster();
    const environment = uniqueName('regions').toLowerCase();
    const secret = { 'bootstrap.servers': bootstrap, 'schema.registry.url': registry };
    const flow = regionsFlow({ environment, store: new MemoryStore(), secret });
    flow.north.put(['Oulu', 214_000], ['Kiel', 246_000]);
    flow.south.put(['Bari', 316_000]);
    return Object.assign(flow, { environment });
  }

  async function consumed(environment: string, table: string): Promise<string[]> {
    const { bootstrap, registry } = await kafkaCluster();
    const image = await readTable({ bootstrap, registry, topic: `${environment}.RAW.GEO.${table}` });
    return [...image.rows()].map(({ REGION, NAME, PEOPLE }) => [REGION, NAME, PEOPLE].join(' ').trim()).sort();
  }

  test('one run brings together what both sources have, and another dataflow publishes while it is still going on', async () => {
    const regions = await newFlow();
    const { flow, environment } = regions;
    let other: Answer | undefined;
    regions.meanwhile = async () => void (other = await callFlow(flow, 'PUT', { dataflow: 'NORTH' }));
    const all = await callFlow(flow, 'PUT', { dataflow: 'ALL' });
    expect(all).toMatchObject({ status: 200, body: { dataflow: 'ALL', tables: { NORTH: { read: 2 }, SOUTH: { read: 1 } } } });
    expect(other).toMatchObject({ status: 200, body: { dataflow: 'NORTH', pointer: { before: null, after: other?.body.id } } });
    expect(await consumed(environment, 'CITIES')).toEqual(['NORTH Kiel 246000', 'NORTH Oulu 214000', 'SOUTH Bari 316000']);
    expect(await consumed(environment, 'NORTH')).toEqual(['Kiel 246000', 'Oulu 214000']);
  });

  test('a backfill replaces the rows that its filter selects, and neither the others nor the pointer', async () => {
    const { flow, environment, north, south } = await newFlow();
    const { body: initial } = await callFlow(flow, 'PUT', { dataflow: 'ALL' });
    north.rows.delete('Kiel');
    north.put(['Oulu', 215_000], ['Turku', 197_000]);
    south.put(['Bari', 317_000]);
    const body = { load: 'backfill', dataflow: 'ALL', filter: { REGION: 'NORTH' } };
    expect(await callFlow(flow, 'POST', { body })).toMatchObject({
      status: 200,
      body: {
        load: 'backfill',
        filter: { REGION: 'NORTH' },
        commits: [{ rows: 2, messages: 3 }],
        pointer: { before: initial.id, after: initial.id },
      },
    });
    const expected = ['NORTH Oulu 215000', 'NORTH Turku 197000', 'SOUTH Bari 316000'];
    expect(await consumed(environment, 'CITIES')).toEqual(expected);
    const unknown = await callFlow(flow, 'POST', { body: { ...body, filter: { CONTINENT: 'EUROPE' } } });
    expect(unknown.body).toMatchObject({ code: 'COLUMN_UNKNOWN', run: { commits: [], pointer: { after: initial.id } } });
    expect(await consumed(environment, 'CITIES')).toEqual(expected);
  });
});
