import type { KafkaProducer } from '../kafka/kafka-producer';

/** The part of the producer that the order of a run depends on; the rest is between the producer and the runner. */
export type RunProducer = Pick<KafkaProducer, 'connect' | 'commit' | 'commits' | 'abort'> & AsyncDisposable;
