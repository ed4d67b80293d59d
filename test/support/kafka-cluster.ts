import { KafkaJS } from '@confluentinc/kafka-javascript';
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

/** Addresses of the real broker and registry that all tests of a jest run share. */
export interface KafkaCluster {
  /** Listener without authentication, `host:port`. */
  readonly bootstrap: string;
  /** Listener that wants SASL/PLAIN over plain TCP (`security.protocol=SASL_PLAINTEXT`). */
  readonly sasl: { readonly bootstrap: string; readonly username: string; readonly password: string };
  /** Address of the schema registry, default compatibility BACKWARD, e.g. `http://127.0.0.1:8081`. */
  readonly registry: string;
}

const servicesScript = path.resolve(__dirname, '..', '..', 'scripts', 'parts', 'services.mjs');

/**
 * The broker and registry of this jest run. The first test that asks starts them (a few seconds); global teardown stops them.
 * A cluster that runs already can be named by TABLECAST_TEST_SERVICES, the line of JSON that `node scripts/parts/services.mjs` prints.
 * @throws Error with the end of the log when they do not start
 */
export async function kafkaCluster(): Promise<KafkaCluster> {
  const running = process.env.TABLECAST_TEST_SERVICES;
  if (running !== undefined && running !== '') return JSON.parse(running) as KafkaCluster;
  const folder = process.env.TABLECAST_TEST_FOLDER;
  if (folder === undefined) throw new Error('The tests run under jest with the project’s configuration (its global setup).');
  if (isFirst(folder)) start(folder);
  for (;;) {
    const failure = read(path.join(folder, 'failed.txt'));
    if (failure !== null) throw new Error(`The test broker did not start: ${failure}`);
    const services = read(path.join(folder, 'services.json'));
    if (services !== null) return JSON.parse(services) as KafkaCluster;
    await delay(25);
  }
}

let counter = 0;

/** A name that no other test of this run uses, e.g. for a topic: tests share the broker. */
export function uniqueName(prefix: string): string {
  counter += 1;
  return `${prefix}-${String(process.pid)}-${Date.now().toString(36)}-${String(counter)}`;
}

/** Exactly one caller of all workers is told to start the services. */
function isFirst(folder: string): boolean {
  try {
    mkdirSync(path.join(folder, 'starting'));
    return true;
  } catch {
    return false;
  }
}

function start(folder: string): void {
  const owner = process.env.TABLECAST_TEST_OWNER ?? String(process.pid);
  const child = spawn(process.execPath, [servicesScript, '--folder', folder, '--watch', owner], { detached: true, stdio: 'ignore' });
  child.unref();
  writeFileSync(path.join(folder, 'services.pid'), String(child.pid));
}

function read(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return null;
  }
}

/** Makes a topic on a real broker. */
export async function createTopic(bootstrap: string, topic: string, partitions = 1): Promise<void> {
  const admin = new KafkaJS.Kafka({ 'bootstrap.servers': bootstrap, log_level: 0 }).admin();
  await admin.connect();
  try {
    await admin.createTopics({ topics: [{ topic, numPartitions: partitions, replicationFactor: 1 }] });
  } finally {
    await admin.disconnect();
  }
}
