import { secretStore } from '../secrets/choose-secrets';
import type { SecretStore } from '../secrets/secret-store';
import { readSettings, type Settings } from '../settings';
import type { StateStore } from '../state/state-store';
import { TableStorageStore } from '../state/table-storage-store';
import { hostShutdown, type Shutdown } from './shutdown';

/** What a flow takes from its surroundings; asked anew for every request, so changed settings and secrets count at once. */
export interface FlowServices {
  settings(): Settings;
  state(settings: Settings): StateStore;
  secrets(settings: Settings): SecretStore;
  shutdown(): Shutdown;
}

/** The app settings, Table Storage, and Key Vault or environment. */
export const appServices: FlowServices = {
  settings: () => readSettings(),
  state: (settings) => new TableStorageStore(settings.STATE_STORAGE, settings.STATE_TABLE),
  secrets: secretStore,
  shutdown: hostShutdown,
};
