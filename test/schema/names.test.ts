import fc from 'fast-check';
import { decodeName, encodeName, isAvroName, isAvroNamespace } from '../../src/lib/schema';

/** Any string JavaScript can hold: unpaired surrogates included. */
const anyText = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.array(fc.nat(0xffff)).map((units) => String.fromCharCode(...units)),
  // Pieces that look like escapes, so that they meet.
  fc
    .array(fc.constantFrom('_', 'x', '_x', '0', '005f', '_x0024', '_X', '$', '1', 'a', '\ud83d', '\ude00', '😀'))
    .map((parts) => parts.join('')),
);

test.each([
  ['REVENUE$', 'REVENUE_x0024'],
  ['A_x$', 'A_x005f_x0078_x0024'],
  ['plain_Name9', 'plain_Name9'],
  ['two words', 'two_x0020words'],
  ['1st', '_x0031st'],
  ['12', '_x00312'],
  ['Größe', 'Gr_x00f6_x00dfe'],
  ['😀', '_xd83d_xde00'],
  ['\ud83d', '_xd83d'],
  ['\ude00\ud83d', '_xde00_xd83d'],
  ['_x', '_x005f_x0078'],
  ['_x0024', '_x005f_x00780024'],
  ['__x', '__x005f_x0078'],
  ['_X0024', '_X0024'],
  ['line\nbreak', 'line_x000abreak'],
  ['-1', '_x002d1'],
])('%j is %s in Avro, and back', (original, name) => {
  expect(encodeName(original)).toBe(name);
  expect(decodeName(name)).toBe(original);
});

test('any text comes back from its Avro name', () => {
  fc.assert(
    fc.property(anyText, (original) => {
      expect(decodeName(encodeName(original))).toBe(original);
    }),
    { numRuns: 2000 },
  );
});

test('the Avro name of any text but the empty one is valid', () => {
  fc.assert(
    fc.property(anyText, (original) => {
      expect(isAvroName(encodeName(original))).toBe(original !== '');
    }),
    { numRuns: 2000 },
  );
});

test('two texts never share an Avro name', () => {
  fc.assert(
    fc.property(anyText, anyText, (one, other) => {
      expect(encodeName(one) === encodeName(other)).toBe(one === other);
    }),
    { numRuns: 2000 },
  );
});

test('escapes are decoded whatever the case of their digits', () => {
  expect(decodeName('a_x00E4b')).toBe('aäb');
});

test('a namespace is made of Avro names and dots', () => {
  expect(['LABWARE', 'com.example_1', '_a._b'].map(isAvroNamespace)).toEqual([true, true, true]);
  expect(['', '.', 'a.', '.a', 'a..b', 'a-b', '1a', 'a.1', 'a\n'].map(isAvroNamespace)).toEqual(Array(9).fill(false));
});
