import { createHash } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import { TablecastError, type RunContext, type ValueSchema } from '../lib/index';
import { shown, type RestAnswer, type RestClient } from './rest-client';
import { BodyProblem, RecordTooLarge } from './rest-failure';
import { FieldTally, RecordFields, RecordProblem, type FieldPath } from './rest-fields';
import { BodyParser, JsonNumber, type BodyShape, type JsonValue } from './rest-json';
import { nextLink } from './rest-link';
import { PageStage, type StageLimits } from './rest-page-stage';
import { nextPath, pageParameters, withParameters, type NumberedPaging, type RestPaging } from './rest-paging';

/** What to ask a service for, worked out. */
export interface LoadPlan {
  readonly table: string;
  /** Address of the first page, without the parameters of the paging. */
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly paging: RestPaging;
  readonly format: 'json' | 'ndjson';
  /** Path of the array of records; empty for the document itself. */
  readonly records: string;
  /** Path of the number of all records. */
  readonly total: string | undefined;
  readonly fields: Readonly<Record<string, FieldPath>>;
  readonly maxRecordBytes: number;
  readonly maxPages: number;
}

/** A page that was read to its end, or to where its reader had seen enough. */
interface PageEnd {
  readonly records: number;
  /** Cursor or address of the next page, as the page names it. */
  readonly next: string | undefined;
  readonly total: number | undefined;
  /** Where the page came from in the end: links are relative to it. */
  readonly url: URL;
}

/** Takes the records of a page; returns false when it has seen enough. */
type TakeRecords = (records: readonly JsonValue[]) => Promise<boolean>;

/** One load: all pages of a request into one table. */
export class RestLoad {
  readonly #plan: LoadPlan;
  readonly #client: RestClient;
  readonly #context: RunContext;
  readonly #retries = new Map<string, number>();
  readonly #tally = new FieldTally();
  /** Of pages with records: what they hold, and their number. */
  readonly #contents = new Map<string, number>();
  #total: number | undefined;
  #rows = 0;

  constructor(plan: LoadPlan, client: RestClient, context: RunContext) {
    this.#plan = plan;
    this.#client = client;
    this.#context = context;
  }

