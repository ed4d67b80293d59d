import { setTimeout as delay } from 'node:timers/promises';
import {
  AdminClient,
  CODES,
  IsolationLevel,
  OffsetSpec,
  Producer,
  type IAdminClient,
  type LibrdKafkaError,
  type ListOffsetsResult,
  type TopicPartitionOffsetSpec,
} from '@confluentinc/kafka-javascript';
import { TablecastError } from '../errors';
import type { Logger } from '../logger';
import type { TokenSource } from './azure-token';
import { clientCode, isClientError, isPassing, kafkaError, type KafkaAction } from './kafka-error';
import type { KafkaSettings } from './kafka-settings';
import { settled } from './settled';

const codes = CODES.ERRORS;

export interface ConnectionOptions {
  readonly settings: KafkaSettings;
  readonly tokens: TokenSource;
  readonly transactionalId: string;
  /** How long to look for a broker that answers, in ms. */
  readonly connectTimeoutMs: number;
  readonly logger: Logger;
}

/**
 * One client of the Kafka cluster: a transactional producer and, on the same connections, the admin calls. The native module loads on the main thread
 * only. Its own errors become entries of the error table.
 */
export class KafkaConnection implements AsyncDisposable {
  readonly admin: IAdminClient;
  readonly #producer: Producer;
  readonly #options: ConnectionOptions;
  /** The first message that the broker did not take; the transaction can then only be aborted. */
  #rejected: { readonly error: LibrdKafkaError; readonly topic: string } | undefined;
  /** What the client said when it took a message no more, and what was thrown for it. */
  #refusal: { readonly error: unknown; readonly topic: string; readonly thrown: TablecastError } | undefined;

  private constructor(producer: Producer, options: ConnectionOptions) {
    this.#producer = producer;
    this.#options = options;
    this.admin = AdminClient.createFrom(producer);
    producer.on('delivery-report', (error: LibrdKafkaError | null, report) => {
      // Dropped messages are a consequence, of an abort or of an error that the next call reports.
      if (error === null || error.code === codes.ERR__PURGE_QUEUE || error.code === codes.ERR__PURGE_INFLIGHT) return;
      this.#rejected ??= { error, topic: report.topic };
    });
  }

