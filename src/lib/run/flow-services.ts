import { secretStore } from '../secrets/choose-secrets';
import type { SecretStore } from '../secrets/secret-store';
import { readSettings, type Settings } from '../settings';
import { BlobSnapshotStore } from '../state/blob-snapshot-store';
import type { FlowKey } from '../state/flow-state';
import type { SnapshotStore } from '../state/snapshot-store';
import type { StateStore } from '../state/state-store';
import { TableStorageStore } from '../state/table-storage-store';
import { hostShutdown, type Shutdown } from './shutdown';

/** What a flow takes from its surroundings; asked anew for every request, so changed settings and secrets count at once. */
export interface FlowServices {
  settings(): Settings;
  state(settings: Settings): StateStore;
  /** Connects nothing by itself: most flows keep no files. */
  snapshots(settings: Settings, flow: FlowKey): SnapshotStore;
  secrets(settings: Settings): SecretStore;
  shutdown(): Shutdown;
}

/** The app settings, Table and Blob Storage, and Key Vault or environment. */
export const appServices: FlowServices = {
  settings: () => readSettings(),
  state: (settings) => new TableStorageStore(settings.STATE_STORAGE, settings.STATE_TABLE),
  snapshots: (settings, flow) => new BlobSnapshotStore(settings, flow),
  secrets: secretStore,
  shutdown: hostShutdown,
};
