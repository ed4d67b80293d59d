import fc from 'fast-check';
import { entityKey } from '../../src/lib/state/entity-key';

const texts = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 900 }),
  fc.string({ unit: 'binary-ascii' }),
  fc.constantFrom('', '/', '=002f', '==', 'a/b', 'a=002fb'),
);

test('every text makes a key of allowed characters and length', () => {
  fc.assert(
    fc.property(texts, (text) => {
      const key = entityKey(text);
      expect(key).toMatch(/^[A-Za-z0-9._=-]*$/);
      expect(key.length).toBeLessThanOrEqual(512);
    }),
  );
});

test('different texts make different keys, long ones too', () => {
  fc.assert(
    fc.property(texts, texts, (a, b) => {
      fc.pre(a !== b);
      expect(entityKey(a)).not.toBe(entityKey(b));
      expect(entityKey('x'.repeat(600) + a)).not.toBe(entityKey('x'.repeat(600) + b));
    }),
  );
});

test('a plain name stays readable', () => {
  expect(entityKey('run-01ABC_x.y')).toBe('run-01ABC_x.y');
  expect(entityKey('LABWARE/run')).toBe('LABWARE=002frun');
});
