import type { RunReport } from '../../src/lib';
import { describeWithExtensions } from '../support/parts';
import { LakeItems } from './rounds/lake-items';
import { startLakeItemsFlow } from './rounds/lake-items-flow';
import { Random } from './rounds/random';
import type { RoundsFlow } from './rounds/rounds-flow';

describeWithExtensions('a delta by table versions after a run that has published more than its pointer says', () => {
  let source: LakeItems;
  let flow: RoundsFlow;
  beforeAll(async () => {
    source = await LakeItems.start(new Random(1));
    flow = await startLakeItemsFlow(source);
  });
  afterAll(async () => {
    await flow[Symbol.asyncDispose]();
    await source[Symbol.asyncDispose]();
  });

  const put = (id: number, name: string): Promise<number> => source.table.commit({ upserts: [{ plant: 'P1', id, name }] });

  async function succeed(method: 'PUT' | 'PATCH' | 'POST', body?: object): Promise<RunReport> {
    const answer = await flow.call(method, body);
    if (answer.status !== 200) throw new Error(`The run failed: ${JSON.stringify(answer.body)}`);
    await flow.follower.follow(answer.body as unknown as RunReport);
    return answer.body as unknown as RunReport;
  }

  async function expectSame(): Promise<void> {
    expect(await source.compare(flow.follower.image)).toMatchObject({ differences: 0 });
  }

  test.each([
    {
      what: 'its pointer could not be saved',
      publish: async () => {
        flow.store.fail('pointer');
        const { body } = await flow.call('PATCH');
        expect(body).toMatchObject({ code: 'POINTER_NOT_SAVED', run: { commits: [{}] } });
        await flow.follower.follow(body.run);
      },
    },
    { what: 'it was a backfill', publish: (): Promise<unknown> => succeed('POST', { load: 'backfill', filter: { plant: 'P1' } }) },
  ])('brings back what was changed back meanwhile: $what', async ({ publish }) => {
    await put(901, 'as it was');
    await succeed('PUT');
    await put(901, 'for a while');
    await put(902, 'for a while');
    await publish();
    await put(901, 'as it was');
    await source.table.commit({ deletes: [{ plant: 'P1', id: 902 }] });
    await succeed('PATCH');
    await expectSame();
    expect((await succeed('PATCH')).commits).toEqual([]);
  });
});
