import fc from 'fast-check';
import { topicName } from '../../src/lib/kafka/topic-name';

const template = '{environment}.{zone}.{sourceSystem}.{table}';
const parts = { environment: 'dev', zone: 'RAW', sourceSystem: 'LABWARE', table: 'SAMPLE_PLAN' };

describe('topic names', () => {
  test('come from the template', () => {
    expect(topicName(template, parts)).toBe('dev.RAW.LABWARE.SAMPLE_PLAN');
    expect(topicName('all-{table}', parts)).toBe('all-SAMPLE_PLAN');
  });

  test('encode what a topic cannot be named', () => {
    expect(topicName('{table}', { table: 'REVENUE$' })).toBe('REVENUE_x0024');
    expect(topicName('{table}', { table: 'A_x0024' })).toBe('A_x005f_x00780024');
  });

  test('never are the same for two tables', () => {
    const table = fc.oneof(fc.string({ minLength: 1, maxLength: 30 }), fc.stringMatching(/^[A_x024$]{1,12}$/));
    fc.assert(
      fc.property(table, table, (a, b) => {
        fc.pre(a !== b);
        expect(topicName('t-{table}', { table: a })).not.toBe(topicName('t-{table}', { table: b }));
      }),
      { numRuns: 1000 },
    );
  });

  test.each([
    ['{nothing}', 'dev'],
    ['{table} topic', 'A'],
    ['{table}', '.'],
    ['{table}', 'A'.repeat(250)],
    ['', 'A'],
  ])('are refused when Kafka would refuse them: %j with %j', (wrong, table) => {
    expect(() => topicName(wrong, { ...parts, table })).toThrow(/which cannot name a topic/);
  });
});
