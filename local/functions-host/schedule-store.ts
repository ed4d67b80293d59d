import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/** When a timer ran and when it runs next; instants as ISO 8601 text. */
export interface ScheduleStatus {
  readonly Last: string;
  readonly Next: string;
  readonly LastUpdated: string;
}

/** Remembers the status of timers over restarts of the host, so that a run missed while it was down is made up for. */
export interface ScheduleStore {
  read(functionName: string): ScheduleStatus | undefined;
  write(functionName: string, status: ScheduleStatus): void;
}

/** A store that lasts as long as the process. */
export function memoryScheduleStore(): ScheduleStore {
  const statuses = new Map<string, ScheduleStatus>();
  return { read: (name) => statuses.get(name), write: (name, status) => void statuses.set(name, status) };
}

/** A store in one JSON file. */
export function fileScheduleStore(file: string): ScheduleStore {
  const readAll = (): Record<string, ScheduleStatus> => {
    try {
      return JSON.parse(readFileSync(file, 'utf8')) as Record<string, ScheduleStatus>;
    } catch {
      // No file yet, or one that a crash cut short: both mean that nothing is known about earlier runs.
      return {};
    }
  };
  return {
    read: (name) => readAll()[name],
    write: (name, status) => {
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(`${file}.new`, JSON.stringify({ ...readAll(), [name]: status }, undefined, 2));
      renameSync(`${file}.new`, file);
    },
  };
}
