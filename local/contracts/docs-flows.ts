import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { TablecastError } from '../../src/lib';
import { changeText, compareContracts } from '../../src/lib/contract/compare-contracts';
import { CONTRACT_ENDINGS, contractFile, flowFolder, readContractSchema, schemaFileText } from '../../src/lib/contract/contract-files';
import { contractPage } from '../../src/lib/contract/contract-page';
import { lintContract } from '../../src/lib/contract/lint-contract';
import { contractLabel, type ContractName, type TableContract } from '../../src/lib/contract/table-contract';
import { lineageFileText, tableLineage } from '../../src/lib/contract/table-lineage';
import type { TargetLineage } from '../../src/lib/lineage/lineage-document';
import type { AnyFlow } from '../../src/lib/run/flow-registry';
import { dataflowsOf, type SingleDataflow } from '../../src/lib/run/single-dataflow';
import { registryVerdict } from './ask-registry';
import { describeDataflow, type DescribedTable, type DescribeServices } from './describe-dataflow';

export interface DocsFlowsOptions extends DescribeServices {
  readonly flows: readonly AnyFlow[];
  /** The folder of all contracts. */
  readonly folder: string;
  /** Writes nothing, and fails when something is stale. */
  readonly check: boolean;
  /** Whether a flow whose source cannot be reached is a failure; else its contracts stay as they are. */
  readonly requireAll?: boolean;
  /** Takes the lines for the reviewer. */
  readonly print: (line: string) => void;
}

/**
 * Writes, or checks, the contracts of all flows, and prints what changed for a reviewer: each line names flow and table.
 * @returns whether all is well: nothing stale in a check, and every flow described
 */
export async function docsFlows(options: DocsFlowsOptions): Promise<boolean> {
  const { flows, folder, check, print } = options;
  const dataflows = flows.flatMap((flow) => dataflowsOf(flow));
  let well = true;
  let changes = 0;
  const kept = new Set<string>();
  for (const flow of dataflows) {
    const described = await describe(flow, options);
    if (described.outcome !== 'described') {
      kept.add(flowFolder(flow));
      well &&= described.outcome === 'kept';
      continue;
    }
    kept.add(flowFolder(flow));
    changes += await updateFlow(flow, described.tables, options);
  }
  for (const gone of (await contractFolders(folder)).filter((name) => !kept.has(name))) {
    print(`${gone}: there is no such flow, but contracts of one`);
    changes += 1;
    if (!check) await rm(path.join(folder, gone), { recursive: true });
  }
  if (changes === 0) return well;
  if (check) print('The contracts are stale. If these changes are wanted, run "npm run docs:flows" and commit what it writes.');
  return well && !check;
}

type Described =
  { readonly outcome: 'described'; readonly tables: readonly DescribedTable[] } | { readonly outcome: 'kept' } | { readonly outcome: 'failed' };

/** Errors that say nothing about the flow, but that its source cannot be asked here. */
const OUT_OF_REACH = /_UNREACHABLE$|^SECRET_(MISSING|FORBIDDEN)$|^EXTENSION_MISSING$/;

async function describe(flow: SingleDataflow, options: DocsFlowsOptions): Promise<Described> {
  const label = contractLabel({ ...flow, table: '' }).trimEnd();
  try {
    const tables = await describeDataflow(flow, options);
    if (tables) return { outcome: 'described', tables };
    options.print(`${label}: publishes with a producer of its own, so its contracts stay as they are`);
    return { outcome: 'kept' };
  } catch (caught) {
    const error = TablecastError.from(caught);
    const outOfReach = OUT_OF_REACH.test(error.code);
    options.print(
      `${label}: ${outOfReach ? 'not described, so its contracts stay as they are' : 'cannot be described'}: ${error.code}: ${error.message}`,
    );
    return { outcome: outOfReach && options.requireAll !== true ? 'kept' : 'failed' };
  }
}

