import { PassThrough } from 'node:stream';
import { alignColumns, count, Terminal } from '../../local/terminal';

/** A stream that looks like a terminal of 20 columns, or like a pipe, and remembers what is written. */
function stream(look: Partial<NodeJS.WriteStream>): { output: NodeJS.WriteStream; written: () => string } {
  const output = Object.assign(new PassThrough({ encoding: 'utf8' }), look) as unknown as NodeJS.WriteStream;
  return { output, written: () => String(output.read() ?? '') };
}

describe('the terminal', () => {
  test('a pipe gets neither colours nor progress', () => {
    const { output, written } = stream({ isTTY: false });
    const terminal = new Terminal(output);
    terminal.progress('working');
    terminal.print(terminal.good('done'));
    expect(written()).toBe('done\n');
  });

  test('a terminal gets colours, and progress that the next line replaces', () => {
    const { output, written } = stream({ isTTY: true, columns: 20, hasColors: () => true });
    const terminal = new Terminal(output);
    terminal.progress('working');
    terminal.print(terminal.good('done'));
    expect(written()).toBe('working\r\u001b[2K\u001b[32mdone\u001b[39m\n');
  });

  test('a terminal that wants no colours gets none', () => {
    const { output, written } = stream({ isTTY: true, columns: 20, hasColors: () => false });
    const terminal = new Terminal(output);
    terminal.print(terminal.bad('no'));
    expect(written()).toBe('no\n');
  });

  test('a progress line never wraps, because a wrapped line could not be replaced', () => {
    const { output, written } = stream({ isTTY: true, columns: 8, hasColors: () => false });
    new Terminal(output).progress('0123456789');
    expect(written()).toBe('0123456');
  });
});

test('numbers are aligned to the right, text to the left, and colours take no width', () => {
  expect(
    alignColumns([
      ['table', 'rows'],
      ['A', '7'],
      ['\u001b[1mLONGER\u001b[22m', '1 000'],
    ]),
  ).toEqual(['table    rows', 'A            7', '\u001b[1mLONGER\u001b[22m   1 000']);
});

test('counts have gaps between thousands', () => {
  expect([0, 999, 1000, 1234567n].map(count)).toEqual(['0', '999', '1 000', '1 234 567']);
});
