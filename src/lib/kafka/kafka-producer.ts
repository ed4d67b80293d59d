import { encodeRow } from '../avro/encode-row';
import type { RunContext } from '../context';
import { TablecastError } from '../errors';
import type { RecordedTarget } from '../lineage/lineage-recorder';
import type { Logger } from '../logger';
import { createKeyRow, createTruncateRow, KeySchema, type Row, RowType, TECHNICAL_FIELDS, type ValueSchema } from '../schema';
import { type Commit, commitKeyRow, commitValueRow } from './commit-record';
import { createCommitTarget, createTarget } from './create-target';
import { KafkaConnection } from './kafka-connection';
import { isClientError, kafkaError } from './kafka-error';
import type {
  CommitResult,
  KafkaProducerOptions,
  ProduceOptions,
  PublishOptions,
  ReplaceOptions,
  TargetOptions,
} from './kafka-producer-options';
import type { KafkaSettings } from './kafka-settings';
import { lineageMessage } from './lineage-publication';
import { SchemaRegistry } from './schema-registry';
import type { Target } from './target';
import { topicName } from './topic-name';
import { KafkaTransaction } from './transaction';

export type * from './kafka-producer-options';
export type { Target } from './target';

interface Connected {
  readonly context: RunContext;
  readonly settings: KafkaSettings;
  readonly connection: KafkaConnection;
  readonly registry: SchemaRegistry;
  readonly commitTarget: Target;
}

interface Message {
  readonly target: Target;
  readonly partition: number | null;
  readonly key: Buffer;
  readonly value: Buffer;
}

/**
 * Publishes tables and single rows to Kafka in one transaction per run: consumers that read committed messages see all of it or nothing.
 * After any error the transaction is aborted, and `commit` refuses.
 *
 * A table without a compacted topic, a broker from version 2.5 on (or Event Hubs, premium or dedicated), and a Confluent-compatible schema registry are needed.
 * Rows travel one by one through the client's queue, so there is no chunk size to choose.
 * @example
 * const target = await producer.addTarget('SAMPLE_PLAN', 'SAMPLE_PLAN', keySchema, schema);
 * const truncateRow = createTruncateRow(schema);
 * producer.produceRow(target, createKeyRow(truncateRow, keySchema), truncateRow, RowType.TRUNCATE);
 * await producer.produceFromDuckdb('SAMPLE_PLAN', target, RowType.REPLACE);
 * await producer.commit();
 */
export class KafkaProducer implements AsyncDisposable {
  readonly #options: KafkaProducerOptions;
  readonly #logger: Logger;
  readonly #targets = new Map<string, Target>();
  /** How the lineage document names each target. */
  readonly #recorded = new Map<Target, RecordedTarget>();
  readonly #commits: CommitResult[] = [];
  #connected: Connected | undefined;
  #transaction: KafkaTransaction | undefined;
  /** Single rows that wait for the transaction to begin or for room in the queue, in order. */
  #waiting: Message[] = [];
  /** Since the last commit: rows by target, and the targets that have a TRUNCATE row. */
  #rows = new Map<string, number>();
  #truncated = new Set<Target>();
  #failure: TablecastError | undefined;
  /** Whether the failure was the client's or the broker's: this connection is then not used again. */
  #broken = false;
  /** Calls that wait take turns: ends with the last one. */
  #turn: Promise<unknown> = Promise.resolve();
  #committing = false;

  /** Connects nothing. */
  constructor(options: KafkaProducerOptions, logger: Logger) {
    this.#options = { ...options };
    this.#logger = logger;
  }

