/**
 * How row versions carry their life: `scn_from` and `scn_to` are the numbers of the commits that made and ended a version.
 * LIVE in `scn_to` means not ended. PENDING + n (n is a transaction, counted from 1) stands for the number that the transaction's
 * commit will get. A snapshot with number s sees versions with scn_from <= s < scn_to, so pending ends do not hide a row and pending
 * versions do not show.
 */
export const LIVE = 1n << 62n;

/** Base of the numbers of transactions that are still open; equal to LIVE, as they are counted from 1. */
export const PENDING = LIVE;
