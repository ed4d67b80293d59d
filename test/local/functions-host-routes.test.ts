import fc from 'fast-check';
import { RouteTemplate } from '../../local/functions-host/route-template';

describe('route templates', () => {
  test.each([
    ['a/b', '/A/b/', {}],
    ['a/b', 'a', undefined],
    ['a/b', 'a/b/c', undefined],
    ['', '', {}],
    ['{x}', 'caf%C3%A9', { x: 'café' }],
    ['{x}', '%E0%A4%A', undefined],
    ['{x}', '', undefined],
    ['{x?}', '', {}],
    ['{x=7}', '', { x: '7' }],
    ['{*x}', '', {}],
    ['f/{**x}', 'f/a/b', { x: 'a/b' }],
    ['{x:int}', '-12', { x: '-12' }],
    ['{x:int}', '2147483648', undefined],
    ['{x:long}', '2147483648', { x: '2147483648' }],
    ['{x:bool}', 'TRUE', { x: 'TRUE' }],
    ['{x:guid}', '6f9619ff-8b86-d011-b42d-00cf4fc964ff', { x: '6f9619ff-8b86-d011-b42d-00cf4fc964ff' }],
    ['{x:guid}', 'no', undefined],
    ['{x:datetime}', '2024-02-29', { x: '2024-02-29' }],
    ['{x:double}', '1e3', { x: '1e3' }],
    ['{x:double}', 'e', undefined],
    ['{x:length(2)}', 'abc', undefined],
    ['{x:length(2,3):alpha}', 'abc', { x: 'abc' }],
    ['{x:length(2,3):alpha}', 'ab1', undefined],
    ['{x:minlength(2)}', 'a', undefined],
    ['{x:maxlength(2)}', 'abc', undefined],
    ['{x:min(18)}', '17', undefined],
    ['{x:max(18)}', '17', { x: '17' }],
    ['{x:range(1,3)?}', '3', { x: '3' }],
    ['{x:regex(^(a|b)/c$)}', 'a%2Fc', { x: 'a/c' }],
    ['{x:regex(^\\d+$)}', 'x1', undefined],
  ])('%s on "%s"', (template, path, expected) => {
    expect(RouteTemplate.parse(template).match(path)).toEqual(expected);
  });

  test.each(['{x', 'a{x}b', '{x:unknown}', '{x:length(1}', '{}'])('%s is refused', (template) => {
    expect(() => RouteTemplate.parse(template)).toThrow();
  });

  test('any text in a parameter comes back as it was', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1 }), (text) => {
        expect(RouteTemplate.parse('a/{x}/b').match(`a/${encodeURIComponent(text)}/b`)).toEqual({ x: text });
      }),
    );
  });
});