/** @returns how many of its tables changed */
async function updateFlow(flow: SingleDataflow, tables: readonly DescribedTable[], options: DocsFlowsOptions): Promise<number> {
  const { folder, check, print } = options;
  let changed = 0;
  const current = new Set<string>();
  for (const { target, producer, lineage } of tables) {
    const name: ContractName = { functionName: flow.functionName, dataflowName: flow.dataflowName, table: target.name };
    const contract: TableContract = { schema: target.valueSchema, ...(lineage && { lineage: tableLineage(lineage) }) };
    const files: Record<string, string> = {
      [contractFile(name, 'schema')]: schemaFileText(contract.schema),
      [contractFile(name, 'page')]: contractPage(contract, { ...name, topic: target.topic }),
      ...(lineage && { [contractFile(name, 'lineage')]: lineageFileText(lineage) }),
    };
    Object.keys(files).forEach((file) => current.add(file));
    const lines = reviewLines(await readContract(folder, name), contract);
    for (const finding of lintContract(contract)) print(`${contractLabel(name)}: ${finding.code}: ${finding.text}`);
    const stale = await staleFiles(folder, files);
    if (stale.length === 0) continue;
    changed += 1;
    if (lines.length > 0) lines.push(...(await registryVerdict(target, producer, options)));
    for (const line of lines.length > 0 ? lines : stale.map((file) => `${file} is written differently now`))
      print(`${contractLabel(name)}: ${line}`);
    if (!check) await writeFiles(folder, files);
  }
  return changed + (await removeGone(flow, current, options));
}

async function readContract(folder: string, name: ContractName): Promise<TableContract | undefined> {
  const schema = await readContractSchema(path.join(folder, contractFile(name, 'schema')));
  const lineageFile = path.join(folder, contractFile(name, 'lineage'));
  if (!schema || !existsSync(lineageFile)) return schema && { schema };
  return { schema, lineage: tableLineage(JSON.parse(await readFile(lineageFile, 'utf8')) as TargetLineage) };
}

/** What changed, and what registries say to it. */
function reviewLines(before: TableContract | undefined, after: TableContract): string[] {
  const { changes, obstacles } = compareContracts(before, after);
  if (changes.length === 0) return [];
  const verdicts = !before
    ? []
    : (['BACKWARD', 'FORWARD'] as const).map((mode) => {
        const reasons = obstacles(mode).map(({ path: column, reason }) => (column === '' ? reason : `${column}: ${reason}`));
        return reasons.length === 0
          ? `a registry's compatibility mode ${mode} allows it`
          : `a registry's compatibility mode ${mode} refuses it: ${[...new Set(reasons)].join('; ')}`;
      });
  return [...changes.map(changeText), ...verdicts];
}

async function staleFiles(folder: string, files: Readonly<Record<string, string>>): Promise<string[]> {
  const stale: string[] = [];
  for (const [file, text] of Object.entries(files)) {
    const place = path.join(folder, file);
    if (!existsSync(place) || (await readFile(place, 'utf8')) !== text) stale.push(file);
  }
  return stale;
}

async function writeFiles(folder: string, files: Readonly<Record<string, string>>): Promise<void> {
  for (const [file, text] of Object.entries(files)) {
    const place = path.join(folder, file);
    await mkdir(path.dirname(place), { recursive: true });
    await writeFile(place, text);
  }
}

/** Finds, and removes, the files of tables that the dataflow publishes no more. */
async function removeGone(flow: SingleDataflow, current: ReadonlySet<string>, { folder, check, print }: DocsFlowsOptions): Promise<number> {
  const own = flowFolder(flow);
  const place = path.join(folder, own);
  if (!existsSync(place)) return 0;
  const endings = Object.values(CONTRACT_ENDINGS);
  const files = (await readdir(place)).filter((file) => endings.some((ending) => file.endsWith(ending)));
  const gone = files.filter((file) => !current.has(path.join(own, file)));
  for (const file of gone) {
    print(`${path.join(own, file)}: the flow publishes no such table any more`);
    if (!check) await rm(path.join(place, file));
  }
  return gone.length;
}

/** The folders that have contracts, below the folder of all. */
async function contractFolders(folder: string): Promise<string[]> {
  if (!existsSync(folder)) return [];
  const files = await readdir(folder, { recursive: true });
  const folders = files.filter((file) => file.endsWith(CONTRACT_ENDINGS.schema)).map((file) => path.dirname(file));
  return [...new Set(folders)].sort();
}
