import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { LineageDocument } from '../../src/lib/lineage/lineage-document';
import { toOpenLineage, type OpenLineageJobEvent } from '../../src/lib/lineage/open-lineage';
import { describeWithPython } from '../support/parts';
import { runPython } from '../support/python';
import { kafka, loadLims, publish, recorder } from './recording';

const options = { namespace: 'prod', producer: 'https://github.com/example/flows', eventTime: new Date('2024-05-06T07:08:09.000Z') };

async function recorded(): Promise<LineageDocument> {
  const lineage = recorder({ dataflowName: 'SITES' });
  loadLims(lineage, 'PLAN', 'select PLAN_ID as ID, NAME, SITE_ID from PLAN', ['ID', 'NAME', 'SITE_ID']);
  loadLims(lineage, 'SITE', 'select SITE_ID, NAME, CODE from SITE', ['SITE_ID', 'NAME', 'CODE']);
  lineage.loadedFrom('ATTRIBUTE', { connection: 'https://startek.example.com/api', name: 'attributes', columns: ['Name', 'City'] });
  lineage.loadedFrom('WEATHER', { connection: 'abfss://lab@lake.dfs.core.windows.net/gold', name: 'WEATHER', columns: ['city', 'rain'] });
  lineage.step('PLACE', {
    sql: `select s.NAME, upper(p.NAME) as PLAN, max(case when s.CODE = 'X' then w.rain end) as RAIN, 1 as ONE
      from PLAN p join SITE s using (SITE_ID) join ATTRIBUTE a on a.Name = s.NAME join WEATHER w on w.city = a.City group by all`,
    columns: ['NAME', 'PLAN', 'RAIN', 'ONE'],
  });
  await publish(lineage, 'PLACE', ['NAME', 'PLAN', 'RAIN', 'ONE'], 'prod.RAW.LAB.PLACE');
  return lineage.document();
}

test('a document becomes a job event whose datasets and columns have the names and parts that OpenLineage gives them', async () => {
  const event = toOpenLineage(await recorded(), options);
  expect(event).toMatchObject({
    eventTime: '2024-05-06T07:08:09.000Z',
    schemaURL: 'https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/JobEvent',
    job: { namespace: 'prod', name: 'LAB_Reader.SITES' },
    inputs: [
      { namespace: 'abfss://lab@lake.dfs.core.windows.net', name: 'gold/WEATHER' },
      { namespace: 'https://startek.example.com', name: 'api/attributes' },
      { namespace: 'oracle://lims-db:1521', name: 'LIMSPRD.LIMS.PLAN' },
      { namespace: 'oracle://lims-db:1521', name: 'LIMSPRD.LIMS.SITE' },
    ],
    outputs: [{ namespace: kafka, name: 'prod.RAW.LAB.PLACE' }],
  });
  const { fields, dataset } = event.outputs[0]!.facets.columnLineage;
  const site = { namespace: 'oracle://lims-db:1521', name: 'LIMSPRD.LIMS.SITE' };
  expect(fields['NAME']).toEqual({ inputFields: [{ ...site, field: 'NAME', transformations: [{ type: 'DIRECT', subtype: 'IDENTITY' }] }] });
  expect(fields['PLAN']?.inputFields[0]?.transformations).toEqual([
    { type: 'DIRECT', subtype: 'TRANSFORMATION', description: 'UPPER(p.NAME)' },
  ]);
  expect(fields['RAIN']?.inputFields).toEqual([
    expect.objectContaining({
      name: 'gold/WEATHER',
      field: 'rain',
      transformations: [expect.objectContaining({ subtype: 'AGGREGATION' })],
    }),
    { ...site, field: 'CODE', transformations: [{ type: 'INDIRECT', subtype: 'CONDITIONAL' }] },
  ]);
  expect(fields['ONE']).toEqual({ inputFields: [] });
  expect(dataset).toContainEqual({
    ...site,
    field: 'NAME',
    transformations: [
      { type: 'INDIRECT', subtype: 'GROUP_BY' },
      { type: 'INDIRECT', subtype: 'JOIN' },
    ],
  });
});

test('a cluster of several brokers is named by its first; a folder of the machine is namespace file', () => {
  const target = { name: 'T', columns: [], rows: [], unresolved: [], connection: 'kafka://one:9092,two:9092' };
  const tables = [{ connection: 'file:///lake', name: 'dbo/WEATHER', reads: [] }];
  const event = toOpenLineage({ producerName: 'F', dataflowName: 'F', targets: [{ ...target, tables }] }, options);
  expect([event.job.name, event.inputs, event.outputs.map(({ namespace }) => namespace)]).toEqual([
    'F',
    [{ namespace: 'file', name: '/lake/dbo/WEATHER' }],
    ['kafka://one:9092'],
  ]);
});

describeWithPython('the classes that are generated from the OpenLineage specification', () => {
  test('hold the same event, with the same versions of the schemas', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'open-lineage-'));
    try {
      const file = path.join(folder, 'event.json');
      await writeFile(file, JSON.stringify(toOpenLineage(await recorded(), options)));
      const { rebuilt, given } = JSON.parse(await runPython('open_lineage.py', file)) as Record<'rebuilt' | 'given', OpenLineageJobEvent>;
      expect(rebuilt).toEqual(given);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
