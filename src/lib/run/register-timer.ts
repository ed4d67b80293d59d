import { app } from '@azure/functions';
import type { DataFlow } from './data-flow';

/** Registers the timer of a flow, when the app setting that holds its schedule (NCRONTAB, e.g. `0 0 5 * * *`) is set. */
export function registerTimer({ name, schedule, timer }: Pick<DataFlow, 'name' | 'schedule' | 'timer'>): void {
  const expression = process.env[schedule];
  if (expression === undefined || expression.trim() === '') return;
  app.timer(`${name}_Timer`, { schedule: `%${schedule}%`, handler: timer });
}
