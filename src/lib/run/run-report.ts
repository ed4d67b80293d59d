import type { Stage } from '../context';
import type { CommitResult } from '../kafka/kafka-producer';
import type { Note } from './journal';
import type { Problem } from './problem';
import type { Filter, Load } from './run-request';

/** What one run did: the answer to the request that started it, and its entry in the history. */
export interface RunReport {
  /** ULID; the commit carries it too. */
  readonly id: string;
  readonly function: string;
  readonly dataflow: string;
  readonly environment: string;
  readonly trigger: 'http' | 'timer';
  readonly status: 'succeeded' | 'failed';
  /** Missing when the run failed before it was decided. */
  readonly load?: Load;
  /** Which rows a backfill was asked for: columns and values. */
  readonly filter?: Filter;
  readonly startedAt: string;
  readonly endedAt: string;
  /** Seconds in all and by stage; what the runner itself needed is the rest. */
  readonly seconds: { readonly total: number } & Readonly<Partial<Record<Stage, number>>>;
  /** Rows by table: read into it, published from it. */
  readonly tables: Readonly<Record<string, Readonly<Partial<Record<Stage, number>>>>>;
  /** What was published, with commit ids and offsets: one commit, unless the runner commits in between; none when there was nothing to publish. */
  readonly commits: readonly CommitResult[];
  /** The delta pointer before and after the run; null when there is none. */
  readonly pointer: { readonly before: string | null; readonly after: string | null };
  readonly notes: readonly Note[];
  /** Why a failed run failed. */
  readonly problem?: Problem;
}

/** UTF-16 characters of a report in the history. An entity holds 480,000; this leaves room and keeps GET readable. */
const MAX_STORED_LENGTH = 200_000;
const MAX_POINTER_LENGTH = 1_000;

/** A report as JSON for the history: very long pointers are shown by their beginning, and notes give way when there are too many. */
export function toStoredReport(report: RunReport): string {
  const pointer = { before: shorten(report.pointer.before), after: shorten(report.pointer.after) };
  const stored = JSON.stringify({ ...report, pointer }, bigintAsText);
  if (stored.length <= MAX_STORED_LENGTH) return stored;
  const notes = [{ kind: 'NOTES_LEFT_OUT', text: `${report.notes.length} notes are too long for the history; the log has them` }];
  const withoutNotes = JSON.stringify({ ...report, pointer, notes }, bigintAsText);
  if (withoutNotes.length <= MAX_STORED_LENGTH) return withoutNotes;
  // JSON leaves properties that are undefined out.
  const problem = report.problem && { ...report.problem, detail: report.problem.detail.slice(0, 10_000) };
  return JSON.stringify({ ...report, commits: [], tables: {}, pointer, notes, problem }, bigintAsText);
}

/** Offsets may be bigint, which JSON does not know. */
export function bigintAsText(_name: string, value: unknown): unknown {
  return typeof value === 'bigint' ? value.toString() : value;
}

function shorten(pointer: string | null): string | null {
  if (pointer === null || pointer.length <= MAX_POINTER_LENGTH) return pointer;
  return `${pointer.slice(0, MAX_POINTER_LENGTH)}… (${pointer.length} characters)`;
}
