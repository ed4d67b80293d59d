import { encodeRow } from '../../src/lib/avro/encode-row';
import { impactKeyRow, impactValueRow } from '../../src/lib/lineage/impact-document';
import type { LineageDocument } from '../../src/lib/lineage/lineage-document';
import { impactLineageValueSchema } from '../../src/lib/schema';
import { kafka, lims } from './recording';

const plan = { connection: lims, table: 'LIMS.PLAN' } as const;
const site = { connection: lims, table: 'LIMS.SITE' } as const;

/** A document with everything that one can have. */
const document: LineageDocument = {
  producerName: 'LAB_Reader',
  dataflowName: 'DAILY',
  targets: [
    {
      name: 'dev.RAW.LAB.PLAN',
      connection: kafka,
      columns: [
        {
          name: 'NAME',
          formula: '= LIMS.PLAN.NAME',
          sources: [{ ...plan, column: 'NAME', kind: 'DIRECT', subtype: 'IDENTITY' }],
          steps: [],
          unresolved: [],
        },
        {
          name: 'LABEL',
          formula: "CASE WHEN CODE = 'X' THEN NAME END",
          sources: [
            { ...plan, column: 'NAME', kind: 'DIRECT', subtype: 'TRANSFORMATION' },
            { ...site, column: 'CODE', kind: 'INDIRECT', subtype: 'CONDITIONAL' },
          ],
          steps: ['PLAN.NAME: UPPER(NAME)'],
          unresolved: [],
        },
        { name: 'ONE', formula: '1', sources: [], steps: [], unresolved: [] },
        { name: 'LOST', formula: 'F.X', sources: [], steps: [], unresolved: ['F.X names F, which the FROM clause does not have'] },
      ],
      tables: [
        { connection: lims, name: 'LIMS.PLAN', reads: ['select NAME from PLAN'] },
        { connection: lims, name: 'LIMS.SITE', reads: ['select CODE from SITE', 'select SITE_ID from SITE'] },
        { connection: 'https://startek.example.com', name: 'attributes', reads: [] },
      ],
      rows: [
        { ...plan, column: 'SITE_ID', kind: 'INDIRECT', subtype: 'JOIN' },
        { ...site, column: 'SITE_ID', kind: 'INDIRECT', subtype: 'JOIN' },
        { ...site, column: 'CODE', kind: 'INDIRECT', subtype: 'FILTER' },
      ],
      unresolved: ['FAR@ELSEWHERE is behind a database link'],
    },
  ],
};

test('a document becomes the row of the companion topic', () => {
  expect(impactKeyRow(document)).toEqual({ producer_name: 'LAB_Reader', dataflow_name: 'DAILY' });
  const gap = 'unresolved: FAR@ELSEWHERE is behind a database link';
  expect(impactValueRow(document)).toEqual({
    producer_name: 'LAB_Reader',
    dataflow_name: 'DAILY',
    target_tables: new Map([
      [
        `dev.RAW.LAB.PLAN_${kafka}`,
        {
          target_table_name: 'dev.RAW.LAB.PLAN',
          target_connection: kafka,
          source_tables: new Map([
            [
              `LIMS.PLAN_${lims}`,
              {
                source_table_name: 'LIMS.PLAN',
                source_connection: lims,
                mapping_formula: 'select NAME from PLAN',
                mapping_description: `JOIN: SITE_ID\n${gap}`,
              },
            ],
            [
              `LIMS.SITE_${lims}`,
              {
                source_table_name: 'LIMS.SITE',
                source_connection: lims,
                mapping_formula: 'select CODE from SITE;\nselect SITE_ID from SITE',
                mapping_description: `FILTER: CODE\nJOIN: SITE_ID\n${gap}`,
              },
            ],
            [
              'attributes_https://startek.example.com',
              {
                source_table_name: 'attributes',
                source_connection: 'https://startek.example.com',
                mapping_formula: '= attributes',
                mapping_description: gap,
              },
            ],
          ]),
          target_columns: new Map([
            [
              'LABEL',
              {
                column_name: 'LABEL',
                mapping_formula: "CASE WHEN CODE = 'X' THEN NAME END",
                mapping_description: 'computed\nCONDITIONAL: LIMS.SITE.CODE\nPLAN.NAME: UPPER(NAME)',
                column_sources: new Map([
                  [`LIMS.PLAN_${lims}`, [{ source_column_name: 'NAME' }]],
                  [`LIMS.SITE_${lims}`, [{ source_column_name: 'CODE' }]],
                ]),
              },
            ],
            [
              'LOST',
              {
                column_name: 'LOST',
                mapping_formula: 'F.X',
                mapping_description: 'unresolved: F.X names F, which the FROM clause does not have',
                column_sources: new Map(),
              },
            ],
            [
              'NAME',
              {
                column_name: 'NAME',
                mapping_formula: '= LIMS.PLAN.NAME',
                mapping_description: '1:1',
                column_sources: new Map([[`LIMS.PLAN_${lims}`, [{ source_column_name: 'NAME' }]]]),
              },
            ],
            ['ONE', { column_name: 'ONE', mapping_formula: '1', mapping_description: 'constant mapping', column_sources: new Map() }],
          ]),
        },
      ],
    ]),
  });
});

test('maps are sorted, so the same document has the same bytes in whatever order it was made', () => {
  const bytes = (one: LineageDocument): string => encodeRow(impactLineageValueSchema(), 1, impactValueRow(one)).toString('hex');
  const [target] = document.targets;
  const turned = { ...target!, columns: [...target!.columns].reverse(), tables: [...target!.tables].reverse() };
  expect(bytes({ ...document, targets: [turned] })).toBe(bytes(document));
});