  /**
   * Reads the secret, connects to broker and registry, ends what a crashed run of this flow left open, and prepares the commit topic.
   * @throws TablecastError SECRET_MISSING, SECRET_INVALID, KAFKA_UNREACHABLE, KAFKA_AUTHENTICATION, KAFKA_TLS, REGISTRY_UNREACHABLE, TOPIC_MISSING, …
   */
  async connect(context: RunContext): Promise<void> {
    if (this.#connected !== undefined) throw stateError('connect', 'it is connected');
    const settings = await this.#options.settings.read(context.secrets);
    if (settings.ignored.length > 0) {
      this.#logger.warn(`The secret ${settings.secretName} sets properties that have no effect here: ${settings.ignored.join(', ')}`);
    }
    const { tokens } = this.#options.settings;
    const registry = new SchemaRegistry(settings.registry, tokens);
    let connection: KafkaConnection | undefined;
    try {
      connection = await KafkaConnection.open({
        settings,
        tokens,
        transactionalId: `tablecast.${context.settings.ENVIRONMENT}.${context.functionName}.${context.dataflowName}`,
        connectTimeoutMs: (this.#options.connectTimeoutSeconds ?? 10) * 1000,
        logger: this.#logger,
      });
      const commitTarget = await createCommitTarget({ context, connection, registry });
      this.#connected = { context, settings, connection, registry, commitTarget };
    } catch (error) {
      await connection?.[Symbol.asyncDispose]();
      await registry[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** What it was made with. */
  get options(): KafkaProducerOptions {
    return this.#options;
  }

  /** The commits of this producer so far. */
  get commits(): readonly CommitResult[] {
    return this.#commits;
  }

  /**
   * Prepares a table for publishing: finds or creates its topic, and finds or registers its schemas.
   * @param name of the table in topic name and report, e.g. `SAMPLE_PLAN`
   * @param table of the workspace
   * @throws TablecastError CONTRACT_BROKEN, TOPIC_MISSING, TOPIC_COMPACTED, SCHEMA_INCOMPATIBLE, SCHEMA_NOT_REGISTERED, REGISTRY_UNREACHABLE, …
   */
  async addTarget(
    name: string,
    table: string,
    keySchema: KeySchema,
    valueSchema: ValueSchema,
    options: TargetOptions = {},
  ): Promise<Target> {
    const run = this.#usable('add a target');
    if (this.#targets.has(name)) throw stateError('add a target', `there is one named ${name} already`);
    const { context } = run;
    const { ENVIRONMENT: environment, TOPIC_TEMPLATE, TOPIC_PARTITIONS } = context.settings;
    const { zone, sourceSystem } = this.#options;
    const topic = options.topic ?? topicName(TOPIC_TEMPLATE, { environment, zone, sourceSystem, table: name });
    return this.#guarded(run, `preparing ${name}`, { topic }, () =>
      context.journal.time('check', async () => {
        await context.contract?.check(name, valueSchema);
        const partitions = options.partitions ?? TOPIC_PARTITIONS;
        const subjects = options.subjects ?? this.#options.subjects ?? 'TopicNameStrategy';
        const target = await createTarget(run, { name, table, topic, partitions, subjects, keySchema, valueSchema });
        this.#targets.set(name, target);
        const several = subjects === 'TopicNameStrategy' ? '' : `:${valueSchema.fullName}`;
        const recorded = { name: `${topic}${several}`, connection: `kafka://${run.settings.brokers}`, schema: valueSchema };
        this.#recorded.set(target, recorded);
        context.lineage.addTarget(recorded);
        return target;
      }),
    );
  }

  /**
   * Publishes one row. It is encoded at once and sent at the latest by the next awaited call; after some thousand rows await `ready`, which waits for
   * room in the queue.
   * @param keyRow the key's columns, see `createKeyRow`
   * @param row by original column name; the producer fills in change type, time, transaction and source system
   * @param partition default: the key decides, and a TRUNCATE row goes to every partition
   * @throws TablecastError VALUE_INVALID when a value does not fit its type, PARTITION_UNKNOWN
   */
  produceRow(target: Target, keyRow: Row, row: Row, rowType: RowType, partition?: number): void {
    const run = this.#usable('produce a row');
    let key: Buffer;
    let value: Buffer;
    try {
      checkPartition(target, partition);
      key = encodeRow(target.keySchema, target.keySchemaId, keyRow);
      value = encodeRow(target.valueSchema, target.valueSchemaId, { ...row, ...this.#technical(run, rowType) });
    } catch (error) {
      // What is sent already must not be committed without this row.
      this.#failure = TablecastError.from(error);
      throw this.#failure;
    }
    const truncates = rowType === RowType.TRUNCATE;
    if (truncates) this.#truncated.add(target);
    else this.#count(target, 1);
    const partitions =
      partition !== undefined ? [partition] : truncates ? Array.from({ length: target.partitions }, (_, number) => number) : [null];
    for (const number of partitions) this.#offer({ target, partition: number, key, value });
  }

  /** Sends what `produceRow` has not sent yet, waiting for room in the queue. */
  async ready(): Promise<void> {
    const run = this.#usable('produce rows');
    await this.#guarded(run, 'sending rows', {}, () => run.context.journal.time('publish', () => this.#sendWaiting(run)));
  }

  /**
   * Publishes every row of a workspace table; its key is checked before the first is sent.
   * @returns number of rows
   * @throws TablecastError TABLE_UNKNOWN, KEY_NOT_UNIQUE, KEY_NULL, LINEAGE_UNRESOLVED, VALUE_INVALID, EMPTY_TABLE, MESSAGE_TOO_LARGE, PARTITION_UNKNOWN, PRODUCER_FENCED, …
   */
  async produceFromDuckdb(table: string, target: Target, rowType: RowType, options: ProduceOptions = {}): Promise<number> {
    const run = this.#usable('produce a table');
    const { context } = run;
    const { workspace, journal } = context;
    return this.#guarded(run, `publishing ${table}`, { topic: target.topic }, async () => {
      checkPartition(target, options.partition);
      const rows = await journal.time('check', async () => {
        const recorded = this.#recorded.get(target);
        if (recorded) await context.lineage.publishing(recorded, options.lineageOf ?? table);
        const count = await workspace.rowCount(table);
        if (target.keySchema.hasPrimaryKey && (options.uniqueKeys ?? true)) {
          await workspace.checkKey(
            table,
            target.keySchema.fields.map((field) => field.name),
          );
        }
        return count;
      });
      if (rows === 0) {
        if (rowType === RowType.REPLACE && this.#truncated.has(target) && options.allowEmpty !== true)
          throw new TablecastError('EMPTY_TABLE', { table });
        return 0;
      }
      return journal.time('publish', () => this.#sendTable(run, table, target, rowType, options.partition ?? null));
    });
  }

  /**
   * Replaces the table at every consumer: a TRUNCATE row to each partition, then all rows. The usual way to publish a table.
   * @returns number of rows
   * @example await producer.replaceTable('SAMPLE_PLAN', reader.tableSchema);
   */
  async replaceTable(table: string, schema: ValueSchema, options: ReplaceOptions = {}): Promise<number> {
    const keySchema = new KeySchema(schema);
    const target = await this.addTarget(options.name ?? table, table, keySchema, schema, options);
    const truncateRow = createTruncateRow(schema, options.filter);
    this.produceRow(target, createKeyRow(truncateRow, keySchema), truncateRow, RowType.TRUNCATE, options.partition);
    return this.produceFromDuckdb(table, target, RowType.REPLACE, options);
  }

  /**
   * Inserts or updates rows at every consumer: all rows of the workspace table, as UPSERT rows.
   * @returns number of rows
   * @example await producer.upsertTable('RESULT', reader.tableSchema);
   */
  async upsertTable(table: string, schema: ValueSchema, options: PublishOptions = {}): Promise<number> {
    const target = await this.addTarget(options.name ?? table, table, new KeySchema(schema), schema, options);
    return this.produceFromDuckdb(table, target, RowType.UPSERT, options);
  }

  /**
   * Makes everything since the last commit visible, together with its record on the commit topic. Without anything new it returns the last
   * commit's result again, or undefined when there is none.
   * @throws TablecastError the error of an earlier call that was not followed by `abort`; TRANSACTION_TIMEOUT, PRODUCER_FENCED, TRANSACTION_IN_DOUBT, …
   */
  async commit(): Promise<CommitResult | undefined> {
    const run = this.#usable('commit');
    if (this.#transaction === undefined && this.#waiting.length === 0) return this.#commits.at(-1);
    return this.#guarded(run, 'committing', {}, async () => {
      // A row produced now would be committed too, but beside the record.
      this.#committing = true;
      try {
        return await run.context.journal.time('commit', () => this.#commitTransaction(run));
      } finally {
        this.#committing = false;
      }
    });
  }

  /**
   * Drops everything since the last commit. The producer can then be used again, unless Kafka itself failed. Does not fail: what cannot be aborted now, the
   * broker aborts by itself.
   */
  async abort(): Promise<void> {
    await this.#stop();
    if (!this.#broken) this.#failure = undefined;
  }

  /** Aborts what is open and closes all connections. */
  async [Symbol.asyncDispose](): Promise<void> {
    const run = this.#connected;
    if (run === undefined) return;
    await this.#stop();
    this.#connected = undefined;
    try {
      await run.connection[Symbol.asyncDispose]();
    } finally {
      await run.registry[Symbol.asyncDispose]();
    }
  }

  #usable(action: string): Connected {
    if (this.#connected === undefined) throw stateError(action, 'it is not connected');
    if (this.#failure !== undefined) throw this.#failure;
    if (this.#committing) throw stateError(action, 'a commit is under way; await it first');
    return this.#connected;
  }

  /** Id of the transaction under way. A flow that commits in between has several commits, and the rows of each carry its own. */
  #commitId({ context }: Connected): string {
    return this.#commits.length === 0 ? context.id : `${context.id}-${this.#commits.length + 1}`;
  }

  #technical(run: Connected, rowType: RowType): Row {
    return {
      [TECHNICAL_FIELDS.CHANGE_TYPE]: rowType,
      [TECHNICAL_FIELDS.CHANGE_TIME]: run.context.startedAt,
      [TECHNICAL_FIELDS.SOURCE_TRANSACTION]: this.#commitId(run),
      [TECHNICAL_FIELDS.SOURCE_SYSTEM]: this.#options.sourceSystem,
    };
  }

  #count(target: Target, rows: number): void {
    this.#rows.set(target.name, (this.#rows.get(target.name) ?? 0) + rows);
  }

  /** Sends at once when that needs no waiting and no earlier row waits. */
  #offer(message: Message): void {
    if (this.#waiting.length === 0 && this.#transaction?.includes(message.target) === true) {
      try {
        if (this.#transaction.send(message.target.topic, message.partition, message.key, message.value)) return;
      } catch {
        // It fails again, and is explained, when it is sent from the waiting rows.
      }
    }
    this.#waiting.push(message);
  }

  async #sendWaiting(run: Connected): Promise<void> {
    const messages = this.#waiting;
    this.#waiting = [];
    for (const message of messages) await this.#send(run, message);
  }

  async #send(run: Connected, { target, partition, key, value }: Message): Promise<void> {
    const transaction = await this.#including(run, target);
    while (!transaction.send(target.topic, partition, key, value)) {
      await run.connection.ready();
      this.#throwIfStopped(run);
    }
  }

  async #including(run: Connected, target: Target): Promise<KafkaTransaction> {
    this.#transaction ??= await KafkaTransaction.begin(run.connection);
    if (!this.#transaction.includes(target)) await this.#transaction.include(target);
    return this.#transaction;
  }

  async #sendTable(run: Connected, table: string, target: Target, rowType: RowType, partition: number | null): Promise<number> {
    await this.#sendWaiting(run);
    const transaction = await this.#including(run, target);
    const { context, connection } = run;
    const { topic } = target;
    let sent = 0;
    const rows = await context.workspace.encodeRows(
      {
        table,
        keySchema: target.keySchema,
        valueSchema: target.valueSchema,
        keySchemaId: target.keySchemaId,
        valueSchemaId: target.valueSchemaId,
        technical: this.#technical(run, rowType),
      },
      {
        write: (key, value) => {
          if (!transaction.send(topic, partition, key, value)) return false;
          sent++;
          if ((sent & 0x3fff) === 0) {
            this.#throwIfStopped(run);
            context.journal.progress('publish', target.name, sent);
          }
          return true;
        },
        ready: async () => {
          await connection.ready();
          this.#throwIfStopped(run);
        },
      },
    );
    this.#count(target, rows);
    context.journal.progress('publish', target.name, rows);
    return rows;
  }

  async #commitTransaction(run: Connected): Promise<CommitResult | undefined> {
    await this.#sendWaiting(run);
    const transaction = this.#transaction;
    if (transaction === undefined) return undefined;
    const { context, commitTarget } = run;
    const commitId = this.#commitId(run);
    const lineage = await context.journal.time('check', () => lineageMessage(run, this.#technical(run, RowType.UPSERT)));
    if (lineage) while (!run.connection.send(lineage.topic, null, lineage.key, lineage.value)) await run.connection.ready();
    const recordCount = transaction.messages;
    const topics = await transaction.flushed(context.signal);

    const commit: Commit = { commitId, producerName: context.functionName, committedAt: new Date(), recordCount, topics };
    const technical = this.#technical(run, RowType.INSERT);
    const key = encodeRow(commitTarget.keySchema, commitTarget.keySchemaId, commitKeyRow(commit));
    const value = encodeRow(commitTarget.valueSchema, commitTarget.valueSchemaId, { ...commitValueRow(commit), ...technical });
    while (!run.connection.send(commitTarget.topic, 0, key, value)) await run.connection.ready();
    this.#throwIfStopped(run);
    await transaction.commit(commitId);
    if (lineage) context.lineage.markPublished(lineage.text);

    const result: CommitResult = {
      commitId,
      tables: Object.fromEntries(this.#rows),
      rows: [...this.#rows.values()].reduce((sum, rows) => sum + rows, 0),
      messages: recordCount,
      topics: Object.fromEntries(topics.map(({ topic, offsets }) => [topic, Object.fromEntries(offsets)])),
    };
    this.#commits.push(result);
    this.#forget();
    return result;
  }

  /** Ends what is under way, by an error, and aborts. */
  async #stop(): Promise<void> {
    this.#failure ??= stateError('go on', 'it was told to abort');
    await this.#turn;
    await this.#abortTransaction();
  }

  #throwIfStopped({ context: { signal } }: Connected): void {
    if (signal.aborted) throw TablecastError.from(signal.reason);
    if (this.#failure !== undefined) throw this.#failure;
  }

  #forget(): void {
    this.#transaction = undefined;
    this.#waiting = [];
    this.#rows = new Map();
    this.#truncated = new Set();
  }

  async #abortTransaction(): Promise<void> {
    const transaction = this.#transaction;
    this.#forget();
    try {
      await transaction?.abort();
    } catch (error) {
      // Nothing of it becomes visible all the same: the broker ends a transaction that is not committed in time, and so does the flow's next run.
      this.#logger.warn(`The transaction could not be aborted now: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  /** Runs a step when those before it have ended; when it fails, finds out why, aborts, and lets nothing be committed until `abort`. */
  #guarded<T>(run: Connected, action: string, about: { topic?: string }, step: () => Promise<T>): Promise<T> {
    const work = this.#turn.then(async () => {
      try {
        this.#throwIfStopped(run);
        return await step();
      } catch (error) {
        this.#failure = await this.#explain(run, error, action, about.topic);
        await this.#abortTransaction();
        throw this.#failure;
      }
    });
    this.#turn = work.catch(() => undefined);
    return work;
  }

  async #explain(run: Connected, error: unknown, action: string, usedTopic: string | undefined): Promise<TablecastError> {
    const found = await run.connection.reason(error);
    // The client's numbering of messages may be out of step with the broker's after an error of either.
    this.#broken ||= isClientError(found.error) || (found.error instanceof TablecastError && isClientError(found.error.cause));
    const topic = found.topic ?? usedTopic;
    const table = [...this.#targets.values()].find((target) => target.topic === topic)?.name;
    return kafkaError(found.error, {
      ...run.connection.action(action),
      ...(table !== undefined && { table }),
      ...(topic !== undefined && { topic }),
      ...(this.#transaction !== undefined && { openForMs: Date.now() - this.#transaction.startedAt }),
    });
  }
}

function checkPartition({ topic, partitions }: Target, partition: number | undefined): void {
  if (partition === undefined || (Number.isInteger(partition) && partition >= 0 && partition < partitions)) return;
  throw new TablecastError('PARTITION_UNKNOWN', { topic, partition, partitions });
}

function stateError(action: string, reason: string): TablecastError {
  return new TablecastError('PRODUCER_STATE', { action, reason });
}
