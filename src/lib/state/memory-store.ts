import type { StateEntity, StateStore } from './state-store';

/** State that lives as long as this object: for tests, and for trying a flow without storage. One object serves all flows. */
export class MemoryStore implements StateStore {
  readonly place = 'memory';
  readonly #partitions = new Map<string, Map<string, StateEntity>>();
  #version = 0;

  insert(partition: string, row: string, values: Readonly<Record<string, string>>): Promise<string | undefined> {
    return Promise.resolve(this.#rows(partition).has(row) ? undefined : this.#write(partition, row, values));
  }

  read(partition: string, row: string): Promise<StateEntity | undefined> {
    const entity = this.#rows(partition).get(row);
    return Promise.resolve(entity && { ...entity, readAt: new Date() });
  }

  replace(partition: string, row: string, values: Readonly<Record<string, string>>, version: string): Promise<string | undefined> {
    const current = this.#rows(partition).get(row);
    return Promise.resolve(current?.version === version ? this.#write(partition, row, values) : undefined);
  }

  remove(partition: string, row: string, version?: string): Promise<boolean> {
    const rows = this.#rows(partition);
    const current = rows.get(row);
    if (!current || (version !== undefined && current.version !== version)) return Promise.resolve(false);
    return Promise.resolve(rows.delete(row));
  }

  list(
    partition: string,
    rowPrefix: string,
    { skip = 0, count }: { readonly skip?: number; readonly count: number },
  ): Promise<StateEntity[]> {
    const readAt = new Date();
    const entities = [...this.#rows(partition).values()]
      .filter((entity) => entity.row.startsWith(rowPrefix))
      .sort((a, b) => (a.row < b.row ? -1 : 1))
      .slice(skip, skip + count);
    return Promise.resolve(entities.map((entity) => ({ ...entity, readAt })));
  }

  #rows(partition: string): Map<string, StateEntity> {
    let rows = this.#partitions.get(partition);
    if (!rows) this.#partitions.set(partition, (rows = new Map<string, StateEntity>()));
    return rows;
  }

  #write(partition: string, row: string, values: Readonly<Record<string, string>>): string {
    const version = String(++this.#version);
    const now = new Date();
    this.#rows(partition).set(row, { row, values: { ...values }, version, writtenAt: now, readAt: now });
    return version;
  }
}
