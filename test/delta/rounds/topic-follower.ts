import { TopicReader, type TopicMessage, type TopicSource } from '../../../local/consumer/read-topic';
import { TableImage } from '../../../local/consumer/table-image';
import { RowType, type RunReport } from '../../../src/lib';
import type { Row } from '../../../src/lib/schema/row';
import { columnsOf, textOf, type Published } from './message-rules';

/** A consumer that reads on after each run, and remembers what was published for which key. */
export class TopicFollower implements AsyncDisposable {
  readonly image = new TableImage();
  #reader: TopicReader | undefined;
  #published = new Map<string, { row: Row; gone: boolean; partition: number }>();

  constructor(private readonly source: Omit<TopicSource, 'atLeast'>) {}

  /** What was published of each key up to now; a copy. */
  get published(): Published {
    return new Map(this.#published);
  }

  /**
   * Reads what the run has committed, and applies it.
   * @throws Error when there is more or less than the run's report says, or something of another run
   */
  async follow(report: RunReport): Promise<TopicMessage[]> {
    const messages: TopicMessage[] = [];
    let expected = 0;
    for (const commit of report.commits) {
      expected += commit.messages;
      const ranges = Object.entries(commit.topics[this.source.topic] ?? {});
      this.#reader ??= await TopicReader.open(this.source);
      await this.#reader.readTo(new Map(ranges.map(([partition, { maxOffset }]) => [Number(partition), maxOffset])), (message) => {
        messages.push(message);
        this.#apply(message);
      });
    }
    if (messages.length !== expected) throw new Error(`The run reports ${expected} messages, the consumer has read ${messages.length}`);
    const strangers = messages.filter(({ value }) => value.__source_transaction !== report.id);
    if (strangers.length > 0)
      throw new Error(`Of another run than ${report.id}: ${strangers.map(({ value }) => textOf(value)).join(', ')}`);
    return messages;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#reader?.[Symbol.asyncDispose]();
  }

  #apply(message: TopicMessage): void {
    this.image.apply(message);
    const { partition, key, value } = message;
    const type = value.__change_type as RowType;
    if (type === RowType.TRUNCATE) {
      const conditions = Object.entries((value.__truncate ?? {}) as Readonly<Record<string, string>>);
      for (const [text, last] of this.#published) {
        if (last.partition === partition && conditions.every(([column, wanted]) => last.row[column] === wanted))
          this.#published.delete(text);
      }
    } else {
      this.#published.set(textOf(key), { row: columnsOf(value), gone: gone.includes(type), partition });
    }
  }
}

const gone: readonly RowType[] = [RowType.DELETE, RowType.EXTERMINATE, RowType.BEFORE];
