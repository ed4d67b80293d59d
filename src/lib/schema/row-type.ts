/**
 * What a row says about its table; the letter goes into `__change_type` and tells consumers how to apply the row.
 *
 * @example producer.produceRow(target, keyRow, row, RowType.UPSERT);
 */
export const RowType = {
  /** A new row; a row with this key did not exist. Use UPSERT where that is not certain. */
  INSERT: 'I',
  /** An existing row changed; this is how it looks now. */
  UPDATE: 'U',
  /** How a row looked before an update; needed when the key itself may change. */
  BEFORE: 'B',
  /** An existing row was deleted; the message carries its last complete image. */
  DELETE: 'D',
  /** A delete that has to erase the row in every target, on request of the person it is about. */
  GDPR: 'G',
  /** New or changed: insert it, or overwrite the row with the same key. */
  UPSERT: 'A',
  /** Deleted, and only the key is known. */
  EXTERMINATE: 'X',
  /** Delete the rows selected by `__truncate`, or all rows when that is null. */
  TRUNCATE: 'T',
  /** A row that replaces what a TRUNCATE before it deleted. */
  REPLACE: 'R',
  /** Deleted at the source, kept at the target. */
  ARCHIVE: 'P',
} as const;

export type RowType = (typeof RowType)[keyof typeof RowType];
