import { join } from 'node:path';
import { readSettings, secretStore, type Logger } from '../../src/lib';
import { registeredFlows } from '../../src/lib/run/flow-registry';
import { EnvironmentSecrets } from '../../src/lib/secrets/environment-secrets';
import { provideFunctionsCore } from '../functions-host/provide-functions-core';
import { loadApp, projectFolder } from '../load-app';
import { docsFlows } from './docs-flows';
import { EmbeddedSources } from './embedded-sources';

/**
 * `npm run docs:flows` writes the contracts of all flows, `npm run docs:flows -- --check` checks them. Sources are those that the environment's secrets lead to,
 * or those of the Key Vault (KEY_VAULT_URL); without them the embedded ones.
 */
async function main(): Promise<boolean> {
  const settings = readSettings();
  provideFunctionsCore();
  loadApp();
  const run = (secrets: ReturnType<typeof secretStore>): Promise<boolean> =>
    docsFlows({
      flows: registeredFlows(),
      folder: settings.CONTRACT_FOLDER ?? join(projectFolder, 'contracts'),
      check: process.argv.includes('--check'),
      requireAll: process.env['TABLECAST_REQUIRE_ALL'] === '1',
      print: (line) => {
        console.log(line);
      },
      settings,
      secrets,
      logger: quiet,
    });
  if (settings.KEY_VAULT_URL !== undefined) return run(secretStore(settings));
  await using sources = await EmbeddedSources.start(process.env);
  return await run(new EnvironmentSecrets(sources.environment));
}

const nothing = (): void => undefined;
/** What a description logs is for nobody: it reads no rows. */
const quiet: Logger = { debug: nothing, info: nothing, warn: nothing, error: nothing };

main().then(
  (well) => {
    process.exitCode = well ? 0 : 1;
  },
  (error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  },
);
