import type { Load } from '../run/run-request';

/** Which rows of its source a load is to bring. A runner puts `condition` behind `where`, or gives `from`, `to` or `filter` to a source that takes parameters. */
export interface Selection {
  readonly load: Load;
  /** SQL condition in the source's dialect, `1 = 1` for all rows; made of the flow's own column names and of placeholders only. */
  readonly condition: string;
  /** Values of the placeholders. */
  readonly binds: Readonly<Record<string, string>>;
  /** Of a watermark: rows at or after this value, as text with full precision (see `WatermarkType`). */
  readonly from?: string;
  /** Of a watermark: rows before this value. */
  readonly to?: string;
  /** Of a backfill: columns and the values, as text, that the rows have. */
  readonly filter?: Readonly<Record<string, string>>;
}

/** All rows. */
export function everything(load: 'initial' | 'delta'): Selection {
  return { load, condition: '1 = 1', binds: {} };
}
