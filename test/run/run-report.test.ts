import { toStoredReport, type RunReport } from '../../src/lib/run/run-report';

const report: RunReport = {
  id: '01JZZZZZZZZZZZZZZZZZZZZZZZ',
  function: 'F',
  dataflow: 'F',
  environment: 'dev',
  trigger: 'http',
  status: 'succeeded',
  load: 'initial',
  startedAt: '2026-01-01T00:00:00.000Z',
  endedAt: '2026-01-01T00:00:01.000Z',
  seconds: { total: 1 },
  tables: { T: { read: 1 } },
  commits: [],
  pointer: { before: null, after: 'p' },
  notes: [{ kind: 'PROPOSAL', text: 'DECIMAL(5,2)' }],
};

test('a report of usual size is stored as it is', () => {
  expect(JSON.parse(toStoredReport(report))).toEqual(report);
});

test('a report is cut to what the history can hold, step by step, and keeps what identifies the run', () => {
  const long = 'x'.repeat(300_000);
  const problem = { type: 't', title: 't', status: 500, detail: long, instance: 'i', code: 'UNEXPECTED', fix: 'f', retry: false };
  const withLongNotes = { ...report, notes: [{ kind: 'A', text: long }] };
  const withEverythingLong: RunReport = {
    ...withLongNotes,
    status: 'failed',
    pointer: { before: long, after: long },
    tables: Object.fromEntries(Array.from({ length: 20_000 }, (_, index) => [`TABLE_${index}`, { read: index }])),
    problem,
  };
  for (const candidate of [withLongNotes, withEverythingLong]) {
    const stored = toStoredReport(candidate);
    expect(stored.length).toBeLessThan(200_000);
    expect(JSON.parse(stored)).toMatchObject({ id: report.id, status: candidate.status, seconds: { total: 1 } });
  }
  expect(JSON.parse(toStoredReport(withLongNotes))).toMatchObject({ tables: report.tables, notes: [{ kind: 'NOTES_LEFT_OUT' }] });
  expect(JSON.parse(toStoredReport(withEverythingLong))).toMatchObject({ problem: { code: 'UNEXPECTED' } });
});
