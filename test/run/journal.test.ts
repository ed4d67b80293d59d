import { Journal } from '../../src/lib/run/journal';
import { recordingLogger } from '../state/recording-logger';

afterEach(() => {
  jest.useRealTimers();
});

test.each([[5], [12]])('progress is logged every %i seconds, not at every call', (seconds) => {
  jest.useFakeTimers({ now: 0 });
  const logger = recordingLogger();
  const journal = new Journal('RUN', logger, seconds);
  for (let page = 1; page <= 240; page += 1) {
    jest.advanceTimersByTime(100);
    journal.progress('read', 'SAMPLE', page * 1000);
  }
  const expected = Array.from(
    { length: 24 / seconds },
    (_, index) => `Run RUN: read SAMPLE, ${(index + 1) * seconds * 10_000} rows so far`,
  );
  expect(logger.lines.map(({ message }) => message)).toEqual(expected);
  expect(journal.tables).toEqual({ SAMPLE: { read: 240_000 } });
});

test('rows are counted by table and stage, the last number of each', () => {
  const journal = new Journal('RUN', recordingLogger());
  journal.progress('read', 'A', 1);
  journal.progress('read', 'B', 5);
  journal.progress('publish', 'A', 2);
  journal.progress('read', 'A', 3);
  expect(journal.tables).toEqual({ A: { read: 3, publish: 2 }, B: { read: 5 } });
});

test('notes are kept in order, and beyond what anybody reads only counted', () => {
  const journal = new Journal('RUN', recordingLogger());
  for (let note = 0; note < 600; note += 1) journal.note('UNRESOLVED', String(note));
  expect(journal.notes[0]).toEqual({ kind: 'UNRESOLVED', text: '0' });
  expect(journal.notes).toHaveLength(501);
  expect(journal.notes.at(-1)).toEqual({ kind: 'MORE_NOTES', text: '100 further notes are not shown' });
});
