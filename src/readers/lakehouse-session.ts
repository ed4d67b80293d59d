import { quoteIdentifier, quoteLiteral, TablecastError, type RunContext, type TokenSource } from '../lib/index';
import type { LakehouseConnectionOptions, LakehouseConnectionSettings } from './lakehouse-connection-settings';
import { asLakehouseError } from './lakehouse-error';
import { lakehouseFolder, tablePath, type LakehouseFolder } from './lakehouse-location';
import { LakehouseLog } from './lakehouse-log';

/** Storage in Azure, OneLake included, takes tokens for this. */
const STORAGE_SCOPE = 'https://storage.azure.com/.default';

/** A token that ends within this time, in milliseconds, is exchanged before the next statement. */
const TOKEN_MARGIN = 5 * 60_000;

/** A run's way into a lakehouse: the extensions are loaded, DuckDB has the credentials, and each table's log is listed once. */
export class LakehouseSession {
  readonly #logs = new Map<string, LakehouseLog>();
  #tokenEnds = 0;

  private constructor(
    readonly secretName: string,
    private readonly context: RunContext,
    private readonly options: LakehouseConnectionOptions,
    private readonly folder: LakehouseFolder,
    private readonly tokens: TokenSource,
  ) {}

  /** @throws TablecastError SECRET_MISSING, SECRET_INVALID, EXTENSION_MISSING, TOKEN_REFUSED */
  static async open(settings: LakehouseConnectionSettings, context: RunContext, tokens: TokenSource): Promise<LakehouseSession> {
    const options = await settings.read(context.secrets);
    const session = new LakehouseSession(settings.secretName, context, options, lakehouseFolder(settings.secretName, options), tokens);
    await session.#loadExtensions();
    await session.#authorize();
    return session;
  }

  /**
   * The log of a table, as it was when it was first looked at in this run: so all of a run sees one version.
   * @throws TablecastError LAKEHOUSE_LOCATION_INVALID
   */
  log(location: string): LakehouseLog {
    const path = tablePath(this.folder, location);
    let log = this.#logs.get(path);
    if (log === undefined) this.#logs.set(path, (log = new LakehouseLog(this.context.workspace, path)));
    return log;
  }

  /** URI of the lakehouse's folder. */
  get uri(): string {
    return this.folder.remote ? this.folder.url : `file://${this.folder.url}`;
  }

  /**
   * Does what reads the lakehouse, with credentials that still hold.
   * @param action for the message of an error, e.g. `read WEATHER`
   * @throws TablecastError LAKEHOUSE_UNREACHABLE, LAKEHOUSE_FORBIDDEN, LAKEHOUSE_TABLE_UNKNOWN, LAKEHOUSE_VERSION_GONE, LAKEHOUSE_UNSUPPORTED, LAKEHOUSE_FAILED
   */
  async read<T>(action: string, path: string, version: number | undefined, work: () => Promise<T>): Promise<T> {
    this.context.signal.throwIfAborted();
    await this.#authorize();
    try {
      return await work();
    } catch (error) {
      throw asLakehouseError(error, { action, path, version, secret: this.secretName });
    }
  }

  async #loadExtensions(): Promise<void> {
    const { workspace } = this.context;
    const extensions = this.folder.remote ? ['delta', 'azure'] : ['delta'];
    for (const extension of extensions) {
      await this.#load(extension);
    }
    // The default transport looks for the certificates of the machine on which the extension was built.
    if (this.folder.remote && process.platform === 'linux') await workspace.run("SET GLOBAL azure_transport_option_type = 'curl'");
  }

  async #load(extension: string): Promise<void> {
    try {
      await this.context.workspace.run(`LOAD ${extension}`);
    } catch (error) {
      this.context.signal.throwIfAborted();
      const { reason } = TablecastError.from(error).details;
      throw new TablecastError('EXTENSION_MISSING', { extension, reason: String(reason) }, { cause: error });
    }
  }

  async #authorize(): Promise<void> {
    if (!this.folder.remote || this.#tokenEnds > Date.now() + TOKEN_MARGIN) return;
    const { connectionString } = this.options;
    const { account, url } = this.folder;
    const parts = ['TYPE azure'];
    let ends = Infinity;
    if (connectionString !== undefined) {
      parts.push(`CONNECTION_STRING ${quoteLiteral(connectionString)}`);
    } else {
      const token = await this.tokens(STORAGE_SCOPE);
      parts.push('PROVIDER access_token', `ACCESS_TOKEN ${quoteLiteral(token.tokenValue)}`, `ACCOUNT_NAME ${quoteLiteral(account ?? '')}`);
      ends = token.lifetime;
    }
    parts.push(`SCOPE ${quoteLiteral(`${url}/`)}`);
    try {
      await this.context.workspace.run(`CREATE OR REPLACE SECRET ${quoteIdentifier(`lakehouse ${this.secretName}`)} (${parts.join(', ')})`);
    } catch {
      this.context.signal.throwIfAborted();
      // The error quotes the statement, and with it the credentials: it must not become anybody's cause.
      throw new TablecastError('LAKEHOUSE_FAILED', { action: `take the credentials for ${url}`, reason: 'DuckDB did not accept them' });
    }
    this.#tokenEnds = ends;
  }
}
