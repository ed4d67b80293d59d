import { readFile, writeFile } from 'node:fs/promises';
import { TablecastError } from '../errors';
import type { SnapshotStore } from './snapshot-store';

/** Snapshots that live as long as this object: for tests, and for trying a flow without storage. One object serves one dataflow. */
export class MemorySnapshotStore implements SnapshotStore {
  readonly place = 'memory';
  readonly #files = new Map<string, Buffer>();

  async save(name: string, file: string): Promise<void> {
    this.#files.set(name, await readFile(file));
  }

  async load(name: string, file: string): Promise<void> {
    const content = this.#files.get(name);
    if (!content) throw new TablecastError('SNAPSHOT_MISSING', { name, place: this.place });
    await writeFile(file, content);
  }

  names(): Promise<string[]> {
    return Promise.resolve([...this.#files.keys()]);
  }

  remove(name: string): Promise<void> {
    this.#files.delete(name);
    return Promise.resolve();
  }
}
