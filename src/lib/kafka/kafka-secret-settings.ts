import type { TokenCredential } from '@azure/identity';
import type { SecretStore } from '../secrets/secret-store';
import { azureTokens, type TokenSource } from './azure-token';
import { parseKafkaSettings, type KafkaSettings } from './kafka-settings';

/**
 * Where the producer finds its connection: a secret holding a JSON object of librdkafka properties and `schema.registry.*` properties.
 * @example
 * // secret "Kafka":
 * // {"bootstrap.servers": "broker:9093", "sasl.username": "app", "sasl.password": "…", "schema.registry.url": "https://registry:8081"}
 * new KafkaProducer({ sourceSystem: 'LABWARE', zone: 'RAW', settings: new KafkaSecretSettings() }, logger);
 */
export class KafkaSecretSettings {
  /** For OAUTHBEARER and for a registry that takes Azure tokens. */
  readonly tokens: TokenSource;

  /**
   * @param secretName name of the secret, default `Kafka`
   * @param credential identity for OAuth tokens, default the app's own
   */
  constructor(
    readonly secretName = 'Kafka',
    credential?: TokenCredential,
  ) {
    this.tokens = azureTokens(credential);
  }

  /**
   * Reads the secret anew, so that a rotated password counts from the next run on.
   * @throws TablecastError SECRET_MISSING, SECRET_INVALID
   */
  async read(secrets: SecretStore): Promise<KafkaSettings> {
    return parseKafkaSettings(this.secretName, await secrets.readSecret(this.secretName));
  }
}
