import { z } from 'zod';
import { TablecastError, type SecretStore } from '../lib/index';

const secretSchema = z.strictObject({
  user: z.string().min(1),
  password: z.string().min(1),
  /** `host:1521/service`, a full `(DESCRIPTION=…)`, or a name of tnsnames.ora. */
  connectString: z.string().min(1),
  /** Seconds until the connection must stand. */
  connectTimeout: z.number().int().min(1).max(600).default(30),
  /** Bytes of a network packet, as far as the server agrees. The driver's own 8 KB cost a fifth of the speed. */
  sdu: z.number().int().min(512).max(2_097_152).default(65_535),
  /** For TLS with a wallet: the text of ewallet.pem and its password. */
  walletContent: z.string().optional(),
  walletPassword: z.string().optional(),
});

/** How to log in to Oracle. */
export type OracleConnectionOptions = Readonly<z.infer<typeof secretSchema>>;

/**
 * Where a reader finds its connection: a secret holding a JSON object.
 *
 * | property | meaning |
 * | --- | --- |
 * | `user`, `password` | the login |
 * | `connectString` | `host:1521/service`, or a full `(DESCRIPTION=…)` |
 * | `connectTimeout` | seconds until the connection must stand, default 30 |
 * | `sdu` | bytes of a network packet as far as the server agrees, default 65535 |
 * | `walletContent`, `walletPassword` | for TLS with a wallet: the text of `ewallet.pem` and its password |
 *
 * @example
 * // secret "Labware-Source": {"user": "lims_reader", "password": "…", "connectString": "lims-db:1521/LIMSPRD"}
 * new OracleReader(new OracleConnectionSettings('Labware-Source'), logger);
 */
export class OracleConnectionSettings {
  constructor(readonly secretName: string) {}

  /**
   * Reads the secret anew, so that a changed password counts from the next run on.
   * @throws TablecastError SECRET_MISSING, SECRET_INVALID
   */
  async read(secrets: SecretStore): Promise<OracleConnectionOptions> {
    const text = await secrets.readSecret(this.secretName);
    let json: unknown;
    try {
      json = JSON.parse(text);
    } catch {
      // The parser's own message quotes the text, and with it the password.
      throw new TablecastError('SECRET_INVALID', { name: this.secretName, reason: 'it is not JSON' });
    }
    const result = secretSchema.safeParse(json);
    if (result.success) return result.data;
    const problems = result.error.issues.map((issue) => `${issue.path.join('.') || 'the object'}: ${issue.message}`);
    throw new TablecastError('SECRET_INVALID', { name: this.secretName, reason: problems.join('; ') });
  }
}
