import { RowType } from '../../src/lib/schema/row-type';
import type { Row } from '../../src/lib/schema/row';
import { readTopic, type TopicMessage, type TopicSource } from './read-topic';

/** What a consumer holds of a table after applying its messages, by the row types of the format. */
export class TableImage {
  /** Rows by key, by partition: order, and so the reach of a TRUNCATE, is within a partition. */
  readonly #partitions = new Map<number, Map<string, Row>>();
  #messages = 0;
  #commitId: string | null = null;

  /** How many messages were applied. */
  get messages(): number {
    return this.#messages;
  }

  /** `__source_transaction` of the last message: the commit id of the run it came from. */
  get commitId(): string | null {
    return this.#commitId;
  }

  get size(): number {
    return [...this.#partitions.values()].reduce((sum, rows) => sum + rows.size, 0);
  }

  /** The rows by original column name, technical fields left out. */
  *rows(): Generator<Row> {
    for (const rows of this.#partitions.values()) yield* rows.values();
  }

  apply({ partition, key, value }: TopicMessage): void {
    let rows = this.#partitions.get(partition);
    if (rows === undefined) {
      rows = new Map<string, Row>();
      this.#partitions.set(partition, rows);
    }
    this.#messages += 1;
    if (typeof value.__source_transaction === 'string') this.#commitId = value.__source_transaction;
    const id = JSON.stringify(key, (_name, part: unknown) => (typeof part === 'bigint' ? String(part) : part));
    const rowType = value.__change_type as RowType;
    switch (rowType) {
      case RowType.INSERT:
      case RowType.UPDATE:
      case RowType.UPSERT:
      case RowType.REPLACE:
        rows.set(id, columnsOf(value));
        return;
      case RowType.BEFORE: // the row may come back under another key
      case RowType.DELETE:
      case RowType.GDPR:
      case RowType.EXTERMINATE:
        rows.delete(id);
        return;
      case RowType.TRUNCATE:
        truncate(rows, value.__truncate as Readonly<Record<string, string>> | null);
        return;
      case RowType.ARCHIVE: // gone at the source, kept here
        return;
      default:
        throw new Error(`Unknown __change_type ${String(rowType satisfies never)}`);
    }
  }
}

/** Reads a topic from its beginning and applies every message. */
export async function readTable(source: TopicSource): Promise<TableImage> {
  const image = new TableImage();
  await readTopic(source, (message) => {
    image.apply(message);
  });
  return image;
}

const technicalPrefix = '__';

function columnsOf(value: Row): Row {
  return Object.fromEntries(Object.entries(value).filter(([name]) => !name.startsWith(technicalPrefix)));
}

function truncate(rows: Map<string, Row>, filter: Readonly<Record<string, string>> | null): void {
  const conditions = Object.entries(filter ?? {});
  for (const [id, row] of rows) {
    if (conditions.every(([column, text]) => textOf(row[column]) === text)) rows.delete(id);
  }
}

/** A value as a TRUNCATE's filter names it; columns that hold more than one value cannot be named. */
function textOf(value: unknown): string | null {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean'
    ? String(value)
    : null;
}
