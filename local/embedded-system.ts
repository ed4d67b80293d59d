import { randomBytes } from 'node:crypto';
import { secretVariable } from '../src/lib/secrets/environment-secrets';
import { settingsSchema } from '../src/lib/settings';
import { startKafkaBroker, type LocalKafkaBroker } from './broker/kafka-broker';
import { embeddedSecrets, type EmbeddedSource } from './embedded-secrets';
import { FunctionsHost } from './functions-host/functions-host';
import type { HostLog } from './functions-host/host-log';
import { startLakehouse, type LocalLakehouse } from './lakehouse/lakehouse';
import { loadApp, projectFolder } from './load-app';
import { limsUsers, startLimsServer } from './oracle/lims';
import type { OracleServer } from './oracle/server';
import { startSchemaRegistry, type LocalSchemaRegistry } from './registry/schema-registry-server';
import { startRestSource, type RestSource } from './rest/rest-source';
import { startStorage, type LocalAccount } from './storage/azurite';

export interface EmbeddedSystemOptions {
  /** Port of the Functions host; 0 takes a free one. */
  readonly port: number;
  /** Samples in the LIMS; each has five results. */
  readonly samples: number;
  readonly log: HostLog;
  /** Further app settings, e.g. a timer's schedule. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Loads the functions. Default: those of the built app. A test that has imported some passes a function that does nothing. */
  readonly load?: () => unknown;
}

/** Everything that the flows need, in this process on loopback ports: sources, broker, registry, storage, and the Functions host with the built app. */
export class EmbeddedSystem implements AsyncDisposable {
  private constructor(
    readonly oracle: OracleServer,
    readonly rest: RestSource,
    readonly lakehouse: LocalLakehouse,
    readonly broker: LocalKafkaBroker,
    readonly registry: LocalSchemaRegistry,
    readonly storage: LocalAccount,
    readonly host: FunctionsHost,
    /** Opens all functions: for the header `x-functions-key`. */
    readonly key: string,
    private readonly parts: readonly AsyncDisposable[],
  ) {}

  private closing: Promise<void> | undefined;

  static async start({ port, samples, log, settings, load = loadApp }: EmbeddedSystemOptions): Promise<EmbeddedSystem> {
    const parts: AsyncDisposable[] = [];
    const use = <T extends AsyncDisposable>(part: T): T => {
      parts.push(part);
      return part;
    };
    try {
      const oracle = use(await startLimsServer({ samples }));
      const rest = use(await startRestSource());
      const lakehouse = use(await startLakehouse());
      const broker = use(await startKafkaBroker());
      const registry = use(await startSchemaRegistry());
      const storage = use(await startStorage());
      const key = randomBytes(16).toString('hex');
      const { name: user, password } = limsUsers.reader;
      const host = use(
        await FunctionsHost.start({
          ...(load === loadApp && { folder: projectFolder }),
          load,
          port,
          log,
          keys: { master: randomBytes(16).toString('hex'), host: key },
          readLocalSettings: false,
          settings: {
            ...noSettings(),
            ENVIRONMENT: 'demo',
            STATE_STORAGE: storage.connectionString,
            ...sourceSecrets({
              oracle: { user, password, connectString: oracle.connectString },
              rest: rest.credentials,
              lakehouse: { url: lakehouse.url },
            }),
            SECRET_KAFKA: JSON.stringify({ 'bootstrap.servers': broker.bootstrap, 'schema.registry.url': registry.url }),
            ...settings,
          },
        }),
      );
      return new EmbeddedSystem(oracle, rest, lakehouse, broker, registry, storage, host, key, parts);
    } catch (error) {
      await closeAll(parts);
      throw error;
    }
  }

  /** Stops the host first, then what its runs use. */
  [Symbol.asyncDispose](): Promise<void> {
    this.closing ??= closeAll(this.parts);
    return this.closing;
  }
}

async function closeAll(parts: readonly AsyncDisposable[]): Promise<void> {
  for (const part of parts.toReversed()) await part[Symbol.asyncDispose]();
}

/** What this machine's environment may set for a real system is not for this one: an empty setting counts as not set. */
function noSettings(): Record<string, string> {
  const schedules = Object.keys(process.env).filter((name) => name.endsWith('_SCHEDULE'));
  return Object.fromEntries([...Object.keys(settingsSchema.shape), ...schedules].map((name) => [name, '']));
}

function sourceSecrets(credentials: Readonly<Record<EmbeddedSource, object>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(embeddedSecrets).map(([secret, source]) => [secretVariable(secret), JSON.stringify(credentials[source])]),
  );
}
