import { AvroNVarchar, ValueSchema } from '../../src/lib';
import { compareContracts } from '../../src/lib/contract/compare-contracts';
import { contractPage } from '../../src/lib/contract/contract-page';
import { schemaFileText } from '../../src/lib/contract/contract-files';
import type { TableLineage } from '../../src/lib/contract/table-contract';
import { governedSchema } from './schemas';

const facts = { functionName: 'SHOP_Reader', dataflowName: 'SHOP_Reader', table: 'ORDERS', topic: '{environment}.RAW.SHOP.ORDERS' };

const page = (schema: ValueSchema, lineage?: TableLineage): string => contractPage({ schema, ...(lineage && { lineage }) }, facts);

/** Each setter, what it sets, and the line of the page where that is to be read. */
const setters: readonly (readonly [name: string, unset: (schema: ValueSchema) => unknown, line: string])[] = [
  ['setDataProductOwnerEmail', (schema) => schema.setDataProductOwnerEmail(undefined), '| Owner | <shop@example.com> |'],
  ['setRepoUrl', (schema) => schema.setRepoUrl(undefined), '| Code | <https://github.com/example/shop> |'],
  ['setTicketsUrl', (schema) => schema.setTicketsUrl(undefined), '| Tickets | <https://tickets.example.com/shop> |'],
  ['setSourceSystemUri', (schema) => schema.setSourceSystemUri(undefined), '| Source system | <https://shop.example.com/> |'],
  ['setPks', (schema) => schema.setPks(undefined), '| Key | `ID` |'],
  ['setDoc', (schema) => schema.setDoc(undefined), 'Orders of the shop'],
  ['setSemantics', (schema) => schema.setSemantics(undefined), '| Kind of table | FACT |'],
  ['setDataClassification', (schema) => schema.setDataClassification(undefined), '| Classification | SENSITIVE |'],
  ['setDataRegulations', (schema) => schema.setDataRegulations(undefined), '| Regulations | GDPR, EAR |'],
  ['setRetentionPeriod', (schema) => schema.setRetentionPeriod(undefined), '| Retention | 10 years |'],
  ['setDeletionPolicy', (schema) => schema.setDeletionPolicy(undefined), '| Deletion | 6 months after the contract has ended |'],
  ['setObjectLevelSecurity', (schema) => schema.setObjectLevelSecurity(undefined), '| May be seen by | sales, finance |'],
  ['setRowLevelSecurity', (schema) => schema.setRowLevelSecurity(undefined), '| Rows may be seen by | region of REGION |'],
  ['setPartitionBy', (schema) => schema.setPartitionBy(undefined), '| Partitioned by | REGION |'],
  ['addForeignKey', (schema) => schema.setForeignKeys(undefined), '- FK_CUSTOMER: CUSTOMER → CRM.CUSTOMER.NAME'],
  [
    'setSensitivity of a column',
    (schema) => schema.field('CUSTOMER')?.setSensitivity(undefined),
    '| `CUSTOMER` | `NVARCHAR(80)` | yes |  | Who ordered | PII |  |',
  ],
  [
    'setSemantics of a column',
    (schema) => schema.field('AMOUNT')?.setSemantics(undefined),
    '| `AMOUNT` | `DECIMAL(12,2)` | yes |  | What it costs<br>MEASURE, sum(AMOUNT), currency in CURRENCY |  |  |',
  ],
  [
    'setSourceDataType of a column',
    (schema) => schema.field('ID')?.setSourceDataType(undefined),
    '| `ID` | `INT` | no | 1 | Number of the order |  | NUMBER(9) |',
  ],
];

test.each(setters)('what %s sets is on the page, in the file, and a change of it is seen', (_name, unset, line) => {
  const schema = governedSchema();
  expect(page(schema).split('\n')).toContain(line);

  const without = governedSchema();
  unset(without);
  expect(page(without).split('\n')).not.toContain(line);
  expect(schemaFileText(without)).not.toBe(schemaFileText(schema));
  expect(compareContracts({ schema }, { schema: without }).changes).toHaveLength(1);
  // A contract that was written and read again is the same contract.
  expect(compareContracts({ schema }, { schema: ValueSchema.fromAvro(JSON.parse(schemaFileText(schema))) }).changes).toEqual([]);
});

test('every setter of a schema is in this test', () => {
  const tested = new Set(setters.map(([name]) => name));
  const all = [ValueSchema.prototype, Object.getPrototypeOf(ValueSchema.prototype) as object].flatMap((prototype) =>
    Object.getOwnPropertyNames(prototype).filter((name) => /^set[A-Z]/.test(name)),
  );
  expect(all.length).toBeGreaterThan(13);
  // The same list as addForeignKey's.
  expect(all.filter((name) => !tested.has(name))).toEqual(['setForeignKeys']);
});

test('a page shows where columns come from, and the tables behind them as a picture', () => {
  const text = page(governedSchema(), {
    tables: ['SHOP.ORDERS', 'CRM."odd" [table]'],
    columns: { ID: { sources: ['SHOP.ORDERS.ID'] }, AMOUNT: { sources: ['SHOP.ORDERS.PRICE'], formula: 'PRICE | 2' } },
    rows: ['FILTER SHOP.ORDERS.STATUS'],
    unresolved: ['CUSTOMER: SHOP.WHO is not in the data dictionary'],
  });
  expect(text).toContain('| `ID` | `INT` | no | 1 | Number of the order |  | `SHOP.ORDERS.ID`<br>NUMBER(9) |');
  expect(text).toContain(
    '```mermaid\nflowchart LR\n  s0["SHOP.ORDERS"] --> t["ORDERS"]\n  s1["CRM.#34;odd#34; #91;table#93;"] --> t["ORDERS"]\n```',
  );
  expect(text).toContain('| `AMOUNT` | `PRICE \\| 2` |');
  expect(text).toContain('- FILTER SHOP.ORDERS.STATUS');
  expect(text).toContain('- CUSTOMER: SHOP.WHO is not in the data dictionary');
});

test('what comes from a source’s comments is text on a page, no markup and no row of a table', () => {
  const schema = new ValueSchema('ODD|NAME', 'SHOP')
    .setDoc('# no <b>heading</b>\n[click](http://evil.example)')
    .addField('A`B', new AvroNVarchar(9), 'one | two\n| three |');
  const lines = page(schema).split('\n');
  expect(lines).toContain('# ORDERS');
  expect(lines).toContain('\\# no &lt;b&gt;heading&lt;/b&gt; \\[click\\](http://evil.example)');
  expect(lines).toContain('| `` A`B `` | `NVARCHAR(9)` | yes |  | one \\| two \\| three \\| |  |  |');
});
