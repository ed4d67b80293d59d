import { z } from 'zod';
import { TablecastError } from './errors';

/** App settings (environment variables) of the library: name, type, default and meaning. docs/settings.md is generated from it. */
export const settingsSchema = z.object({
  ENVIRONMENT: z
    .string()
    .regex(/^[a-z0-9-]+$/)
    .default('dev')
    .describe('Name of the environment; the first part of topic names and of keys in the state table, e.g. `dev`, `prod`.'),
  KEY_VAULT_URL: z
    .url()
    .optional()
    .describe('Address of the Key Vault. When not set, secrets come from environment variables `SECRET_<NAME>`.'),
  STATE_STORAGE: z
    .string()
    .default('UseDevelopmentStorage=true')
    .describe(
      'Table Storage for pointers, leases and run history: a connection string, or the account’s table URL (then the managed identity is used).',
    ),
  STATE_TABLE: z
    .string()
    .regex(/^[A-Za-z][A-Za-z0-9]{2,62}$/)
    .default('tablecast')
    .describe('Name of the table in that storage.'),
  SNAPSHOT_STORAGE: z
    .string()
    .optional()
    .describe(
      'Blob Storage for what flows keep between runs (see deltas/snapshot.md): a connection string, or the account’s blob URL (then the managed identity is used). When not set, the account of STATE_STORAGE.',
    ),
  SNAPSHOT_CONTAINER: z
    .string()
    .regex(/^[a-z0-9](-?[a-z0-9]){2,62}$/)
    .default('tablecast')
    .describe('Name of the container in that storage.'),
  TOPIC_TEMPLATE: z
    .string()
    .default('{environment}.{zone}.{sourceSystem}.{table}')
    .describe('How topics are named, from `{environment}`, `{zone}`, `{sourceSystem}` and `{table}`.'),
  COMMIT_TOPIC: z
    .string()
    .default('{environment}.commit')
    .describe('Topic of the commit records (one partition); `{environment}` is filled in.'),
  TOPIC_CREATION: z
    .enum(['allowed', 'forbidden'])
    .default('allowed')
    .describe('Whether a missing topic is created (with `cleanup.policy=delete`) or is an error.'),
  TOPIC_PARTITIONS: z.coerce.number().int().min(1).max(1000).default(1).describe('Partitions of a topic that is created.'),
  TOPIC_REPLICATION: z.coerce
    .number()
    .int()
    .min(-1)
    .max(9)
    .default(-1)
    .describe('Replication factor of a topic that is created; -1 is the broker’s default.'),
  SCHEMA_REGISTRATION: z
    .enum(['register', 'lookup'])
    .default('register')
    .describe(
      '`register`: ask for compatibility, then register what is new. `lookup`: never register; a schema that is not there is an error.',
    ),
  WORKSPACE_MEMORY_LIMIT: z
    .string()
    .regex(/^\d+(MB|GB)$/)
    .default('512MB')
    .describe('Memory that DuckDB may use before it spills to disk, e.g. `512MB`, `2GB`.'),
  WORKSPACE_FOLDER: z.string().optional().describe('Folder for the spill files of a run; the system’s temporary folder when not set.'),
  WORKSPACE_EXTENSIONS: z
    .string()
    .optional()
    .describe(
      'Folder with DuckDB’s extensions, which lakehouse flows need. When not set, the app’s own folder `extensions`, which `node scripts/setup.mjs` fills; without that, DuckDB’s own.',
    ),
  LINEAGE_TOPIC: z
    .string()
    .default('impact_lineage')
    .describe('Topic of the lineage documents (see lineage.md); `{environment}` is filled in. `off`: none are published.'),
  CONTRACT_MODE: z
    .enum(['evolve', 'freeze', 'off'])
    .default('evolve')
    .describe(
      'What stops a run whose table differs from its contract: with `evolve` whatever is no compatible addition, with `freeze` any difference, with `off` none. See contracts.md.',
    ),
  CONTRACT_FOLDER: z.string().optional().describe('Folder with the contracts. When not set, the app’s own folder `contracts`.'),
  HISTORY_RUNS: z.coerce
    .number()
    .int()
    .min(1)
    .max(10000)
    .default(100)
    .describe('How many past runs of each flow are kept in the state table.'),
  PROGRESS_SECONDS: z.coerce
    .number()
    .min(0)
    .max(3600)
    .default(5)
    .describe('How often, in seconds, a run logs how many rows it has read and published.'),
  LEASE_SECONDS: z.coerce.number().int().min(5).max(3600).default(60).describe('How long a lease of a run holds without being renewed.'),
});

/** The validated settings. */
export type Settings = Readonly<z.infer<typeof settingsSchema>>;

/**
 * Reads and checks all settings of the library from the environment.
 * @throws TablecastError SETTING_INVALID naming every missing or wrong setting at once
 */
export function readSettings(environment: Readonly<Record<string, string | undefined>> = process.env): Settings {
  // An app setting that exists but is empty counts as not set: the portal cannot tell the two apart.
  const present = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== undefined && value !== ''));
  const result = settingsSchema.safeParse(present);
  if (result.success) return result.data;
  const problems = result.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
  throw new TablecastError('SETTING_INVALID', { problems });
}

/** Name of the environment this app runs in, e.g. `dev` or `prod`; topic names and state keys begin with it. */
export function getEnvironment(): string {
  return readSettings().ENVIRONMENT;
}
