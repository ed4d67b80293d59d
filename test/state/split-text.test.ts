import fc from 'fast-check';
import { fromProperties, splitText, toProperties } from '../../src/lib/state/split-text';

const longText = fc
  .tuple(
    fc.array(fc.string({ unit: 'binary', minLength: 1, maxLength: 50 }), { minLength: 1, maxLength: 5 }),
    fc.integer({ min: 0, max: 20_000 }),
  )
  .map(([parts, times]) => parts.map((part) => part.repeat(Math.ceil(times / part.length))).join('|'));

test('the pieces of a text fit a property, are whole characters, and make the text again', () => {
  fc.assert(
    fc.property(longText, (text) => {
      const pieces = splitText(text);
      expect(pieces.join('') === text).toBe(true);
      expect(pieces.every((piece) => piece.length <= 32_768)).toBe(true);
      expect(pieces.every((piece) => !/\p{Surrogate}/u.test(piece))).toBe(true);
    }),
    { numRuns: 50 },
  );
});

test('values become properties and come back, whatever their lengths', () => {
  const names = fc.constantFrom('value', 'run', 'report', 'since');
  fc.assert(
    fc.property(fc.dictionary(names, longText), (values) => {
      expect(fromProperties({ ...toProperties(values), 'odata.metadata': 'x', timestamp: new Date() })).toEqual({ ...values });
    }),
    { numRuns: 50 },
  );
});
