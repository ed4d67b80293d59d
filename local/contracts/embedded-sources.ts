import { secretVariable } from '../../src/lib/secrets/environment-secrets';
import { startLakehouse } from '../lakehouse/lakehouse';
import { limsUsers, startLimsServer } from '../oracle/lims';
import { embeddedSecrets, type EmbeddedSource } from '../embedded-secrets';
import { startRestSource } from '../rest/rest-source';

type StartedSource = AsyncDisposable & { readonly credentials: object };

const start: Readonly<Record<EmbeddedSource, () => Promise<StartedSource>>> = {
  oracle: async () => {
    const server = await startLimsServer({ samples: 1, vega: false });
    const { name: user, password } = limsUsers.reader;
    return Object.assign(server, { credentials: { user, password, connectString: server.connectString } });
  },
  rest: () => startRestSource(),
  lakehouse: async () => {
    const lakehouse = await startLakehouse();
    return Object.assign(lakehouse, { credentials: { url: lakehouse.url } });
  },
};

/** Secrets of an environment, with embedded sources behind those that lead to one and that it does not set. */
export class EmbeddedSources implements AsyncDisposable {
  private constructor(
    /** To read secrets from. */
    readonly environment: Readonly<Record<string, string | undefined>>,
    private readonly started: readonly AsyncDisposable[],
  ) {}

  static async start(environment: Readonly<Record<string, string | undefined>>): Promise<EmbeddedSources> {
    const started = new Map<EmbeddedSource, StartedSource>();
    const secrets: Record<string, string> = {};
    try {
      for (const [secret, kind] of Object.entries(embeddedSecrets)) {
        const variable = secretVariable(secret);
        if ((environment[variable] ?? '') !== '') continue;
        const source = started.get(kind) ?? (await start[kind]());
        started.set(kind, source);
        secrets[variable] = JSON.stringify(source.credentials);
      }
      return new EmbeddedSources({ ...environment, ...secrets }, [...started.values()]);
    } catch (error) {
      await closeAll([...started.values()]);
      throw error;
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return closeAll(this.started);
  }
}

async function closeAll(parts: readonly AsyncDisposable[]): Promise<void> {
  for (const part of parts.toReversed()) await part[Symbol.asyncDispose]();
}
