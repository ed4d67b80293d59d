import type { LogLevel } from './core-api';

/** One line of the host's log. `source` is the function's name, or `host`. */
export type LogWriter = (level: LogLevel, source: string, message: string) => void;

/** The log of host and functions. URLs, headers and bodies never reach it: they may hold keys. */
export interface HostLog {
  readonly write: LogWriter;
}

const order: readonly LogLevel[] = ['trace', 'debug', 'information', 'warning', 'error', 'critical'];

/** A log on the console from a level upwards: `12:01:07 LABWARE_Reader: started`. Warnings and errors go to stderr and name their level. */
export function consoleLog(minimum: LogLevel = 'information'): HostLog {
  return {
    write: (level, source, message) => {
      if (order.indexOf(level) < order.indexOf(minimum)) return;
      const serious = order.indexOf(level) >= order.indexOf('warning');
      const line = `${new Date().toISOString().slice(11, 19)} ${source}: ${serious ? `${level.toUpperCase()} ` : ''}${message}`;
      if (serious) console.error(line);
      else console.log(line);
    },
  };
}
