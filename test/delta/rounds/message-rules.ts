import type { TopicMessage } from '../../../local/consumer/read-topic';
import { RowType } from '../../../src/lib';
import type { Row } from '../../../src/lib/schema/row';

/** What the messages of a delta may be. */
export interface MessageRules {
  /** `changes`: INSERT, UPDATE, DELETE, each true; `upserts`: UPSERT and DELETE; `full`: TRUNCATE and REPLACE. */
  readonly kind: 'changes' | 'upserts' | 'full';
  /** Whether each UPDATE follows its BEFORE. */
  readonly before?: boolean;
  /** Row type of a row that is gone; default DELETE. */
  readonly gone?: typeof RowType.DELETE | typeof RowType.EXTERMINATE;
  /** Columns whose changes are no changes. */
  readonly ignore?: readonly string[];
  /** Whether a row that is as it was published last may come again; default false. */
  readonly repeats?: boolean;
}

/** What was published of each key last: its row, or the row of its DELETE. */
export type Published = ReadonlyMap<string, { readonly row: Row; readonly gone: boolean }>;

/** A value as JSON, bigint as text, so that equal values have equal texts. */
export function textOf(value: unknown): string {
  return JSON.stringify(value, (_name, part: unknown) => (typeof part === 'bigint' ? `${String(part)}n` : part));
}

/** The table's own columns of a message, by original name. */
export function columnsOf(row: Row, ignore: readonly string[] = []): Row {
  return Object.fromEntries(Object.entries(row).filter(([name]) => !name.startsWith('__') && !ignore.includes(name)));
}

/** What is wrong with the messages of an initial load, of a delta that is one, or of a backfill of the rows that a filter selects. */
export function checkFullLoad(messages: readonly TopicMessage[], filter: Readonly<Record<string, string>> | null = null): string[] {
  const problems: string[] = [];
  const keys = new Set<string>();
  const truncated = new Set<number>();
  for (const { partition, key, value } of messages) {
    const type = value.__change_type as RowType;
    if (type === RowType.TRUNCATE) {
      if (truncated.has(partition)) problems.push(`partition ${partition} is truncated twice`);
      if (textOf(value.__truncate) !== textOf(filter))
        problems.push(`the TRUNCATE row of partition ${partition} has the filter ${textOf(value.__truncate)}`);
      truncated.add(partition);
      continue;
    }
    if (type !== RowType.REPLACE) problems.push(`${textOf(key)} comes as ${type} in a full load`);
    if (!truncated.has(partition)) problems.push(`${textOf(key)} comes before the TRUNCATE row of its partition`);
    if (Object.entries(filter ?? {}).some(([column, text]) => value[column] !== text))
      problems.push(`${textOf(key)} is not of ${textOf(filter)}`);
    if (keys.has(textOf(key))) problems.push(`${textOf(key)} comes twice`);
    keys.add(textOf(key));
  }
  return problems;
}

/**
 * What is wrong with the messages of a delta, given what was published up to its pointer.
 * @param doubt whether other runs may have published something since: then rows may come as UPSERT, or deletes of what they have brought
 */
export function checkDelta(messages: readonly TopicMessage[], published: Published, rules: MessageRules, doubt: boolean): string[] {
  if (rules.kind === 'full') return checkFullLoad(messages);
  const problems: string[] = [];
  const seen = new Set<string>();
  /** Key of the BEFORE message that came last, by partition. */
  const befores = new Map<number, string>();
  const arrived = new Set<number>();
  for (const { partition, key: keyRow, value } of messages) {
    const key = textOf(keyRow);
    const type = value.__change_type as RowType;
    const row = columnsOf(value);
    const last = published.get(key);
    const lastRow = last && !last.gone ? last.row : undefined;
    const same = (other: Row | undefined, ignore: readonly string[] = []): boolean =>
      other !== undefined && textOf(columnsOf(other, ignore)) === textOf(columnsOf(row, ignore));
    const wrong = (what: string): void => void problems.push(`${type} of ${key}: ${what}`);

    const before = befores.get(partition);
    befores.delete(partition);
    if (before !== undefined && (type !== RowType.UPDATE || before !== key)) wrong(`it comes between BEFORE and UPDATE of ${before}`);
    if (type === RowType.UPDATE && (before === key) !== (rules.before ?? false))
      wrong(before === key ? 'a BEFORE is not wanted' : 'its BEFORE is missing');
    if (type === RowType.BEFORE) {
      if (!same(lastRow)) wrong(`its row is not the one before: ${textOf(row)} instead of ${textOf(lastRow)}`);
      befores.set(partition, key);
      continue;
    }

    if (seen.has(key)) wrong('the key comes twice');
    seen.add(key);
    switch (rules.kind === 'changes' ? type : `${rules.kind}: ${type}`) {
      case RowType.INSERT:
        if (lastRow) wrong('the key is there already');
        arrived.add(partition);
        break;
      case RowType.UPDATE:
        if (!lastRow) wrong('there is no such key');
        if (same(lastRow, rules.ignore)) wrong('nothing has changed');
        arrived.add(partition);
        break;
      case RowType.DELETE:
      case RowType.EXTERMINATE:
        if (type !== (rules.gone ?? RowType.DELETE)) wrong('deleted rows are to come otherwise');
        if (!lastRow && !doubt) wrong('there is no such key');
        if (type === RowType.DELETE && !doubt && !same(lastRow))
          wrong(`its row is not the last image: ${textOf(row)} instead of ${textOf(lastRow)}`);
        if (arrived.has(partition)) wrong('it comes after rows that arrive');
        break;
      case RowType.UPSERT:
        if (!doubt) wrong('it is known what has changed');
        arrived.add(partition);
        break;
      case `upserts: ${RowType.UPSERT}`:
        if (rules.repeats !== true && !doubt && same(lastRow)) wrong('the row was published already');
        break;
      case `upserts: ${RowType.DELETE}`:
        if (rules.repeats !== true && !doubt && last?.gone === true && same(last.row)) wrong('the row was published already');
        if (Object.values(row).every((cell) => cell === null)) wrong('it has no row');
        break;
      default:
        wrong('no such message is expected');
    }
  }
  for (const key of befores.values()) problems.push(`${RowType.BEFORE} of ${key}: no UPDATE follows`);
  return problems;
}