  /**
   * Reads all pages into the table, which is there and empty.
   * @param sampleRecords the schema was made of so many records; then a field that it does not have is an error
   * @returns number of rows
   */
  async run(schema: ValueSchema, limits: StageLimits, sampleRecords: number | undefined): Promise<number> {
    const { paging } = this.#plan;
    const fields = new RecordFields(schema, this.#plan.fields);
    const read = (number: number, url: URL, signal: AbortSignal): Promise<PageEnd> =>
      this.#loadPage(number, url, signal, schema, fields, limits, sampleRecords);
    try {
      if (paging.type === 'page' || paging.type === 'offset') await this.#readNumbered(paging, read);
      else await this.#readChain(read);
    } finally {
      this.#report();
    }
    if (this.#total !== undefined && this.#total !== this.#rows)
      throw this.#changed(`it has ${this.#total} records by its own count, and its pages brought ${this.#rows}`);
    return this.#rows;
  }

  /** The first records of the first page, at most `count`, for a look at what they are like. */
  async sample(count: number): Promise<readonly JsonValue[]> {
    let sample: JsonValue[] = [];
    const url = withParameters(this.#plan.url, pageParameters(this.#plan.paging, 0));
    await this.#readPage(1, url, this.#context.signal, (answer) => {
      sample = [];
      return this.#readBody(1, answer, (records) => {
        for (const record of records) if (sample.length < count) sample.push(record);
        return Promise.resolve(sample.length < count);
      });
    });
    return sample;
  }

  /** Several pages at the same time, until one has no records. */
  async #readNumbered(paging: NumberedPaging, read: (number: number, url: URL, signal: AbortSignal) => Promise<PageEnd>): Promise<void> {
    const { table, url, maxPages } = this.#plan;
    const ends = { empty: Infinity, short: Infinity, filled: 0 };
    let next = 1;
    const worker = async (signal: AbortSignal): Promise<void> => {
      while (next < ends.empty) {
        const number = next++;
        if (number > maxPages) throw new TablecastError('REST_CURSOR_LOOP', { table, reason: `there is no end after ${maxPages} pages` });
        const page = await read(number, withParameters(url, pageParameters(paging, number - 1)), signal);
        if (page.records === 0) ends.empty = Math.min(ends.empty, number);
        else ends.filled = Math.max(ends.filled, number);
        if (paging.type !== 'offset') continue;
        if (page.records < paging.size[1]) ends.short = Math.min(ends.short, number);
        if (page.records > paging.size[1])
          throw this.#misfit(number, url, `it has more than the ${paging.size[1]} records that were asked for`);
      }
    };
    await allOrNone(
      Array.from({ length: this.#client.concurrency }, () => worker),
      this.#context.signal,
    );
    if (ends.filled > ends.empty) throw this.#changed(`page ${ends.empty} has no records, and page ${ends.filled} has`);
    if (ends.filled > ends.short) throw this.#misfit(ends.short, url, 'it has fewer records than were asked for, and further pages follow');
  }

  /** One page after the other: each names the next. */
  async #readChain(read: (number: number, url: URL, signal: AbortSignal) => Promise<PageEnd>): Promise<void> {
    const { table, paging, maxPages } = this.#plan;
    const first = withParameters(this.#plan.url, pageParameters(paging, 0));
    const seen = new Map<string, number>();
    let url: URL | undefined = first;
    for (let number = 1; url !== undefined; number++) {
      if (number > maxPages) throw new TablecastError('REST_CURSOR_LOOP', { table, reason: `there is no end after ${maxPages} pages` });
      seen.set(digest([url.href]), number);
      const page: PageEnd = await read(number, url, this.#context.signal);
      url = this.#following(page, first, number);
      const before = url && seen.get(digest([url.href]));
      if (before !== undefined)
        throw new TablecastError('REST_CURSOR_LOOP', { table, reason: `page ${number} names page ${before} as the next one` });
    }
  }

  #following(page: PageEnd, first: URL, number: number): URL | undefined {
    const { paging } = this.#plan;
    if (page.next === undefined || page.next === '') return undefined;
    if (paging.type === 'cursor') return withParameters(first, { [paging.parameter ?? 'cursor']: page.next });
    return this.#client.sameOrigin(page.next, page.url, this.#what(number));
  }

  #loadPage(
    number: number,
    url: URL,
    signal: AbortSignal,
    schema: ValueSchema,
    fields: RecordFields,
    limits: StageLimits,
    sampleRecords: number | undefined,
  ): Promise<PageEnd> {
    const { workspace, journal } = this.#context;
    const { table } = this.#plan;
    return this.#readPage(number, url, signal, async (answer) => {
      await using stage = new PageStage(workspace, table, number, schema, limits);
      const tally = new FieldTally();
      const page = await this.#readBody(number, answer, async (records) => {
        for (const record of records) {
          await stage.add(this.#toRow(fields, record, tally, number, stage.rows + 1));
          const field = tally.firstUnknown;
          if (sampleRecords !== undefined && field !== undefined)
            throw new TablecastError('REST_SCHEMA_CHANGED', { table, page: number, record: stage.rows, field, sample: sampleRecords });
        }
        return true;
      });
      // With a key no two pages can be the same: the service does not understand the paging.
      const same = schema.pks.length > 0 && stage.rows > 0 ? this.#contents.get(stage.digest()) : undefined;
      if (same !== undefined)
        throw new TablecastError('REST_CURSOR_LOOP', { table, reason: `page ${number} brings the same records as page ${same}` });
      if (stage.rows > 0) this.#contents.set(stage.digest(), number);
      this.#checkTotal(page, number);
      // From here on the page is in, or the load has failed: no other try may follow.
      await stage.complete();
      this.#tally.add(tally);
      this.#rows += stage.rows;
      journal.progress('read', table, this.#rows);
      return page;
    });
  }

  #readPage(number: number, url: URL, signal: AbortSignal, read: (answer: RestAnswer) => Promise<PageEnd>): Promise<PageEnd> {
    const { headers, paging } = this.#plan;
    const endStatus = paging.type === 'page' || paging.type === 'offset' ? paging.endStatus : undefined;
    const accept = endStatus !== undefined && number > 1 ? [endStatus] : [];
    const onRetry = (reason: string): void => {
      this.#retries.set(reason, (this.#retries.get(reason) ?? 0) + 1);
    };
    return this.#client.get({ url, what: this.#what(number), headers, accept, onRetry }, signal, read);
  }

  async #readBody(number: number, answer: RestAnswer, take: TakeRecords): Promise<PageEnd> {
    const { paging, format, records: path, total, maxRecordBytes } = this.#plan;
    if (answer.status !== 200) return { records: 0, next: undefined, total: undefined, url: answer.url };
    const next = nextPath(paging);
    const shape: BodyShape = { format, records: path, values: [next, total].filter((value) => value !== undefined), maxRecordBytes };
    const parser = new BodyParser(shape);
    let records = 0;
    try {
      for await (const piece of answer.body) {
        const found = parser.write(piece);
        if (!(await take(found))) return { records: records + found.length, next: undefined, total: undefined, url: answer.url };
        records += found.length;
      }
      const last = parser.end();
      await take(last);
      records += last.length;
    } catch (error) {
      if (!(error instanceof RecordTooLarge)) throw error;
      const details = { url: shown(answer.url), what: this.#what(number), limit: maxRecordBytes, record: records };
      throw new TablecastError('REST_RECORD_TOO_LARGE', details);
    }
    return { records, next: this.#nextOf(answer, parser), total: totalOf(total, parser, records), url: answer.url };
  }

  #nextOf(answer: RestAnswer, parser: BodyParser): string | undefined {
    const { paging } = this.#plan;
    if (paging.type !== 'cursor' && paging.type !== 'link') return undefined;
    const path = nextPath(paging);
    if (path === undefined)
      return paging.type === 'cursor'
        ? answer.headers[(paging.next as { header: string }).header.toLowerCase()]
        : nextLink(answer.headers['link']);
    const value = parser.value(path) ?? undefined;
    if (value === undefined || typeof value === 'string') return value;
    if (value === false) return undefined;
    if (value instanceof JsonNumber && paging.type === 'cursor') return value.text;
    throw new BodyProblem(`what it has at ${path} names no page`);
  }

  #toRow(fields: RecordFields, record: JsonValue, tally: FieldTally, page: number, number: number): readonly (string | null)[] {
    try {
      return fields.toRow(record, tally);
    } catch (error) {
      if (!(error instanceof RecordProblem)) throw error;
      const { column, message: reason } = error;
      throw new TablecastError('VALUE_INVALID', { table: this.#plan.table, column, row: `page ${page}, record ${number}`, reason });
    }
  }

  /** All pages must agree on the number of all records. */
  #checkTotal({ total }: PageEnd, number: number): void {
    if (total === undefined) return;
    this.#total ??= total;
    if (this.#total !== total) throw this.#changed(`it has ${total} records by page ${number}, and ${this.#total} by one read before`);
  }

  #report(): void {
    const { table } = this.#plan;
    const { journal } = this.#context;
    for (const [reason, times] of this.#retries) journal.note('REPEATED', `${table}: ${times} requests were repeated: ${reason}`);
    this.#tally.report(table, journal);
  }

  #what(number: number): string {
    return `page ${number} of ${this.#plan.table}`;
  }

  #misfit(number: number, url: URL, reason: string): TablecastError {
    return new TablecastError('REST_RESPONSE_INVALID', { url: shown(url), what: this.#what(number), reason });
  }

  #changed(reason: string): TablecastError {
    return new TablecastError('REST_SOURCE_CHANGED', { table: this.#plan.table, reason });
  }
}

/** Runs all; when one fails the others are told to stop, and the first failure counts. Returns when nothing is under way any more. */
async function allOrNone(works: readonly ((signal: AbortSignal) => Promise<void>)[], outer: AbortSignal): Promise<void> {
  const controller = new AbortController();
  // Each page listens, and there may be many.
  setMaxListeners(0, controller.signal);
  const stop = (): void => {
    controller.abort(outer.reason);
  };
  if (outer.aborted) stop();
  outer.addEventListener('abort', stop, { once: true });
  try {
    await Promise.allSettled(
      works.map(async (work) => {
        try {
          await work(controller.signal);
        } catch (error) {
          controller.abort(error);
        }
      }),
    );
    controller.signal.throwIfAborted();
  } finally {
    outer.removeEventListener('abort', stop);
  }
}

function totalOf(path: string | undefined, parser: BodyParser, records: number): number | undefined {
  if (path === undefined) return undefined;
  const value = parser.value(path);
  if (value instanceof JsonNumber && /^\d{1,15}$/.test(value.text)) return Number(value.text);
  // Behind the last page some services leave it out.
  if (records === 0) return undefined;
  throw new BodyProblem(`it has no number of records at ${path}`);
}

function digest(texts: readonly string[]): string {
  const hash = createHash('sha256');
  for (const text of texts) hash.update(text);
  return hash.digest('base64');
}
