import { z } from 'zod';
import { TablecastError } from '../errors';
import { registrySettings, type RegistrySettings } from './registry-settings';

/** A librdkafka property by its own name, e.g. `"sasl.username"`. */
export type ClientProperties = Readonly<Record<string, string | number | boolean>>;

/** What the Kafka secret says, checked and completed with defaults. Holds passwords: never log it. */
export interface KafkaSettings {
  /** Name of the secret, for messages. */
  readonly secretName: string;
  /** `bootstrap.servers`, for messages. */
  readonly brokers: string;
  /** Properties for the client, without those that the producer owns. */
  readonly properties: ClientProperties;
  /** Longest time in ms that one transaction may be open. */
  readonly transactionTimeoutMs: number;
  /** Scope of the OAuth token to ask Azure for; not set when the client authenticates otherwise. */
  readonly tokenScope?: string;
  readonly registry: RegistrySettings;
  /** Properties of the secret that have no effect because the producer's guarantees depend on its own values. */
  readonly ignored: readonly string[];
}

/**
 * Properties that the producer sets itself: one transaction per run, in order, nothing lost, nothing twice. `plugin.library.paths` loads native code
 * and is nobody's to set by a secret.
 */
const owned: ReadonlySet<string> = new Set([
  'transactional.id',
  'acks',
  'request.required.acks',
  'enable.idempotence',
  'enable.gapless.guarantee',
  'delivery.report.only.error',
  'dr_cb',
  'dr_msg_cb',
  'event_cb',
  'partitioner',
  'partitioner_cb',
  'oauthbearer_token_refresh_cb',
  'plugin.library.paths',
  'allow.auto.create.topics',
  'topic',
  'partition',
]);

const secretSchema = z
  .object({
    'bootstrap.servers': z.string().min(1),
    'schema.registry.url': z.string().min(1),
    'transaction.timeout.ms': z.coerce.number().int().min(1000).max(2_147_483_647).default(900_000),
    'oauth.scope': z.string().min(1).optional(),
  })
  .catchall(z.union([z.string(), z.number(), z.boolean()]));

/**
 * Reads the Kafka secret: a JSON object of librdkafka properties and `schema.registry.*` properties.
 * What is not said is chosen: TLS for everything that authenticates, lz4, a queue of 64 MB; for Event Hubs (`*.servicebus.windows.net`) OAUTHBEARER with
 * the app's identity, its recommended connection ages, and no compression.
 * @throws TablecastError SECRET_INVALID naming the properties, never their values
 */
export function parseKafkaSettings(secretName: string, text: string): KafkaSettings {
  const secret = checked(secretName, text);
  const { 'bootstrap.servers': brokers, 'transaction.timeout.ms': transactionTimeoutMs, 'oauth.scope': oauthScope, ...others } = secret;
  const entries = Object.entries(others);
  const ignored = entries
    .filter(([name, value]) => owned.has(name) && !(name === 'acks' && ['all', '-1'].includes(String(value))))
    .map(([name]) => name);
  const given = Object.fromEntries(entries.filter(([name]) => !owned.has(name) && !name.startsWith('schema.registry.')));
  const properties: Record<string, string | number | boolean> = {
    ...commonDefaults,
    ...(eventHubs(brokers) ? eventHubsDefaults : {}),
    ...given,
  };
  properties['bootstrap.servers'] = brokers;

  // Both spellings are librdkafka's; one remains, so that the checks below and the client agree.
  const mechanism = properties['sasl.mechanisms'] ?? properties['sasl.mechanism'] ?? chosenMechanism(brokers, properties);
  delete properties['sasl.mechanism'];
  if (mechanism !== undefined) {
    properties['sasl.mechanisms'] = mechanism;
    properties['security.protocol'] ??= 'SASL_SSL';
  }
  const asksAzure = mechanism === 'OAUTHBEARER' && properties['sasl.oauthbearer.method'] !== 'oidc';
  const tokenScope = asksAzure ? (oauthScope ?? eventHubsScope(brokers)) : undefined;
  if (asksAzure && tokenScope === undefined) {
    throw new TablecastError('SECRET_INVALID', { name: secretName, reason: 'OAUTHBEARER needs "oauth.scope", the scope of the token' });
  }
  return {
    secretName,
    brokers,
    properties,
    transactionTimeoutMs,
    ...(tokenScope === undefined ? {} : { tokenScope }),
    registry: registrySettings(secretName, secret),
    ignored,
  };
}

const commonDefaults: ClientProperties = {
  'client.id': 'tablecast',
  'compression.type': 'lz4',
  'linger.ms': 5,
  // The queue is native memory beside the workspace's; a fast source would otherwise fill a gigabyte.
  'queue.buffering.max.kbytes': 65_536,
  'queue.buffering.max.messages': 250_000,
  // How long a message may wait for its broker before the run gives up.
  'message.timeout.ms': 120_000,
  'socket.keepalive.enable': true,
};

/** https://learn.microsoft.com/azure/event-hubs/apache-kafka-configurations; the service drops idle connections after 240 s and reads gzip or nothing. */
const eventHubsDefaults: ClientProperties = {
  'security.protocol': 'SASL_SSL',
  'metadata.max.age.ms': 180_000,
  'connections.max.idle.ms': 180_000,
  'compression.type': 'none',
};

function eventHubs(brokers: string): boolean {
  return eventHubsScope(brokers) !== undefined;
}

function eventHubsScope(brokers: string): string | undefined {
  const host =
    /^\s*(?:[A-Za-z_]+:\/\/)?([A-Za-z0-9.-]+\.servicebus\.(?:windows\.net|chinacloudapi\.cn|usgovcloudapi\.net))(?::\d+)?\s*(?:,|$)/.exec(
      brokers,
    )?.[1];
  return host === undefined ? undefined : `https://${host}/.default`;
}

function chosenMechanism(brokers: string, properties: ClientProperties): string | undefined {
  if (properties['sasl.username'] !== undefined) return 'PLAIN';
  return eventHubs(brokers) ? 'OAUTHBEARER' : undefined;
}

function checked(secretName: string, text: string): z.infer<typeof secretSchema> {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    // The parser's message quotes the text, which holds passwords.
    throw new TablecastError('SECRET_INVALID', { name: secretName, reason: 'it is not JSON' });
  }
  const result = secretSchema.safeParse(json);
  if (result.success) return result.data;
  const reason = result.error.issues.map((issue) => `${issue.path.join('.') || 'the secret'}: ${issue.message}`).join('; ');
  throw new TablecastError('SECRET_INVALID', { name: secretName, reason });
}
