import fc from 'fast-check';
import { AvroInt, AvroLong, AvroNVarchar, RecordSchema, ValueSchema } from '../../src/lib';
import { COMPATIBILITY_MODES, obstacles, unreadable } from '../../src/lib/contract/avro-compatibility';
import { kafkaCluster, uniqueName } from '../support/kafka-cluster';
import { describeWithKafka } from '../support/parts';
import { twoSchemas } from './schemas';

const table = (): ValueSchema => new ValueSchema('TABLE', 'SHOP').addField('ID', new AvroInt(), undefined, false);

test.each([
  ['a nullable column is added', table(), table().addField('NOTE', new AvroNVarchar(9)), [], []],
  ['a column without default is added', table(), table().addField('N', new AvroInt(), undefined, false), ['N'], []],
  ['one with a default is added', table(), table().addField('N', new AvroInt(), undefined, false, { default: 0 }), [], []],
  ['a column becomes nullable', table(), new ValueSchema('TABLE', 'SHOP').addField('ID', new AvroInt()), [], ['ID']],
  ['int becomes long', table(), new ValueSchema('TABLE', 'SHOP').addField('ID', new AvroLong(), undefined, false), [], ['ID']],
  ['int becomes text', table(), new ValueSchema('TABLE', 'SHOP').addField('ID', new AvroNVarchar(9), undefined, false), ['ID'], ['ID']],
  ['the table gets another name', table(), new ValueSchema('OTHER', 'SHOP').addField('ID', new AvroInt(), undefined, false), [''], ['']],
])('%s: BACKWARD and FORWARD are refused where readers could not read', (_case, before, after, backward, forward) => {
  const paths = (mode: 'BACKWARD' | 'FORWARD' | 'FULL'): string[] =>
    obstacles(mode, before.toAvro(), after.toAvro()).map(({ path }) => path);
  expect(paths('BACKWARD')).toEqual(backward);
  expect(paths('FORWARD')).toEqual(forward);
  expect(paths('FULL')).toEqual([...backward, ...forward]);
});

test('a column that was renamed is read by its earlier name when it keeps that as an alias', () => {
  const renamed = new ValueSchema('TABLE', 'SHOP').addField('NUMBER', new AvroInt(), undefined, false, { aliases: ['ID'] });
  expect(unreadable(renamed.toAvro(), table().toAvro())).toEqual([]);
  expect(unreadable(table().toAvro(), renamed.toAvro())).toMatchObject([{ path: 'ID' }]);
});

test('the place of an obstacle within a structure is named by original names', () => {
  const address = (zip: RecordSchema): ValueSchema => table().addField('ADDRESS$', zip);
  const before = address(new RecordSchema('address').addField('zip code', new AvroNVarchar(9), undefined, false));
  const after = address(new RecordSchema('address').addField('zip code', new AvroInt(), undefined, false));
  expect(obstacles('BACKWARD', before.toAvro(), after.toAvro())).toEqual([
    { path: 'ADDRESS$.zip code', reason: 'string cannot be read as int' },
  ]);
});

test('a schema can always be followed by itself', () => {
  fc.assert(
    fc.property(twoSchemas, ({ before }) => {
      expect(obstacles('FULL', before.toAvro(), before.toAvro())).toEqual([]);
    }),
    { numRuns: 200 },
  );
});

describeWithKafka('the verdict on a changed schema', () => {
  async function call(method: string, path: string, body: object): Promise<Readonly<Record<string, unknown>>> {
    const { registry } = await kafkaCluster();
    const response = await fetch(registry + path, {
      method,
      headers: { 'content-type': 'application/vnd.schemaregistry.v1+json' },
      body: JSON.stringify(body),
    });
    const answer = (await response.json()) as Readonly<Record<string, unknown>>;
    if (!response.ok) throw new Error(`${method} ${path}: ${JSON.stringify(answer)}`);
    return answer;
  }

  test('is the registry’s own in every mode, for random changes of all types', async () => {
    let allowed = 0;
    let refused = 0;
    await fc.assert(
      fc.asyncProperty(twoSchemas, fc.constantFrom(...COMPATIBILITY_MODES), async ({ before, after }, mode) => {
        const subject = uniqueName('compatibility');
        await call('POST', `/subjects/${subject}/versions`, { schema: JSON.stringify(before.toAvro()) });
        await call('PUT', `/config/${subject}`, { compatibility: mode });
        const answer = await call('POST', `/compatibility/subjects/${subject}/versions?verbose=true`, {
          schema: JSON.stringify(after.toAvro()),
        });
        const reasons = obstacles(mode, before.toAvro(), after.toAvro());
        expect({ allowed: reasons.length === 0, reasons }).toMatchObject({ allowed: answer['is_compatible'] });
        if (reasons.length === 0) allowed += 1;
        else refused += 1;
      }),
      { numRuns: 150 },
    );
    // Both happen often enough for the comparison to mean something.
    expect(Math.min(allowed, refused)).toBeGreaterThan(20);
  });
});
