import { TablecastError } from '../errors';
import { MAX_TEXT_LENGTH, type StateStore } from './state-store';

/** What tells the state of one flow from that of another. */
export interface FlowKey {
  readonly environment: string;
  readonly functionName: string;
  readonly dataflowName: string;
}

/** How messages name a dataflow: by its function, and by its own name where that is another, e.g. `LABWARE_Reader` or `LABWARE_Reader/SAMPLE`. */
export function flowLabel({ functionName, dataflowName }: Omit<FlowKey, 'environment'>): string {
  return dataflowName === functionName ? functionName : `${functionName}/${dataflowName}`;
}

/** The delta pointer of a flow. */
export interface Pointer {
  readonly value: string;
  /** The run that saved it. */
  readonly run: string;
  readonly savedAt: Date;
  /** What `savePointer` needs to replace exactly this one. */
  readonly version: string;
}

/** A past run as it is kept: its id (a ULID) and its report as JSON text. */
export interface StoredRun {
  readonly id: string;
  readonly report: string;
}

const POINTER_ROW = 'pointer';
const LINEAGE_ROW = 'lineage';
const RUN_PREFIX = 'run-';

/** Pointer, lineage document and run history of one flow. The lease beside them is `Lease`. All methods can throw STATE_UNREACHABLE and STATE_FORBIDDEN. */
export class FlowState {
  /** The partition that holds everything about the flow. */
  readonly partition: string;

  constructor(
    readonly store: StateStore,
    readonly flow: FlowKey,
  ) {
    // JSON keeps the parts apart, whatever characters they have.
    this.partition = JSON.stringify([flow.environment, flow.functionName, flow.dataflowName]);
  }

  async readPointer(): Promise<Pointer | undefined> {
    const entity = await this.store.read(this.partition, POINTER_ROW);
    if (!entity) return undefined;
    const { value = '', run = '' } = entity.values;
    return { value, run, savedAt: entity.writtenAt, version: entity.version };
  }

  /**
   * Replaces the pointer `previous`, as read at the start of the run, so that a run that lost its lease cannot put a newer pointer back.
   * @throws TablecastError LEASE_LOST when the pointer is no longer `previous`, because another run saved its own
   */
  async savePointer(value: string, run: string, previous: Pointer | undefined): Promise<void> {
    const values = { value, run };
    const version = previous
      ? await this.store.replace(this.partition, POINTER_ROW, values, previous.version)
      : await this.store.insert(this.partition, POINTER_ROW, values);
    if (version !== undefined) return;
    // The client repeats a request whose answer got lost; then the conflict is with our own write.
    const current = await this.readPointer();
    if (current?.run === run && current.value === value) return;
    const reason = current ? `run ${current.run} saved its own pointer meanwhile` : 'the pointer was removed meanwhile';
    throw new TablecastError('LEASE_LOST', { run, function: flowLabel(this.flow), reason });
  }

  /** The lineage document that consumers have, as text; undefined when none is known. */
  async readLineage(): Promise<string | undefined> {
    return (await this.store.read(this.partition, LINEAGE_ROW))?.values['document'];
  }

  /** Notes the lineage document that consumers have. Whoever comes last is right: only the holder of the lease publishes. */
  async saveLineage(document: string): Promise<void> {
    // One too long to keep is published anew by every run.
    const values = { document: document.length <= MAX_TEXT_LENGTH ? document : '' };
    if ((await this.store.insert(this.partition, LINEAGE_ROW, values)) !== undefined) return;
    const known = await this.store.read(this.partition, LINEAGE_ROW);
    if (known) await this.store.replace(this.partition, LINEAGE_ROW, values, known.version);
  }

  /** Adds a run to the history and removes the oldest ones beyond `keep`. A report longer than an entity may be is cut by the caller. */
  async saveRun({ id, report }: StoredRun, keep: number): Promise<void> {
    await this.store.insert(this.partition, runRow(id), { id, report });
    const surplus = await this.store.list(this.partition, RUN_PREFIX, { skip: keep, count: 100 });
    for (const { row } of surplus) await this.store.remove(this.partition, row);
  }

  /** The newest runs first. */
  async lastRuns(count: number): Promise<StoredRun[]> {
    const entities = await this.store.list(this.partition, RUN_PREFIX, { count });
    return entities.map(({ values: { id = '', report = '' } }) => ({ id, report }));
  }
}

/**
 * Says whether a pointer can be saved, before anything is published that depends on it.
 * @throws TablecastError POINTER_INVALID when it is too long or holds half of a surrogate pair, which no UTF-8 text can
 */
export function checkPointer(value: string, functionName: string): void {
  const details = { function: functionName, limit: MAX_TEXT_LENGTH };
  if (value.length > MAX_TEXT_LENGTH)
    throw new TablecastError('POINTER_INVALID', { ...details, reason: `it has ${value.length} characters` });
  if (/\p{Surrogate}/u.test(value)) throw new TablecastError('POINTER_INVALID', { ...details, reason: 'it is not well-formed Unicode' });
}

const CROCKFORD = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** ULIDs sort by time, row keys only upwards: each digit's complement puts the newest run first. */
function runRow(id: string): string {
  return RUN_PREFIX + id.replaceAll(/[0-9A-Z]/g, (digit) => CROCKFORD.charAt(31 - CROCKFORD.indexOf(digit)));
}