  /**
   * Connects and ends what an earlier producer of the same transactional id left open.
   * @throws TablecastError KAFKA_UNREACHABLE, KAFKA_AUTHENTICATION, KAFKA_TLS, KAFKA_FORBIDDEN, TOKEN_REFUSED, TRANSACTION_TIMEOUT_REFUSED, SECRET_INVALID
   */
  static async open(options: ConnectionOptions): Promise<KafkaConnection> {
    const { settings, tokens, connectTimeoutMs } = options;
    // The client would only say that it cannot connect; asked first, a refused token is an error of its own and the client finds it in the cache.
    if (settings.tokenScope !== undefined) await tokens(settings.tokenScope);
    // The client cannot be told to stop waiting for a broker, so it waits in two parts: refused credentials end the first.
    const first = await attempt(options, connectTimeoutMs / 2);
    const outcome = first instanceof Producer || first.kind !== 'silence' ? first : await attempt(options, connectTimeoutMs / 2);
    if (!(outcome instanceof Producer)) throw connectError(outcome, options);

    const connection = new KafkaConnection(outcome, options);
    try {
      await connection.#call('starting transactions', (done) => {
        outcome.initTransactions(transactionCallMs, done);
      });
    } catch (error) {
      await connection[Symbol.asyncDispose]();
      throw error;
    }
    return connection;
  }

  /**
   * Queues a message; the buffers are copied. Without a partition the key decides (murmur2, as Java clients do).
   * @returns false when the queue is full: then await `ready` and offer the same message again
   * @throws TablecastError when the message can never be sent, or the transaction cannot go on; `reason` explains it
   */
  send(topic: string, partition: number | null, key: Buffer, value: Buffer): boolean {
    this.#throwIfRejected();
    try {
      this.#producer.produce(topic, partition, value, key);
      return true;
    } catch (error) {
      if ((error as LibrdKafkaError).code === codes.ERR__QUEUE_FULL) return false;
      const thrown = kafkaError(error, { ...this.action(`sending to ${topic}`), topic });
      this.#refusal = { error, topic, thrown };
      throw thrown;
    }
  }

  /** Waits a moment for room in the queue; meanwhile the client's own thread sends. @throws as `send` */
  async ready(): Promise<void> {
    await delay(1);
    this.#throwIfRejected();
  }

  begin(): Promise<void> {
    this.#rejected = undefined;
    return this.#call('beginning a transaction', (done) => {
      this.#producer.beginTransaction(done);
    });
  }

  /** Waits until the broker has every queued message. @throws TablecastError for the first message that it did not take */
  async flush(signal: AbortSignal): Promise<void> {
    for (;;) {
      this.#throwIfRejected();
      if (signal.aborted) throw TablecastError.from(signal.reason);
      try {
        await settled((done) => this.#producer.flush(flushCallMs, done));
        break;
      } catch (error) {
        // Ends by itself: a message that no broker takes is given up after message.timeout.ms.
        if ((error as LibrdKafkaError).code !== codes.ERR__TIMED_OUT) throw error;
      }
    }
    // Reports travel by the event loop and may come after the flush.
    await delay(0);
    this.#throwIfRejected();
  }

  /**
   * Commits. @throws LibrdKafkaError; `isRetriable` when the outcome is not known within the time
   * @param timeoutMs how long to ask again
   */
  async commit(timeoutMs: number): Promise<void> {
    const deadline = Date.now() + timeoutMs;
    for (;;) {
      try {
        await settled((done) => {
          this.#producer.commitTransaction(Math.max(1, deadline - Date.now()), done);
        });
        return;
      } catch (error) {
        if ((error as LibrdKafkaError).isRetriable !== true || Date.now() >= deadline) throw error;
      }
    }
  }

  /** Aborts; messages still in the queue are dropped. @throws LibrdKafkaError */
  abort(timeoutMs: number): Promise<void> {
    return settled((done) => {
      this.#producer.abortTransaction(timeoutMs, done);
    });
  }

  /** Why a step failed. @param error what the step threw */
  async reason(error: unknown): Promise<{ error: unknown; topic?: string }> {
    // A commit may fail because of a message whose own report, which names the topic, is still on its way.
    for (let tries = 0; this.#rejected === undefined && isClientError(error) && tries < reportTries; tries++) await delay(reportPauseMs);
    if (this.#rejected !== undefined) return this.#rejected;
    const refusal = this.#refusal;
    if (refusal === undefined || error !== refusal.thrown) return { error };
    const code = clientCode(refusal.error);
    if (code !== codes.ERR__STATE && code !== codes.ERR__FATAL) return refusal;
    // A transaction that cannot go on takes no messages, and says why only to a commit: in this state one fails at once and never commits.
    try {
      await this.commit(1);
      return refusal;
    } catch (cause) {
      return { error: cause };
    }
  }

  /**
   * The next free offset of each partition as the broker sees it, open transactions included. (The producer's own watermark query answers the last stable
   * offset, which an open transaction holds back.)
   */
  async endOffsets(topics: readonly { readonly topic: string; readonly partitions: number }[]): Promise<Map<string, number[]>> {
    const ends = new Map(topics.map(({ topic, partitions }) => [topic, new Array<number>(partitions).fill(0)]));
    let asked = topics.flatMap(({ topic, partitions }) =>
      Array.from({ length: partitions }, (_, partition) => ({ topic, partition, offset: OffsetSpec.LATEST })),
    );
    const deadline = Date.now() + adminCallMs;
    while (asked.length > 0) {
      const request = asked;
      const answers = await this.#listOffsets(request);
      asked = [];
      for (const { topic, partition, offset, error } of answers) {
        if (error === undefined) ends.get(topic)![partition] = offset;
        else if (isPassing(error.code) && Date.now() < deadline) asked.push({ topic, partition, offset: OffsetSpec.LATEST });
        else throw kafkaError(error, this.action(`asking for the offsets of ${topic}`));
      }
      if (asked.length > 0) await delay(leaderPauseMs);
    }
    return ends;
  }

  async #listOffsets(
    request: TopicPartitionOffsetSpec[],
  ): Promise<readonly Pick<ListOffsetsResult, 'topic' | 'partition' | 'offset' | 'error'>[]> {
    try {
      return await settled<ListOffsetsResult[]>((done) => {
        this.admin.listOffsets(request, { timeout: adminCallMs, isolationLevel: IsolationLevel.READ_UNCOMMITTED }, done);
      });
    } catch (error) {
      // The whole call fails when the client finds no leader to ask.
      return request.map(({ topic, partition }) => ({ topic, partition, offset: -1, error: error as LibrdKafkaError }));
    }
  }

  /** Details for an error of the client. */
  action(action: string): KafkaAction {
    return { action, settings: this.#options.settings, transactionalId: this.#options.transactionalId };
  }

  /** Ends the connection; what is still queued is dropped. */
  async [Symbol.asyncDispose](): Promise<void> {
    await close(this.#producer);
  }

  #throwIfRejected(): void {
    if (this.#rejected === undefined) return;
    const { error, topic } = this.#rejected;
    throw kafkaError(error, { ...this.action(`sending to ${topic}`), topic });
  }

  async #call(action: string, work: (done: (error: LibrdKafkaError | null | undefined) => void) => void): Promise<void> {
    try {
      await settled(work);
    } catch (error) {
      throw kafkaError(error, this.action(action));
    }
  }
}

/** For one call that starts transactions: an earlier run's open transaction is aborted meanwhile. */
const transactionCallMs = 30_000;
const adminCallMs = 15_000;
const flushCallMs = 1_000;
const leaderPauseMs = 20;
const reportPauseMs = 5;
const reportTries = 40;

/** Why no broker was found. */
interface Refusal {
  readonly kind: 'authentication' | 'tls' | 'silence';
  /** The client's own words. */
  readonly reason: string;
}

/** One try to find a broker. @throws TablecastError SECRET_INVALID for properties that the client does not take */
async function attempt(options: ConnectionOptions, timeoutMs: number): Promise<Producer | Refusal> {
  const producer = createProducer(options);
  // The client reports connection errors as events, by text alone: a general one, and its log has the particulars.
  let kind: Refusal['kind'] = 'silence';
  let particulars: string | undefined;
  producer.on('event.error', ({ message }) => {
    if (/authentication failure/i.test(message)) kind = 'authentication';
    else if (/ssl error/i.test(message)) kind = 'tls';
  });
  producer.on('event.log', ({ fac, message }: { fac: string; message: string }) => {
    if (fac !== 'FAIL') return;
    particulars = message.replace(/^\[thrd:[^\]]*\]: /, '');
    // To a server that speaks no TLS it is just a connection that was closed.
    if (/ssl handshake failed/i.test(message)) kind = 'tls';
  });
  // Error events arrive only while somebody polls, and the client can be polled only after its first step.
  const polling = setInterval(() => {
    if (!producer.isConnected()) return;
    producer.setPollInBackground(true);
    clearInterval(polling);
  }, 5);
  try {
    await settled((done) => producer.connect({ timeout: timeoutMs }, done));
    producer.setPollInBackground(true);
    return producer;
  } catch (error) {
    const { code, message } = error as LibrdKafkaError;
    if (code === codes.ERR__STATE || code === codes.ERR__INVALID_ARG) {
      // The client was not even made, e.g. because a certificate cannot be read.
      throw new TablecastError('SECRET_INVALID', { name: options.settings.secretName, reason: message }, { cause: error });
    }
    return { kind, reason: particulars ?? message };
  } finally {
    clearInterval(polling);
  }
}

function createProducer({ settings, tokens, transactionalId, logger }: ConnectionOptions): Producer {
  const { tokenScope } = settings;
  let producer: Producer;
  try {
    producer = new Producer({
      ...settings.properties,
      'transactional.id': transactionalId,
      'transaction.timeout.ms': settings.transactionTimeoutMs,
      'message.timeout.ms': Math.min(Number(settings.properties['message.timeout.ms']), settings.transactionTimeoutMs),
      'enable.idempotence': true,
      acks: -1,
      partitioner: 'murmur2_random',
      'delivery.report.only.error': true,
      dr_cb: true,
      ...(tokenScope === undefined ? {} : { oauthbearer_token_refresh_cb: () => tokens(tokenScope) }),
    });
  } catch (cause) {
    // The client's message may quote the value, so neither it nor its error goes any further.
    const property = /configuration property:? "([^"]+)"/.exec(String(cause))?.[1] ?? 'a property';
    throw new TablecastError('SECRET_INVALID', {
      name: settings.secretName,
      reason: `the Kafka client does not take "${property}" or its value`,
    });
  }
  producer.on('event.log', ({ message }: { message: string }) => {
    logger.debug(`Kafka client: ${message}`);
  });
  // A token that could not be renewed; the client then reports its connections as refused.
  producer.addListener('error', (error: Error) => {
    logger.warn(`Kafka client: ${error.message}`);
  });
  return producer;
}

function connectError({ kind, reason }: Refusal, { settings, connectTimeoutMs }: ConnectionOptions): TablecastError {
  const details = { brokers: settings.brokers, secret: settings.secretName, reason };
  if (kind === 'authentication') return new TablecastError('KAFKA_AUTHENTICATION', details);
  if (kind === 'tls') return new TablecastError('KAFKA_TLS', details);
  return new TablecastError('KAFKA_UNREACHABLE', { ...details, seconds: connectTimeoutMs / 1000 });
}

function close(producer: Producer): Promise<void> {
  if (!producer.isConnected()) return Promise.resolve();
  return settled((done) => {
    producer.disconnect(100, done);
  });
}
