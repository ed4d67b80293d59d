import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { TablecastError } from '../errors';
import { encodeName, ValueSchema } from '../schema';
import type { ContractName } from './table-contract';

/** What the files of a table's contract are called behind the table's name. */
export const CONTRACT_ENDINGS = { schema: '.avsc', lineage: '.lineage.json', page: '.md' } as const;

/**
 * Folder of a dataflow's contracts, below the folder of all: `LABWARE_Reader`, or `LABWARE_Reader/SAMPLE` for a dataflow of several.
 * Names are written as in Avro where they could be no part of a path.
 */
export function flowFolder({ functionName, dataflowName }: Omit<ContractName, 'table'>): string {
  const names = dataflowName === functionName ? [functionName] : [functionName, dataflowName];
  return path.join(...names.map(encodeName));
}

/** Path of one file of a contract below the folder of all contracts, e.g. `LABWARE_Reader/SAMPLE_PLAN.avsc`. */
export function contractFile(name: ContractName, part: keyof typeof CONTRACT_ENDINGS): string {
  return path.join(flowFolder(name), encodeName(name.table) + CONTRACT_ENDINGS[part]);
}

/** The schema as the contract's file has it. */
export function schemaFileText(schema: ValueSchema): string {
  return `${JSON.stringify(schema.toAvro(), null, 2)}\n`;
}

/** The names, as files have them, of the tables that have a contract in this folder. */
export async function contractTables(folder: string): Promise<string[]> {
  if (!existsSync(folder)) return [];
  const files = await readdir(folder);
  return files
    .filter((file) => file.endsWith(CONTRACT_ENDINGS.schema))
    .map((file) => file.slice(0, -CONTRACT_ENDINGS.schema.length))
    .sort();
}

/**
 * The schema of a contract's file; undefined when there is no such file.
 * @throws TablecastError CONTRACT_UNREADABLE
 */
export async function readContractSchema(file: string): Promise<ValueSchema | undefined> {
  if (!existsSync(file)) return undefined;
  try {
    return ValueSchema.fromAvro(JSON.parse(await readFile(file, 'utf8')));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new TablecastError('CONTRACT_UNREADABLE', { file: path.basename(file), reason }, { cause: error });
  }
}

/** The folder `contracts` of the app, beside its `host.json`; undefined when there is none. */
export function appContractFolder(): string | undefined {
  // The code lies deeper in the built app than in the sources.
  for (let folder = __dirname; folder !== path.dirname(folder); folder = path.dirname(folder)) {
    if (!existsSync(path.join(folder, 'host.json'))) continue;
    const contracts = path.join(folder, 'contracts');
    return existsSync(contracts) ? contracts : undefined;
  }
  return undefined;
}
