import { z } from 'zod';
import { TablecastError, type SecretStore } from '../lib/index';

const secretSchema = z.strictObject({
  /** Folder below which the tables are. */
  url: z
    .string()
    .min(1)
    .refine((url) => !/[?#]/.test(url), 'it must have neither ? nor #'),
  /** For accounts with keys, and for the storage emulator: used instead of the app's identity. */
  connectionString: z
    .string()
    .refine(
      (text) => !/SharedAccessSignature=/i.test(text),
      'a shared access signature would show up in addresses; use AccountKey, or the identity of the app',
    )
    .refine((text) => /(^|;)AccountName=[^;]/i.test(text), 'it has no AccountName')
    .optional(),
  /** Name of the storage account, where `url` does not have it. */
  account: z
    .string()
    .regex(/^[a-z0-9-]+$/)
    .optional(),
});

/** Where a lakehouse is, and how to get in. */
export type LakehouseConnectionOptions = Readonly<z.infer<typeof secretSchema>>;

/**
 * Where a reader finds its lakehouse: a secret holding a JSON object.
 *
 * | property | meaning |
 * | --- | --- |
 * | `url` | folder below which the tables are: `abfss://<workspace>@onelake.dfs.fabric.microsoft.com/<lakehouse>.Lakehouse/Tables`, `abfss://<container>@<account>.dfs.core.windows.net/<folder>`, `az://<container>/<folder>`, or a local folder |
 * | `connectionString` | with `AccountKey`, for accounts with keys; without it the identity of the app is used |
 * | `account` | the storage account, where `url` does not name it (`az://<container>/…`) and there is no connection string |
 *
 * @example
 * // secret "Lakehouse-Source": {"url": "abfss://sales@onelake.dfs.fabric.microsoft.com/crm.Lakehouse/Tables"}
 * new LakehouseReader(new LakehouseConnectionSettings('Lakehouse-Source'), logger);
 */
export class LakehouseConnectionSettings {
  constructor(readonly secretName: string) {}

  /**
   * Reads the secret anew, so that a change counts from the next run on.
   * @throws TablecastError SECRET_MISSING, SECRET_INVALID
   */
  async read(secrets: SecretStore): Promise<LakehouseConnectionOptions> {
    const text = await secrets.readSecret(this.secretName);
    let json: unknown;
    try {
      json = JSON.parse(text);
    } catch {
      // The parser's own message quotes the text, and with it the key.
      throw new TablecastError('SECRET_INVALID', { name: this.secretName, reason: 'it is not JSON' });
    }
    const result = secretSchema.safeParse(json);
    if (result.success) return result.data;
    const problems = result.error.issues.map((issue) => `${issue.path.join('.') || 'the object'}: ${issue.message}`);
    throw new TablecastError('SECRET_INVALID', { name: this.secretName, reason: problems.join('; ') });
  }
}
