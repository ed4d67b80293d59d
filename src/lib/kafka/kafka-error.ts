import { CODES, type LibrdKafkaError } from '@confluentinc/kafka-javascript';
import { TablecastError } from '../errors';
import type { KafkaSettings } from './kafka-settings';

const codes = CODES.ERRORS;

/** What was being done when the client or the broker reported an error. */
export interface KafkaAction {
  /** For messages, e.g. `creating the topic dev.RAW.LABWARE.SAMPLE_PLAN`. */
  readonly action: string;
  readonly settings: KafkaSettings;
  readonly transactionalId: string;
  readonly topic?: string;
  readonly table?: string;
  /** How long the transaction has been open, in ms; not set when none is. */
  readonly openForMs?: number;
}

const unreachable: ReadonlySet<number> = new Set([
  codes.ERR__TRANSPORT,
  codes.ERR__RESOLVE,
  codes.ERR__ALL_BROKERS_DOWN,
  codes.ERR__TIMED_OUT,
  codes.ERR__TIMED_OUT_QUEUE,
  codes.ERR__MSG_TIMED_OUT,
  codes.ERR_REQUEST_TIMED_OUT,
]);
const authentication: ReadonlySet<number> = new Set([
  codes.ERR__AUTHENTICATION,
  codes.ERR_SASL_AUTHENTICATION_FAILED,
  codes.ERR_UNSUPPORTED_SASL_MECHANISM,
]);
const forbidden: ReadonlySet<number> = new Set([
  codes.ERR_TOPIC_AUTHORIZATION_FAILED,
  codes.ERR_CLUSTER_AUTHORIZATION_FAILED,
  codes.ERR_TRANSACTIONAL_ID_AUTHORIZATION_FAILED,
]);
const fenced: ReadonlySet<number> = new Set([codes.ERR__FENCED, codes.ERR_INVALID_PRODUCER_EPOCH, codes.ERR_PRODUCER_FENCED]);

const passing: ReadonlySet<number> = new Set([
  codes.ERR_UNKNOWN_TOPIC_OR_PART,
  codes.ERR_LEADER_NOT_AVAILABLE,
  codes.ERR_NOT_LEADER_FOR_PARTITION,
  codes.ERR_FENCED_LEADER_EPOCH,
  codes.ERR_UNKNOWN_LEADER_EPOCH,
  codes.ERR_OFFSET_NOT_AVAILABLE,
  codes.ERR__UNKNOWN_PARTITION,
  codes.ERR__UNKNOWN_TOPIC,
]);

/** Whether the brokers only do not agree yet on a partition's leader, as just after its topic was created and while one restarts: ask again. */
export function isPassing(code: number): boolean {
  return passing.has(code);
}

/** The entry of the error table for an error of the client; an error that is one already stays as it is. */
export function kafkaError(error: unknown, doing: KafkaAction): TablecastError {
  if (error instanceof TablecastError) return error;
  if (!isClientError(error)) return TablecastError.from(error);
  const { code } = error;
  const reason = error.message;
  const { settings, transactionalId, action } = doing;
  const secret = settings.secretName;
  const options = { cause: error };

  if (code === codes.ERR_MSG_SIZE_TOO_LARGE) {
    return new TablecastError(
      'MESSAGE_TOO_LARGE',
      { table: doing.table ?? 'a table', topic: doing.topic ?? 'a topic', reason, secret },
      options,
    );
  }
  if (code === codes.ERR_INVALID_TRANSACTION_TIMEOUT) {
    return new TablecastError('TRANSACTION_TIMEOUT_REFUSED', { limit: settings.transactionTimeoutMs / 1000, secret }, options);
  }
  if (authentication.has(code)) return new TablecastError('KAFKA_AUTHENTICATION', { brokers: settings.brokers, secret, reason }, options);
  if (code === codes.ERR__SSL) return new TablecastError('KAFKA_TLS', { brokers: settings.brokers, secret, reason }, options);
  if (forbidden.has(code)) return new TablecastError('KAFKA_FORBIDDEN', { action, reason }, options);
  const openForMs = doing.openForMs ?? 0;
  if (openForMs >= settings.transactionTimeoutMs) {
    // The broker aborts such a transaction; what the client meets then differs, most often it looks displaced by another producer.
    const details = { seconds: Math.round(openForMs / 1000), limit: settings.transactionTimeoutMs / 1000, secret };
    return new TablecastError('TRANSACTION_TIMEOUT', details, options);
  }
  if (fenced.has(code)) return new TablecastError('PRODUCER_FENCED', { transactionalId }, options);
  return new TablecastError('KAFKA_FAILED', { action, reason: unreachable.has(code) ? `no answer (${reason})` : reason }, options);
}

/** The client's errors are no instances of a class that it exports. */
export function isClientError(error: unknown): error is LibrdKafkaError {
  return typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'number' && 'message' in error;
}

/** The code of an error of the client, or undefined for anything else. */
export function clientCode(error: unknown): number | undefined {
  return isClientError(error) ? error.code : undefined;
}
