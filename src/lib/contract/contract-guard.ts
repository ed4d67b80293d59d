import path from 'node:path';
import type { ContractCheck, RunJournal } from '../context';
import { TablecastError } from '../errors';
import type { ValueSchema } from '../schema';
import type { Settings } from '../settings';
import { type Change, changeText, type ChangeKind, compareContracts } from './compare-contracts';
import { appContractFolder, contractFile, contractTables, flowFolder, readContractSchema } from './contract-files';
import { contractLabel, type ContractName } from './table-contract';

/** What `evolve` lets pass. Everything else changes what consumers have, or how they read it. */
const EVOLUTION: ReadonlySet<ChangeKind> = new Set(['COLUMN_ADDED', 'COLUMNS_REORDERED', 'GOVERNANCE_CHANGED', 'DESCRIPTION_CHANGED']);

/** More differences than this do not help who reads them in a message. */
const SHOWN = 20;

/**
 * Compares what a run is about to publish with the contract that is shipped with the app. Without one (the flow has no folder in `contracts`, or CONTRACT_MODE is
 * `off`) everything passes.
 */
export class ContractGuard implements ContractCheck {
  readonly #mode: Settings['CONTRACT_MODE'];
  readonly #folder: string | undefined;
  readonly #flow: Omit<ContractName, 'table'>;
  readonly #journal: RunJournal;

  constructor(settings: Settings, flow: Omit<ContractName, 'table'>, journal: RunJournal) {
    this.#mode = settings.CONTRACT_MODE;
    this.#folder = settings.CONTRACT_FOLDER ?? appContractFolder();
    this.#flow = flow;
    this.#journal = journal;
  }

  /** @throws TablecastError CONTRACT_BROKEN names flow, table and differences; CONTRACT_UNREADABLE */
  async check(table: string, schema: ValueSchema): Promise<void> {
    if (this.#mode === 'off' || this.#folder === undefined) return;
    const name = { functionName: this.#flow.functionName, dataflowName: this.#flow.dataflowName, table };
    const before = await readContractSchema(path.join(this.#folder, contractFile(name, 'schema')));
    if (!before && (await contractTables(path.join(this.#folder, flowFolder(name)))).length === 0) return;
    const { changes, obstacles } = compareContracts(before && { schema: before }, { schema });
    if (changes.length === 0) return;
    const refused = obstacles('FULL');
    const evolves = this.#mode === 'evolve' && refused.length === 0 && changes.every(isEvolution);
    const differences = changes.map(changeText);
    if (evolves) {
      this.#journal.note('CONTRACT_EVOLVED', `${contractLabel(name)} differs from its contract: ${shorten(differences).join('; ')}`);
      return;
    }
    throw new TablecastError('CONTRACT_BROKEN', {
      table: contractLabel(name),
      mode: this.#mode,
      differences: shorten([...differences, ...refused.map(({ path: column, reason }) => `${column}: ${reason}`)]),
    });
  }
}

function isEvolution({ kind }: Change): boolean {
  return EVOLUTION.has(kind) || kind === 'TABLE_ADDED';
}

function shorten(differences: readonly string[]): string[] {
  if (differences.length <= SHOWN) return [...differences];
  return [...differences.slice(0, SHOWN), `and ${differences.length - SHOWN} more`];
}
